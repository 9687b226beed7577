//! Who runs a lane: its own task, or whoever brings it something light.
//!
//! ```text
//!             begin                          begin by another
//!   ┌──────┐ ───────► ┌─────────┐ ─────────────────────────────► ┌───────────────────┐
//!   │ idle │          │ running │                                │ running, and more │
//!   └──────┘ ◄─────── └─────────┘                                │ to do afterwards  │
//!       ▲      end                                               └─────────┬─────────┘
//!       └───────────────────── end: the lane's task is woken ──────────────┘
//! ```
//!
//! A caller that awaits the wake of every element would otherwise pay for two changes of task and often for two of
//! threads, which costs more than all that happens to a small element up to its wake. So it takes the element there
//! itself, if nobody else is running the lane. Whatever comes later, such as an upload's end, wakes the lane's task:
//! whoever polls the line does so with the waker of that task.

use crate::announced::Announced;
use crate::fate::Fate;
use crate::gate::Gate;
use crate::panics::panicked;
use crate::stage::ElementStream;
use crate::sync::{AtomicBool, AtomicU8, Mutex, Ordering};
use crate::turn::{self, Turn};
use crate::{BoxError, Element, Error, Owed};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker, ready};
use tokio::runtime::Handle;

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
/// Somebody wanted to run it meanwhile.
const WANTED: u8 = 2;

/// How many elements may come in or out before others have their turn: when the lane's task runs it…
const BY_TASK: u32 = 128;
/// … and when a caller does, who has something else to do.
const BY_CALLER: u32 = 32;
/// How many receipts are settled for one element that comes out.
const SETTLED_AT_ONCE: usize = 64;

/// What may still be done in this turn; outside of turns, anything. Shared by a lane's two ends.
#[derive(Clone, Debug)]
pub(crate) struct Allowance(Arc<AtomicU32>);

impl Default for Allowance {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(u32::MAX)))
    }
}

impl Allowance {
    fn set(&self, units: u32) {
        self.0.store(units, Relaxed);
    }

    /// Takes a unit; if there is none left, the lane's task is woken, to go on when others had their turn.
    pub(crate) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<()> {
        // One step, since a stage may take its input in a task of its own: then a turn's end may come in between.
        if self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

/// At most one at a time may run something; whoever comes meanwhile is made up for.
#[derive(Debug)]
pub(crate) struct Turns(AtomicU8);

impl Turns {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(IDLE))
    }

    /// Takes the turn. If it is taken, whoever has it hears at its end that there is more to do.
    pub(crate) fn begin(&self) -> bool {
        let mut seen = IDLE;
        loop {
            let next = if seen == IDLE { RUNNING } else { WANTED };
            match self.0.compare_exchange(seen, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return seen == IDLE,
                Err(now) => seen = now,
            }
        }
    }

    /// Gives the turn back; says whether somebody wanted it meanwhile.
    pub(crate) fn end(&self) -> bool {
        self.0.swap(IDLE, Ordering::AcqRel) == WANTED
    }
}

/// A lane's line, for those who may run it.
pub(crate) struct Runner<T> {
    turns: Turns,
    /// Locked by who has the turn, so never waited for. `None` once the lane is over.
    line: Mutex<Option<Running<T>>>,
    /// Whether the lane's task is gone, and with it the need for the line.
    over: AtomicBool,
    /// Whether it came to its end before.
    done: AtomicBool,
    /// The lane's task, once it has begun: who is woken by what the line waits for, whoever polls it.
    task: OnceLock<Waker>,
    gates: Arc<Announced>,
    fate: Fate,
    /// Stages spawn tasks and set timers: on the pipeline's runtime, whoever runs the lane.
    runtime: Handle,
}

struct Running<T> {
    line: ElementStream<T>,
    turn: Option<Box<Turn>>,
    allowance: Allowance,
    /// What left the line, and is not settled to its end.
    settling: Option<Owed>,
    ended: bool,
}

/// A [`Runner`], whatever comes out at the end of its line.
pub(crate) trait Run: Send + Sync {
    /// Runs the lane on behalf of its task, if nobody else does, and says whether it did. Whatever is left to do then,
    /// the task has been told of.
    fn try_run(&self) -> bool;
}

impl<T: Send> Runner<T> {
    /// `allowance` is what its mailbox asks, too.
    pub(crate) fn new(
        line: ElementStream<T>,
        allowance: Allowance,
        fate: Fate,
        gates: Arc<Announced>,
    ) -> Self {
        let turn = Some(Turn::of(gates.clone()));
        let line = Mutex::new(Some(Running { line, turn, allowance, settling: None, ended: false }));
        Self {
            turns: Turns::new(),
            line,
            over: AtomicBool::new(false),
            done: AtomicBool::new(false),
            task: OnceLock::new(),
            gates,
            fate,
            runtime: Handle::current(),
        }
    }

    async fn drive(&self, front: Gate) {
        let moving = poll_fn(|cx| {
            // A task keeps its waker.
            let _: &Waker = self.task.get_or_init(|| {
                self.gates.enlist(cx.waker().clone());
                cx.waker().clone()
            });
            self.in_turn(cx, |line, cx| {
                line.as_mut().map_or(Poll::Ready(()), |line| line.turn(&self.fate, BY_TASK, cx))
            })
        });
        tokio::select! {
            biased;
            _ = self.fate.sealed() => {}
            () = moving => {}
        }
        // Only now, with the fate sealed, are the elements that are left let go.
        drop(poll_fn(|cx| self.in_turn(cx, |line, _| Poll::Ready(line.take()))).await);
        self.done.store(true, Ordering::Release);
        if self.fate.error().is_some() {
            // Whatever a stage may still hold elsewhere: nobody waits for it before the front door.
            front.wake_all();
        }
    }

    /// Polls in a turn of the lane's task; if somebody else has it, this task is woken at its end.
    fn in_turn<R>(
        &self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Option<Running<T>>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        if !self.turns.begin() {
            return Poll::Pending;
        }
        let polled = poll(&mut self.line.lock(), cx);
        if self.turns.end() {
            cx.waker().wake_by_ref();
        }
        polled
    }

    /// Whether the line was let go of, its input at its end.
    fn is_over(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    /// Lets the line go if it is not needed any more; whoever has the turn does it at its end.
    fn sweep(&self) {
        while self.over.load(Ordering::Acquire) && self.turns.begin() {
            let left = self.line.lock().take();
            drop(left);
            if !self.turns.end() {
                return;
            }
        }
    }
}

/// Told to everyone who waits for a pipeline whose runtime was shut down under it.
#[derive(Debug, thiserror::Error)]
#[error("the runtime that the pipeline was spawned on is gone")]
struct RuntimeGone;

/// What the lane's task holds. Dropped, as when the task is aborted, it lets everything go.
pub(crate) struct LaneTask<T: Send>(Arc<Runner<T>>);

impl<T: Send> LaneTask<T> {
    pub(crate) fn of(runner: &Arc<Runner<T>>) -> Self {
        Self(runner.clone())
    }

    /// Moves elements to the end of the line until the input ends, or any lane fails.
    pub(crate) async fn drive(self, front: Gate) {
        self.0.drive(front).await;
    }
}

impl<T: Send> Drop for LaneTask<T> {
    fn drop(&mut self) {
        // A task that came to its end, or that its pipeline let go, has the reason there already.
        if !self.0.is_over() {
            self.0.fate.seal(Error::failed(RuntimeGone));
        }
        self.0.over.store(true, Ordering::Release);
        self.0.sweep();
    }
}

impl<T> Running<T> {
    /// Takes a turn. Ready when the line is over.
    fn turn(&mut self, fate: &Fate, allowance: u32, cx: &mut Context<'_>) -> Poll<()> {
        self.allowance.set(allowance);
        let polled = catch_unwind(AssertUnwindSafe(|| self.poll(fate, cx)));
        self.allowance.set(u32::MAX);
        polled.unwrap_or_else(|panic| {
            // Stages and observers are caught where they are called; this may be a payload that is let go. Whoever runs
            // the lane must not take its turn along.
            fate.seal(Error::failed(panicked("a payload", &*panic)));
            self.ended = true;
            Poll::Ready(())
        })
    }

    /// Moves elements to the end of the line and settles them there.
    fn poll(&mut self, fate: &Fate, cx: &mut Context<'_>) -> Poll<()> {
        while !self.ended {
            // A lane with endless output, or receipts by the hundred thousand, lets others run.
            if let Some(owed) = &mut self.settling {
                ready!(self.allowance.poll_take(cx));
                if owed.settle_some(SETTLED_AT_ONCE) {
                    self.settling = None;
                }
                continue;
            }
            match ready!(poll_line(&mut self.line, &mut self.turn, fate, cx)) {
                None => self.ended = true,
                Some(Element::Data(envelope)) => self.settling = Some(envelope.owed),
                Some(Element::Drain(marker)) => marker.acknowledge(),
            }
        }
        Poll::Ready(())
    }
}

impl<T: Send> Run for Runner<T> {
    fn try_run(&self) -> bool {
        // A lane whose task has not begun yet is that task's to run.
        let Some(task) = self.task.get() else { return false };
        if !self.turns.begin() {
            return false;
        }
        let ended = {
            let _on_its_runtime = self.runtime.enter();
            let cx = &mut Context::from_waker(task);
            self.line.lock().as_mut().is_none_or(|line| line.turn(&self.fate, BY_CALLER, cx).is_ready())
        };
        let wanted = self.turns.end();
        self.sweep();
        // The end of a lane is for its task to see.
        if wanted || ended {
            task.wake_by_ref();
        }
        true
    }
}

/// The line's next element; at an error, or a panic, the fate is sealed and the line is at its end.
fn poll_line<T>(
    line: &mut ElementStream<T>,
    turn: &mut Option<Box<Turn>>,
    fate: &Fate,
    cx: &mut Context<'_>,
) -> Poll<Option<Element<T>>> {
    turn::taken(turn, || match catch_unwind(AssertUnwindSafe(|| line.as_mut().poll_next(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(None)) => Poll::Ready(None),
        Ok(Poll::Ready(Some(Ok(element)))) => Poll::Ready(Some(element)),
        Ok(Poll::Ready(Some(Err(error)))) => failed(fate, error),
        // Stages are caught in their places; this is what lies between them.
        Err(panic) => failed(fate, panicked("a stage", &*panic)),
    })
}

fn failed<T>(fate: &Fate, error: BoxError) -> Poll<Option<Element<T>>> {
    fate.seal(error.downcast::<Error>().map_or_else(Error::failed, |error| *error));
    Poll::Ready(None)
}
