//! One ESMTP conversation: commands, login, envelope, data, and the faults a test has armed.

use std::{io, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::store::Envelope;
use crate::{
    faults::{Fault, Kind, Probe, Target},
    state::{Sim, lock},
};

const LONGEST_LINE: u64 = 64 * 1024;
const LARGEST_MESSAGE: usize = 25 * 1024 * 1024;
const LONGEST_HANG: Duration = Duration::from_secs(3600);

/// What to do after a command.
enum Next {
    Continue,
    Quit,
    /// Close with RST and no further word.
    Reset,
}

struct Session {
    stream: BufReader<TcpStream>,
    sim: Arc<Sim>,
    username: Option<String>,
    logged_in: bool,
    from: Option<String>,
    to: Vec<String>,
}

pub(crate) async fn run(stream: TcpStream, sim: Arc<Sim>) {
    let mut session =
        Session { stream: BufReader::new(stream), sim, username: None, logged_in: false, from: None, to: Vec::new() };
    match session.talk().await {
        Ok(Next::Reset) => {
            let _ = session.stream.get_ref().set_zero_linger();
        }
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "mail connection ended"),
    }
}

impl Session {
    async fn talk(&mut self) -> io::Result<Next> {
        if let Some(fault) = self.fault("greeting", "") {
            match self.misbehave(&fault, 554).await? {
                Some(next) => return Ok(next),
                None if matches!(fault.kind, Kind::Delay) => {}
                None => return Ok(Next::Quit),
            }
        }
        self.say("220 simulador ESMTP").await?;
        while let Some(line) = self.line().await? {
            match self.command(&line).await? {
                Next::Continue => {}
                end => return Ok(end),
            }
        }
        Ok(Next::Quit)
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.say("250-simulador\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250 AUTH PLAIN LOGIN").await?,
            "HELO" => self.say("250 simulador").await?,
            "AUTH" => return self.auth(rest).await,
            "MAIL" => return self.mail(rest).await,
            "RCPT" => return self.rcpt(rest).await,
            "DATA" => return self.data().await,
            "RSET" => {
                self.forget_envelope();
                self.say("250 2.0.0 OK").await?;
            }
            "NOOP" | "VRFY" => self.say("250 2.0.0 OK").await?,
            "QUIT" => {
                self.say("221 2.0.0 Bye").await?;
                return Ok(Next::Quit);
            }
            _ => self.say("500 5.5.2 Command not recognized").await?,
        }
        Ok(Next::Continue)
    }

    async fn auth(&mut self, rest: &str) -> io::Result<Next> {
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let (username, password) = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let blob = if initial.is_empty() { self.ask("334 ").await? } else { initial.to_owned() };
                let text = decode(&blob);
                let mut fields = text.splitn(3, '\0').skip(1).map(str::to_owned);
                (fields.next().unwrap_or_default(), fields.next().unwrap_or_default())
            }
            "LOGIN" => {
                let username = if initial.is_empty() { self.ask("334 VXNlcm5hbWU6").await? } else { initial.to_owned() };
                let password = self.ask("334 UGFzc3dvcmQ6").await?;
                (decode(&username), decode(&password))
            }
            _ => {
                self.say("504 5.5.4 Mechanism not supported").await?;
                return Ok(Next::Continue);
            }
        };
        if let Some(next) = self.refused("auth", "", 535).await? {
            return Ok(next);
        }
        let expected = self.sim.config().smtp_credentials.clone();
        let accepted = expected.is_none_or(|it| it.username == username && it.password == password);
        if accepted {
            self.username = Some(username);
            self.logged_in = true;
            self.say("235 2.7.0 Authentication successful").await?;
        } else {
            self.say("535 5.7.8 Username and Password not accepted").await?;
        }
        Ok(Next::Continue)
    }

    async fn mail(&mut self, rest: &str) -> io::Result<Next> {
        if self.sim.config().smtp_credentials.is_some() && !self.logged_in {
            self.say("530 5.7.0 Authentication required").await?;
            return Ok(Next::Continue);
        }
        if let Some(next) = self.refused("mail", rest, 421).await? {
            return Ok(next);
        }
        self.forget_envelope();
        self.from = Some(address(rest));
        self.say("250 2.1.0 OK").await?;
        Ok(Next::Continue)
    }

    async fn rcpt(&mut self, rest: &str) -> io::Result<Next> {
        if self.from.is_none() {
            self.say("503 5.5.1 MAIL first").await?;
            return Ok(Next::Continue);
        }
        let recipient = address(rest);
        if let Some(next) = self.refused("rcpt", &recipient, 550).await? {
            return Ok(next);
        }
        self.to.push(recipient);
        self.say("250 2.1.5 OK").await?;
        Ok(Next::Continue)
    }

    async fn data(&mut self) -> io::Result<Next> {
        if self.to.is_empty() {
            self.say("503 5.5.1 RCPT first").await?;
            return Ok(Next::Continue);
        }
        self.say("354 End data with <CR><LF>.<CR><LF>").await?;
        let raw = self.read_message().await?;
        let text = String::from_utf8_lossy(&raw).into_owned();
        let fault = self.fault("data", &text);
        let stored_anyway =
            fault.as_ref().is_none_or(|fault| fault.after || matches!(fault.kind, Kind::ResetAfter | Kind::Delay));
        if stored_anyway {
            let envelope =
                Envelope { from: self.from.clone().unwrap_or_default(), to: self.to.clone(), username: self.username.clone() };
            lock(&self.sim.mailbox).store(envelope, &raw);
        }
        self.forget_envelope();
        if let Some(fault) = fault {
            if let Some(next) = self.misbehave(&fault, 451).await? {
                return Ok(next);
            }
            if !matches!(fault.kind, Kind::Delay) {
                return Ok(Next::Continue);
            }
        }
        self.say("250 2.0.0 OK: queued").await?;
        Ok(Next::Continue)
    }

    /// Lines until a lone period, with the sender's dot-stuffing undone.
    async fn read_message(&mut self) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        loop {
            let mut line = Vec::new();
            let read = (&mut self.stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
            if read == 0 || message.len() > LARGEST_MESSAGE {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line == b".\r\n" || line == b".\n" {
                return Ok(message);
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    async fn refused(&mut self, stage: &str, text: &str, code: u16) -> io::Result<Option<Next>> {
        let Some(fault) = self.fault(stage, text) else { return Ok(None) };
        match self.misbehave(&fault, code).await? {
            Some(next) => Ok(Some(next)),
            None if matches!(fault.kind, Kind::Delay) => Ok(None),
            None => Ok(Some(Next::Continue)),
        }
    }

    fn fault(&self, stage: &str, text: &str) -> Option<Fault> {
        let recipient = self.to.first().map(String::as_str).unwrap_or(text);
        self.sim.faults.take(Target::Smtp, Some(stage), &Probe { to: recipient, text })
    }

    /// `None` when the conversation goes on; a refusal has been said by then.
    async fn misbehave(&mut self, fault: &Fault, default_code: u16) -> io::Result<Option<Next>> {
        let pause = fault.delay_ms.map(Duration::from_millis);
        match fault.kind {
            Kind::Delay | Kind::SlowBody => {
                tokio::time::sleep(pause.unwrap_or(Duration::from_secs(1))).await;
                Ok(None)
            }
            Kind::Hang => {
                tokio::time::sleep(pause.unwrap_or(LONGEST_HANG)).await;
                Ok(Some(Next::Reset))
            }
            Kind::ResetBefore | Kind::ResetAfter => Ok(Some(Next::Reset)),
            Kind::Garbage => {
                self.say("\u{1}\u{2}not smtp at all").await?;
                Ok(Some(Next::Quit))
            }
            Kind::Refuse | Kind::RateLimit | Kind::ServerError | Kind::Status => {
                let code = fault.status.unwrap_or(if fault.kind == Kind::RateLimit { 451 } else { default_code });
                let text = fault.body.as_ref().and_then(|body| body.as_str()).unwrap_or(reply_text(code));
                self.say(&format!("{code} {text}")).await?;
                // 421 announces that the server closes the channel.
                let closes = code == 421 || default_code == 554;
                Ok(closes.then_some(Next::Quit))
            }
        }
    }

    fn forget_envelope(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn ask(&mut self, prompt: &str) -> io::Result<String> {
        self.say(prompt).await?;
        Ok(self.line().await?.unwrap_or_default())
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = (&mut self.stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await
    }
}

fn reply_text(code: u16) -> &'static str {
    match code {
        421 => "4.3.2 Service not available, closing transmission channel",
        450 | 451 => "4.7.1 Greylisted, try again later",
        452 => "4.2.2 Mailbox full",
        535 => "5.7.8 Username and Password not accepted",
        550 => "5.1.1 No such user here",
        554 => "5.7.1 Rejected",
        _ => "Simulated failure",
    }
}

/// `FROM:<a@b> SIZE=1` gives `a@b`.
fn address(rest: &str) -> String {
    let inner = rest.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inner, _)| inner);
    inner.unwrap_or_else(|| rest.split_once(':').map_or(rest, |(_, address)| address)).trim().to_owned()
}

fn decode(text: &str) -> String {
    let bytes = STANDARD.decode(text.trim()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
