//! One look at one conversation: what is due is done, in this order, in one transaction.

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::live::LiveEvent;
use nexus_core::seam::turns::BurstDefaults;
use nexus_core::tenancy::TenantTx;
use serde_json::json;

use super::subject::{Markers, Subject};
use crate::assignment::{self, AssignmentRule, Given, Method};
use crate::inbox::InboxError;
use crate::inbox::conversations::control;
use crate::inbox::policies::{self, PolicyFields};
use crate::satisfaction::{self, Asked, Resolved};
use crate::service_levels::{self, Due, Watch};

/// Whoever becomes free has the waiting looked at; this catches what nothing announces, such as a new role.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(15);
/// How many that wait are looked at when one has left its person: the first of them may be another team's.
const FREED: i64 = 20;
const SUSPENDED: TimeDelta = TimeDelta::hours(1);

/// What a look came to: told after the commit.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) live: Vec<LiveEvent>,
    pub(super) has_turn: bool,
    pub(super) has_message: bool,
    pub(super) has_job: bool,
    next: Option<DateTime<Utc>>,
}

impl Seen {
    fn again_at(&mut self, at: Option<DateTime<Utc>>) {
        self.next = [self.next, at].into_iter().flatten().min();
    }
}

/// Looks; `None` when it is not due any more, or another replica has it.
pub(super) async fn look(
    tx: &mut TenantTx,
    conversation: ConversationId,
    burst: BurstDefaults,
) -> Result<Option<Seen>, InboxError> {
    let Some(subject) = Subject::lock(tx, conversation).await? else { return Ok(None) };
    let mut seen = Seen::default();
    if subject.is_suspended {
        seen.again_at(Some(subject.now + SUSPENDED));
        settle(tx, &subject, &seen).await?;
        return Ok(Some(seen));
    }
    // Each of these changes the row, which asks for another look at once.
    if wake(tx, &subject).await? || fall_back(tx, &subject, burst, &mut seen).await? {
        changed(tx, &subject, &mut seen).await?;
        return Ok(Some(seen));
    }
    let policy = policies::effective(tx, subject.team_id).await?;
    keep_service_level(tx, &subject, &policy, &mut seen).await?;
    ask_the_customer(tx, &subject, &policy, &mut seen).await?;
    find_a_person(tx, &subject, policy.assignment.as_ref(), &mut seen).await?;
    seen.again_at(subject.snoozed_until.filter(|_| subject.status == "snoozed"));
    seen.again_at(subject.resume_at.filter(|_| subject.is_with_agent));
    settle(tx, &subject, &seen).await?;
    Ok(Some(seen))
}

/// A snooze that is over.
async fn wake(tx: &mut TenantTx, subject: &Subject) -> Result<bool, sqlx::Error> {
    let is_over = subject.status == "snoozed" && subject.snoozed_until.is_none_or(|until| until <= subject.now);
    if !is_over {
        return Ok(false);
    }
    let tenant = tx.tenant();
    because(tx, "snooze_over").await?;
    sqlx::query(
        "UPDATE chat_conversations SET status = 'open', snoozed_until = NULL, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(subject.id)
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

/// The silence window is over: the assistant has it again.
async fn fall_back(tx: &mut TenantTx, subject: &Subject, burst: BurstDefaults, seen: &mut Seen) -> Result<bool, InboxError> {
    let is_over = subject.is_with_agent && subject.resume_at.is_some_and(|at| at <= subject.now);
    if !is_over {
        return Ok(false);
    }
    because(tx, "silence").await?;
    seen.has_turn = control::resume(tx, &subject.standing(), burst).await?;
    Ok(true)
}

/// Due times, markers and alerts of the case. One that is over keeps what came of it, whatever the rules are now.
async fn keep_service_level(
    tx: &mut TenantTx,
    subject: &Subject,
    policy: &PolicyFields,
    seen: &mut Seen,
) -> Result<(), InboxError> {
    let Some(case) = subject.case() else { return Ok(()) };
    let due = match (&policy.service_level, case.ended_at) {
        (_, Some(_)) => subject.due(),
        (None, None) => Due::default(),
        (Some(level), None) => service_levels::due(level, &subject.calendar(), case.started_at),
    };
    let watch = match &policy.service_level {
        Some(level) => service_levels::watch(tx, level, due, case, subject.now).await?,
        None => Watch::default(),
    };
    let markers = match &policy.service_level {
        Some(_) => (watch.first_response_breached_at, watch.resolution_breached_at),
        None => subject.markers(),
    };
    if markers != subject.markers() || due != subject.due() {
        write_service_level(tx, subject, due, markers).await?;
        changed(tx, subject, seen).await?;
    }
    seen.live.extend(watch.raised.live);
    seen.has_job |= watch.raised.has_mail;
    seen.again_at(watch.next);
    Ok(())
}

async fn write_service_level(tx: &mut TenantTx, subject: &Subject, due: Due, markers: Markers) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE chat_conversations
         SET first_response_due_at = $3, resolution_due_at = $4, first_response_breached_at = $5, resolution_breached_at = $6,
             revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(subject.id)
    .bind(due.first_response)
    .bind(due.resolution)
    .bind(markers.0)
    .bind(markers.1)
    .execute(&mut **tx)
    .await
    .map(drop)
}

async fn ask_the_customer(
    tx: &mut TenantTx,
    subject: &Subject,
    policy: &PolicyFields,
    seen: &mut Seen,
) -> Result<(), InboxError> {
    let (Some(rule), Some(at)) = (policy.satisfaction.as_ref().filter(|rule| rule.enabled), subject.resolved_at) else {
        return Ok(());
    };
    let resolved = Resolved {
        at,
        user: subject.assigned_user_id,
        team: subject.team_id,
        language: subject.language(),
        has_lists: subject.has_lists(),
    };
    match satisfaction::ask(tx, rule, &subject.standing(), &resolved, subject.now).await? {
        Asked::At(ask_at) => seen.again_at(Some(ask_at)),
        Asked::Now(message) => {
            seen.has_message = true;
            seen.live.push(LiveEvent::message_created(tx.tenant(), subject.id, message));
            changed(tx, subject, seen).await?;
        }
        Asked::Before | Asked::Skipped => {}
    }
    Ok(())
}

/// Gives it to somebody, or to somebody else when nobody answers. One that left its person makes room for one that waits.
async fn find_a_person(
    tx: &mut TenantTx,
    subject: &Subject,
    rule: Option<&AssignmentRule>,
    seen: &mut Seen,
) -> Result<(), InboxError> {
    if !subject.needs_person() {
        return Ok(assignment::look_at_waiting(tx, Some(FREED)).await?);
    }
    let Some(rule) = rule.filter(|rule| rule.method != Method::Manual) else { return Ok(()) };
    let unanswered_at = unanswered_at(subject, rule);
    let is_unanswered = unanswered_at.is_some_and(|at| at <= subject.now);
    if subject.assigned_user_id.is_some() && !is_unanswered {
        seen.again_at(unanswered_at);
        return Ok(());
    }
    let now = subject.local_now();
    match assignment::give(tx, subject.id, subject.team_id, rule, subject.assigned_user_id, now).await? {
        Given::To(user) => {
            let data = json!({ "about": "assigned", "conversation_id": subject.id, "user_id": user });
            seen.live.push(LiveEvent { tenant: tx.tenant(), kind: "notice", data });
            changed(tx, subject, seen).await?;
            seen.again_at(rule.reassign_after_minutes.map(|minutes| subject.now + TimeDelta::minutes(i64::from(minutes))));
            assignment::look_at_waiting(tx, Some(1)).await?;
        }
        Given::ToNobody(opens_at) => {
            seen.again_at(Some(subject.now + LOOK_AGAIN));
            seen.again_at(opens_at);
        }
    }
    Ok(())
}

/// When the contact will have waited too long for the person who has it; `None` while nobody waits for them.
fn unanswered_at(subject: &Subject, rule: &AssignmentRule) -> Option<DateTime<Utc>> {
    let since = subject.waiting_since?.max(subject.assigned_at?);
    Some(since + TimeDelta::minutes(i64::from(rule.reassign_after_minutes?)))
}

async fn because(tx: &mut TenantTx, cause: &str) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT set_config('nexus.cause', $1, true)").bind(cause).execute(&mut **tx).await.map(drop)
}

/// Says to the screens that it changed, with its counter as it stands now.
async fn changed(tx: &mut TenantTx, subject: &Subject, seen: &mut Seen) -> Result<(), InboxError> {
    let revision = crate::inbox::conversations::revision(tx, subject.id).await?;
    let mut event = LiveEvent::conversation_updated(tx.tenant(), subject.id);
    event.data = json!({ "conversation_id": subject.id, "revision": revision });
    seen.live.push(event);
    Ok(())
}

/// Says when to look again. The look is over.
async fn settle(tx: &mut TenantTx, subject: &Subject, seen: &Seen) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query("UPDATE chat_conversations SET attend_at = $3 WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(subject.id)
        .bind(seen.next)
        .execute(&mut **tx)
        .await
        .map(drop)
}
