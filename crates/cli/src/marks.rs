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

    /// Takes out the latest mark at or below a checkpoint, and all before it.
    pub(crate) fn pass(&mut self, checkpoint: CommitTs) -> Option<Mark> {
        let passed = self.ahead.partition_point(|mark| mark.commit_ts <= checkpoint);
        self.ahead.drain(..passed).next_back()
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
            known: None,
            lineage: Lineage::default(),
        };
        Mark { commit_ts: CommitTs(ts), position, schemas: Schemas::default() }
    }

    #[test]
    fn a_checkpoint_gets_the_latest_mark_it_has_passed() {
        let mut marks = Marks::default();
        [10, 20, 30].into_iter().for_each(|ts| marks.push(mark(ts)));
        assert!(marks.pass(CommitTs(9)).is_none());
        assert_eq!(marks.pass(CommitTs(25)).unwrap().commit_ts, CommitTs(20));
        assert!(marks.pass(CommitTs(29)).is_none());
        assert_eq!(marks.pass(CommitTs(30)).unwrap().commit_ts, CommitTs(30));
    }

    #[test]
    fn a_stalled_checkpoint_does_not_make_them_grow_and_keeps_a_mark_behind_it() {
        let mut marks = Marks::default();
        (1..=10 * MOST as u64).for_each(|ts| marks.push(mark(ts)));
        assert!(marks.ahead.len() <= MOST);
        let passed = marks.pass(CommitTs(5 * MOST as u64)).unwrap();
        assert!(passed.commit_ts <= CommitTs(5 * MOST as u64));
    }
}
