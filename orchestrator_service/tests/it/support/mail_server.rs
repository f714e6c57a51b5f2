//! A mail server on loopback that signs people in, or refuses them with an answer of the test's choice.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
pub struct MailServer {
    /// What is answered to AUTH; `{}` stands for the words that came with it.
    auth: Arc<Mutex<&'static str>>,
    greeting: Arc<Mutex<&'static str>>,
    accepted: Arc<Mutex<Vec<String>>>,
    pub port: u16,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            auth: Arc::new(Mutex::new("235 ok")),
            greeting: Arc::new(Mutex::new("220 fake ESMTP")),
            accepted: Arc::default(),
            port: listener.local_addr().unwrap().port(),
        };
        let shared = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                tokio::spawn(async move { shared.session(stream).await });
            }
        });
        server
    }

    pub fn answers_auth(&self, reply: &'static str) {
        *self.auth.lock().unwrap() = reply;
    }

    pub fn greets(&self, greeting: &'static str) {
        *self.greeting.lock().unwrap() = greeting;
    }

    /// The envelope recipients of every mail it took.
    pub fn accepted(&self) -> Vec<String> {
        self.accepted.lock().unwrap().clone()
    }

    async fn session(&self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let greeting = *self.greeting.lock().unwrap();
        write.write_all(format!("{greeting}\r\n").as_bytes()).await.ok()?;
        let mut recipient = String::new();
        while let Some(line) = lines.next_line().await.ok()? {
            let command = line.to_uppercase();
            let reply = if command.starts_with("EHLO") {
                "250-fake\r\n250 AUTH PLAIN LOGIN".to_owned()
            } else if command.starts_with("AUTH") {
                self.auth.lock().unwrap().replace("{}", &line)
            } else if command.starts_with("RCPT") {
                recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok".to_owned()
            } else if command.starts_with("DATA") {
                write.write_all(b"354 go on\r\n").await.ok()?;
                while lines.next_line().await.ok()?.is_some_and(|line| line != ".") {}
                self.accepted.lock().unwrap().push(recipient.clone());
                "250 taken".to_owned()
            } else if command.starts_with("QUIT") {
                "221 bye".to_owned()
            } else {
                "250 ok".to_owned()
            };
            write.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }
}
