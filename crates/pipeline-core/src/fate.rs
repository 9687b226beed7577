//! One fate for all: the first error of a pipeline, known to everyone who waits for it.

use crate::Error;
use crate::announced::Announced;
use crate::loss::Loss;
use crate::metrics::Telemetry;
use crate::place::Place;
use crate::stage::StageName;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// How long a call may go on after it has let go of its envelope, before that is a loss whatever the call says.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a pipeline still runs, and if not, why. Clones share it.
#[derive(Clone, Debug)]
pub struct Fate(Arc<Shared>);

/// Behind one pointer: every receipt holds it.
struct Shared {
    end: watch::Sender<Option<Error>>,
    closing: AtomicBool,
    /// The stages by their number, from 1 on.
    stages: Vec<StageName>,
    gates: Arc<Announced>,
    telemetry: Telemetry,
    /// Elements left out on purpose; made with the first.
    discarded: OnceLock<Counter<u64>>,
    /// Where timers run, whichever thread loses something. None in models.
    runtime: Option<Handle>,
    /// Losses that wait for what a call says: as many as there are calls under way, at most.
    waiting: Mutex<Vec<Loss>>,
    /// How many, to be looked at without the lock.
    waiting_count: AtomicUsize,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("end", &self.end).field("stages", &self.stages).finish_non_exhaustive()
    }
}

impl Fate {
    /// The fate of a pipeline without stages, for models.
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self::of(Vec::new(), Arc::default(), Telemetry::default())
    }

    /// The fate of a pipeline with these stages.
    pub(crate) fn of(stages: Vec<StageName>, gates: Arc<Announced>, telemetry: Telemetry) -> Self {
        Self(Arc::new(Shared {
            end: watch::Sender::new(None),
            closing: AtomicBool::new(false),
            stages,
            gates,
            telemetry,
            discarded: OnceLock::new(),
            runtime: Handle::try_current().ok(),
            waiting: Mutex::default(),
            waiting_count: AtomicUsize::new(0),
        }))
    }

    /// Ends the pipeline, unless it has ended already: the first error stays.
    ///
    /// Set it before anything is dropped, so that whoever then finds its element lost finds the reason here.
    pub(crate) fn seal(&self, error: Error) {
        self.0.end.send_if_modified(|end| {
            let first = end.is_none();
            if first {
                *end = Some(error);
            }
            first
        });
        // Whatever a call might yet say: this is the reason.
        self.take_waiting(|_| true).into_iter().for_each(|loss| (loss.tell)());
    }

    /// Lets nothing new in; what is inside goes on.
    pub(crate) fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
    }

    /// Why the pipeline ended; `None` while it runs.
    pub fn error(&self) -> Option<Error> {
        self.0.end.borrow().clone()
    }

    /// Why nothing can be sent any more; `None` while something can.
    pub(crate) fn refusal(&self) -> Option<Error> {
        self.error().or_else(|| self.0.closing.load(Ordering::Acquire).then(Error::closed))
    }

    /// What to tell someone whose element was dropped.
    pub(crate) fn explain_loss(&self) -> Error {
        self.refusal().unwrap_or_else(Error::lost)
    }

    /// Counts an element that was left out on purpose.
    pub(crate) fn discarded(&self, reason: &'static str) {
        let made = || self.0.telemetry.counter("discarded", "", "Elements left out on purpose, by reason.");
        let counter = self.0.discarded.get_or_init(made);
        counter.add(1, &self.0.telemetry.labels([KeyValue::new("reason", reason)]));
    }

    /// A stage by its number.
    pub(crate) fn stage(&self, number: u16) -> StageName {
        let named = usize::from(number).checked_sub(1).and_then(|place| self.0.stages.get(place));
        named.cloned().unwrap_or_default()
    }

    /// Keeps a loss until the call that it happened in has ended.
    pub(crate) fn wait_for_its_call(&self, loss: Loss) {
        {
            let mut waiting = self.0.waiting.lock();
            waiting.push(loss);
            self.0.waiting_count.store(waiting.len(), Ordering::Release);
        }
        if self.error().is_some() {
            return self.take_waiting(|_| true).into_iter().for_each(|loss| (loss.tell)());
        }
        // The call may be over already: the lane is to look.
        self.0.gates.wake_lanes();
        if let Some(runtime) = &self.0.runtime {
            let fate = self.clone();
            runtime.spawn(async move {
                tokio::select! {
                    _ = fate.sealed() => {}
                    () = tokio::time::sleep(PATIENCE) => {
                        let lost = fate.0.waiting.lock().first().map(Loss::error);
                        lost.into_iter().for_each(|error| fate.seal(error));
                    }
                }
            });
        }
    }

    /// Losses in this stage of this lane whose calls are over; mostly none, at the cost of a look.
    pub(crate) fn unexplained(&self, stage: Place, is_under_way: impl Fn(u32) -> bool) -> Option<Error> {
        if self.0.waiting_count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let over = self.take_waiting(|loss| loss.place.is_beside(stage) && !is_under_way(loss.place.call));
        let error = over.first()?.error();
        self.seal(error.clone());
        over.into_iter().for_each(|loss| (loss.tell)());
        Some(error)
    }

    fn take_waiting(&self, which: impl Fn(&Loss) -> bool) -> Vec<Loss> {
        let mut waiting = self.0.waiting.lock();
        let taken: Vec<Loss> = waiting.extract_if(.., |loss| which(loss)).collect();
        self.0.waiting_count.store(waiting.len(), Ordering::Release);
        taken
    }

    /// Waits for the end.
    pub async fn sealed(&self) -> Error {
        let mut watch = self.0.end.subscribe();
        match watch.wait_for(Option::is_some).await {
            Ok(end) => end.clone().unwrap_or_else(Error::closed),
            // Not reached while `self` holds the sender.
            Err(_) => Error::closed(),
        }
    }
}
