//! What each outcome of a send means: resend, wait, give up or ask. The one place where that is decided.

use std::time::Duration;

use nexus_core::message::MessageStatus;

use crate::providers::{LookUp, Refusal, SendOutcome};

/// Back-off after a rate limit without a told delay; Meta suggests 4ⁿ seconds after the pair limit.
const RATE_LIMIT_BASE: u32 = 4;
const MAX_BACK_OFF: Duration = Duration::from_secs(300);
/// Tries of a send that was certainly not taken, before a person is told.
const MAX_ATTEMPTS: i32 = 8;
/// Looks at the provider's list before an outcome stays unknown.
const MAX_LOOK_UPS: i32 = 4;
/// Looks that must say "absent" before a message is sent again: the list may lag behind.
const ABSENCES_BEFORE_RESEND: i32 = 2;
/// A message is sent again at most this often after an unknown outcome.
const MAX_RESENDS: i32 = 1;

/// What to do with an outbox row after a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Taken: done.
    Sent {
        /// The provider's own id.
        provider_ref: String,
        /// WhatsApp's id, if it is known.
        provider_message_id: Option<String>,
    },
    /// Not taken and never will be: shown as failed.
    Fail(Refusal),
    /// The provider refuses us: this message fails, and the channel pauses.
    FailAndPause(Refusal),
    /// Certainly not taken: the same row again after this long. Later rows of the conversation wait behind it.
    Retry(Duration),
    /// Nobody knows: reconcile.
    Reconcile(String),
    /// Nobody will know: shown to a person, nothing more is done by itself.
    LeaveUnknown(String),
}

impl Decision {
    /// The status the message shows from now on, if it changes.
    #[must_use]
    pub const fn shown_as(&self) -> Option<MessageStatus> {
        match self {
            Self::Sent { .. } => Some(MessageStatus::Accepted),
            Self::Fail(_) | Self::FailAndPause(_) => Some(MessageStatus::Failed),
            Self::Reconcile(_) | Self::LeaveUnknown(_) => Some(MessageStatus::Unknown),
            Self::Retry(_) => None,
        }
    }
}

/// How often a row has been tried.
#[derive(Clone, Copy, Debug, Default)]
pub struct History {
    /// Calls made, this one included.
    pub attempts: i32,
    /// Look-ups made, this one included.
    pub look_ups: i32,
    /// Look-ups that said "absent", this one included.
    pub absences: i32,
    /// Times it was sent again after an unknown outcome.
    pub resends: i32,
}

/// Decides after a call to send.
#[must_use]
pub fn after_send(outcome: SendOutcome, history: History) -> Decision {
    match outcome {
        SendOutcome::Accepted { provider_ref, provider_message_id } => Decision::Sent { provider_ref, provider_message_id },
        SendOutcome::Rejected(refusal) => Decision::Fail(refusal),
        SendOutcome::CredentialsRefused(refusal) => Decision::FailAndPause(refusal),
        SendOutcome::RateLimited(told) => Decision::Retry(told.unwrap_or_else(|| back_off(RATE_LIMIT_BASE, history.attempts))),
        SendOutcome::Unavailable(refusal) if history.attempts >= MAX_ATTEMPTS => Decision::Fail(refusal),
        SendOutcome::Unavailable(_) => Decision::Retry(back_off(2, history.attempts)),
        SendOutcome::Unknown(reason) => Decision::Reconcile(reason),
    }
}

/// Decides after a look at the provider's list for a send whose outcome is unknown.
#[must_use]
pub fn after_look_up(look_up: LookUp, history: History) -> Decision {
    match look_up {
        LookUp::Found { provider_ref, provider_message_id } => Decision::Sent { provider_ref, provider_message_id },
        LookUp::Absent if history.absences < ABSENCES_BEFORE_RESEND => Decision::Reconcile("not in the list yet".to_owned()),
        LookUp::Absent if history.resends < MAX_RESENDS => Decision::Retry(Duration::ZERO),
        LookUp::Absent => Decision::LeaveUnknown("sent twice without an answer; not in the provider's list".to_owned()),
        LookUp::Inconclusive if history.look_ups < MAX_LOOK_UPS => {
            Decision::Reconcile("the provider's list did not tell".to_owned())
        }
        LookUp::Inconclusive => Decision::LeaveUnknown("neither a status nor the provider's list told the outcome".to_owned()),
    }
}

fn back_off(base: u32, attempts: i32) -> Duration {
    let exponent = u32::try_from(attempts.clamp(1, 8)).unwrap_or(1) - 1;
    let delay = Duration::from_secs(u64::from(base.saturating_pow(exponent)));
    nexus_core::jobs::with_jitter(delay.min(MAX_BACK_OFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> Refusal {
        Refusal { code: "X".to_owned(), detail: String::new() }
    }

    fn tried(attempts: i32) -> History {
        History { attempts, ..History::default() }
    }

    fn looked(look_ups: i32, absences: i32, resends: i32) -> History {
        History { attempts: 1, look_ups, absences, resends }
    }

    #[test]
    fn accepted_is_done() {
        let accepted = SendOutcome::Accepted { provider_ref: "r".to_owned(), provider_message_id: None };
        let sent = Decision::Sent { provider_ref: "r".to_owned(), provider_message_id: None };
        assert_eq!(after_send(accepted, tried(1)), sent);
    }

    #[test]
    fn rejected_is_never_sent_again() {
        assert_eq!(after_send(SendOutcome::Rejected(refusal()), tried(1)), Decision::Fail(refusal()));
    }

    #[test]
    fn refused_credentials_pause_the_channel() {
        assert_eq!(after_send(SendOutcome::CredentialsRefused(refusal()), tried(1)), Decision::FailAndPause(refusal()));
    }

    #[test]
    fn a_rate_limit_waits_as_told_or_backs_off_and_never_gives_up() {
        let told = Duration::from_secs(9);
        assert_eq!(after_send(SendOutcome::RateLimited(Some(told)), tried(1)), Decision::Retry(told));
        let wait = |attempts| match after_send(SendOutcome::RateLimited(None), tried(attempts)) {
            Decision::Retry(delay) => delay,
            other => panic!("{other:?}"),
        };
        assert!(wait(1) < wait(3) && wait(100) <= MAX_BACK_OFF.mul_f64(1.2));
    }

    #[test]
    fn an_unreachable_provider_is_tried_again_but_not_for_ever() {
        assert!(matches!(after_send(SendOutcome::Unavailable(refusal()), tried(1)), Decision::Retry(_)));
        assert_eq!(after_send(SendOutcome::Unavailable(refusal()), tried(MAX_ATTEMPTS)), Decision::Fail(refusal()));
    }

    #[test]
    fn an_unknown_outcome_is_never_blindly_sent_again() {
        assert!(matches!(after_send(SendOutcome::Unknown(String::new()), tried(1)), Decision::Reconcile(_)));
    }

    #[test]
    fn a_found_send_is_adopted() {
        let found = LookUp::Found { provider_ref: "r".to_owned(), provider_message_id: Some("w".to_owned()) };
        assert!(matches!(after_look_up(found, looked(1, 0, 0)), Decision::Sent { .. }));
    }

    #[test]
    fn absent_twice_is_sent_again_once() {
        assert!(matches!(after_look_up(LookUp::Absent, looked(1, 1, 0)), Decision::Reconcile(_)));
        assert_eq!(after_look_up(LookUp::Absent, looked(2, 2, 0)), Decision::Retry(Duration::ZERO));
        assert!(matches!(after_look_up(LookUp::Absent, looked(2, 2, 1)), Decision::LeaveUnknown(_)));
        assert!(matches!(after_look_up(LookUp::Absent, looked(3, 1, 0)), Decision::Reconcile(_)), "the other looks told nothing");
    }

    #[test]
    fn a_list_that_does_not_tell_leaves_it_to_a_person() {
        assert!(matches!(after_look_up(LookUp::Inconclusive, looked(1, 0, 0)), Decision::Reconcile(_)));
        assert!(matches!(after_look_up(LookUp::Inconclusive, looked(MAX_LOOK_UPS, 0, 0)), Decision::LeaveUnknown(_)));
    }
}
