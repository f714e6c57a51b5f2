//! The requests that are measured: prepared bytes for conversations and messages that are there.

use std::sync::Arc;

use anyhow::{Context, Result};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use sqlx::PgPool;
use uuid::Uuid;

use crate::bench::load::Requests;

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// One message by its id: the same guard, pool, transaction and framework, and one read by primary key.
    Message,
    /// The list of waiting conversations with their previews.
    Waiting,
    /// The newest page of a thread.
    Thread,
    /// Full-text search in one tenant.
    Search,
}

impl Route {
    pub(crate) const ALL: [Self; 4] = [Self::Message, Self::Waiting, Self::Thread, Self::Search];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Message => "one message by id",
            Self::Waiting => "waiting conversations",
            Self::Thread => "page of messages",
            Self::Search => "full-text search",
        }
    }

    /// How many times the first may take; `None` for the first itself.
    pub(crate) const fn target(self) -> Option<f64> {
        match self {
            Self::Message => None,
            Self::Waiting => Some(3.0),
            Self::Thread => Some(2.5),
            Self::Search => Some(15.0),
        }
    }
}

/// Something that is stored.
struct Stored {
    tenant: Uuid,
    conversation: Uuid,
    message: Uuid,
    body: String,
}

/// Makes requests over all of the tenants.
pub(crate) struct Requester {
    stored: Vec<Stored>,
    admin_token: String,
}

impl Requester {
    /// Looks up what there is to ask for, spread over tenants and time.
    pub(crate) async fn new(pool: &PgPool, tenants: &[Uuid], admin_token: &str) -> Result<Self> {
        let mut stored = Vec::new();
        for tenant in tenants {
            let rows: Vec<(Uuid, Uuid, String)> = sqlx::query_as(
                "SELECT c.id, m.id, m.body FROM (SELECT id FROM chat_conversations WHERE tenant_id = $1 ORDER BY random() LIMIT 40) AS c
                 CROSS JOIN LATERAL (SELECT id, body FROM chat_messages m WHERE m.tenant_id = $1 AND m.conversation_id = c.id
                                     ORDER BY random() LIMIT 1) AS m",
            )
            .bind(tenant)
            .fetch_all(pool)
            .await?;
            stored.extend(rows.into_iter().map(|(conversation, message, body)| Stored {
                tenant: *tenant,
                conversation,
                message,
                body,
            }));
        }
        Ok(Self { stored, admin_token: admin_token.to_owned() })
    }

    /// As many requests as asked for, each for something drawn anew.
    pub(crate) fn requests(&self, route: Route, count: usize) -> Result<Arc<Requests>> {
        let mut rng = rand::rng();
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            let stored = self.stored.choose(&mut rng).context("nothing is stored")?;
            // Two words somebody wrote in one message: one may be rare and the other in every second conversation.
            let mut words = stored.body.split(' ').collect::<Vec<_>>();
            let first = words.swap_remove(rng.random_range(0..words.len()));
            let second = words.choose(&mut rng).context("a message has one word only")?;
            let Stored { tenant, conversation, message, .. } = stored;
            let path = match route {
                Route::Message => format!("conversations/{conversation}/messages/{message}"),
                Route::Waiting => "conversations?view=waiting".to_owned(),
                Route::Thread => format!("conversations/{conversation}/messages"),
                Route::Search => format!("conversations?view=all&q={first}%20{second}"),
            };
            all.push(
                format!(
                    "GET /api/v1/tenants/{tenant}/{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
                    self.admin_token
                )
                .into_bytes(),
            );
        }
        Ok(Requests::of(all))
    }
}
