//! One entry of a tenant's stream.

use std::collections::HashMap;
use std::sync::Arc;

use nexus_core::ids::TenantId;
use serde_json::Value;

/// Redis' id of an entry: milliseconds and a count within them. Grows with every entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// Milliseconds since 1970, by Redis' clock.
    pub ms: u64,
    /// Among those of the same millisecond.
    pub seq: u32,
}

impl EntryId {
    /// Reads Redis' spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (ms, seq) = text.split_once('-')?;
        Some(Self { ms: ms.parse().ok()?, seq: seq.parse().ok()? })
    }
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Whose.
    pub tenant: TenantId,
    /// Its place in the stream.
    pub id: EntryId,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: String,
    /// Ids and small facts.
    pub data: Value,
}

/// What a listener gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// Something happened.
    Entry(Arc<Entry>),
    /// Something may have been missed: read everything of this tenant again, and go on from here.
    Resync(TenantId, EntryId),
}

impl Entry {
    /// Reads an entry; one without the fields it must have is passed over.
    pub(super) fn read(tenant: TenantId, id: &str, fields: &HashMap<String, String>) -> Option<Self> {
        Some(Self {
            tenant,
            id: EntryId::parse(id)?,
            kind: fields.get("type")?.clone(),
            at: fields.get("at")?.clone(),
            data: serde_json::from_str(fields.get("data")?).ok()?,
        })
    }
}
