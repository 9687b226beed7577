//! The events of one table that are not durable yet.

use change_event::CommitTs;
use std::collections::VecDeque;

/// Commit-ts of events, added in commit order, removed in any order.
///
/// ```text
///   base = 7        8          9         10
///   ┌──────────┬──────────┬──────────┬──────────┐
///   │ ts 100   │ removed  │ ts 103   │ removed  │ ◄─ add
///   └──────────┴──────────┴──────────┴──────────┘
///     never a removed one in front
/// ```
///
/// A token is the place in a line that never ends: the queue's index plus `base`. Removing leaves a tombstone, and
/// tombstones in front are dropped, so both verbs are O(1) amortised, whatever is in flight.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    base: u64,
    line: VecDeque<Option<CommitTs>>,
    len: usize,
}

impl InFlight {
    /// Adds an event behind all others; its token removes it.
    pub(crate) fn add(&mut self, ts: CommitTs) -> u64 {
        let token = self.base + self.line.len() as u64;
        self.line.push_back(Some(ts));
        self.len += 1;
        token
    }

    /// Removes an event; says whether it was there.
    pub(crate) fn remove(&mut self, token: u64) -> bool {
        let place = token.checked_sub(self.base).and_then(|place| usize::try_from(place).ok());
        let Some(place) = place.and_then(|place| self.line.get_mut(place)) else {
            return false;
        };
        if place.take().is_none() {
            return false;
        }
        self.len -= 1;
        while let Some(None) = self.line.front() {
            self.line.pop_front();
            self.base += 1;
        }
        // Most tables are idle most of the time; what is busy empties once a flush.
        if self.line.is_empty() {
            self.line = VecDeque::new();
        }
        true
    }

    /// The commit-ts of the first event.
    pub(crate) fn first(&self) -> Option<CommitTs> {
        self.line.front().copied().flatten()
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Clone, Debug)]
    enum Verb {
        /// Adds an event, so much later than the last.
        Add(u64),
        /// Removes one of those in flight, or one that never was.
        Remove(usize),
        Again(u64),
    }

    fn verb() -> impl Strategy<Value = Verb> {
        prop_oneof![
            3 => (0..3u64).prop_map(Verb::Add),
            3 => any::<usize>().prop_map(Verb::Remove),
            1 => (0..50u64).prop_map(Verb::Again),
        ]
    }

    proptest! {
        #[test]
        fn it_behaves_like_a_map_from_token_to_commit_ts(verbs in prop::collection::vec(verb(), 0..400)) {
            let mut line = InFlight::default();
            let mut model = BTreeMap::new();
            let mut now = 0;
            for verb in verbs {
                match verb {
                    Verb::Add(later) => {
                        now += later;
                        let token = line.add(CommitTs(now));
                        prop_assert_eq!(model.insert(token, CommitTs(now)), None);
                    }
                    Verb::Remove(which) => {
                        if let Some(&token) = model.keys().nth(which % model.len().max(1)) {
                            model.remove(&token);
                            prop_assert!(line.remove(token));
                        }
                    }
                    Verb::Again(token) => {
                        prop_assert_eq!(line.remove(token), model.remove(&token).is_some());
                    }
                }
                prop_assert_eq!(line.len(), model.len());
                prop_assert_eq!(line.first(), model.values().next().copied());
            }
        }
    }

    #[test]
    fn an_empty_line_gives_its_memory_back() {
        let mut line = InFlight::default();
        let tokens: Vec<u64> = (0..10_000).map(|ts| line.add(CommitTs(ts))).collect();
        // The last one first: the worst order, all tombstones.
        assert!(tokens.into_iter().rev().all(|token| line.remove(token)));
        assert_eq!(line.line.capacity(), 0);
    }

    #[test]
    fn tombstones_are_dropped_as_soon_as_they_are_in_front() {
        let mut line = InFlight::default();
        let tokens: Vec<u64> = (0..100).map(|ts| line.add(CommitTs(ts))).collect();
        tokens[1..99].iter().for_each(|&token| assert!(line.remove(token)));
        assert_eq!((line.line.len(), line.first()), (100, Some(CommitTs(0))));
        assert!(line.remove(tokens[0]));
        assert_eq!((line.line.len(), line.first()), (1, Some(CommitTs(99))));
    }
}
