//! The two-stage acknowledgement of one element.
//!
//! ```text
//!             enqueue            flush
//!   taken in ─────────► enqueued ─────► flushed
//!       │                   │
//!       │ dropped           │ dropped            flush from "taken in" passes through "enqueued"
//!       ▼                   ▼
//!      lost               lost
//! ```
//!
//! The envelope carries what is [`Owed`]; the source holds the [`Receipt`]. Both sides meet in one small cell,
//! so an acknowledgement is one lock and at most one wake-up.

use crate::fate::Fate;
use crate::gate::Lease;
use crate::loss;
use crate::sync::Mutex;
use crate::{Error, Observer};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    TakenIn,
    Enqueued,
    Flushed,
    Lost,
}

struct Cell {
    state: Mutex<(Stage, Option<Waker>)>,
    observer: Option<Observer>,
    /// Says why, if it is lost.
    fate: Fate,
}

impl Cell {
    /// Moves on to `next`, if that is a step forward, and tells whoever waits.
    fn advance(&self, next: Stage) {
        let (before, waker) = {
            let mut state = self.state.lock();
            let before = state.0;
            if before >= next || before >= Stage::Flushed {
                return;
            }
            state.0 = next;
            (before, state.1.take())
        };
        if let Some(observer) = &self.observer {
            match next {
                Stage::TakenIn => {}
                Stage::Enqueued => observer.enqueued(),
                Stage::Flushed => {
                    if before == Stage::TakenIn {
                        observer.enqueued();
                    }
                    observer.settled(Ok(()));
                }
                Stage::Lost => observer.settled(Err(self.fate.explain_loss())),
            }
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ready once the cell reached `goal`; lost is ready too.
    fn poll(&self, goal: Stage, cx: &mut Context<'_>) -> Poll<Stage> {
        let mut state = self.state.lock();
        if state.0 >= goal {
            return Poll::Ready(state.0);
        }
        match &mut state.1 {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// Makes the two sides of one receipt: what an envelope owes, and the source's wait for it.
pub(crate) fn receipt(fate: Fate, observer: Option<Observer>, front: Option<Lease>) -> (Owed, Enqueued) {
    let cell = Arc::new(Cell { state: Mutex::new((Stage::TakenIn, None)), observer, fate });
    let debt = Debt { cell: cell.clone(), front, held: None, held_too: Vec::new() };
    (Owed(Debts::One(debt)), Enqueued { cell: Some(cell) })
}

/// What an envelope owes to its source: an enqueue ack, then a flush ack. Dropped, it is lost, and the waiter is
/// told so at once.
///
/// It also carries the leases that the element takes at gates, so that they last to its flush ack.
#[derive(Debug)]
#[must_use = "dropping what is owed tells the source that its element was lost"]
pub struct Owed(Debts);

#[derive(Debug)]
enum Debts {
    One(Debt),
    Many(Vec<Debt>),
}

struct Debt {
    cell: Arc<Cell>,
    /// The front door's lease: the unencoded payload's, until the enqueue ack.
    front: Option<Lease>,
    /// The watermark's lease, until the flush ack.
    held: Option<Lease>,
    /// Those of the watermarks after it; most lines have one.
    held_too: Vec<Lease>,
}

impl Drop for Debt {
    fn drop(&mut self) {
        if self.cell.state.lock().0 < Stage::Flushed {
            let cell = self.cell.clone();
            loss::tell(move || cell.advance(Stage::Lost));
        }
    }
}

impl std::fmt::Debug for Debt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Debt").field("stage", &self.cell.state.lock().0).finish_non_exhaustive()
    }
}

impl Owed {
    /// One debt made of many: what a batch owes. The order is kept.
    pub fn join(all: impl IntoIterator<Item = Owed>) -> Self {
        let mut many = Vec::new();
        for owed in all {
            match owed.0 {
                Debts::One(debt) => many.push(debt),
                Debts::Many(debts) => many.extend(debts),
            }
        }
        Self(Debts::Many(many))
    }

    /// How many receipts are owed.
    pub fn len(&self) -> usize {
        self.debts().len()
    }

    /// Whether nothing is owed.
    pub fn is_empty(&self) -> bool {
        self.debts().is_empty()
    }

    /// Gives the enqueue ack; a second one changes nothing.
    pub fn enqueue(&mut self) {
        for debt in self.debts_mut() {
            debt.front = None;
            debt.cell.advance(Stage::Enqueued);
        }
    }

    /// Gives the flush ack, and the enqueue ack if that was not given yet. Only after the store said so.
    pub fn flush(self) {
        let settle = |mut debt: Debt| {
            // Room first, news second: who is woken by the ack finds the gate already open.
            debt.front = None;
            debt.held = None;
            debt.held_too.clear();
            debt.cell.advance(Stage::Flushed);
        };
        match self.0 {
            Debts::One(debt) => settle(debt),
            Debts::Many(debts) => debts.into_iter().for_each(settle),
        }
    }

    /// Keeps a gate's lease until the flush ack, or until the debt is lost; so with every further one.
    ///
    /// Where nothing is owed there is nothing to pay for: then it is let go at once.
    pub fn hold(&mut self, lease: Lease) {
        if let Some(debt) = self.debts_mut().first_mut() {
            match debt.held {
                None => debt.held = Some(lease),
                Some(_) => debt.held_too.push(lease),
            }
        }
    }

    fn debts(&self) -> &[Debt] {
        match &self.0 {
            Debts::One(debt) => std::slice::from_ref(debt),
            Debts::Many(debts) => debts,
        }
    }

    fn debts_mut(&mut self) -> &mut [Debt] {
        match &mut self.0 {
            Debts::One(debt) => std::slice::from_mut(debt),
            Debts::Many(debts) => debts,
        }
    }
}

/// The wait for the enqueue ack: the front door's response future. It gives the [`Receipt`].
///
/// # Cancel safety
/// Dropping it forgets the acknowledgement, not the element: that goes on and becomes durable.
#[must_use = "futures do nothing unless polled"]
pub struct Enqueued {
    cell: Option<Arc<Cell>>,
}

impl Future for Enqueued {
    type Output = Result<Receipt, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let cell = self.cell.as_ref().expect("polled again after the enqueue ack");
        match cell.poll(Stage::Enqueued, cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Stage::Lost) => Poll::Ready(Err(cell.fate.explain_loss())),
            Poll::Ready(Stage::TakenIn | Stage::Enqueued | Stage::Flushed) => {
                let cell = self.cell.take().expect("checked above");
                Poll::Ready(Ok(Receipt { cell }))
            }
        }
    }
}

/// The promise to the source that an enqueued element becomes durable.
///
/// Only [`flushed`](Self::flushed) may move a checkpoint.
#[must_use = "a receipt that nobody waits for moves no checkpoint"]
pub struct Receipt {
    cell: Arc<Cell>,
}

impl Receipt {
    /// Waits for the flush ack: the element is durable and visible in the store.
    ///
    /// # Errors
    /// The pipeline's first error, or [`Lost`](crate::ErrorKind::Lost): it is not durable, and must be sent again.
    ///
    /// # Cancel safety
    /// Dropping it forgets the acknowledgement, not the element.
    pub async fn flushed(self) -> Result<(), Error> {
        match std::future::poll_fn(|cx| self.cell.poll(Stage::Flushed, cx)).await {
            Stage::TakenIn | Stage::Enqueued | Stage::Flushed => Ok(()),
            Stage::Lost => Err(self.cell.fate.explain_loss()),
        }
    }

    /// Whether the element is durable already.
    pub fn is_flushed(&self) -> bool {
        self.cell.state.lock().0 == Stage::Flushed
    }
}
