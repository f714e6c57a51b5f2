//! What the parts of the installation say about themselves; outside systems say what their last test found.

use crate::phrases::Language;

/// What is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Works,
    PostgresAway,
    RedisAway,
    EdgeAway,
    EdgeNotReady,
    NotSetUp,
    NeverTested,
    InstallationsModel,
    NoModel,
    InstallationsMail,
    NoMail,
    MailsGivenUp,
    Unreadable,
    KeyRefused,
}

impl Said {
    pub(super) const fn words(self, language: Language) -> &'static str {
        let [spanish, portuguese, english] = self.in_all_languages();
        match language {
            Language::Spanish => spanish,
            Language::Portuguese => portuguese,
            Language::English => english,
        }
    }

    const fn in_all_languages(self) -> [&'static str; 3] {
        match self {
            Self::Works => ["Funciona.", "Funciona.", "It works."],
            Self::PostgresAway => [
                "La base de datos no responde. Avisale a quien administra la instalación.",
                "O banco de dados não responde. Avise quem administra a instalação.",
                "The database does not answer. Tell whoever runs this installation.",
            ],
            Self::RedisAway => [
                "Redis no responde: todo sigue funcionando, más lento y sin novedades en vivo.",
                "O Redis não responde: tudo continua funcionando, mais devagar e sem novidades ao vivo.",
                "Redis does not answer: everything goes on working, slower and without live updates.",
            ],
            Self::EdgeAway => [
                "El servicio que recibe y envía mensajes no responde. Avisale a quien administra la instalación.",
                "O serviço que recebe e envia mensagens não responde. Avise quem administra a instalação.",
                "The service that receives and sends messages does not answer. Tell whoever runs this installation.",
            ],
            Self::EdgeNotReady => [
                "El servicio que recibe y envía mensajes todavía no está listo.",
                "O serviço que recebe e envia mensagens ainda não está pronto.",
                "The service that receives and sends messages is not ready yet.",
            ],
            Self::NotSetUp => ["No está configurado.", "Não está configurado.", "It is not set up."],
            Self::NeverTested => ["Todavía no se probó.", "Ainda não foi testado.", "It has not been tested yet."],
            Self::InstallationsModel => {
                ["Usa el modelo de la instalación.", "Usa o modelo da instalação.", "It uses the installation's model."]
            }
            Self::NoModel => [
                "No hay clave para el modelo: todas las conversaciones pasan a una persona.",
                "Não há chave para o modelo: todas as conversas passam para uma pessoa.",
                "There is no key for the model: every conversation goes to a person.",
            ],
            Self::InstallationsMail => [
                "Usa el servidor de correo de la instalación.",
                "Usa o servidor de e-mail da instalação.",
                "It uses the installation's mail server.",
            ],
            Self::NoMail => [
                "No hay servidor de correo: nadie recibe avisos por correo.",
                "Não há servidor de e-mail: ninguém recebe avisos por e-mail.",
                "There is no mail server: nobody is told by mail.",
            ],
            Self::MailsGivenUp => [
                "En el último día hubo correos que no se pudieron enviar.",
                "No último dia houve e-mails que não puderam ser enviados.",
                "In the last day there were mails that could not be sent.",
            ],
            Self::Unreadable => ["No se pudo consultar.", "Não foi possível consultar.", "It could not be looked at."],
            Self::KeyRefused => [
                "El proveedor rechaza la clave: no se envían mensajes. Cargá una clave nueva.",
                "O provedor recusa a chave: as mensagens não são enviadas. Informe uma chave nova.",
                "The provider refuses the key: no messages are sent. Enter a new key.",
            ],
        }
    }
}
