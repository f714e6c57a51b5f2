//! What a test found, in plain words: what is wrong and what to do about it.

use super::finding::Finding;
use crate::phrases::Language;

impl Finding {
    /// The finding for whoever set the system up.
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        let [spanish, portuguese, english] = self.in_all_languages();
        match language {
            Language::Spanish => spanish,
            Language::Portuguese => portuguese,
            Language::English => english,
        }
    }

    fn in_all_languages(&self) -> [String; 3] {
        match self {
            Self::KeyAccepted => said(["La clave es válida.", "A chave é válida.", "The key is valid."]),
            Self::ModelThere { model } => [
                format!("El modelo {model} está disponible."),
                format!("O modelo {model} está disponível."),
                format!("The model {model} is available."),
            ],
            Self::ModelAnswers { model } => [
                format!("El modelo {model} responde."),
                format!("O modelo {model} responde."),
                format!("The model {model} answers."),
            ],
            Self::ProductsReadable => {
                said(["Se pueden leer los productos.", "Os produtos podem ser lidos.", "The products can be read."])
            }
            Self::StoreThere { name } => {
                [format!("La tienda {name} responde."), format!("A loja {name} responde."), format!("The store {name} answers.")]
            }
            Self::GoogleSignedIn { email } => [
                format!("Google acepta la cuenta {email}."),
                format!("O Google aceita a conta {email}."),
                format!("Google accepts the account {email}."),
            ],
            Self::CalendarShared { calendar } => [
                format!("El calendario {calendar} se puede modificar."),
                format!("A agenda {calendar} pode ser alterada."),
                format!("The calendar {calendar} can be changed."),
            ],
            Self::ShareCalendars { email } => share_every_calendar(email),
            Self::NumberConnected { number, quality } => number_connected(number, quality),
            Self::WebhookActive => said([
                "YCloud nos avisa de cada mensaje.",
                "O YCloud nos avisa de cada mensagem.",
                "YCloud tells us about every message.",
            ]),
            Self::MailAccepted => said([
                "El servidor de correo responde y acepta la cuenta.",
                "O servidor de e-mail responde e aceita a conta.",
                "The mail server answers and accepts the account.",
            ]),
            Self::NoSecret => said([
                "Falta la clave. Cargala y volvé a probar.",
                "Falta a chave. Informe-a e teste de novo.",
                "The key is missing. Enter it and test again.",
            ]),
            Self::SecretLost => said([
                "La clave guardada ya no se puede abrir. Cargala de nuevo.",
                "A chave guardada não pode mais ser aberta. Informe-a de novo.",
                "The stored key can no longer be opened. Enter it again.",
            ]),
            Self::AddressRefused => said([
                "Esa dirección no está permitida: tiene que ser pública y empezar con https://.",
                "Esse endereço não é permitido: precisa ser público e começar com https://.",
                "That address is not allowed: it must be public and begin with https://.",
            ]),
            Self::KeyRefused => said([
                "La clave es rechazada: fue revocada o está mal copiada. Creá una nueva y cargala acá.",
                "A chave é recusada: foi revogada ou está mal copiada. Crie uma nova e informe-a aqui.",
                "The key is refused: it was revoked or is not copied right. Make a new one and enter it here.",
            ]),
            Self::ScopeMissing => said([
                "La clave es válida, pero no tiene los permisos necesarios. Dale permisos y volvé a probar.",
                "A chave é válida, mas não tem as permissões necessárias. Dê as permissões e teste de novo.",
                "The key is valid but may not do what is needed. Give it the permissions and test again.",
            ]),
            Self::NoCredit => said([
                "La cuenta no tiene saldo. Cargá crédito y volvé a probar.",
                "A conta está sem saldo. Adicione crédito e teste de novo.",
                "The account has no credit left. Add some and test again.",
            ]),
            Self::AccountSuspended => said([
                "El proveedor suspendió o limitó la cuenta. Entrá a su panel para ver el motivo.",
                "O provedor suspendeu ou limitou a conta. Entre no painel dele para ver o motivo.",
                "The provider has suspended or limited the account. Its own console says why.",
            ]),
            Self::ModelMissing { model } => [
                format!("La cuenta no tiene el modelo {model}. Revisá el nombre o elegí otro."),
                format!("A conta não tem o modelo {model}. Verifique o nome ou escolha outro."),
                format!("The account does not have the model {model}. Check its name or choose another."),
            ],
            Self::StoreMissing => said([
                "Esa tienda no existe. Revisá el número de la tienda.",
                "Essa loja não existe. Verifique o número da loja.",
                "There is no such store. Check the number of the store.",
            ]),
            Self::StoreSuspended => said([
                "La tienda o la aplicación está suspendida por falta de pago.",
                "A loja ou o aplicativo está suspenso por falta de pagamento.",
                "The store or the app is suspended because it is unpaid.",
            ]),
            Self::KeyFileUnusable => said([
                "El archivo de la clave no sirve. Descargá de Google una nueva clave JSON de la cuenta de servicio.",
                "O arquivo da chave não serve. Baixe do Google uma nova chave JSON da conta de serviço.",
                "The key file cannot be used. Download a new JSON key of the service account from Google.",
            ]),
            Self::GoogleAccountGone { email } => [
                format!("Google no acepta la clave de {email}: la clave o la cuenta fue borrada. Creá una clave nueva."),
                format!("O Google não aceita a chave de {email}: a chave ou a conta foi excluída. Crie uma chave nova."),
                format!("Google does not accept the key of {email}: the key or the account was deleted. Make a new key."),
            ],
            Self::ClockWrong => said([
                "El reloj del servidor está mal. Avisale a quien administra la instalación.",
                "O relógio do servidor está errado. Avise quem administra a instalação.",
                "The clock of the server is wrong. Tell whoever runs this installation.",
            ]),
            Self::CalendarApiDisabled => said([
                "La API de Google Calendar no está habilitada en el proyecto de la clave. Habilitala en Google Cloud.",
                "A API do Google Calendar não está ativada no projeto da chave. Ative-a no Google Cloud.",
                "The Google Calendar API is not enabled in the project of the key. Enable it in Google Cloud.",
            ]),
            Self::CalendarNotShared { calendar, email } => share(calendar, email),
            Self::CalendarReadOnly { calendar, email } => share_for_changes(calendar, email),
            Self::NumberNotListed { number } => [
                format!("La clave es válida, pero el número {number} no está en esa cuenta."),
                format!("A chave é válida, mas o número {number} não está nessa conta."),
                format!("The key is valid, but the number {number} is not in that account."),
            ],
            Self::NumberNotConnected { number, status } => [
                format!("El número {number} está en la cuenta, pero su estado es {status}."),
                format!("O número {number} está na conta, mas o estado dele é {status}."),
                format!("The number {number} is in the account, but its status is {status}."),
            ],
            Self::WebhookMissing => said([
                "YCloud no nos avisa de los mensajes: falta registrar el webhook de este canal.",
                "O YCloud não nos avisa das mensagens: falta registrar o webhook deste canal.",
                "YCloud does not tell us about messages: the webhook of this channel is not registered.",
            ]),
            Self::WebhookPending => said([
                "YCloud dejó de avisarnos porque no respondimos. Reactivá el webhook en YCloud.",
                "O YCloud parou de nos avisar porque não respondemos. Reative o webhook no YCloud.",
                "YCloud has stopped calling us because we did not answer. Activate the webhook at YCloud again.",
            ]),
            Self::WebhookDisabled => said([
                "El webhook está desactivado en YCloud. Activalo.",
                "O webhook está desativado no YCloud. Ative-o.",
                "The webhook is switched off at YCloud. Switch it on.",
            ]),
            Self::WebhookIncomplete => said([
                "Al webhook le faltan eventos. Usá «Reparar webhook».",
                "Faltam eventos no webhook. Use «Reparar webhook».",
                "The webhook lacks events. Use “Repair webhook”.",
            ]),
            Self::MailLoginRefused { answer } => with_answer(
                answer,
                [
                    "El servidor de correo rechaza el usuario o la contraseña.",
                    "O servidor de e-mail recusa o usuário ou a senha.",
                    "The mail server refuses the user or the password.",
                ],
            ),
            Self::MailRefused { answer } => with_answer(
                answer,
                [
                    "El servidor de correo rechaza la conexión.",
                    "O servidor de e-mail recusa a conexão.",
                    "The mail server refuses the connection.",
                ],
            ),
            Self::MailServerUnreachable { host } => [
                format!("No se llega a {host}. Revisá el nombre y el puerto."),
                format!("Não foi possível chegar a {host}. Verifique o nome e a porta."),
                format!("{host} cannot be reached. Check the name and the port."),
            ],
            Self::TlsFailed { host } => [
                format!(
                    "La conexión segura con {host} falla. Revisá el puerto y el tipo de seguridad (465 usa TLS, 587 STARTTLS)."
                ),
                format!(
                    "A conexão segura com {host} falha. Verifique a porta e o tipo de segurança (465 usa TLS, 587 STARTTLS)."
                ),
                format!(
                    "The secure connection to {host} fails. Check the port and the kind of security (465 is TLS, 587 STARTTLS)."
                ),
            ],
            Self::RateLimited => said([
                "El proveedor pide esperar: hubo demasiados pedidos. Probá en un minuto.",
                "O provedor pede para esperar: houve pedidos demais. Teste em um minuto.",
                "The provider asks for patience: too many requests. Test again in a minute.",
            ]),
            Self::ServerFailed { status } => [
                format!("El otro sistema tiene una falla propia (respuesta {status}). Probá más tarde."),
                format!("O outro sistema tem uma falha própria (resposta {status}). Teste mais tarde."),
                format!("The other system has a failure of its own (answer {status}). Test again later."),
            ],
            Self::RequestRefused { status } => [
                format!("El otro sistema rechaza el pedido (respuesta {status}). Revisá lo que cargaste."),
                format!("O outro sistema recusa o pedido (resposta {status}). Verifique o que foi informado."),
                format!("The other system refuses the request (answer {status}). Check what was entered."),
            ],
            Self::NotTheApi => said([
                "En esa dirección responde otra cosa, no la API. Revisá la dirección.",
                "Nesse endereço responde outra coisa, não a API. Verifique o endereço.",
                "Something else answers at that address, not the API. Check the address.",
            ]),
            Self::Unreachable => said([
                "No se pudo conectar. Revisá la dirección, o probá más tarde.",
                "Não foi possível conectar. Verifique o endereço ou teste mais tarde.",
                "There is no connection. Check the address, or test again later.",
            ]),
            Self::TooSlow => said([
                "No respondió a tiempo. Probá más tarde.",
                "Não respondeu a tempo. Teste mais tarde.",
                "It did not answer in time. Test again later.",
            ]),
        }
    }
}

fn said(words: [&str; 3]) -> [String; 3] {
    words.map(str::to_owned)
}

/// The server's own words help whoever looks after it; they are empty when they would have repeated a secret.
fn with_answer(answer: &str, words: [&str; 3]) -> [String; 3] {
    if answer.is_empty() {
        return said(words);
    }
    let [spanish, portuguese, english] = words;
    [
        format!("{spanish} Respondió: {answer}"),
        format!("{portuguese} Respondeu: {answer}"),
        format!("{english} It answered: {answer}"),
    ]
}

fn number_connected(number: &str, quality: &str) -> [String; 3] {
    if quality.is_empty() {
        return [
            format!("El número {number} está conectado."),
            format!("O número {number} está conectado."),
            format!("The number {number} is connected."),
        ];
    }
    [
        format!("El número {number} está conectado. Calidad: {quality}."),
        format!("O número {number} está conectado. Qualidade: {quality}."),
        format!("The number {number} is connected. Quality: {quality}."),
    ]
}

// The permission is quoted as Google's own pages show it in each language.

fn share(calendar: &str, email: &str) -> [String; 3] {
    [
        format!("El calendario {calendar} no está compartido. Compartilo con {email} con el permiso «Hacer cambios en eventos»."),
        format!(
            "A agenda {calendar} não está compartilhada. Compartilhe-a com {email} com a permissão «Fazer alterações nos eventos»."
        ),
        format!("The calendar {calendar} is not shared. Share it with {email}, with the permission “Make changes to events”."),
    ]
}

fn share_for_changes(calendar: &str, email: &str) -> [String; 3] {
    [
        format!("{email} puede leer el calendario {calendar} pero no modificarlo. Dale el permiso «Hacer cambios en eventos»."),
        format!("{email} pode ler a agenda {calendar}, mas não alterá-la. Dê a permissão «Fazer alterações nos eventos»."),
        format!("{email} can read the calendar {calendar} but not change it. Give it the permission “Make changes to events”."),
    ]
}

fn share_every_calendar(email: &str) -> [String; 3] {
    [
        format!("Ahora compartí cada calendario con {email} con el permiso «Hacer cambios en eventos»."),
        format!("Agora compartilhe cada agenda com {email} com a permissão «Fazer alterações nos eventos»."),
        format!("Now share each calendar with {email}, with the permission “Make changes to events”."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_name_what_they_are_about_in_every_language() {
        let finding = Finding::CalendarNotShared { calendar: "cal@example.com".to_owned(), email: "svc@example.com".to_owned() };
        let mut said = Vec::new();
        for language in [Language::Spanish, Language::Portuguese, Language::English] {
            let words = finding.words(language);
            assert!(words.contains("cal@example.com") && words.contains("svc@example.com"), "{words}");
            assert!(!said.contains(&words), "{words}");
            said.push(words);
        }
        assert!(said[2].contains("Make changes to events"));
    }
}
