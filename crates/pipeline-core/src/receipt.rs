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
use crate::pipeline::panicked;
use crate::sync::Mutex;
use crate::{Error, Observer};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

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
        if let Some(observer) = &self.observer
            // Here may be anybody's turn, or anybody's drop: a panic ends the pipeline, and not the others' acks.
            && let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.tell(observer, before, next)))
        {
            self.fate.seal(Error::failed(panicked("an observer", &*panic)));
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn tell(&self, observer: &Observer, before: Stage, now: Stage) {
        match now {
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
    let debts = Debts::One(Debt(Some(cell.clone())));
    (Owed { debts, front, held: Held::default() }, Enqueued { cell: Some(cell) })
}

/// What an envelope owes to its source: an enqueue ack, then a flush ack. Dropped, it is lost, and the waiter is
/// told so at once.
///
/// It also carries the leases that the element takes at gates, so that they last to its flush ack. What a batch
/// owes has one lease per gate, however many elements it has.
#[derive(Debug)]
#[must_use = "dropping what is owed tells the source that its element was lost"]
pub struct Owed {
    debts: Debts,
    /// The front door's lease: the unencoded payload's, until the enqueue ack.
    front: Option<Lease>,
    /// The watermarks' leases, until the flush ack.
    held: Held,
}

/// Small while it is one: an envelope is moved many times on its way.
#[derive(Debug)]
enum Debts {
    One(Debt),
    Many(Box<Batch>),
}

/// Debts in their order.
#[derive(Debug, Default)]
struct Batch {
    debts: Vec<Debt>,
    settled: usize,
}

impl Debts {
    /// These and no more, as a batch.
    fn batch(&mut self) -> &mut Batch {
        if let Self::One(debt) = self {
            let debts = vec![Debt(debt.0.take())];
            *self = Self::Many(Box::new(Batch { debts, settled: 0 }));
        }
        match self {
            Self::Many(batch) => batch,
            Self::One(_) => unreachable!("made a batch above"),
        }
    }
}

/// One receipt to fulfil; empty once that is done.
struct Debt(Option<Arc<Cell>>);

impl Debt {
    fn settle(&mut self) {
        if let Some(cell) = self.0.take() {
            cell.advance(Stage::Flushed);
        }
    }
}

impl Drop for Debt {
    fn drop(&mut self) {
        if let Some(cell) = self.0.take() {
            loss::tell(move || cell.advance(Stage::Lost));
        }
    }
}

impl std::fmt::Debug for Debt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stage = self.0.as_ref().map(|cell| cell.state.lock().0);
        f.debug_struct("Debt").field("stage", &stage).finish_non_exhaustive()
    }
}

/// One lease per gate: the first in place, since most lines have one gate.
#[derive(Debug, Default)]
struct Held {
    first: Option<Lease>,
    more: Option<Box<Held>>,
}

impl Held {
    fn add(&mut self, lease: Lease) {
        match &mut self.first {
            none @ None => *none = Some(lease),
            Some(own) => {
                if let Err(of_another_gate) = own.absorb(lease) {
                    self.more.get_or_insert_default().add(of_another_gate);
                }
            }
        }
    }

    fn add_all(&mut self, other: Self) {
        let Self { first, more } = other;
        if let Some(lease) = first {
            self.add(lease);
        }
        if let Some(more) = more {
            self.add_all(*more);
        }
    }
}

impl Owed {
    /// One debt made of many: what a batch owes. The order is kept.
    pub fn join(all: impl IntoIterator<Item = Owed>) -> Self {
        let mut joined = Self { debts: Debts::Many(Box::default()), front: None, held: Held::default() };
        all.into_iter().for_each(|owed| joined.absorb(owed));
        joined
    }

    /// Takes over what another owes, behind what is owed already.
    pub fn absorb(&mut self, other: Owed) {
        let Self { debts, front, held } = other;
        let own = &mut self.debts.batch().debts;
        match debts {
            Debts::One(debt) => own.push(debt),
            Debts::Many(batch) => own.extend(batch.debts),
        }
        match (&mut self.front, front) {
            (_, None) => {}
            (none @ None, lease) => *none = lease,
            // Two pipelines' front doors: then what the second one lent lasts to the flush ack.
            (Some(own), Some(lease)) => own.absorb(lease).unwrap_or_else(|other| self.held.add(other)),
        }
        self.held.add_all(held);
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
        self.front = None;
        for cell in self.debts().iter().filter_map(|debt| debt.0.as_ref()) {
            cell.advance(Stage::Enqueued);
        }
    }

    /// Gives the flush ack, and the enqueue ack if that was not given yet. Only after the store said so.
    pub fn flush(mut self) {
        self.settle_some(usize::MAX);
    }

    /// Gives the flush ack to so many receipts, the first ones first; says whether that was all of them.
    pub(crate) fn settle_some(&mut self, most: usize) -> bool {
        // Room first, news second: who is woken by the ack finds the gate already open.
        self.front = None;
        self.held = Held::default();
        match &mut self.debts {
            Debts::One(debt) => debt.settle(),
            Debts::Many(batch) => {
                let Batch { debts, settled } = &mut **batch;
                let end = settled.saturating_add(most).min(debts.len());
                debts[*settled..end].iter_mut().for_each(Debt::settle);
                *settled = end;
                return end == debts.len();
            }
        }
        true
    }

    /// Keeps a gate's lease until the flush ack, or until the debt is lost; so with every further one.
    ///
    /// Where nothing is owed there is nothing to pay for: then it is let go at once.
    pub fn hold(&mut self, lease: Lease) {
        if !self.is_empty() {
            self.held.add(lease);
        }
    }

    /// Says that the payload now weighs so much, before its enqueue ack: rows that were encoded may take more
    /// memory than the rows did. The front door's gate then holds as much; it never holds less than was taken in.
    pub fn weighs(&mut self, bytes: u64) {
        if let Some(front) = &mut self.front {
            front.grow_to(bytes);
        }
    }

    fn debts(&self) -> &[Debt] {
        match &self.debts {
            Debts::One(debt) => std::slice::from_ref(debt),
            Debts::Many(batch) => &batch.debts,
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
        // As every leaf future of tokio's does: who sends and sends, and always finds its wake given, lets others run.
        ready!(pin!(tokio::task::coop::consume_budget()).poll(cx));
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
