//! The words of the mails. Pure.

use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use nexus_core::ids::JobId;

/// Subject and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    subject: String,
    text: String,
}

/// An invitation into a business.
pub(super) fn invitation(language: &str, business: &str, link: &str) -> Words {
    let business = one_line(business);
    let (subject, lead, until) = match language {
        "en" => (
            format!("Invitation to {business}"),
            format!("{business} invites you to Nexus. To accept:"),
            "The link is good for 7 days.",
        ),
        "pt" => (
            format!("Convite para {business}"),
            format!("{business} convida você para o Nexus. Para aceitar:"),
            "O link vale por 7 dias.",
        ),
        _ => (
            format!("Invitación a {business}"),
            format!("{business} te invita a Nexus. Para aceptar:"),
            "El enlace vale por 7 días.",
        ),
    };
    Words { subject, text: format!("{lead}\n\n{link}\n\n{until}\n") }
}

/// A link to a new password.
pub(super) fn password_reset(language: &str, link: &str) -> Words {
    let (subject, lead, until) = match language {
        "en" => {
            ("New password", "To choose a new password:", "The link is good for one hour. If you did not ask for it, do nothing.")
        }
        "pt" => (
            "Nova senha",
            "Para escolher uma nova senha:",
            "O link vale por uma hora. Se não foi você que pediu, ignore esta mensagem.",
        ),
        _ => (
            "Contraseña nueva",
            "Para elegir una contraseña nueva:",
            "El enlace vale por una hora. Sin pedido previo, ignorar este mensaje.",
        ),
    };
    Words { subject: subject.to_owned(), text: format!("{lead}\n\n{link}\n\n{until}\n") }
}

/// A name from a form must not become a second header.
fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

impl Words {
    /// The mail. A retry carries the same id.
    pub(super) fn to(&self, recipient: &str, job: JobId, from: &Mailbox) -> Option<Message> {
        let builder: MessageBuilder = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, recipient.parse().ok()?))
            .subject(&self.subject)
            .message_id(Some(format!("<account-{job}@{}>", from.email.domain())))
            .header(ContentType::TEXT_PLAIN);
        builder.body(self.text.clone()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_carries_its_link_and_no_forged_header() {
        let words = invitation("es", "Clínica\r\nBcc: x@example.com", "https://nexus.example.com/invite/abc");
        let mail = words.to("ana@example.com", JobId::new(), &"Nexus <nexus@example.com>".parse().unwrap()).unwrap();
        let raw = String::from_utf8(mail.formatted()).unwrap();
        assert!(!raw.lines().any(|line| line.starts_with("Bcc:")), "{raw}");
        assert!(words.text.contains("https://nexus.example.com/invite/abc"));
    }
}
