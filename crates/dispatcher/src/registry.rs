//! Every dispatcher there is, and the queue of those with work.

use crate::inbox::{Dispatcher, Spares, Taken};
use crate::{BlockEvent, Options, Span, TableProgress};
use change_event::RowEvent;
use parking_lot::Mutex;
use pipeline_core::RouteId;
use pipeline_core::gate::Lease;
use pipeline_core::stage::GiveBack;
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
    spares: Spares,
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
        self.push(route, |dispatcher, spares| dispatcher.push_rows(event, lease, spares));
    }

    /// Leaves a block event for one of the dispatchers it touches.
    pub(crate) fn push_block(&self, route: RouteId, block: Arc<BlockEvent>, last: bool) {
        self.push(route, |dispatcher, spares| dispatcher.push_block(block, last, spares));
    }

    fn push(&self, route: RouteId, leave: impl FnOnce(&mut Dispatcher, &mut Spares) -> bool) {
        let mut state = self.state.lock();
        let State { dispatchers, queue, spares } = &mut *state;
        // The router forgets a dispatcher before it is removed. So if it is not there, everything was let go of,
        // after the first error.
        if dispatchers.get_mut(&route).is_some_and(|dispatcher| leave(dispatcher, spares)) {
            queue.push_back(route);
            drop(state);
            self.filled.notify_one();
        }
    }

    /// Takes the turn of the next dispatcher in the queue.
    pub(crate) fn next_turn(&self, options: &Options) -> Option<Turn> {
        let mut state = self.state.lock();
        let route = state.queue.pop_front()?;
        state.queue.give_back();
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
        let State { dispatchers, queue, spares } = &mut *self.state.lock();
        if dispatchers.get_mut(&route).is_some_and(|dispatcher| dispatcher.rest(spares)) {
            queue.push_back(route);
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
