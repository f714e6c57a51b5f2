//! What the doctor can find, how bad it is, and the words for it: what is wrong, and what to do.

use serde::Serialize;

use super::words;
use crate::phrases::Language;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// There was nothing to look at.
    Skipped,
    /// It works, and will bite.
    Warning,
    /// It does not work.
    Failed,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $state:ident),+ $(,)?) => {
        /// One kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $name),+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// How bad it is.
            #[must_use]
            pub const fn state(self) -> State {
                match self {
                    $(Self::$name => State::$state),+
                }
            }
        }
    };
}

kinds! {
    /// A variable the program itself refuses.
    Variable = Failed,
    /// The same secret for two purposes.
    SameToken = Warning,
    /// Links in mails lead nowhere.
    PlatformUrlMissing = Warning,
    /// It is no address of a page.
    PlatformUrlBad = Failed,
    /// Sessions and links would cross the net in clear.
    PlatformUrlInsecure = Warning,
    /// An origin that no browser ever sends.
    OriginNotBare = Failed,
    /// A check took too long.
    TimedOut = Failed,
    /// Could not be looked at because something else failed.
    NotReached = Skipped,
    /// The DSN is no Postgres URL.
    PostgresDsn = Failed,
    /// Nobody answers there.
    PostgresUnreachable = Failed,
    /// Wrong user or password.
    PostgresRefusesLogin = Failed,
    /// The server has no such database.
    PostgresNoDatabase = Failed,
    /// Older than the migrations need.
    PostgresTooOld = Failed,
    /// A commit does not mean "on disk".
    PostgresNotDurable = Failed,
    /// One brain and one edge would use them up.
    PostgresFewConnections = Warning,
    /// The user may not create tables.
    PostgresNoPrivilege = Failed,
    /// Tenants cannot be kept apart with this user.
    PostgresBypasses = Failed,
    /// Not installed on the server.
    ExtensionMissing = Failed,
    /// There, but this user may not switch it on.
    ExtensionForbidden = Failed,
    /// Nothing has been migrated yet.
    SchemaEmpty = Warning,
    /// This build brings migrations.
    SchemaOlder = Warning,
    /// A newer build has been here.
    SchemaNewer = Warning,
    /// An applied migration is not the one of this build.
    SchemaDrift = Failed,
    /// Prepared statements are lost between transactions.
    PoolerForgets = Failed,
    /// Migrations would go through the pooler.
    PoolerWithoutDirect = Warning,
    /// `REDIS_URL` is no Redis URL.
    RedisUrl = Failed,
    /// Nobody answers there.
    RedisUnreachable = Failed,
    /// Wrong password.
    RedisRefusesLogin = Failed,
    /// Lacks what live events use.
    RedisTooOld = Failed,
    /// Throws away what must stay until it expires.
    RedisEvicts = Failed,
    /// Takes no writes now.
    RedisReadOnly = Failed,
    /// Clocks are apart.
    ClockSkew = Failed,
    /// No address of the edge.
    EdgeNotGiven = Skipped,
    /// Nobody answers there.
    EdgeUnreachable = Failed,
    /// Somebody else answers there.
    EdgeStrange = Failed,
    /// It lives and cannot work.
    EdgeNotReady = Failed,
    /// No key: every conversation goes to a person.
    ModelKeyMissing = Warning,
    /// Nobody answers there.
    ModelUnreachable = Failed,
    /// The key is refused.
    ModelRefusesKey = Failed,
    /// The provider does not list the model.
    ModelUnknown = Warning,
    /// It answers with an error.
    ModelFails = Warning,
    /// No key of the installation.
    YcloudKeyMissing = Warning,
    /// Nobody answers there.
    YcloudUnreachable = Failed,
    /// A key is refused.
    YcloudRefusesKey = Failed,
    /// It answers with an error.
    YcloudFails = Warning,
    /// No secret of the installation: its webhooks cannot be recognised.
    WebhookSecretMissing = Warning,
    /// Sealed with another key.
    CredentialClosed = Failed,
    /// Handoffs are only shown.
    MailNotConfigured = Skipped,
    /// Nobody answers there.
    MailUnreachable = Failed,
    /// The login is refused.
    MailRefusesLogin = Failed,
    /// TLS or certificate do not fit.
    MailMisfit = Failed,
    /// No calendar.
    GoogleNotConfigured = Skipped,
    /// The variable holds no JSON.
    GoogleNotJson = Failed,
    /// The JSON is not a service account's.
    GoogleIncomplete = Failed,
    /// Not set: the default folder.
    MediaNotConfigured = Skipped,
    /// Neither a folder nor a bucket.
    MediaUrl = Failed,
    /// Nothing can be written there.
    MediaNotWritable = Failed,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Of which kind.
    pub kind: Kind,
    /// What the words mention. Never a secret.
    pub facts: Vec<String>,
}

/// What is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// A finding whose words mention nothing.
    #[must_use]
    pub fn plain(kind: Kind) -> Self {
        Self { kind, facts: Vec::new() }
    }

    /// A finding about something.
    pub fn about(kind: Kind, facts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { kind, facts: facts.into_iter().map(Into::into).collect() }
    }

    /// The words in a language.
    #[must_use]
    pub fn words(&self, language: Language) -> Words {
        let [problem, remedy] = words::of(self.kind, language);
        let fill = |text: &str| {
            let indexed = self.facts.iter().enumerate();
            indexed.fold(text.to_owned(), |text, (index, fact)| text.replace(&format!("{{{index}}}"), fact))
        };
        Words { problem: fill(problem), remedy: fill(remedy) }
    }
}
