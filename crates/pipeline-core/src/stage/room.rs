//! Collections that grow for a burst, and give their room back behind it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

/// A collection keeps room for this many entries, whatever is in it.
const KEPT: usize = 256;

/// Gives back what a burst has left behind: where thousands of routes are active at once and then idle, what a stage holds
/// shall be as large as what is active.
///
/// To be called behind each removal. It does nothing while a collection is an eighth full, or small; what it does is paid by
/// the removals that led there, so a removal stays O(1) amortised.
///
/// ```
/// use pipeline_core::stage::GiveBack;
/// use std::collections::VecDeque;
///
/// let mut line: VecDeque<u64> = (0..100_000).collect();
/// while line.pop_front().is_some() {
///     line.give_back();
/// }
/// assert!(line.capacity() < 1000);
/// ```
pub trait GiveBack {
    /// Gives back room that is far more than what is used.
    fn give_back(&mut self);
}

/// The room to go down to, if a collection has too much.
fn enough(held: usize, room: usize) -> Option<usize> {
    (room > 4 * KEPT && held < room / 8).then_some((2 * held).max(KEPT))
}

impl<T> GiveBack for VecDeque<T> {
    fn give_back(&mut self) {
        if let Some(enough) = enough(self.len(), self.capacity()) {
            self.shrink_to(enough);
        }
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> GiveBack for HashMap<K, V, S> {
    fn give_back(&mut self) {
        if let Some(enough) = enough(self.len(), self.capacity()) {
            self.shrink_to(enough);
        }
    }
}

impl<T: Eq + Hash, S: BuildHasher> GiveBack for HashSet<T, S> {
    fn give_back(&mut self) {
        if let Some(enough) = enough(self.len(), self.capacity()) {
            self.shrink_to(enough);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_follows_what_is_held_and_nothing_is_lost() {
        let (mut line, mut map) = (VecDeque::new(), HashMap::new());
        for number in 0..50_000_u64 {
            line.push_back(number);
            map.insert(number, number);
        }
        let mut moves = 0;
        for number in 0..50_000 {
            assert_eq!((line.pop_front(), map.remove(&number)), (Some(number), Some(number)));
            let before = (line.capacity(), map.capacity());
            line.give_back();
            map.give_back();
            moves += usize::from(before != (line.capacity(), map.capacity()));
            assert!(line.capacity() <= (8 * line.len()).max(4 * KEPT) + 8, "{}", line.capacity());
            assert!(map.capacity() <= (8 * map.len()).max(4 * KEPT) + 8, "{}", map.capacity());
        }
        assert!(moves < 16, "it was moved {moves} times");
    }

    #[test]
    fn what_is_small_keeps_its_room() {
        let mut line: VecDeque<u8> = VecDeque::with_capacity(4 * KEPT);
        let before = line.capacity();
        line.give_back();
        assert_eq!(line.capacity(), before);
    }
}
