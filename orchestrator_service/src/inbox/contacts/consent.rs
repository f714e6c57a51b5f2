//! Whether a contact wants messages, and whether it is blocked. Either silences the assistant and everybody else.

use nexus_core::ids::ContactId;
use nexus_core::tenancy::TenantTx;

use crate::inbox::InboxError;

/// What is switched on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The contact asked for it.
    OptedOut,
    /// The business wants nothing from the contact.
    Blocked,
}

/// Switches it. Answers whether that was news.
pub async fn set(tx: &mut TenantTx, contact: ContactId, silence: Silence, is_on: bool) -> Result<bool, InboxError> {
    super::lock(tx, contact).await?;
    let tenant = tx.tenant();
    let sql = match silence {
        Silence::OptedOut => {
            "UPDATE contacts SET opted_out_at = CASE WHEN $3 THEN now() END, revision = revision + 1, updated_at = now()
             WHERE tenant_id = $1 AND id = $2 AND (opted_out_at IS NOT NULL) <> $3"
        }
        Silence::Blocked => {
            "UPDATE contacts SET blocked_at = CASE WHEN $3 THEN now() END, revision = revision + 1, updated_at = now()
             WHERE tenant_id = $1 AND id = $2 AND (blocked_at IS NOT NULL) <> $3"
        }
    };
    let changed = sqlx::query(sql).bind(tenant).bind(contact).bind(is_on).execute(&mut **tx).await?;
    Ok(changed.rows_affected() == 1)
}
