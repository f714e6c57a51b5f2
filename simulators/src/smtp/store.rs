//! Received mail: the envelope as it was said, the bytes as they came, the parts decoded.

use chrono::{DateTime, Utc};
use mail_parser::{Address, MessageParser};
use serde::Serialize;

use crate::log::Log;

const REMEMBERED: usize = 2_000;

#[derive(Clone, Serialize)]
pub(crate) struct Mail {
    pub(crate) at: DateTime<Utc>,
    pub(crate) envelope_from: String,
    pub(crate) envelope_to: Vec<String>,
    /// The login given, if any.
    pub(crate) username: Option<String>,
    pub(crate) subject: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) reply_to: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) raw: String,
}

pub(crate) struct Mailbox {
    pub(crate) log: Log<Mail>,
}

pub(crate) struct Envelope {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) username: Option<String>,
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self { log: Log::new(REMEMBERED) }
    }

    pub(crate) fn clear(&mut self) {
        self.log.clear();
    }

    pub(crate) fn store(&mut self, envelope: Envelope, raw: &[u8]) {
        self.log.push(decode(envelope, raw));
    }
}

fn decode(envelope: Envelope, raw: &[u8]) -> Mail {
    let parsed = MessageParser::default().parse(raw);
    let message = parsed.as_ref();
    Mail {
        at: Utc::now(),
        envelope_from: envelope.from,
        envelope_to: envelope.to,
        username: envelope.username,
        subject: message.and_then(|message| message.subject()).unwrap_or_default().to_owned(),
        from: message.and_then(|message| message.from()).map(addresses).unwrap_or_default(),
        to: message.and_then(|message| message.to()).map(addresses).unwrap_or_default(),
        reply_to: message.and_then(|message| message.reply_to()).map(addresses),
        message_id: message.and_then(|message| message.message_id()).map(str::to_owned),
        text: message.filter(|it| it.text_body_count() > 0).and_then(|it| it.body_text(0)).map(Into::into),
        html: message
            .filter(|message| message.html_bodies().any(|part| part.is_text_html()))
            .and_then(|message| message.body_html(0))
            .map(Into::into),
        headers: message
            .map(|message| message.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
            .unwrap_or_default(),
        raw: String::from_utf8_lossy(raw).into_owned(),
    }
}

fn addresses(address: &Address<'_>) -> String {
    let each = address.iter().map(|one| match (one.name(), one.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (None, Some(address)) => address.to_owned(),
        (name, None) => name.unwrap_or_default().to_owned(),
    });
    each.collect::<Vec<_>>().join(", ")
}
