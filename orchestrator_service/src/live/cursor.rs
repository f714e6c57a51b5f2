//! How far a screen has come: for each tenant the last entry it has seen. Opaque to the screen.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_core::ids::TenantId;
use uuid::Uuid;

use super::EntryId;

/// Sixteen bytes of tenant, eight of milliseconds, four of count.
const BYTES_PER_TENANT: usize = 28;

/// The last entry seen of each tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(BTreeMap<TenantId, EntryId>);

impl Cursor {
    /// Reads what a screen sent back. What is not a cursor of ours counts as none.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() % BYTES_PER_TENANT == 0)?;
        let read = |part: &[u8]| {
            let tenant = TenantId(Uuid::from_slice(part.get(..16)?).ok()?);
            let ms = u64::from_be_bytes(part.get(16..24)?.try_into().ok()?);
            let seq = u32::from_be_bytes(part.get(24..28)?.try_into().ok()?);
            Some((tenant, EntryId { ms, seq }))
        };
        bytes.chunks(BYTES_PER_TENANT).map(read).collect::<Option<_>>().map(Self)
    }

    /// What a screen is to send back.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(self.0.len() * BYTES_PER_TENANT);
        for (tenant, id) in &self.0 {
            bytes.extend_from_slice(tenant.0.as_bytes());
            bytes.extend_from_slice(&id.ms.to_be_bytes());
            bytes.extend_from_slice(&id.seq.to_be_bytes());
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The last entry seen of a tenant.
    #[must_use]
    pub fn of(&self, tenant: TenantId) -> Option<EntryId> {
        self.0.get(&tenant).copied()
    }

    /// Has seen an entry. Answers `false` when it was seen before.
    pub fn advance(&mut self, tenant: TenantId, id: EntryId) -> bool {
        let is_new = self.0.get(&tenant).is_none_or(|seen| *seen < id);
        if is_new {
            self.0.insert(tenant, id);
        }
        is_new
    }

    /// Goes on from an entry, even from an earlier one: a Redis that was lost counts anew.
    pub fn reset(&mut self, tenant: TenantId, id: EntryId) {
        self.0.insert(tenant, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_anything_else_does_not() {
        let mut cursor = Cursor::default();
        for ms in [1, u64::MAX] {
            cursor.reset(TenantId::new(), EntryId { ms, seq: 7 });
        }
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for foreign in ["x", "####", "AAAA", "1700000000000-0"] {
            assert_eq!(Cursor::decode(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn what_was_seen_is_not_new() {
        let (tenant, mut cursor) = (TenantId::new(), Cursor::default());
        let id = EntryId { ms: 5, seq: 1 };
        assert!(cursor.advance(tenant, id) && !cursor.advance(tenant, id));
        assert!(cursor.advance(tenant, EntryId { ms: 5, seq: 2 }));
    }
}
