//! The task that gives active dispatchers their turns.
//!
//! ```text
//!   queue of active ─► at most `drives` turns at once ─┬─► done: rest, or to the end of the queue
//!                                                      ├─► at a barrier ─► waits for its verdict ─► done
//!                                                      └─► error: the end of everything
//! ```
//!
//! Work is proportional to what is active: a dispatcher that is only registered is never looked at.

use crate::inbox::Taken;
use crate::ledger::Ledger;
use crate::registry::{Registry, Turn};
use crate::turn::{End, Parts};
use crate::{Error, Maintainer, Options, Sink};
use futures::pin_mut;
use futures::stream::{FuturesUnordered, StreamExt};
use std::future::poll_fn;
use std::sync::Arc;

/// Drives dispatchers until the first error.
pub(crate) struct Driver<S, M> {
    pub(crate) sink: S,
    pub(crate) maintainer: M,
    pub(crate) registry: Arc<Registry>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) options: Options,
}

impl<S: Sink, M: Maintainer> Driver<S, M> {
    pub(crate) async fn run(self) {
        // A panic of the sink's, or the end of the runtime, must not leave anybody waiting.
        let guard = Stopped(self.ledger.clone());
        let error = self.drive().await;
        self.ledger.fate.seal(error);
        self.registry.clear();
        drop(guard);
    }

    async fn drive(&self) -> Error {
        let parts = Parts { sink: &self.sink, maintainer: &self.maintainer, work: &self.ledger.work };
        let mut turns = FuturesUnordered::new();
        let mut meetings = FuturesUnordered::new();
        let sealed = self.ledger.fate.sealed();
        pin_mut!(sealed);
        loop {
            while turns.len() < self.options.drives
                && let Some(turn) = self.registry.next_turn(&self.options)
            {
                self.ledger.work.visits.add(1);
                turns.push(self.turn(&parts, turn));
            }
            let room = turns.len() < self.options.drives;
            let end = tokio::select! {
                biased;
                error = &mut sealed => return error,
                Some(end) = turns.next(), if !turns.is_empty() => end,
                Some(end) = meetings.next(), if !meetings.is_empty() => end,
                () = self.registry.filled(), if room => continue,
            };
            match end {
                Ok(End::Done(route)) => self.registry.end_turn(route),
                Ok(End::Retired(route)) => self.registry.remove(route),
                Ok(End::AtBarrier(meeting)) => meetings.push(parts.meet(meeting)),
                Err(error) => return error,
            }
        }
    }

    async fn turn(&self, parts: &Parts<'_, S, M>, turn: Turn) -> Result<End, Error> {
        let Turn { span, progress, taken } = turn;
        let work = async {
            match taken {
                Taken::Rows(rows) => parts.send(span, progress, rows).await,
                Taken::Block(handed) => parts.drain(span, progress, handed).await,
            }
        };
        pin_mut!(work);
        poll_fn(|cx| {
            parts.work.polls.add(1);
            work.as_mut().poll(cx)
        })
        .await
    }
}

/// Seals the fate when the driver's task ends, however it ends.
struct Stopped(Arc<Ledger>);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.fate.seal(Error::Stopped);
    }
}
