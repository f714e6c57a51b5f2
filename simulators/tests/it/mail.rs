//! Mail: a plain conversation over TCP, what is kept of it, and refusals on command.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::harness::Sim;

const LETTER: &str = "From: Nexus <avisos@nexus.example>\r\nTo: Sol <sol@clinica.example>\r\n\
    Subject: =?utf-8?Q?Luc=C3=ADa_pide_una_persona?=\r\nMessage-ID: <h1@nexus>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nHola\r\n..punto\r\n.\r\n";

struct Smtp(BufReader<TcpStream>);

impl Smtp {
    async fn connect(sim: &Sim) -> Self {
        let mut smtp = Self(BufReader::new(TcpStream::connect(&sim.smtp).await.unwrap()));
        assert!(smtp.reply().await.starts_with("220"));
        smtp
    }

    async fn reply(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            self.0.read_line(&mut line).await.unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.reply().await
    }

    async fn letter(&mut self) -> String {
        assert!(self.say("MAIL FROM:<avisos@nexus.example>").await.starts_with("250"));
        assert!(self.say("RCPT TO:<sol@clinica.example>").await.starts_with("250"));
        assert!(self.say("DATA").await.starts_with("354"));
        self.0.get_mut().write_all(LETTER.as_bytes()).await.unwrap();
        self.reply().await
    }
}

#[tokio::test]
async fn a_letter_is_decoded_and_shown() {
    let sim = Sim::start(None);
    let mut smtp = Smtp::connect(&sim).await;
    assert!(smtp.say("EHLO test").await.starts_with("250"));
    assert!(smtp.say("AUTH PLAIN AHVzZXIAcGFzcw==").await.starts_with("235"));
    assert!(smtp.letter().await.starts_with("250"));
    assert!(smtp.say("QUIT").await.starts_with("221"));
    let kept = sim.observe("smtp/messages").await["items"][0].clone();
    assert_eq!(kept["subject"], "Lucía pide una persona");
    assert_eq!((&kept["username"], &kept["envelope_to"]), (&json!("user"), &json!(["sol@clinica.example"])));
    assert_eq!(kept["text"].as_str().unwrap().trim_end(), "Hola\r\n.punto");
    let shown = sim.client.get(format!("{}/mail/messages", sim.base)).send().await.unwrap();
    let shown: Value = shown.json().await.unwrap();
    assert_eq!(shown["items"][0]["subject"], "Lucía pide una persona");
    for page in ["mail", "phone", "phone/phone.js", "mail/mail.css"] {
        let response = sim.client.get(format!("{}/{page}", sim.base)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.text().await.unwrap().len() > 500, "{page}");
    }
}

#[tokio::test]
async fn refusals_happen_at_the_stage_asked_for() {
    let sim = Sim::start(None);
    sim.control("faults", json!({ "target": "smtp", "kind": "status", "status": 550, "stage": "rcpt" })).await;
    sim.control("faults", json!({ "target": "smtp", "kind": "status", "status": 451, "stage": "data" })).await;
    let mut smtp = Smtp::connect(&sim).await;
    smtp.say("EHLO test").await;
    smtp.say("MAIL FROM:<a@b.example>").await;
    assert!(smtp.say("RCPT TO:<nobody@b.example>").await.starts_with("550"));
    assert!(smtp.letter().await.starts_with("451"));
    assert_eq!(sim.observe("smtp/messages").await["total"], 0);
    assert!(smtp.letter().await.starts_with("250"));
}

#[tokio::test]
async fn a_reset_after_data_keeps_the_letter() {
    let sim = Sim::start(None);
    sim.control("faults", json!({ "target": "smtp", "kind": "reset_after" })).await;
    let mut smtp = Smtp::connect(&sim).await;
    smtp.say("EHLO test").await;
    smtp.say("MAIL FROM:<a@b.example>").await;
    smtp.say("RCPT TO:<b@b.example>").await;
    smtp.say("DATA").await;
    smtp.0.get_mut().write_all(LETTER.as_bytes()).await.unwrap();
    let mut line = String::new();
    assert!(matches!(smtp.0.read_line(&mut line).await, Err(_) | Ok(0)));
    assert_eq!(sim.observe("smtp/messages").await["total"], 1);
}
