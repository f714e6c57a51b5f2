//! A mail server on loopback that can refuse a recipient.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Default)]
pub struct FakeSmtp {
    mails: Arc<Mutex<Vec<(String, String)>>>,
    /// Recipient → the replies it still gets instead of 250.
    refusals: Arc<Mutex<HashMap<String, Vec<&'static str>>>>,
    pub port: u16,
}

impl FakeSmtp {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let shared = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                tokio::spawn(async move { shared.session(stream).await });
            }
        });
        server
    }

    /// The next mail to this recipient is answered like this.
    pub fn refuse(&self, recipient: &str, reply: &'static str) {
        self.refusals.lock().unwrap().entry(recipient.to_owned()).or_default().push(reply);
    }

    /// Recipient and source of every accepted mail.
    pub fn mails(&self) -> Vec<(String, String)> {
        self.mails.lock().unwrap().clone()
    }

    async fn session(&self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut recipient = String::new();
        write.write_all(b"220 fake\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let command = line.to_uppercase();
            let reply = if command.starts_with("RCPT") {
                recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let mut refusals = self.refusals.lock().unwrap();
                refusals.get_mut(&recipient).filter(|replies| !replies.is_empty()).map_or("250 ok", |replies| replies.remove(0))
            } else if command.starts_with("DATA") {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut source = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    source += &line;
                    source.push('\n');
                }
                self.mails.lock().unwrap().push((recipient.clone(), source));
                "250 taken"
            } else if command.starts_with("QUIT") {
                "221 bye"
            } else {
                "250 ok"
            };
            write.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }
}
