//! Texts that agents insert by typing a slash and a shortcut. Variables are filled in before sending: [`preview`].

pub mod preview;

use nexus_core::tenancy::TenantTx;
use nexus_core::text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::InboxError;

/// What may stand between double braces.
const VARIABLES: [&str; 5] = ["contact.name", "contact.phone", "agent.name", "business.name", "channel.name"];
const MOST_BODY_CHARS: usize = 4096;

/// What a canned reply says.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedReplyFields {
    /// What is typed after the slash: small letters, digits, dashes; unique.
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,39}$")]
    pub shortcut: String,
    /// What the list shows.
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub title: String,
    /// The text; may hold {{contact.name}}, {{contact.phone}}, {{agent.name}}, {{business.name}} and {{channel.name}}.
    #[schema(min_length = 1, max_length = 4096, pattern = r"\S")]
    pub body: String,
    /// es, pt or en.
    #[schema(pattern = "^(es|pt|en)$")]
    pub language: String,
}

/// One canned reply.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct CannedReply {
    /// Which.
    pub id: Uuid,
    /// What is typed after the slash.
    pub shortcut: String,
    /// What the list shows.
    pub title: String,
    /// The text.
    pub body: String,
    /// es, pt or en.
    pub language: String,
    /// Raised by every change.
    pub revision: i64,
}

impl CannedReplyFields {
    fn check(&self) -> Result<(), InboxError> {
        let title = self.title.trim().chars().count();
        if title == 0 || title > 120 {
            return Err(InboxError::Invalid("title", "1 to 120 characters"));
        }
        if self.body.trim().is_empty() || self.body.chars().count() > MOST_BODY_CHARS {
            return Err(InboxError::Invalid("body", "1 to 4096 characters"));
        }
        if has_unknown_variable(&self.body) {
            return Err(InboxError::Invalid("body", "holds a variable that nothing fills in"));
        }
        Ok(())
    }
}

fn has_unknown_variable(body: &str) -> bool {
    body.split("{{").skip(1).any(|rest| match rest.split_once("}}") {
        Some((name, _)) => !VARIABLES.contains(&name.trim()),
        None => true,
    })
}

/// Up to `most` after a shortcut, in the order of the shortcuts.
pub async fn list(tx: &mut TenantTx, after: Option<&str>, most: i64) -> Result<Vec<CannedReply>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT id, shortcut, title, body, language, revision FROM canned_replies
         WHERE tenant_id = $1 AND ($2::text IS NULL OR shortcut > $2) ORDER BY shortcut LIMIT $3",
    )
    .bind(tenant)
    .bind(after)
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// One of them, locked for a change.
pub async fn lock(tx: &mut TenantTx, reply: Uuid) -> Result<CannedReply, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as(
        "SELECT id, shortcut, title, body, language, revision FROM canned_replies WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind(tenant)
    .bind(reply)
    .fetch_optional(&mut **tx)
    .await?;
    found.ok_or(InboxError::NotFound("canned reply"))
}

/// Makes one.
pub async fn create(tx: &mut TenantTx, fields: &CannedReplyFields) -> Result<CannedReply, InboxError> {
    fields.check()?;
    let tenant = tx.tenant();
    let reply = sqlx::query_as(
        "INSERT INTO canned_replies (tenant_id, id, shortcut, title, body, language) VALUES ($1, $2, $3, $4, $5, $6)
         RETURNING id, shortcut, title, body, language, revision",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(&fields.shortcut)
    .bind(fields.title.trim())
    .bind(text::without_nul(&fields.body))
    .bind(&fields.language)
    .fetch_one(&mut **tx)
    .await?;
    Ok(reply)
}

/// Changes one.
pub async fn update(tx: &mut TenantTx, reply: Uuid, fields: &CannedReplyFields) -> Result<CannedReply, InboxError> {
    fields.check()?;
    let tenant = tx.tenant();
    let reply = sqlx::query_as(
        "UPDATE canned_replies SET shortcut = $3, title = $4, body = $5, language = $6, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2 RETURNING id, shortcut, title, body, language, revision",
    )
    .bind(tenant)
    .bind(reply)
    .bind(&fields.shortcut)
    .bind(fields.title.trim())
    .bind(text::without_nul(&fields.body))
    .bind(&fields.language)
    .fetch_one(&mut **tx)
    .await?;
    Ok(reply)
}

/// Deletes one.
pub async fn delete(tx: &mut TenantTx, reply: Uuid) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    sqlx::query("DELETE FROM canned_replies WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(reply)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::has_unknown_variable;

    #[test]
    fn only_variables_that_somebody_fills_in_are_taken() {
        assert!(!has_unknown_variable("Hola {{contact.name}}, soy {{ agent.name }}"));
        assert!(has_unknown_variable("Hola {{contact.nmae}}"));
        assert!(has_unknown_variable("Hola {{contact.name"));
    }
}
