//! Composes stages into a pipeline, from the front door to the end of the line.

use crate::fate::Fate;
use crate::front::{FrontDoor, LaneDoor};
use crate::gate::{Gate, Levels};
use crate::mailbox::mailbox;
use crate::ordered::{Limits, Ordered};
use crate::pipeline::Pipeline;
use crate::runner::{Allowance, LaneTask, Runner};
use crate::stage::{ElementStream, Lane, Transform, Upstream};
use crate::watermark::WatermarkLayer;
use crate::{BoxError, Element, Envelope, Weigh};
use futures::StreamExt;
use std::sync::Arc;
use tower::layer::util::{Identity, Stack};
use tower::{Layer, Service};

/// The default of [`Builder::front`]: 8 MiB, open again at 4 MiB.
const FRONT: Levels = Levels { high: 8 << 20, low: 4 << 20 };

/// Joins the stages so far to one lane.
type Join<Front, T> = Box<dyn Fn(ElementStream<Front>, &mut Lane) -> ElementStream<T> + Send>;

/// Puts stages in a row; made by [`Pipeline::builder`].
///
/// `Front` is what the front door takes, `T` what has come out so far, `L` the layers that wait for the next
/// service.
pub struct Builder<Front, T, L = Identity> {
    join: Join<Front, T>,
    layers: L,
    limits: Limits,
    /// Gates among the layers that wait, for the stages after them to feel.
    gates: Vec<Gate>,
    lanes: usize,
    front: Levels,
}

impl<Front: Send + 'static> Builder<Front, Front> {
    pub(crate) fn new() -> Self {
        Self {
            join: Box::new(|stream, _| stream),
            layers: Identity::new(),
            limits: Limits::default(),
            gates: Vec::new(),
            lanes: 1,
            front: FRONT,
        }
    }
}

impl<Front: Send + 'static, T: Send + 'static, L> Builder<Front, T, L> {
    /// How many lanes run side by side, each a task of its own. A route runs in one of them. Default 1.
    ///
    /// # Panics
    /// If 0.
    pub fn lanes(mut self, lanes: usize) -> Self {
        assert!(lanes > 0, "a pipeline needs a lane");
        self.lanes = lanes;
        self
    }

    /// The levels of the gate at the front door, over the bytes of payloads that are not enqueued yet.
    pub fn front(mut self, levels: Levels) -> Self {
        self.front = levels;
        self
    }

    /// How many calls of the next service run at once in a lane. Default 1.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.limits.concurrency = calls;
        self
    }

    /// How many calls of the next service run at once for one route. Default: no limit of its own.
    pub fn per_route(mut self, calls: usize) -> Self {
        self.limits.per_route = calls;
        self
    }

    /// A tower layer around the next service. Layers added first are outermost, as in tower's `ServiceBuilder`.
    pub fn layer<M>(self, layer: M) -> Builder<Front, T, Stack<M, L>> {
        Builder {
            join: self.join,
            layers: Stack::new(layer, self.layers),
            limits: self.limits,
            gates: self.gates,
            lanes: self.lanes,
            front: self.front,
        }
    }

    /// A [`WatermarkLayer`] around the next service. Stages after it feel when the gate is shut.
    pub fn watermarks(mut self, gate: Gate) -> Builder<Front, T, Stack<WatermarkLayer, L>> {
        self.gates.push(gate.clone());
        self.layer(WatermarkLayer::with_gate(gate))
    }

    /// Makes the stages after the next service feel a gate that the service has inside, as a spool has: they let go
    /// of what they hold while it is shut.
    pub fn feeling(mut self, gate: Gate) -> Self {
        self.gates.push(gate);
        self
    }

    /// A one-to-one stage: a tower service over envelopes, with the layers and limits that were set for it.
    ///
    /// # Order
    /// Kept per route, whatever the concurrency. Markers are carried past.
    ///
    /// # Errors
    /// A call's error fails the pipeline, and every waiter gets it. A service that gives its envelope to a task of
    /// its own keeps it alive until the call has returned that error: what is dropped before is told to be lost.
    pub fn service<S, Out>(self, service: S) -> Builder<Front, Out>
    where
        L: Layer<S>,
        L::Service: Service<Envelope<T>, Response = Envelope<Out>> + Clone + Unpin + Send + 'static,
        <L::Service as Service<Envelope<T>>>::Error: Into<BoxError>,
        <L::Service as Service<Envelope<T>>>::Future: Send,
        Out: Send + 'static,
    {
        let Self { join, layers, limits, gates, lanes, front } = self;
        let service = layers.layer(service);
        Builder {
            join: Box::new(move |stream, lane| {
                let upstream = join(stream, lane);
                gates.iter().for_each(|gate| lane.pressure.add(gate.pressure()));
                Box::pin(Ordered::new(upstream, service.clone(), limits))
            }),
            layers: Identity::new(),
            limits: Limits::default(),
            gates: Vec::new(),
            lanes,
            front,
        }
    }
}

impl<Front: Send + 'static, T: Send + 'static> Builder<Front, T> {
    /// A regrouping stage.
    pub fn transform<X>(self, stage: X) -> Builder<Front, X::Out>
    where
        X: Transform<T> + 'static,
    {
        self.then(move |upstream, lane| stage.join(upstream, lane))
    }

    /// The place of the enqueue ack: whatever passes here has it, and its source may go on.
    ///
    /// Without it the enqueue ack comes with the flush ack. From here on the front door's gate bounds nothing any
    /// more: put [`watermarks`](Builder::watermarks) before it, whose leases last to the flush ack.
    pub fn wake(self) -> Self {
        let wakes = crate::metrics::wake_calls();
        self.then(move |upstream, lane| {
            lane.pressure.enqueued();
            let wakes = wakes.clone();
            Box::pin(upstream.map(move |item| {
                item.map(|element| match element {
                    Element::Data(mut envelope) => {
                        envelope.owed.enqueue();
                        wakes.add(1, &[]);
                        Element::Data(envelope)
                    }
                    Element::Drain(marker) => Element::Drain(marker),
                })
            }))
        })
    }

    /// Starts the lanes, and gives the way in and the handle.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn spawn(self) -> (FrontDoor<Front>, Pipeline)
    where
        Front: Weigh,
    {
        let fate = Fate::new();
        let gate = Gate::new(self.front);
        let mut tasks = tokio::task::JoinSet::new();
        let mut lanes = Vec::with_capacity(self.lanes);
        for index in 0..self.lanes {
            let allowance = Allowance::default();
            let (mailbox, deliveries) = mailbox(allowance.clone());
            let mut lane = Lane { index, pressure: Upstream::behind(gate.pressure()) };
            let line = (self.join)(Box::pin(deliveries.map(Ok)), &mut lane);
            let runner = Arc::new(Runner::new(line, allowance, fate.clone()));
            lanes.push(LaneDoor { mailbox, runner: runner.clone() });
            tasks.spawn(LaneTask::of(&runner).drive(gate.clone()));
        }
        let door = FrontDoor::new(lanes, fate.clone(), gate);
        let doors = door.doors();
        (door, Pipeline::new(tasks, fate, move || doors.close()))
    }

    fn then<Out: Send + 'static>(
        self,
        stage: impl Fn(ElementStream<T>, &mut Lane) -> ElementStream<Out> + Send + 'static,
    ) -> Builder<Front, Out> {
        let Self { join, layers, limits, gates, lanes, front } = self;
        Builder {
            join: Box::new(move |stream, lane| {
                let upstream = join(stream, lane);
                stage(upstream, lane)
            }),
            layers,
            limits,
            gates,
            lanes,
            front,
        }
    }
}
