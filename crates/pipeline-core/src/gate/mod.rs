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

mod asking;
mod entry;
mod lease;
mod pressure;

pub use entry::Entry;
pub use lease::Lease;
pub use pressure::Pressure;

pub(crate) use asking::{GateId, asking};

use crate::sync::{AtomicBool, AtomicU64, Mutex, Ordering};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
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
        Entry::into(self.shared.clone())
    }

    /// A listener for the moments at which the gate is shut.
    pub fn pressure(&self) -> Pressure {
        Pressure::of(self.shared.clone())
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

    /// How many elements a front door or a [`WatermarkLayer`](crate::WatermarkLayer) made wait here.
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
