//! The mail that tells the people of a business that a conversation waits for them: a job with retries for a day.
//! Whether the conversation is handed over never depends on it.

mod compose;
mod job;
mod mailer;
mod payload;
mod thread;

use nexus_core::ids::{ConversationId, TenantId};
use nexus_core::jobs;
use sqlx::PgConnection;

pub use job::run;
pub(crate) use mailer::speaks_of_tls;
pub use mailer::{MailError, Mailer};
pub use payload::{HandoffMail, Reason, Recipient, RecipientState};

/// The kind of the job.
pub const JOB_KIND: &str = "handoff_mail";

/// Queues the mail in the caller's transaction; a second one for the same cause changes nothing.
pub async fn queue_mail(conn: &mut PgConnection, tenant: TenantId, cause: &str, mail: &HandoffMail) -> Result<(), sqlx::Error> {
    jobs::enqueue(conn, tenant, JOB_KIND, cause, &mail.to_json()).await
}

/// Lists the conversation among those that wait for a person.
pub async fn mark_pending(conn: &mut PgConnection, tenant: TenantId, conversation: ConversationId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE chat_conversations SET status = 'pending', revision = revision + 1, updated_at = now() WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(conversation)
    .execute(conn)
    .await
    .map(drop)
}
