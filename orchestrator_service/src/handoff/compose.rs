//! Composes the mail: one message per recipient, since one refused address would fail the whole send. Pure.

use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use nexus_core::ids::JobId;
use nexus_core::text::truncated;

use super::payload::Reason;
use super::thread::Thread;
use crate::phrases::{MailWords, mail_words};

const LONGEST_LINE_CHARS: usize = 1_000;
const LONGEST_NAME_CHARS: usize = 80;

/// Keeps out-of-office robots from answering.
#[derive(Clone, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The parts of a mail that are the same for every recipient.
#[derive(Clone, Debug)]
pub(super) struct Composed {
    subject: String,
    text: String,
    html: String,
}

/// A mail that cannot be built, which only an unusable address makes it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unaddressable {
    #[error("the address cannot be read")]
    Address(#[from] lettre::address::AddressError),
    #[error("the mail cannot be built")]
    Build(#[from] lettre::error::Error),
}

/// Writes subject and bodies.
pub(super) fn compose(thread: &Thread, reason: &Reason, link: Option<&str>) -> Composed {
    let words = mail_words(thread.language);
    let paragraphs = paragraphs(thread, reason, &words);
    let transcript = transcript(thread, &words);
    Composed {
        subject: format!("{}: {}", words.subject, contact_name(thread, &words)),
        text: text(&paragraphs, &transcript, link, &words),
        html: html(&paragraphs, &transcript, link, &words),
    }
}

impl Composed {
    /// The mail for one recipient. A retry carries the same id, so that a duplicate can be recognised.
    pub(super) fn to(&self, recipient: &str, number: usize, job: JobId, from: &Mailbox) -> Result<Message, Unaddressable> {
        let message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, recipient.parse()?))
            .subject(&self.subject)
            .message_id(Some(format!("<handoff-{job}-{number}@{}>", from.email.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))?;
        Ok(message)
    }
}

fn paragraphs(thread: &Thread, reason: &Reason, words: &MailWords) -> Vec<(Option<&'static str>, String)> {
    let phone = thread.contact_phone.as_deref().map(|phone| format!(" ({phone})")).unwrap_or_default();
    let contact = format!("{}{phone}", contact_name(thread, words));
    let lead = format!("{} {}", clean(&thread.business, LONGEST_NAME_CHARS), words.lead).trim().to_owned();
    let mut found = vec![(None, lead), (Some(words.contact), contact)];
    match reason {
        Reason::Failure => found.push((Some(words.reason), words.assistant_failed.to_owned())),
        Reason::Assistant { reason, summary } => {
            found.push((Some(words.reason), clean(reason, LONGEST_LINE_CHARS)));
            found.push((Some(words.summary), clean(summary, LONGEST_LINE_CHARS)));
        }
    }
    found.retain(|(_, text)| !text.is_empty());
    found
}

fn contact_name(thread: &Thread, words: &MailWords) -> String {
    let name = clean(&thread.contact_name, LONGEST_NAME_CHARS).replace('\n', " ");
    if name.is_empty() { words.nameless.to_owned() } else { name }
}

fn transcript(thread: &Thread, words: &MailWords) -> Vec<(String, String)> {
    let line = |message: &super::thread::Line| {
        let who = match message.author.as_str() {
            "contact" => words.customer,
            "assistant" => words.assistant,
            _ => words.team,
        };
        let at = message.sent_at.with_timezone(&thread.zone).format("%d/%m %H:%M");
        (format!("{at} {who}"), clean(&message.body, LONGEST_LINE_CHARS))
    };
    thread.messages.iter().map(line).collect()
}

/// Control characters could forge lines or worse; line breaks may stay.
fn clean(text: &str, most: usize) -> String {
    let visible: String = text.trim().chars().filter(|character| *character == '\n' || !character.is_control()).collect();
    truncated(&visible, most).to_owned()
}

fn text(paragraphs: &[(Option<&str>, String)], transcript: &[(String, String)], link: Option<&str>, words: &MailWords) -> String {
    let mut lines: Vec<String> =
        paragraphs.iter().map(|(label, text)| label.map_or_else(|| text.clone(), |label| format!("{label}: {text}"))).collect();
    lines.extend(link.map(|link| format!("{}: {link}", words.open)));
    lines.push(format!("{}:", words.transcript));
    lines.extend(transcript.iter().map(|(who, body)| format!("{who}: {body}")));
    lines.join("\n\n")
}

fn html(paragraphs: &[(Option<&str>, String)], transcript: &[(String, String)], link: Option<&str>, words: &MailWords) -> String {
    let labelled = |label: &str, text: &str| format!("<p><b>{}:</b> {}</p>\n", escaped(label), escaped(text));
    let mut body = String::new();
    for (label, text) in paragraphs {
        body += &label.map_or_else(|| format!("<p>{}</p>\n", escaped(text)), |label| labelled(label, text));
    }
    if let Some(link) = link {
        body += &format!("<p><a href=\"{}\">{}</a></p>\n", escaped(link), escaped(words.open));
    }
    body += &format!("<h3>{}</h3>\n", escaped(words.transcript));
    for (who, said) in transcript {
        body += &labelled(who, said);
    }
    format!("<!doctype html><html><body style=\"font-family:sans-serif\">\n{body}</body></html>\n")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\n' => escaped += "<br>",
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handoff::thread::Line;
    use crate::phrases::Language;
    use chrono::{TimeZone as _, Utc};

    fn thread() -> Thread {
        Thread {
            business: "Mate & Cuero".to_owned(),
            language: Language::Spanish,
            zone: chrono_tz::America::Argentina::Buenos_Aires,
            contact_name: "Ana\r\nBcc: evil@example.com".to_owned(),
            contact_phone: Some("+5493815550142".to_owned()),
            recipients: vec![],
            messages: vec![Line {
                author: "contact".to_owned(),
                body: "<script>alert(1)</script>\u{7}".to_owned(),
                sent_at: Utc.with_ymd_and_hms(2026, 11, 23, 13, 5, 0).unwrap(),
            }],
        }
    }

    fn composed() -> Composed {
        let reason = Reason::Assistant { reason: "quiere \"hablar\"".to_owned(), summary: String::new() };
        compose(&thread(), &reason, Some("https://nexus.example.com/conversations/1?a=1&b=2"))
    }

    #[test]
    fn what_a_customer_wrote_is_text_and_nothing_else() {
        let composed = composed();
        assert!(!composed.html.contains("<script>") && composed.html.contains("&lt;script&gt;"));
        assert!(composed.html.contains("a=1&amp;b=2"));
        assert!(!composed.text.contains('\u{7}') && !composed.subject.contains(['\r', '\n']));
        assert!(composed.text.contains("23/11 10:05 Cliente: <script>"));
        assert!(!composed.text.contains("Resumen"), "an empty summary has no line");
    }

    #[test]
    fn a_retry_is_the_same_mail_to_the_same_recipient() {
        let from: Mailbox = "Nexus <nexus@example.com>".parse().unwrap();
        let job = JobId::new();
        let mail = composed().to("team@example.com", 2, job, &from).unwrap();
        let raw = String::from_utf8(mail.formatted()).unwrap();
        assert!(raw.contains(&format!("Message-ID: <handoff-{job}-2@example.com>")), "{raw}");
        assert!(raw.contains("Auto-Submitted: auto-generated") && raw.contains("multipart/alternative"));
        assert!(!raw.lines().any(|line| line.starts_with("Bcc:")));
        assert!(composed().to("not an address", 0, job, &from).is_err());
    }
}
