//! What to do with a turn that is due. Pure.

/// A turn taken over this often is itself what kills its workers.
pub(super) const MOST_ATTEMPTS: i32 = 5;

/// What decides about a due turn, read under the lock of its conversation.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub(super) struct Circumstances {
    /// A worker had it before.
    pub(super) is_running: bool,
    pub(super) attempts: i32,
    /// Another turn of the conversation is running.
    pub(super) is_behind_another: bool,
    /// A running turn whose epoch is no longer the conversation's.
    pub(super) is_stale: bool,
    pub(super) is_handled_by_agent: bool,
    pub(super) is_tenant_suspended: bool,
    pub(super) is_contact_muted: bool,
    pub(super) has_assistant: bool,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Take it.
    Run,
    /// Its time has not come.
    Leave,
    /// It will never be taken, and why.
    Skip(&'static str),
    /// It has killed enough workers.
    Dead,
}

impl Circumstances {
    pub(super) fn verdict(&self) -> Verdict {
        if self.is_behind_another {
            return Verdict::Leave;
        }
        if self.is_stale {
            return Verdict::Skip("control changed hands");
        }
        // A running turn may have handed the conversation over itself, and still owes its last words.
        if self.is_handled_by_agent && !self.is_running {
            return Verdict::Skip("a person has the conversation");
        }
        if self.is_tenant_suspended {
            return Verdict::Skip("the business is suspended");
        }
        if self.is_contact_muted {
            return Verdict::Skip("the contact has opted out");
        }
        if !self.has_assistant {
            return Verdict::Skip("no assistant is published for the channel");
        }
        if self.attempts >= MOST_ATTEMPTS {
            return Verdict::Dead;
        }
        Verdict::Run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine() -> Circumstances {
        Circumstances { has_assistant: true, ..Circumstances::default() }
    }

    #[test]
    fn only_what_may_answer_runs() {
        assert_eq!(fine().verdict(), Verdict::Run);
        assert_eq!(Circumstances { is_behind_another: true, ..fine() }.verdict(), Verdict::Leave);
        for silent in [
            Circumstances { is_stale: true, is_running: true, ..fine() },
            Circumstances { is_handled_by_agent: true, ..fine() },
            Circumstances { is_tenant_suspended: true, ..fine() },
            Circumstances { is_contact_muted: true, ..fine() },
            Circumstances { has_assistant: false, ..fine() },
        ] {
            assert!(matches!(silent.verdict(), Verdict::Skip(_)), "{silent:?}");
        }
    }

    #[test]
    fn a_turn_that_handed_over_itself_may_say_so() {
        assert_eq!(Circumstances { is_handled_by_agent: true, is_running: true, ..fine() }.verdict(), Verdict::Run);
    }

    #[test]
    fn a_turn_that_kills_its_workers_ends() {
        assert_eq!(Circumstances { is_running: true, attempts: MOST_ATTEMPTS, ..fine() }.verdict(), Verdict::Dead);
        assert_eq!(Circumstances { is_running: true, attempts: MOST_ATTEMPTS - 1, ..fine() }.verdict(), Verdict::Run);
    }
}
