//! Looks at each part.

use std::future::Future;
use std::time::Duration;

use nexus_core::http_client;
use nexus_core::ids::TenantId;
use nexus_core::tenancy::TenantTx;
use tokio::time::Instant;

use super::words::Said;
use super::{Part, PartKind, PartState};
use crate::admin::tested::words_of;
use crate::channels::store::{self, Channel};
use crate::integrations::{self, IntegrationKind, IntegrationState, Stored};
use crate::phrases::Language;
use crate::state::Brain;

/// A part that takes longer counts as away.
const LONGEST: Duration = Duration::from_secs(2);

pub(super) async fn postgres(brain: &Brain, language: Language) -> Part {
    let asked = async { sqlx::query("SELECT 1").execute(brain.db.pool()).await.map(drop).map_err(drop) };
    let verdict =
        |outcome: Option<()>| outcome.map_or((PartState::Failed, Said::PostgresAway), |()| (PartState::Ok, Said::Works));
    looked(PartKind::Postgres, language, asked, verdict).await
}

pub(super) async fn redis(brain: &Brain, language: Language) -> Part {
    let asked = async {
        let mut connection = brain.redis.connection().await.map_err(drop)?;
        redis::cmd("PING").query_async::<String>(&mut connection).await.map(drop).map_err(drop)
    };
    // Slower, never wrong: so it is no failure.
    let verdict = |outcome: Option<()>| outcome.map_or((PartState::Warning, Said::RedisAway), |()| (PartState::Ok, Said::Works));
    looked(PartKind::Redis, language, asked, verdict).await
}

/// `None` when nobody has said where the edge is.
pub(super) async fn edge(brain: &Brain, language: Language) -> Option<Part> {
    let url = format!("{}/ready", brain.outside.edge_url.as_ref()?);
    let asked = async {
        let http = http_client::build(LONGEST, LONGEST).map_err(drop)?;
        http.get(url).send().await.map(|answer| answer.status().is_success()).map_err(drop)
    };
    let verdict = |outcome: Option<bool>| match outcome {
        Some(true) => (PartState::Ok, Said::Works),
        Some(false) => (PartState::Failed, Said::EdgeNotReady),
        None => (PartState::Failed, Said::EdgeAway),
    };
    Some(looked(PartKind::Edge, language, asked, verdict).await)
}

/// Looks at a part within the bound.
async fn looked<T>(
    part: PartKind,
    language: Language,
    asked: impl Future<Output = Result<T, ()>>,
    verdict: impl FnOnce(Option<T>) -> (PartState, Said),
) -> Part {
    let started = Instant::now();
    let outcome = tokio::time::timeout(LONGEST, asked).await.ok().and_then(Result::ok);
    let (state, said) = verdict(outcome);
    let took_ms = u64::try_from(started.elapsed().as_millis()).ok();
    Part { part, id: None, name: None, state, words: said.words(language).to_owned(), checked_at: None, took_ms }
}

/// What is known from the database: channels, outside systems, mails.
pub(super) async fn stored(brain: &Brain, tenant: TenantId, language: Language) -> Vec<Part> {
    let read = async {
        let mut tx = brain.db.tenant(tenant).await?;
        let known =
            (store::find(&mut tx, None).await?, integrations::find(&mut tx, None).await?, has_given_up_mails(&mut tx).await?);
        Ok::<_, sqlx::Error>(known)
    };
    let Ok(Ok((channels, integrations, has_given_up))) = tokio::time::timeout(LONGEST, read).await else {
        let kinds = [PartKind::Channel, PartKind::Model, PartKind::Mail, PartKind::Shop, PartKind::Calendar];
        return kinds.map(|kind| plain(kind, PartState::Warning, Said::Unreadable, language)).to_vec();
    };
    let of = |kind| integrations.iter().find(|stored| stored.kind == kind);
    let mut parts: Vec<Part> = channels.into_iter().map(|channel| of_channel(channel, language)).collect();
    parts.push(
        of(IntegrationKind::OpenAi)
            .map_or_else(|| installations_model(brain, language), |own| of_integration(PartKind::Model, own, language)),
    );
    parts.push(mail(brain, of(IntegrationKind::Smtp), has_given_up, language));
    for (part, kind) in [(PartKind::Shop, IntegrationKind::Tiendanube), (PartKind::Calendar, IntegrationKind::GoogleCalendar)] {
        let missing = || plain(part, PartState::NotSetUp, Said::NotSetUp, language);
        parts.push(of(kind).map_or_else(missing, |own| of_integration(part, own, language)));
    }
    parts
}

async fn has_given_up_mails(tx: &mut TenantTx) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM system_events
             WHERE tenant_id = $1 AND kind = 'smtp_dead' AND occurred_at > now() - interval '1 day')",
    )
    .bind(tx.tenant())
    .fetch_one(&mut **tx)
    .await
}

fn plain(part: PartKind, state: PartState, said: Said, language: Language) -> Part {
    Part { part, id: None, name: None, state, words: said.words(language).to_owned(), checked_at: None, took_ms: None }
}

fn of_channel(channel: Channel, language: Language) -> Part {
    let is_refused = channel.credentials_refused_at.is_some();
    let state = if is_refused { PartState::Failed } else { of_state(channel.state) };
    let words = match (is_refused, channel.state) {
        (true, _) => Said::KeyRefused.words(language).to_owned(),
        (false, IntegrationState::Unchecked) => Said::NeverTested.words(language).to_owned(),
        (false, _) => words_of(&channel.state_detail, language),
    };
    let name = Some(channel.display_name).filter(|name| !name.is_empty()).or(Some(channel.phone_number));
    Part { part: PartKind::Channel, id: Some(channel.id.0), name, state, words, checked_at: channel.checked_at, took_ms: None }
}

fn of_integration(part: PartKind, stored: &Stored, language: Language) -> Part {
    let words = match stored.state {
        IntegrationState::Unchecked => Said::NeverTested.words(language).to_owned(),
        _ => words_of(&stored.state_detail, language),
    };
    Part { part, id: None, name: None, state: of_state(stored.state), words, checked_at: stored.checked_at, took_ms: None }
}

const fn of_state(state: IntegrationState) -> PartState {
    match state {
        IntegrationState::Working => PartState::Ok,
        IntegrationState::Unchecked => PartState::Unchecked,
        IntegrationState::Unavailable => PartState::Warning,
        IntegrationState::NeedsReauth
        | IntegrationState::MissingScope
        | IntegrationState::Suspended
        | IntegrationState::Misconfigured => PartState::Failed,
    }
}

fn installations_model(brain: &Brain, language: Language) -> Part {
    match brain.model.has_key() {
        true => plain(PartKind::Model, PartState::Ok, Said::InstallationsModel, language),
        false => plain(PartKind::Model, PartState::Failed, Said::NoModel, language),
    }
}

fn mail(brain: &Brain, own: Option<&Stored>, has_given_up: bool, language: Language) -> Part {
    let part = match (own, &brain.mailer) {
        (Some(own), _) => of_integration(PartKind::Mail, own, language),
        (None, Some(_)) => plain(PartKind::Mail, PartState::Ok, Said::InstallationsMail, language),
        (None, None) => plain(PartKind::Mail, PartState::Warning, Said::NoMail, language),
    };
    if has_given_up && part.state < PartState::Failed {
        return plain(PartKind::Mail, PartState::Warning, Said::MailsGivenUp, language);
    }
    part
}
