//! One dispatcher at rest: what it stands for, how far it has come, what it has still to do.

use crate::{BlockEvent, Options, Span, TableProgress};
use change_event::RowEvent;
use pipeline_core::gate::Lease;
use std::collections::VecDeque;
use std::sync::Arc;

/// An inbox that its rows have emptied keeps room for this many items, and gives the rest back.
const KEPT: usize = 4;

/// A dispatcher's passive state. It does nothing by itself: the driver gives it a turn while its inbox is not empty.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    pub(crate) span: Arc<Span>,
    pub(crate) progress: Arc<TableProgress>,
    inbox: VecDeque<Item>,
    /// Whether it stands in the queue or has its turn.
    active: bool,
}

#[derive(Debug)]
enum Item {
    Rows(HandedRows),
    Block(HandedBlock),
}

/// Rows that are in flight, and not yet through the front door.
#[derive(Debug)]
pub(crate) struct HandedRows {
    pub(crate) event: RowEvent,
    /// Its place in the progress.
    pub(crate) token: u64,
    /// Its room in the inboxes, until it is handed to the door.
    pub(crate) lease: Lease,
}

/// A block event that this dispatcher has not passed.
#[derive(Debug)]
pub(crate) struct HandedBlock {
    pub(crate) block: Arc<BlockEvent>,
    /// Its place in the progress.
    pub(crate) token: u64,
    /// Whether the dispatcher has nothing more to do after it.
    pub(crate) last: bool,
}

/// What a dispatcher does in one turn: some rows, or a block event, alone.
#[derive(Debug)]
pub(crate) enum Taken {
    Rows(Vec<HandedRows>),
    Block(HandedBlock),
}

impl Dispatcher {
    pub(crate) fn new(span: Span, progress: Arc<TableProgress>) -> Self {
        Self { span: Arc::new(span), progress, inbox: VecDeque::new(), active: false }
    }

    /// Puts rows in the inbox, and counts them as in flight at the same moment. Says whether it becomes active.
    pub(crate) fn push_rows(&mut self, event: RowEvent, lease: Lease) -> bool {
        let token = self.progress.add(event.commit_ts);
        self.inbox.push_back(Item::Rows(HandedRows { event, token, lease }));
        !std::mem::replace(&mut self.active, true)
    }

    /// The same for a block event.
    pub(crate) fn push_block(&mut self, block: Arc<BlockEvent>, last: bool) -> bool {
        let token = self.progress.add(block.id.commit_ts);
        self.inbox.push_back(Item::Block(HandedBlock { block, token, last }));
        !std::mem::replace(&mut self.active, true)
    }

    /// Takes the work of one turn: rows up to the first block event, or up to what a batch may be.
    pub(crate) fn take(&mut self, options: &Options) -> Taken {
        let mut rows = Vec::new();
        let mut bytes = 0;
        while rows.len() < options.batch_events {
            match self.inbox.pop_front() {
                Some(Item::Rows(next)) => {
                    bytes += next.lease.bytes();
                    if bytes > options.batch_bytes && !rows.is_empty() {
                        self.inbox.push_front(Item::Rows(next));
                        break;
                    }
                    rows.push(next);
                }
                Some(Item::Block(block)) if rows.is_empty() => {
                    // Thousands of tables are made and then idle: rows may follow soon, or never.
                    if self.inbox.is_empty() {
                        self.inbox = VecDeque::new();
                    }
                    return Taken::Block(block);
                }
                Some(Item::Block(block)) => {
                    self.inbox.push_front(Item::Block(block));
                    break;
                }
                None => break,
            }
        }
        Taken::Rows(rows)
    }

    /// Ends a turn; says whether there is more to do.
    pub(crate) fn rest(&mut self) -> bool {
        self.active = !self.inbox.is_empty();
        if !self.active {
            self.inbox.shrink_to(KEPT);
        }
        self.active
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use change_event::TableName;
    use pipeline_core::RouteId;
    use std::mem::size_of;

    #[test]
    fn an_idle_dispatcher_takes_far_less_than_a_kibibyte() {
        // What is registered: the state, its entry in the registry's map (key and control byte, at the least load
        // of 7/16), the shared span and progress with their counts, and the entry under the table's name.
        let map_entry = (size_of::<RouteId>() + size_of::<Dispatcher>() + 1) * 16 / 7;
        let shared = size_of::<Span>() + size_of::<TableProgress>() + 4 * size_of::<usize>();
        let by_name = (size_of::<TableName>() + size_of::<Vec<RouteId>>() + 1) * 16 / 7 + 8;
        let names = 4 * 64; // database and table, twice, at the longest that MySQL allows
        let estimate = map_entry + shared + by_name + names;
        assert!(estimate < 1024, "{estimate} bytes");
    }

    #[test]
    fn an_inbox_gives_its_memory_back_when_it_is_empty() {
        let gate = pipeline_core::Gate::new(pipeline_core::Levels { high: u64::MAX, low: 0 });
        let table = Arc::new(change_event::TableSchema {
            name: TableName::new("db", "t"),
            table_id: 1,
            partition: None,
            version: 1,
            columns: Vec::new(),
        });
        let progress = TableProgress::new();
        let mut dispatcher = Dispatcher::new(Span::trigger(RouteId(0)), progress);
        for ts in 0..1000 {
            let mut entry = gate.entry();
            tokio_test::block_on(entry.ready());
            let rows = change_event::RowsBuilder::new(0).build();
            let event = RowEvent { table: table.clone(), commit_ts: change_event::CommitTs(ts), rows };
            assert_eq!(dispatcher.push_rows(event, entry.enter(1)), ts == 0);
        }
        let options = Options { batch_events: 600, ..Options::default() };
        for (taken, more) in [(600, true), (400, false)] {
            let Taken::Rows(rows) = dispatcher.take(&options) else { panic!("there are no block events") };
            assert_eq!((rows.len(), dispatcher.rest()), (taken, more));
        }
        assert!(dispatcher.inbox.capacity() <= 2 * KEPT);
    }
}
