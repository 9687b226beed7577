//! The two-level gate: shut above high, open again at low.
//!
//! It bounds bytes; and, where each element costs something that its bytes do not say, the number of elements too.
//!
//! ```text
//!            held > high               opening invites the first waiter;
//!   ┌──────┐ ───────────► ┌──────┐     once in, it invites the next;
//!   │ open │              │ shut │     so does every release while the gate is open,
//!   └──────┘ ◄─────────── └──────┘     and when nothing is held any more, all are invited
//!            held <= low
//! ```
//!
//! Waiters thus come in one after the other while there is room, not as a herd; and one that was invited but
//! is never polled again (a service that somebody keeps but does not use) holds nobody else up for good.
//!
//! A semaphore cannot be this: `acquire_many(n > capacity)` never resolves, and a request's size is not known
//! when readiness is asked for. Here one lock decides *and* registers the waiter, so no wake-up falls between
//! the two (`tests/loom.rs` proves it).

use crate::Owed;
use crate::sync::{AtomicBool, AtomicU64, Mutex, Ordering};
use crate::turn::announce;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::Instant;

/// The levels of a [`Gate`], in bytes or in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// The gate shuts when more than this is held.
    pub high: u64,
    /// A shut gate opens when this or less is held. At most `high`.
    pub low: u64,
}

impl Levels {
    /// Never reached.
    const UNBOUNDED: Self = Self { high: u64::MAX, low: u64::MAX };

    fn check(self) -> Self {
        assert!(self.low <= self.high, "a gate's low level must not exceed its high level");
        self
    }
}

/// A gate over the bytes that are held behind it.
///
/// Cloning gives another handle on the same gate. To pass it, take an [`Entry`].
///
/// ```
/// use pipeline_core::{Gate, Levels};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let gate = Gate::new(Levels { high: 100, low: 60 });
/// let mut entry = gate.entry();
/// entry.ready().await;
/// let lease = entry.enter(101); // above high: the gate shuts behind it
/// assert!(gate.is_shut());
/// drop(lease); // nothing is held: it opens
/// assert!(!gate.is_shut());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    bytes: Levels,
    elements: Levels,
    /// Whether the gate is open and nobody waits: then whoever asks comes in without the lock. Set under the lock;
    /// who reads it a moment late is one of the elements that may come in beyond `high`.
    free: AtomicBool,
    /// How often the gate has shut. Set under the lock.
    shuts: AtomicU64,
    suppressed: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: u64,
    /// Elements that the held bytes are of.
    elements: u64,
    peak: u64,
    shut: bool,
    /// When it shut, and how long it was before.
    shut_since: Option<Instant>,
    time_shut: Duration,
    /// Entries that found the gate shut, in order of arrival.
    waiters: VecDeque<Waiter>,
    /// The next ticket; tickets order entries and listeners and are never used twice.
    tickets: u64,
    /// Those who want to hear that the gate shut: one slot per [`Pressure`], so bounded by their number.
    listeners: Vec<(u64, Option<Waker>)>,
}

#[derive(Debug)]
struct Waiter {
    ticket: u64,
    waker: Waker,
}

impl Gate {
    /// An open gate with nothing behind it.
    ///
    /// # Panics
    /// If `low` exceeds `high`.
    pub fn new(levels: Levels) -> Self {
        Self::over(levels, Levels::UNBOUNDED)
    }

    /// An open gate over bytes and the number of elements: shut above either high, open again at both lows.
    ///
    /// # Panics
    /// If a `low` exceeds its `high`.
    pub fn over(bytes: Levels, elements: Levels) -> Self {
        let (free, shuts) = (AtomicBool::new(true), AtomicU64::new(0));
        let (bytes, elements, state) = (bytes.check(), elements.check(), Mutex::new(State::default()));
        Self {
            shared: Arc::new(Shared { bytes, elements, free, shuts, suppressed: AtomicU64::new(0), state }),
        }
    }

    /// A way in. Each entry is let in one element at a time.
    pub fn entry(&self) -> Entry {
        Entry { shared: self.shared.clone(), admitted: false, ticket: None, announced: false }
    }

    /// A listener for the moments at which the gate is shut.
    pub fn pressure(&self) -> Pressure {
        Pressure { shared: self.shared.clone(), ticket: None, told: None }
    }

    /// Bytes held now.
    pub fn held(&self) -> u64 {
        self.shared.state.lock().held
    }

    /// Elements held now.
    pub fn elements(&self) -> u64 {
        self.shared.state.lock().elements
    }

    /// The most bytes that were ever held at once.
    pub fn peak(&self) -> u64 {
        self.shared.state.lock().peak
    }

    /// Whether the gate is shut now.
    pub fn is_shut(&self) -> bool {
        self.shared.state.lock().shut
    }

    /// How often the gate has shut.
    pub fn shut_count(&self) -> u64 {
        self.shared.shuts.load(Ordering::Acquire)
    }

    /// How long it was shut, up to now.
    pub fn time_shut(&self) -> Duration {
        let state = self.shared.state.lock();
        state.time_shut + state.shut_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Its levels over bytes.
    pub fn levels(&self) -> Levels {
        self.shared.bytes
    }

    /// How many elements a [`WatermarkLayer`](crate::WatermarkLayer) made wait here.
    pub fn suppressed(&self) -> u64 {
        self.shared.suppressed.load(Ordering::Relaxed)
    }

    pub(crate) fn suppress(&self) {
        self.shared.suppressed.fetch_add(1, Ordering::Relaxed);
    }

    /// How many entries wait now.
    pub fn waiting(&self) -> usize {
        self.shared.state.lock().waiters.len()
    }

    /// Whether both are handles on one gate.
    pub(crate) fn is_same(&self, other: &Gate) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Wakes every waiter, whatever is held, to look at something else than the gate. They keep their places.
    pub(crate) fn wake_all(&self) {
        let waiters: Vec<Waker> =
            self.shared.state.lock().waiters.iter().map(|waiter| waiter.waker.clone()).collect();
        waiters.into_iter().for_each(Waker::wake);
    }
}

impl Shared {
    fn take(&self, bytes: u64, elements: u64) {
        let mut woken = Vec::new();
        let mut state = self.state.lock();
        state.held += bytes;
        state.elements += elements;
        state.peak = state.peak.max(state.held);
        if !state.shut && (state.held > self.bytes.high || state.elements > self.elements.high) {
            state.shut = true;
            state.shut_since = Some(Instant::now());
            self.shuts.fetch_add(1, Ordering::AcqRel);
            woken.extend(state.listeners.iter_mut().filter_map(|(_, waker)| waker.take()));
        }
        self.note(&state);
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }

    /// Says outside the lock what is so.
    fn note(&self, state: &State) {
        let free = !state.shut && state.waiters.is_empty();
        if self.free.load(Ordering::Relaxed) != free {
            self.free.store(free, Ordering::Release);
        }
    }

    fn release(&self, bytes: u64, elements: u64) {
        let mut invited = Vec::new();
        let mut state = self.state.lock();
        state.held -= bytes;
        state.elements -= elements;
        state.shut &= state.held > self.bytes.low || state.elements > self.elements.low;
        if !state.shut
            && let Some(since) = state.shut_since.take()
        {
            state.time_shut += since.elapsed();
        }
        if state.held == 0 {
            invited.extend(state.waiters.drain(..).map(|waiter| waiter.waker));
        } else {
            invited.extend(state.invite());
        }
        self.note(&state);
        drop(state);
        // Outside the lock: a waker may run arbitrary code.
        invited.into_iter().for_each(Waker::wake);
    }
}

impl State {
    /// Takes the first waiter out of the line, if the gate is open. It keeps its ticket, and with it its place
    /// should it find the gate shut again.
    fn invite(&mut self) -> Option<Waker> {
        if self.shut { None } else { self.waiters.pop_front().map(|waiter| waiter.waker) }
    }

    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}

/// One way into a [`Gate`]: readiness, then one element.
///
/// Readiness once given is kept until [`enter`](Self::enter), even if the gate shuts in between; so what is held
/// may exceed `high` by at most one element per entry. A clone starts without readiness.
#[derive(Debug)]
pub struct Entry {
    shared: Arc<Shared>,
    admitted: bool,
    ticket: Option<u64>,
    /// Whether the lane knows of the gate.
    announced: bool,
}

impl Clone for Entry {
    fn clone(&self) -> Self {
        // Readiness belongs to the entry that was told so, and cannot be shared.
        Self { shared: self.shared.clone(), admitted: false, ticket: None, announced: false }
    }
}

impl Entry {
    /// Whether an element may enter; if not, the task is woken when it is this entry's turn.
    ///
    /// Waiters come in one after the other, each inviting the next while the gate is open.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.admitted {
            return Poll::Ready(());
        }
        if self.ticket.is_none() && self.shared.free.load(Ordering::Acquire) {
            self.admitted = true;
            return Poll::Ready(());
        }
        if self.passes() {
            return Poll::Ready(());
        }
        let mut state = self.shared.state.lock();
        let ticket = *self.ticket.get_or_insert_with(|| state.ticket());
        let place = state.waiters.partition_point(|waiter| waiter.ticket < ticket);
        let queued = state.waiters.get(place).is_some_and(|waiter| waiter.ticket == ticket);
        if !state.shut && place == 0 {
            if queued {
                state.waiters.pop_front();
            }
            self.ticket = None;
            self.admitted = true;
            let next = state.invite();
            self.shared.note(&state);
            drop(state);
            if let Some(next) = next {
                next.wake();
            }
            return Poll::Ready(());
        }
        if queued {
            state.waiters[place].waker.clone_from(cx.waker());
        } else {
            state.waiters.insert(place, Waiter { ticket, waker: cx.waker().clone() });
        }
        self.shared.note(&state);
        drop(state);
        self.announce();
        Poll::Pending
    }

    /// Makes the gate known to the lane that this thread polls, if it is one, once.
    fn announce(&mut self) {
        if !std::mem::replace(&mut self.announced, true) {
            announce(&Gate { shared: self.shared.clone() });
        }
    }

    /// Whether the element that asks holds a lease of this gate already. To make it wait would be to wait for itself.
    fn passes(&self) -> bool {
        let own = Arc::as_ptr(&self.shared) as usize;
        ASKING.with_borrow(|asking| asking.contains(&own))
    }

    /// Waits until an element may enter.
    ///
    /// # Cancel safety
    /// A dropped wait keeps its place in the line, and keeps nobody out.
    pub async fn ready(&mut self) {
        poll_fn(|cx| self.poll_ready(cx)).await;
    }

    /// Takes an element of `bytes` in, however heavy it is, and spends the readiness.
    ///
    /// # Panics
    /// Without readiness.
    pub fn enter(&mut self, bytes: u64) -> Lease {
        assert!(std::mem::take(&mut self.admitted), "`enter` follows a `poll_ready` that said ready");
        self.announce();
        let bytes = bytes.max(1);
        self.shared.take(bytes, 1);
        Lease { shared: self.shared.clone(), bytes, elements: 1 }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        // If it was invited, the invitation goes on to the next.
        let next = {
            let mut state = self.shared.state.lock();
            state.waiters.retain(|waiter| waiter.ticket != ticket);
            let next = state.invite();
            self.shared.note(&state);
            next
        };
        if let Some(next) = next {
            next.wake();
        }
    }
}

thread_local! {
    /// The gates that the element which asks for readiness just now holds leases of. Readiness is asked for without the
    /// element, so it has to come another way.
    static ASKING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// A gate by its address.
#[derive(Clone, Copy)]
pub(crate) struct GateId(usize);

/// Asks a service for readiness on behalf of an element that owes this.
pub(crate) fn asking<R>(owed: &Owed, ask: impl FnOnce() -> R) -> R {
    if !owed.holds_any() {
        return ask();
    }
    ASKING.with_borrow_mut(|asking| asking.extend(owed.gates().map(|gate| gate.0)));
    let answer = ask();
    ASKING.with_borrow_mut(Vec::clear);
    answer
}

/// Bytes that are held behind a gate, let go when dropped.
#[derive(Debug)]
pub struct Lease {
    shared: Arc<Shared>,
    bytes: u64,
    elements: u64,
}

impl Lease {
    /// How many bytes it stands for.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it is one of this gate.
    pub(crate) fn is_of(&self, gate: &Gate) -> bool {
        Arc::ptr_eq(&self.shared, &gate.shared)
    }

    /// Tells which gate it is of, for [`asking`].
    pub(crate) fn gate(&self) -> GateId {
        GateId(Arc::as_ptr(&self.shared) as usize)
    }

    /// Makes it stand for at least so many bytes: what it paid for has grown. Not bound by the gate's levels.
    pub(crate) fn grow_to(&mut self, bytes: u64) {
        if let Some(more) = bytes.checked_sub(self.bytes).filter(|more| *more > 0) {
            self.shared.take(more, 0);
            self.bytes = bytes;
        }
    }

    /// Makes one lease of two of the same gate, so that many elements are let go in one step. Gives back one of
    /// another gate.
    pub(crate) fn absorb(&mut self, mut other: Self) -> Result<(), Self> {
        if !Arc::ptr_eq(&self.shared, &other.shared) {
            return Err(other);
        }
        self.bytes += std::mem::take(&mut other.bytes);
        self.elements += std::mem::take(&mut other.elements);
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // One that was absorbed has nothing left to give back.
        if self.elements > 0 {
            self.shared.release(self.bytes, self.elements);
        }
    }
}

/// Tells a stage that holds elements that the gate before it is shut, so that it lets go of them.
///
/// Without it a batcher that waits for more input behind a shut gate would wait for ever.
#[derive(Debug)]
pub struct Pressure {
    shared: Arc<Shared>,
    ticket: Option<u64>,
    /// Whom the gate wakes when it shuts, and how often it had shut when it was told: until it shuts again, there
    /// is nothing to tell it.
    told: Option<(Waker, u64)>,
}

impl Clone for Pressure {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), ticket: None, told: None }
    }
}

impl Pressure {
    /// Ready while the gate is shut; if it is open, the task is woken when it shuts.
    pub fn poll_shut(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let shuts = self.shared.shuts.load(Ordering::Acquire);
        if self.told.as_ref().is_some_and(|(waker, then)| *then == shuts && waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        let mut state = self.shared.state.lock();
        if state.shut {
            return Poll::Ready(());
        }
        self.told = Some((cx.waker().clone(), self.shared.shuts.load(Ordering::Relaxed)));
        let ticket = match self.ticket {
            Some(ticket) => ticket,
            None => {
                let ticket = state.ticket();
                state.listeners.push((ticket, None));
                *self.ticket.insert(ticket)
            }
        };
        if let Some((_, waker)) = state.listeners.iter_mut().find(|(owner, _)| *owner == ticket) {
            *waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Pressure {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.shared.state.lock().listeners.retain(|(owner, _)| *owner != ticket);
        }
    }
}
