//! Every dispatcher there is, and the queue of those with work.

use crate::inbox::{Dispatcher, Taken};
use crate::{BlockEvent, Options, Span, TableProgress};
use change_event::RowEvent;
use parking_lot::Mutex;
use pipeline_core::RouteId;
use pipeline_core::gate::Lease;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Notify;

/// Where the router leaves work and the driver finds it.
///
/// A dispatcher stands in the queue once while its inbox is not empty and it does not have its turn. What is idle is
/// in the map only: nobody looks at it.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    state: Mutex<State>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct State {
    dispatchers: FxHashMap<RouteId, Dispatcher>,
    queue: VecDeque<RouteId>,
}

/// A dispatcher's turn.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) span: Arc<Span>,
    pub(crate) progress: Arc<TableProgress>,
    pub(crate) taken: Taken,
}

impl Registry {
    pub(crate) fn insert(&self, dispatcher: Dispatcher) {
        self.state.lock().dispatchers.insert(dispatcher.span.route, dispatcher);
    }

    pub(crate) fn remove(&self, route: RouteId) {
        self.state.lock().dispatchers.remove(&route);
    }

    pub(crate) fn len(&self) -> usize {
        self.state.lock().dispatchers.len()
    }

    /// Leaves rows for a dispatcher.
    pub(crate) fn push_rows(&self, route: RouteId, event: RowEvent, lease: Lease) {
        self.push(route, |dispatcher| dispatcher.push_rows(event, lease));
    }

    /// Leaves a block event for one of the dispatchers it touches.
    pub(crate) fn push_block(&self, route: RouteId, block: Arc<BlockEvent>, last: bool) {
        self.push(route, |dispatcher| dispatcher.push_block(block, last));
    }

    fn push(&self, route: RouteId, leave: impl FnOnce(&mut Dispatcher) -> bool) {
        let mut state = self.state.lock();
        // The router forgets a dispatcher before it is removed. So if it is not there, everything was let go of,
        // after the first error.
        if state.dispatchers.get_mut(&route).is_some_and(leave) {
            state.queue.push_back(route);
            drop(state);
            self.filled.notify_one();
        }
    }

    /// Takes the turn of the next dispatcher in the queue.
    pub(crate) fn next_turn(&self, options: &Options) -> Option<Turn> {
        let mut state = self.state.lock();
        let route = state.queue.pop_front()?;
        let dispatcher =
            state.dispatchers.get_mut(&route).expect("a dispatcher is removed only at the end of its turn");
        Some(Turn {
            taken: dispatcher.take(options),
            span: dispatcher.span.clone(),
            progress: dispatcher.progress.clone(),
        })
    }

    /// Ends a turn: the dispatcher queues up again, or rests.
    pub(crate) fn end_turn(&self, route: RouteId) {
        let mut state = self.state.lock();
        if state.dispatchers.get_mut(&route).is_some_and(Dispatcher::rest) {
            state.queue.push_back(route);
        }
    }

    /// Waits until the queue was filled since the last wait. For one waiter.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Lets go of everything, when nothing more can be done.
    pub(crate) fn clear(&self) {
        let left = std::mem::take(&mut *self.state.lock());
        drop(left);
    }
}
