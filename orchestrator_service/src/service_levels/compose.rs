//! The words of the mail. Pure.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use nexus_core::ids::{ConversationId, JobId, TenantId};

use crate::inbox::link;

/// What the mail tells.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Alert {
    pub(super) email: String,
    pub(super) language: String,
    pub(super) business: String,
    pub(super) time_zone: String,
    pub(super) contact: String,
    pub(super) target: String,
    pub(super) stage: String,
    pub(super) due_at: DateTime<Utc>,
    pub(super) tenant_id: TenantId,
    pub(super) conversation_id: ConversationId,
}

/// The mail; `None` when the address is none. A retry carries the same id.
pub(super) fn compose(alert: &Alert, job: JobId, from: &Mailbox, platform_url: Option<&str>) -> Option<Message> {
    let zone: Tz = alert.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let due = alert.due_at.with_timezone(&zone).format("%d/%m %H:%M");
    // A name from a chat must not become a second header.
    let contact: String = alert.contact.chars().filter(|character| !character.is_control()).take(80).collect();
    let business: String = alert.business.chars().filter(|character| !character.is_control()).collect();
    let (subject, line, open) = words(alert);
    let link =
        platform_url.map(|url| format!("\n\n{open}: {}", link::to_conversation(url, alert.tenant_id, alert.conversation_id)));
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, alert.email.parse().ok()?))
        .subject(format!("{business}: {subject}"))
        .message_id(Some(format!("<service-level-{job}@{}>", from.email.domain())))
        .header(ContentType::TEXT_PLAIN)
        .body(format!("{contact}: {line} {due}.{}\n", link.unwrap_or_default()))
        .ok()
}

/// Subject, the beginning of the sentence that ends in the time, and the label of the link.
fn words(alert: &Alert) -> (&'static str, &'static str, &'static str) {
    let (is_breach, is_first) = (alert.stage == "breach", alert.target == "first_response");
    match (alert.language.as_str(), is_breach, is_first) {
        ("en", true, true) => ("a customer was not answered in time", "an answer was due on", "Open the conversation"),
        ("en", true, false) => ("a conversation was not resolved in time", "it was to be resolved by", "Open the conversation"),
        ("en", false, true) => ("a customer is about to wait too long", "an answer is due on", "Open the conversation"),
        ("en", false, false) => ("a conversation is about to be late", "it is to be resolved by", "Open the conversation"),
        ("pt", true, true) => ("um cliente não foi respondido a tempo", "a resposta devia chegar até", "Abrir a conversa"),
        ("pt", true, false) => ("uma conversa não foi resolvida a tempo", "devia ser resolvida até", "Abrir a conversa"),
        ("pt", false, true) => ("um cliente está prestes a esperar demais", "a resposta deve chegar até", "Abrir a conversa"),
        ("pt", false, false) => ("uma conversa está prestes a atrasar", "deve ser resolvida até", "Abrir a conversa"),
        (_, true, true) => ("un cliente no fue respondido a tiempo", "la respuesta debía llegar el", "Abrir la conversación"),
        (_, true, false) => ("una conversación no se resolvió a tiempo", "debía resolverse el", "Abrir la conversación"),
        (_, false, true) => ("un cliente está por esperar demasiado", "la respuesta debe llegar el", "Abrir la conversación"),
        (_, false, false) => ("una conversación está por atrasarse", "debe resolverse el", "Abrir la conversación"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_tells_the_time_of_the_business_and_carries_no_forged_header() {
        let alert = Alert {
            email: "sol@example.com".to_owned(),
            language: "es".to_owned(),
            business: "Clínica".to_owned(),
            time_zone: "America/Argentina/Buenos_Aires".to_owned(),
            contact: "Ana\r\nBcc: x@example.com".to_owned(),
            target: "first_response".to_owned(),
            stage: "breach".to_owned(),
            due_at: "2026-11-23T15:30:00Z".parse().unwrap(),
            tenant_id: TenantId::new(),
            conversation_id: ConversationId::new(),
        };
        let from = "Nexus <nexus@example.com>".parse().unwrap();
        let mail = compose(&alert, JobId::new(), &from, Some("https://nexus.example.com")).unwrap();
        let raw = String::from_utf8(mail.formatted()).unwrap();
        assert!(!raw.lines().any(|line| line.starts_with("Bcc:")), "{raw}");
        assert!(raw.contains("23/11 12:30"), "{raw}");
        for language in ["es", "pt", "en"] {
            for (stage, target) in [("breach", "first_response"), ("warning", "resolution")] {
                let alert =
                    Alert { language: language.to_owned(), stage: stage.to_owned(), target: target.to_owned(), ..alert.clone() };
                assert!(compose(&alert, JobId::new(), &from, None).is_some());
            }
        }
    }
}
