//! One dispatcher at rest: what it stands for, how far it has come, what it has still to do.

use crate::{BlockEvent, Options, Span, TableProgress};
use change_event::RowEvent;
use pipeline_core::gate::Lease;
use std::collections::VecDeque;
use std::sync::Arc;

/// Room that a dispatcher has no use for while it rests, for the next that needs some: thousands of tables are idle, and
/// those that are busy become idle many times a second.
#[derive(Debug, Default)]
pub(crate) struct Spares(Vec<VecDeque<Item>>);

/// So many are kept.
const SPARES: usize = 64;
/// None of them has room for more items than this.
const LARGEST_SPARE: usize = 64;

impl Spares {
    fn take(&mut self) -> VecDeque<Item> {
        self.0.pop().unwrap_or_default()
    }

    fn keep(&mut self, room: VecDeque<Item>) {
        if self.0.len() < SPARES && (1..=LARGEST_SPARE).contains(&room.capacity()) {
            self.0.push(room);
        }
    }
}

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
    pub(crate) fn push_rows(&mut self, event: RowEvent, lease: Lease, spares: &mut Spares) -> bool {
        let token = self.progress.add(event.commit_ts);
        self.push(Item::Rows(HandedRows { event, token, lease }), spares)
    }

    /// The same for a block event.
    pub(crate) fn push_block(&mut self, block: Arc<BlockEvent>, last: bool, spares: &mut Spares) -> bool {
        let token = self.progress.add(block.id.commit_ts);
        self.push(Item::Block(HandedBlock { block, token, last }), spares)
    }

    fn push(&mut self, item: Item, spares: &mut Spares) -> bool {
        if self.inbox.capacity() == 0 {
            self.inbox = spares.take();
        }
        self.inbox.push_back(item);
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
                Some(Item::Block(block)) if rows.is_empty() => return Taken::Block(block),
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
    pub(crate) fn rest(&mut self, spares: &mut Spares) -> bool {
        self.active = !self.inbox.is_empty();
        if !self.active {
            spares.keep(std::mem::take(&mut self.inbox));
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
        let mut spares = Spares::default();
        for ts in 0..1000 {
            let mut entry = gate.entry();
            tokio_test::block_on(entry.ready());
            let rows = change_event::RowsBuilder::new(0).build();
            let event = RowEvent { table: table.clone(), commit_ts: change_event::CommitTs(ts), rows };
            assert_eq!(dispatcher.push_rows(event, entry.enter(1), &mut spares), ts == 0);
        }
        let options = Options { batch_events: 600, ..Options::default() };
        for (taken, more) in [(600, true), (400, false)] {
            let Taken::Rows(rows) = dispatcher.take(&options) else { panic!("there are no block events") };
            assert_eq!((rows.len(), dispatcher.rest(&mut spares)), (taken, more));
        }
        assert_eq!((dispatcher.inbox.capacity(), spares.0.len()), (0, 0), "too large a room to keep");
    }

    #[test]
    fn the_room_of_one_that_rests_is_for_the_next() {
        let mut spares = Spares::default();
        for _ in 0..2 * SPARES {
            spares.keep(VecDeque::with_capacity(4));
        }
        spares.keep(VecDeque::new());
        assert_eq!(spares.0.len(), SPARES);
        assert!(spares.take().capacity() >= 4);
        assert_eq!(spares.0.len(), SPARES - 1);
        assert_eq!(Spares::default().take().capacity(), 0);
    }
}
