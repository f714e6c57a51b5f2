//! One batch of events: translated, routed to their channels, and stored together.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::Utc;
use nexus_core::live::LiveEvent;
use nexus_core::provider::Provider;
use nexus_core::seam::inbox::{self, Arrival, Recorded};
use nexus_core::seam::turns::BurstDefaults;
use sqlx::PgConnection;

use super::statuses::{self, Observation};
use super::store::{self, Event, Verdict};
use super::templates;
use crate::channels::{Channel, Channels, Directory};
use crate::providers::ycloud::{envelope, translate};
use crate::providers::{InboundMessage, StatusReport, Translated};

/// What a batch came to.
#[derive(Clone, Debug, Default)]
pub struct Projected {
    /// How many events it had.
    pub events: usize,
    /// Whether a turn was scheduled.
    pub turns_scheduled: bool,
    /// Whether a status settled something that others wait behind.
    pub lanes_woken: bool,
    /// What the screens should hear of once it is committed.
    pub live: Vec<LiveEvent>,
}

impl Projected {
    /// Sums two batches up.
    pub fn add(&mut self, other: Self) {
        self.events += other.events;
        self.turns_scheduled |= other.turns_scheduled;
        self.lanes_woken |= other.lanes_woken;
        self.live.extend(other.live);
    }
}

/// The events of one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    verdicts: Vec<(i64, Verdict)>,
    arrivals: Vec<Arrival>,
    observations: Vec<Observation>,
    templates: Vec<templates::Observation>,
}

impl Batch {
    /// Finds out what each event means and whose it is.
    pub async fn translate(events: Vec<Event>, channels: &Channels) -> Self {
        let mut directory = channels.current();
        let mut is_fresh = false;
        let mut batch = Self::default();
        for event in events {
            let translated = translate(&event);
            let is_unknown = business_number(&translated).is_some_and(|number| channel_of(number, &directory).is_none());
            // The channel may have been connected a moment ago.
            if is_unknown && !is_fresh {
                is_fresh = channels.refresh().await.is_ok();
                directory = channels.current();
            }
            batch.take(&event, translated, &directory);
        }
        batch
    }

    fn take(&mut self, event: &Event, translated: Translated, directory: &Directory) {
        let verdict = match translated {
            Translated::Ignored(reason) => Verdict::Projected(Some(reason)),
            Translated::Parked(reason) => Verdict::Parked(reason),
            Translated::Template(report) => {
                self.templates.push(templates::Observation { report: *report, came_by: event.channel_id });
                Verdict::Projected(None)
            }
            Translated::Message(message) => match route(event, &message.business_number, directory) {
                Ok(channel) => {
                    self.arrivals.push(arrival(*message, &channel));
                    Verdict::Projected(None)
                }
                Err(reason) => Verdict::Parked(reason.to_owned()),
            },
            Translated::Status(report) => match route(event, &report.message.business_number, directory) {
                Ok(channel) => {
                    self.observations.push(observation(*report, &channel));
                    Verdict::Projected(None)
                }
                Err(reason) => Verdict::Parked(reason.to_owned()),
            },
        };
        let outcome = if matches!(verdict, Verdict::Parked(_)) { "parked" } else { "projected" };
        metrics::counter!("webhook_events_projected_total", "outcome" => outcome).increment(1);
        self.verdicts.push((event.id, verdict));
    }

    /// Stores everything the batch means, in the caller's transaction.
    pub async fn store(mut self, conn: &mut PgConnection, burst: BurstDefaults) -> Result<Projected, sqlx::Error> {
        statuses::adopt_own_echoes(conn, &mut self.arrivals).await?;
        let foreign = statuses::foreign_messages(conn, &self.observations).await?;
        self.arrivals.extend(foreign);
        let recorded = inbox::record(conn, &self.arrivals, burst).await?;
        let observed = statuses::observe(conn, &self.observations).await?;
        let followed = templates::follow(conn, &self.templates).await?;
        store::record(conn, &self.verdicts).await?;
        metrics::counter!("messages_recorded_total").increment(recorded.new.len() as u64);
        let mut live = live_events(&self.arrivals, &recorded);
        live.extend(observed.live);
        live.extend(followed);
        Ok(Projected {
            events: self.verdicts.len(),
            turns_scheduled: recorded.turns_scheduled,
            lanes_woken: observed.lanes_woken,
            live,
        })
    }
}

/// Each new message, and once each conversation that has one.
fn live_events(arrivals: &[Arrival], recorded: &Recorded) -> Vec<LiveEvent> {
    let mut live = Vec::with_capacity(recorded.new.len() * 2);
    let mut changed = HashSet::new();
    for (index, conversation, message) in &recorded.new {
        let Some(arrival) = arrivals.get(*index) else { continue };
        live.push(LiveEvent::message_created(arrival.tenant, *conversation, *message));
        if changed.insert(*conversation) {
            live.push(LiveEvent::conversation_updated(arrival.tenant, *conversation));
        }
    }
    live
}

fn translate(event: &Event) -> Translated {
    match Provider::parse(&event.provider) {
        Some(Provider::YCloud) => translate::translate(&event.body, Utc::now()),
        Some(Provider::Meta | Provider::Evolution) | None => Translated::Parked("this provider is not supported yet".to_owned()),
    }
}

fn business_number(translated: &Translated) -> Option<&str> {
    match translated {
        Translated::Message(message) => Some(&message.business_number),
        Translated::Status(report) => Some(&report.message.business_number),
        Translated::Template(_) | Translated::Ignored(_) | Translated::Parked(_) => None,
    }
}

fn channel_of<'a>(number: &str, directory: &'a Directory) -> Option<&'a Arc<Channel>> {
    directory.by_number(Provider::YCloud, number)
}

/// The channel an event belongs to. What was authenticated for one number must not speak for another.
fn route(event: &Event, number: &str, directory: &Directory) -> Result<Arc<Channel>, &'static str> {
    let channel = channel_of(number, directory).ok_or("no channel of this installation has the number it was sent to")?;
    let came_by_own_url = event.channel_id == Some(channel.id);
    if event.channel_id.is_some() && !came_by_own_url {
        return Err("it came in by the webhook URL of another channel");
    }
    // The accept path reads the number from the raw bytes; it must have read the same one.
    let accepted_for = envelope::split(&event.bytes()).into_iter().next().and_then(|envelope| envelope.business_number());
    let is_same = accepted_for.and_then(|number| channel_of(&number, directory).map(|channel| channel.id)) == Some(channel.id);
    if !came_by_own_url && !channel.webhook_secrets.is_empty() && !is_same {
        return Err("its number is not the one it was authenticated for");
    }
    Ok(Arc::clone(channel))
}

fn arrival(message: InboundMessage, channel: &Channel) -> Arrival {
    Arrival {
        tenant: channel.tenant,
        channel: channel.id,
        origin: message.origin,
        contact: message.contact,
        name: message.name,
        provider_message_id: message.provider_message_id,
        provider_ref: message.provider_ref,
        reply_to: message.reply_to,
        kind: message.kind,
        body: message.body,
        content: message.content,
        sent_at: message.sent_at,
    }
}

fn observation(report: StatusReport, channel: &Channel) -> Observation {
    Observation {
        external_id: report.external_id,
        status: report.status,
        occurred_at: report.occurred_at,
        error_code: report.error_code,
        error_detail: report.error_detail,
        message: arrival(report.message, channel),
    }
}
