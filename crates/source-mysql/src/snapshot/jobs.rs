//! Which chunks are still to be read.

use super::cell::Cell;
use super::key::Place;
use super::select::Select;
use change_event::TableSchema;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A table that is to be copied.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) schema: Arc<TableSchema>,
    pub(super) cells: Vec<Cell>,
    /// About so many rows make a chunk.
    pub(super) chunk: u64,
    /// Chunks that are not through, of those that are known.
    open: AtomicUsize,
}

impl Table {
    pub(super) fn new(schema: Arc<TableSchema>, cells: Vec<Cell>, chunk: u64) -> Self {
        Self { schema, cells, chunk, open: AtomicUsize::new(1) }
    }

    /// One more chunk is known. Say so before the one is through that showed it.
    pub(super) fn opens_another(&self) {
        self.open.fetch_add(1, AcqRel);
    }

    /// A chunk is through. Whether it was the table's last one.
    pub(super) fn closes_one(&self) -> bool {
        self.open.fetch_sub(1, AcqRel) == 1
    }
}

/// The rest of a table from some place on: whoever takes it finds out where its first chunk ends, and gives back what is
/// behind that.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) table: Arc<Table>,
    /// None until the first reader has asked for the table's key.
    pub(super) select: Option<Arc<Select>>,
    pub(super) after: Option<Place>,
}

/// All of them. A table's rest goes before other tables, so that each is open to statements for a short time.
#[derive(Debug)]
pub(super) struct Jobs {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    ready: VecDeque<Job>,
    /// Those that may still give something back.
    busy: usize,
}

impl Jobs {
    pub(super) fn new(tables: impl IntoIterator<Item = Table>) -> Self {
        let job = |table| Job { table: Arc::new(table), select: None, after: None };
        let ready = tables.into_iter().map(job).collect();
        Self { state: Mutex::new(State { ready, busy: 0 }), changed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` when no more can come. Say [`ends`](Self::ends) for each.
    pub(super) async fn take(&self) -> Option<Job> {
        loop {
            let changed = self.changed.notified();
            {
                let mut state = self.state();
                if let Some(job) = state.ready.pop_front() {
                    state.busy += 1;
                    return Some(job);
                }
                if state.busy == 0 {
                    return None;
                }
            }
            changed.await;
        }
    }

    pub(super) fn give_back(&self, job: Job) {
        self.state().ready.push_front(job);
        self.changed.notify_waiters();
    }

    /// A job that was taken has nothing more to give back.
    pub(super) fn ends(&self) {
        self.state().busy -= 1;
        self.changed.notify_waiters();
    }
}
