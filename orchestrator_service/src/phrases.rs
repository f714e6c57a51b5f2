//! The few sentences the product itself says to a customer or to the people of the business, in their language.

/// The languages a tenant can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Spanish.
    Spanish,
    /// Portuguese.
    Portuguese,
    /// English.
    English,
}

impl Language {
    /// Reads the code stored with the tenant; the database admits no other.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        match code {
            "pt" => Self::Portuguese,
            "en" => Self::English,
            _ => Self::Spanish,
        }
    }

    /// Its name in English, for the model.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spanish => "Spanish",
            Self::Portuguese => "Portuguese",
            Self::English => "English",
        }
    }
}

/// Told to the customer once, when the assistant cannot go on.
#[must_use]
pub const fn a_person_will_answer(language: Language) -> &'static str {
    match language {
        Language::Spanish => "Gracias por tu mensaje. Te va a responder una persona de nuestro equipo lo antes posible.",
        Language::Portuguese => "Obrigado pela sua mensagem. Uma pessoa da nossa equipe vai responder o mais breve possível.",
        Language::English => "Thank you for your message. A person from our team will answer you as soon as possible.",
    }
}

/// The words around the data of a handoff mail.
#[derive(Clone, Copy, Debug)]
pub struct MailWords {
    /// Before the contact's name in the subject.
    pub subject: &'static str,
    /// First line.
    pub lead: &'static str,
    /// Label of the contact.
    pub contact: &'static str,
    /// Label of the reason.
    pub reason: &'static str,
    /// Label of the summary, marked as the assistant's.
    pub summary: &'static str,
    /// Heading of the last messages.
    pub transcript: &'static str,
    /// Text of the link.
    pub open: &'static str,
    /// Who wrote, in the transcript.
    pub customer: &'static str,
    /// Who wrote, in the transcript.
    pub assistant: &'static str,
    /// Who wrote, in the transcript.
    pub team: &'static str,
    /// Stands for an empty name.
    pub nameless: &'static str,
    /// Stands for the reason when the assistant failed.
    pub assistant_failed: &'static str,
}

/// The words of a handoff mail.
#[must_use]
pub const fn mail_words(language: Language) -> MailWords {
    match language {
        Language::Spanish => MailWords {
            subject: "Te necesitan en WhatsApp",
            lead: "Una conversación espera a una persona.",
            contact: "Cliente",
            reason: "Motivo",
            summary: "Resumen del asistente",
            transcript: "Últimos mensajes",
            open: "Abrir la conversación",
            customer: "Cliente",
            assistant: "Asistente",
            team: "Equipo",
            nameless: "sin nombre",
            assistant_failed: "El asistente no pudo responder.",
        },
        Language::Portuguese => MailWords {
            subject: "Precisam de você no WhatsApp",
            lead: "Uma conversa espera por uma pessoa.",
            contact: "Cliente",
            reason: "Motivo",
            summary: "Resumo do assistente",
            transcript: "Últimas mensagens",
            open: "Abrir a conversa",
            customer: "Cliente",
            assistant: "Assistente",
            team: "Equipe",
            nameless: "sem nome",
            assistant_failed: "O assistente não conseguiu responder.",
        },
        Language::English => MailWords {
            subject: "You are needed on WhatsApp",
            lead: "A conversation is waiting for a person.",
            contact: "Customer",
            reason: "Reason",
            summary: "The assistant's summary",
            transcript: "Last messages",
            open: "Open the conversation",
            customer: "Customer",
            assistant: "Assistant",
            team: "Team",
            nameless: "no name",
            assistant_failed: "The assistant could not answer.",
        },
    }
}
