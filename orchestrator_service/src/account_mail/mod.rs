//! Mails about accounts: invitations and forgotten passwords. Jobs, like every mail; they carry ids and no secret.

mod compose;
mod job;

use nexus_core::ids::TenantId;
use nexus_core::jobs;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::auth::{InvitationId, UserId};

pub use job::run;

/// The kind of the job.
pub const JOB_KIND: &str = "account_mail";

/// What to write. Stored, so variants and fields are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum AccountMail {
    /// Somebody is invited into the job's tenant.
    Invitation {
        /// Which invitation.
        invitation_id: InvitationId,
    },
    /// Somebody has forgotten their password.
    PasswordReset {
        /// Who.
        user_id: UserId,
    },
}

/// Queues a mail in the caller's transaction.
pub async fn queue(conn: &mut PgConnection, tenant: TenantId, mail: AccountMail) -> Result<(), sqlx::Error> {
    let payload = serde_json::to_value(mail).unwrap_or_default();
    jobs::enqueue(conn, tenant, JOB_KIND, &Uuid::now_v7().to_string(), &payload).await
}
