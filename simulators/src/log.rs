//! A bounded list with stable positions: old entries fall out, `since` cursors stay valid.

use std::collections::VecDeque;

use serde::Serialize;

pub(crate) struct Log<T> {
    entries: VecDeque<T>,
    first: u64,
    capacity: usize,
}

/// An entry together with its position, as the control API shows it.
#[derive(Serialize)]
pub(crate) struct Indexed<T> {
    pub(crate) index: u64,
    #[serde(flatten)]
    pub(crate) entry: T,
}

impl<T> Log<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { entries: VecDeque::new(), first: 0, capacity }
    }

    /// Appends and answers the position, with the entry that had to go, if any.
    pub(crate) fn push(&mut self, entry: T) -> (u64, Option<T>) {
        let evicted = if self.entries.len() >= self.capacity {
            self.first += 1;
            self.entries.pop_front()
        } else {
            None
        };
        self.entries.push_back(entry);
        (self.first + self.entries.len() as u64 - 1, evicted)
    }

    pub(crate) fn get(&self, index: u64) -> Option<&T> {
        self.entries.get(self.offset(index)?)
    }

    pub(crate) fn get_mut(&mut self, index: u64) -> Option<&mut T> {
        let offset = self.offset(index)?;
        self.entries.get_mut(offset)
    }

    pub(crate) fn since(&self, index: u64) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        let skip = usize::try_from(index.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let skip = skip.min(self.entries.len());
        let start = self.first + skip as u64;
        self.entries.range(skip..).enumerate().map(move |(offset, entry)| (start + offset as u64, entry))
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        self.since(0)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Positions are not used again, so a late writer cannot touch a newer entry.
    pub(crate) fn clear(&mut self) {
        self.first += self.entries.len() as u64;
        self.entries.clear();
    }

    fn offset(&self, index: u64) -> Option<usize> {
        index.checked_sub(self.first).and_then(|offset| usize::try_from(offset).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_eviction_and_clearing() {
        let mut log = Log::new(2);
        log.push("a");
        log.push("b");
        assert_eq!(log.push("c"), (2, Some("a")));
        assert_eq!(log.get(0), None);
        assert_eq!(log.since(2).collect::<Vec<_>>(), vec![(2, &"c")]);
        log.clear();
        assert_eq!(log.push("d").0, 3);
        assert_eq!(log.get(2), None);
    }
}
