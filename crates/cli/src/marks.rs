//! Which position of the source belongs to which checkpoint.

use change_event::CommitTs;
use source_mysql::Mark;
use std::collections::VecDeque;

/// How many marks are kept. When there are more, every second one goes: a run that starts again from the one before
/// reads a little more, and loses nothing.
const MOST: usize = 4096;

/// The source's marks that no checkpoint has passed yet, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    ahead: VecDeque<Mark>,
}

impl Marks {
    /// Adds the latest mark.
    pub(crate) fn push(&mut self, mark: Mark) {
        if self.ahead.len() == MOST {
            let mut keep = false;
            self.ahead.retain(|_| {
                keep = !keep;
                keep
            });
        }
        self.ahead.push_back(mark);
    }

    /// The latest mark at or below a checkpoint. It stays until it is [forgotten](Self::forget): who saves it may be
    /// interrupted.
    pub(crate) fn passed(&self, checkpoint: CommitTs) -> Option<Mark> {
        let passed = self.ahead.partition_point(|mark| mark.commit_ts <= checkpoint);
        passed.checked_sub(1).map(|latest| self.ahead[latest].clone())
    }

    /// Forgets a mark that was saved, and all before it.
    pub(crate) fn forget(&mut self, saved: &Mark) {
        let is_it = |mark: &Mark| (mark.commit_ts, &mark.position) == (saved.commit_ts, &saved.position);
        let before = match self.ahead.iter().position(is_it) {
            Some(place) => place + 1,
            None => self.ahead.partition_point(|mark| mark.commit_ts < saved.commit_ts),
        };
        self.ahead.drain(..before);
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Marks};
    use change_event::CommitTs;
    use source_mysql::{Lineage, Mark, Position, Schemas};

    fn mark(ts: u64) -> Mark {
        let position = Position {
            file: "log".to_owned(),
            offset: ts,
            commit_ts: CommitTs(ts),
            start_ts: CommitTs(0),
            handed_over: None,
            ended: Default::default(),
            known: None,
            lineage: Lineage::default(),
        };
        Mark { commit_ts: CommitTs(ts), position, schemas: Schemas::default() }
    }

    fn pass(marks: &mut Marks, checkpoint: CommitTs) -> Option<Mark> {
        let passed = marks.passed(checkpoint)?;
        assert!(marks.passed(checkpoint).is_some(), "it stays until it is forgotten");
        marks.forget(&passed);
        Some(passed)
    }

    #[test]
    fn a_checkpoint_gets_the_latest_mark_it_has_passed() {
        let mut marks = Marks::default();
        [10, 20, 30].into_iter().for_each(|ts| marks.push(mark(ts)));
        assert!(pass(&mut marks, CommitTs(9)).is_none());
        assert_eq!(pass(&mut marks, CommitTs(25)).unwrap().commit_ts, CommitTs(20));
        assert!(pass(&mut marks, CommitTs(29)).is_none());
        assert_eq!(pass(&mut marks, CommitTs(30)).unwrap().commit_ts, CommitTs(30));
    }

    #[test]
    fn a_stalled_checkpoint_does_not_make_them_grow_and_keeps_a_mark_behind_it() {
        let mut marks = Marks::default();
        (1..=10 * MOST as u64).for_each(|ts| marks.push(mark(ts)));
        assert!(marks.ahead.len() <= MOST);
        let passed = pass(&mut marks, CommitTs(5 * MOST as u64)).unwrap();
        assert!(passed.commit_ts <= CommitTs(5 * MOST as u64));
    }
}
