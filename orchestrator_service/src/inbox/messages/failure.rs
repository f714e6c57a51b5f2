//! Why a message did not arrive, for people: the provider's code becomes a sentence and what to do about it.
//! The codes are YCloud's, Meta's and our own.

use serde::Serialize;
use utoipa::ToSchema;

use crate::phrases::Language;

/// What mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Send an approved template.
    UseTemplate,
    /// Wait a while and send it again.
    Wait,
    /// The contact cannot be reached: mark it.
    MarkContact,
    /// Choose another template.
    ChooseTemplate,
    /// Somebody who manages the channel must act.
    TellAdministrator,
    /// Change the message.
    ChangeMessage,
    /// Look whether it arrived, then send it again.
    CheckAndResend,
    /// Nothing: it was right not to send it.
    Nothing,
}

/// Why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Failure {
    /// The provider's code, or ours.
    pub code: Option<String>,
    /// What happened, in the reader's language.
    pub words: String,
    /// What to do.
    pub remedy: Remedy,
    /// What the provider said, word for word.
    pub provider_words: Option<String>,
}

/// One cause in every language.
struct Cause {
    remedy: Remedy,
    spanish: &'static str,
    portuguese: &'static str,
    english: &'static str,
}

impl Cause {
    const fn words(&self, language: Language) -> &'static str {
        match language {
            Language::Spanish => self.spanish,
            Language::Portuguese => self.portuguese,
            Language::English => self.english,
        }
    }
}

/// Explains a status; `None` where nothing went wrong.
#[must_use]
pub fn explain(status: &str, code: Option<&str>, detail: Option<&str>, language: Language) -> Option<Failure> {
    let cause = match status {
        "failed" => of_code(code.unwrap_or_default()),
        "unknown" => &UNKNOWN_OUTCOME,
        "cancelled" => &CANCELLED,
        _ => return None,
    };
    let provider_words = detail.filter(|words| !words.is_empty()).map(str::to_owned);
    Some(Failure { code: code.map(str::to_owned), words: cause.words(language).to_owned(), remedy: cause.remedy, provider_words })
}

fn of_code(code: &str) -> &'static Cause {
    match code {
        "service_window_closed" | "131047" => &WINDOW_CLOSED,
        "131026" | "131013" | "131030" | "no_address" => &NOT_ON_WHATSAPP,
        "131049" | "130472" => &META_HOLDS_BACK,
        "131048" | "131056" | "130429" | "TOO_MANY_REQUESTS" | "ACCOUNT_RATE_LIMITED" | "SENDER_RATE_LIMITED" => &TOO_FAST,
        "131050" | "RECIPIENT_UNSUBSCRIBED" | "RECIPIENT_IN_BLOCK_LIST" => &UNSUBSCRIBED,
        "132015" | "132016" | "WHATSAPP_TEMPLATE_UNAVAILABLE" | "WHATSAPP_TEMPLATE_UNEDITABLE" => &TEMPLATE_PAUSED,
        "132000" | "132001" | "132005" | "132012" => &TEMPLATE_MISMATCH,
        "131051" | "131052" | "131053" | "CONTENT_TOO_LARGE" => &MEDIA,
        "CONTENT_PROHIBITED" | "368" => &PROHIBITED,
        "UNAUTHORIZED" | "FORBIDDEN" | "no_api_key" | "3" | "10" | "190" | "200" | "131005" => &CREDENTIALS,
        "BALANCE_INSUFFICIENT" | "131042" => &PAYMENT,
        "ACCOUNT_LIMITED"
        | "ACCOUNT_UNAVAILABLE"
        | "WHATSAPP_BUSINESS_ACCOUNT_UNAVAILABLE"
        | "WHATSAPP_WABA_UNAVAILABLE"
        | "WHATSAPP_PHONE_NUMBER_UNAVAILABLE"
        | "131031"
        | "131037"
        | "139000"
        | "channel_gone" => &ACCOUNT,
        "131000" | "131016" | "131057" | "1" | "135000" | "INTERNAL_SERVER_ERROR" | "SERVICE_UNAVAILABLE" | "connect" => &OUTAGE,
        "100"
        | "131008"
        | "131009"
        | "131062"
        | "BAD_REQUEST"
        | "PARAM_INVALID"
        | "PARAM_INVALID_LENGTH"
        | "PARAM_MISSING"
        | "PARAM_NOT_MATCH" => &MALFORMED,
        _ => &OTHER,
    }
}

const WINDOW_CLOSED: Cause = Cause {
    remedy: Remedy::UseTemplate,
    spanish: "Pasaron más de 24 horas desde el último mensaje de la persona; solo se puede enviar una plantilla aprobada.",
    portuguese: "Passaram mais de 24 horas desde a última mensagem da pessoa; só é possível enviar um modelo aprovado.",
    english: "More than 24 hours have passed since the person last wrote; only an approved template can be sent.",
};
const NOT_ON_WHATSAPP: Cause = Cause {
    remedy: Remedy::MarkContact,
    spanish: "El número no recibe mensajes de WhatsApp: no existe, usa una versión vieja o no aceptó los términos.",
    portuguese: "O número não recebe mensagens do WhatsApp: não existe, usa uma versão antiga ou não aceitou os termos.",
    english: "The number does not receive WhatsApp messages: it does not exist, is outdated, or has not accepted the terms.",
};
const META_HOLDS_BACK: Cause = Cause {
    remedy: Remedy::Wait,
    spanish: "WhatsApp limita cuántos mensajes comerciales recibe esta persona. Conviene esperar al menos un día.",
    portuguese: "O WhatsApp limita quantas mensagens comerciais esta pessoa recebe. Convém esperar pelo menos um dia.",
    english: "WhatsApp limits how many business messages this person gets. Wait at least a day.",
};
const TOO_FAST: Cause = Cause {
    remedy: Remedy::Wait,
    spanish: "Se enviaron demasiados mensajes en poco tiempo. Conviene esperar unos minutos y enviarlo de nuevo.",
    portuguese: "Foram enviadas mensagens demais em pouco tempo. Convém esperar alguns minutos e enviar de novo.",
    english: "Too many messages were sent in a short time. Wait a few minutes and send it again.",
};
const UNSUBSCRIBED: Cause = Cause {
    remedy: Remedy::MarkContact,
    spanish: "La persona pidió no recibir mensajes, o está bloqueada.",
    portuguese: "A pessoa pediu para não receber mensagens, ou está bloqueada.",
    english: "The person asked not to get messages, or is blocked.",
};
const TEMPLATE_PAUSED: Cause = Cause {
    remedy: Remedy::ChooseTemplate,
    spanish: "WhatsApp pausó o deshabilitó esta plantilla. Hay que elegir otra.",
    portuguese: "O WhatsApp pausou ou desativou este modelo. É preciso escolher outro.",
    english: "WhatsApp paused or disabled this template. Choose another one.",
};
const TEMPLATE_MISMATCH: Cause = Cause {
    remedy: Remedy::ChooseTemplate,
    spanish: "La plantilla no existe en ese idioma, o sus variables no coinciden.",
    portuguese: "O modelo não existe nesse idioma, ou suas variáveis não coincidem.",
    english: "The template does not exist in that language, or its variables do not fit.",
};
const MEDIA: Cause = Cause {
    remedy: Remedy::ChangeMessage,
    spanish: "WhatsApp no aceptó el archivo: su tipo o su tamaño no se admite.",
    portuguese: "O WhatsApp não aceitou o arquivo: o tipo ou o tamanho não é permitido.",
    english: "WhatsApp did not take the file: its type or its size is not allowed.",
};
const PROHIBITED: Cause = Cause {
    remedy: Remedy::ChangeMessage,
    spanish: "WhatsApp rechazó el contenido por sus políticas.",
    portuguese: "O WhatsApp recusou o conteúdo por suas políticas.",
    english: "WhatsApp refused the content because of its policies.",
};
const CREDENTIALS: Cause = Cause {
    remedy: Remedy::TellAdministrator,
    spanish: "El proveedor rechazó la clave del canal: venció, cambió o no tiene permiso. Hay que avisar al administrador.",
    portuguese: "O provedor recusou a chave do canal: venceu, mudou ou não tem permissão. É preciso avisar o administrador.",
    english: "The provider refused the channel's key: it expired, changed, or lacks a permission. Tell the administrator.",
};
const PAYMENT: Cause = Cause {
    remedy: Remedy::TellAdministrator,
    spanish: "La cuenta del proveedor no tiene saldo, o falta un medio de pago. Hay que avisar al administrador.",
    portuguese: "A conta do provedor está sem saldo, ou falta um meio de pagamento. É preciso avisar o administrador.",
    english: "The provider's account has no balance, or no means of payment. Tell the administrator.",
};
const ACCOUNT: Cause = Cause {
    remedy: Remedy::TellAdministrator,
    spanish: "La cuenta o el número de WhatsApp está bloqueado o limitado. Hay que avisar al administrador.",
    portuguese: "A conta ou o número do WhatsApp está bloqueado ou limitado. É preciso avisar o administrador.",
    english: "The WhatsApp account or number is blocked or limited. Tell the administrator.",
};
const OUTAGE: Cause = Cause {
    remedy: Remedy::Wait,
    spanish: "WhatsApp o el proveedor no funcionaba en ese momento. Se puede enviar de nuevo.",
    portuguese: "O WhatsApp ou o provedor não funcionava naquele momento. É possível enviar de novo.",
    english: "WhatsApp or the provider was not working at that moment. It can be sent again.",
};
const MALFORMED: Cause = Cause {
    remedy: Remedy::ChangeMessage,
    spanish: "El proveedor no aceptó el mensaje tal como estaba escrito.",
    portuguese: "O provedor não aceitou a mensagem como estava escrita.",
    english: "The provider did not take the message as it was written.",
};
const OTHER: Cause = Cause {
    remedy: Remedy::TellAdministrator,
    spanish: "El proveedor no entregó el mensaje. El código ayuda al administrador a saber por qué.",
    portuguese: "O provedor não entregou a mensagem. O código ajuda o administrador a saber o motivo.",
    english: "The provider did not deliver the message. The code tells the administrator why.",
};
const UNKNOWN_OUTCOME: Cause = Cause {
    remedy: Remedy::CheckAndResend,
    spanish: "No se sabe si el mensaje llegó: la conexión se cortó al enviarlo. Conviene verificarlo antes de enviarlo de nuevo.",
    portuguese: "Não se sabe se a mensagem chegou: a conexão caiu ao enviá-la. Convém verificar antes de enviar de novo.",
    english: "Nobody knows whether it arrived: the connection broke while it was sent. Check before sending it again.",
};
const CANCELLED: Cause = Cause {
    remedy: Remedy::Nothing,
    spanish: "No se envió: antes de salir, una persona tomó la conversación o el contacto pidió no recibir mensajes.",
    portuguese: "Não foi enviada: antes de sair, uma pessoa assumiu a conversa ou o contato pediu para não receber mensagens.",
    english: "It was not sent: before it left, a person took the conversation over, or the contact asked for silence.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_explained_in_every_language() {
        for (language, start) in
            [(Language::Spanish, "Pasaron"), (Language::Portuguese, "Passaram"), (Language::English, "More than")]
        {
            let failure = explain("failed", Some("131047"), Some("Re-engagement message"), language).unwrap();
            assert!(failure.words.starts_with(start));
            assert_eq!(failure.remedy, Remedy::UseTemplate);
            assert_eq!(failure.provider_words.as_deref(), Some("Re-engagement message"));
        }
    }

    #[test]
    fn an_unheard_of_code_still_has_words_and_a_delivered_message_none() {
        assert_eq!(explain("failed", Some("424242"), None, Language::English).unwrap().remedy, Remedy::TellAdministrator);
        assert!(explain("failed", None, None, Language::English).is_some());
        assert!(explain("delivered", None, None, Language::English).is_none());
    }
}
