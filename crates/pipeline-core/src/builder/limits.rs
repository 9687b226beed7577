//! What is said about the next stage, and about the pipeline as a whole.

use super::{Builder, Next};
use crate::gate::{Gate, Levels};
use crate::metrics::Telemetry;
use crate::ordered::Effects;
use crate::watermark::WatermarkLayer;
use tower::layer::util::{Identity, Stack};

impl<Front: Send + 'static, T: Send + 'static, L> Builder<Front, T, L> {
    /// How many lanes run side by side, each a task of its own. A route runs in one of them. Default 1.
    ///
    /// # Panics
    /// If 0.
    #[track_caller]
    pub fn lanes(mut self, lanes: usize) -> Self {
        assert!(lanes > 0, "a pipeline needs a lane");
        self.whole.lanes = lanes;
        self
    }

    /// The levels of the gate at the front door, over the bytes of payloads that are not enqueued yet. Default 8 MiB,
    /// open again at 4 MiB.
    pub fn front(mut self, levels: Levels) -> Self {
        self.whole.front = levels;
        self
    }

    /// Lets whoever calls the front door run light elements up to where they wait, if nobody runs their lane just then.
    ///
    /// A wake then costs no change of task, which is most of what a small element costs at all. Only for a line whose
    /// every stage up to [`wake`](Builder::wake) is known to be light: what is slow there makes `call` slow, and sees
    /// the caller's task-locals. Observers are called from callers, too: hold no lock across a call that one takes.
    pub fn run_by_caller(mut self) -> Self {
        self.whole.by_caller = true;
        self
    }

    /// Where the pipeline's instruments are made ([`metrics`](crate::metrics)). Default: the global meter.
    pub fn telemetry(mut self, telemetry: Telemetry) -> Self {
        self.whole.telemetry = Some(telemetry);
        self
    }

    /// The next stage's name: in errors, spans and metrics.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.next.name = Some(name.into());
        self
    }

    /// How many calls of the next service run at once in a lane. Default 64.
    ///
    /// With 1, a call that is stuck holds up every route; otherwise a route gets at most half of the places.
    ///
    /// # Panics
    /// If 0.
    #[track_caller]
    pub fn concurrency(mut self, calls: usize) -> Self {
        assert!(calls > 0, "a concurrency of 0 would let nothing through");
        self.next.limits.concurrency = calls;
        self
    }

    /// How many calls of the next service run at once for one route, if it is free of effects, or orders them itself.
    /// Default: half of the concurrency.
    ///
    /// # Panics
    /// If 0.
    #[track_caller]
    pub fn per_route(mut self, calls: usize) -> Self {
        assert!(calls > 0, "a limit of 0 calls per route would let nothing through");
        self.next.per_route = Some(calls);
        self
    }

    /// Declares that the next service does nothing that anyone can see but give its output, as an encoder: calls of one
    /// route may run side by side.
    pub fn effect_free(mut self) -> Self {
        self.next.effects = Effects::Free;
        self
    }

    /// Declares that the next service brings its effects in the order of the calls of each route itself: calls of one
    /// route may run side by side.
    pub fn orders_effects(mut self) -> Self {
        self.next.effects = Effects::OrderedWithin;
        self
    }

    /// A tower layer around the next service. Layers added first are outermost, as in tower's `ServiceBuilder`.
    pub fn layer<M>(self, layer: M) -> Builder<Front, T, Stack<M, L>> {
        let Next { name, layers, limits, per_route, effects } = self.next;
        let layers = Stack::new(layer, layers);
        let next = Next { name, layers, limits, per_route, effects };
        Builder { join: self.join, stages: self.stages, next, whole: self.whole }
    }

    /// A [`WatermarkLayer`] around the next service.
    ///
    /// Stages after it feel when the gate is shut. So they do with any gate on the way, be it in a layer or inside a
    /// service: it announces itself the first time that somebody waits at it.
    pub fn watermarks(self, gate: Gate) -> Builder<Front, T, Stack<WatermarkLayer, L>> {
        self.layer(WatermarkLayer::with_gate(gate))
    }
}

/// Layers that stand around a service already: none are left over.
///
/// [`Builder::layer`] and [`Builder::watermarks`] are for the next [`Builder::service`].
///
/// ```compile_fail
/// use pipeline_core::{Gate, Levels, Pipeline};
///
/// // A gate around nothing.
/// Pipeline::builder::<String>().watermarks(Gate::new(Levels { high: 2, low: 1 })).wake();
/// ```
#[diagnostic::on_unimplemented(
    message = "a layer waits for its service here",
    label = "`.layer(…)` and `.watermarks(…)` come before the `.service(…)` that they stand around"
)]
pub trait NoLayerWaits: sealed::Sealed {}

impl NoLayerWaits for Identity {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for tower::layer::util::Identity {}
}
