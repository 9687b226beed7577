//! What a stage is: elements in, elements out.

use crate::gate::Pressure;
use crate::{BoxError, Element};
use futures::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The stream between two stages. An error ends the pipeline.
pub type ElementStream<T> = Pin<Box<dyn Stream<Item = Result<Element<T>, BoxError>> + Send>>;

/// A regrouping stage: a stream transformer that handles markers by hand.
///
/// A one-to-one stage is a tower service instead and never sees a marker
/// ([`Builder::service`](crate::Builder::service)).
///
/// # Order
/// Per route, data and markers leave in the order they came.
pub trait Transform<In>: Send {
    /// What comes out.
    type Out: Send + 'static;

    /// Joins the stage to one lane. Called once per lane, when the pipeline is spawned.
    fn join(&self, upstream: ElementStream<In>, lane: &Lane) -> ElementStream<Self::Out>;
}

/// What a stage knows about the lane it runs in.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Which lane, from 0.
    pub index: usize,
    /// The gates before this stage, and the front door's until the enqueue ack.
    pub pressure: Upstream,
}

/// All gates before a stage, as one [`Pressure`].
#[derive(Clone, Debug, Default)]
pub struct Upstream {
    /// The front door's gate, for those who hold what is not enqueued yet.
    front: Option<Pressure>,
    gates: Vec<Pressure>,
}

impl Upstream {
    pub(crate) fn behind(front: Pressure) -> Self {
        Self { front: Some(front), gates: Vec::new() }
    }

    /// From here on nothing that is held keeps the front door shut.
    pub(crate) fn enqueued(&mut self) {
        self.front = None;
    }

    pub(crate) fn add(&mut self, gate: Pressure) {
        self.gates.push(gate);
    }

    /// Ready while one of the gates is shut; otherwise the task is woken when one shuts.
    ///
    /// A stage that holds elements asks this when its input is pending, and lets go of what it holds if ready.
    pub fn poll_shut(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut shut = Poll::Pending;
        for gate in self.front.iter_mut().chain(&mut self.gates) {
            if gate.poll_shut(cx).is_ready() {
                shut = Poll::Ready(());
            }
        }
        shut
    }
}
