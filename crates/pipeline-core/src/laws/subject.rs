//! What the kit has to know of a stage to put it on trial.

use super::store::Store;
use super::trial::ROOMY;
use crate::{Builder, Gate, Levels, RouteId, Weigh};
use std::sync::Arc;

pub(super) type AddStage<In, Out> = Box<dyn Fn(Builder<In, In>, Gate) -> Builder<In, Out>>;

/// A stage over the kit's store.
pub(super) type OverStore<In, Out> = Box<dyn Fn(Store) -> AddStage<In, Out>>;

/// Reads the numbers of the elements that an output is made of.
pub(super) type Numbers<Out> = Arc<dyn Fn(&Out) -> Vec<u64> + Send + Sync>;

/// A stage on trial: how to add it to a pipeline, how to make its input, how to read its output.
///
/// The kit numbers the elements of each route 0, 1, 2, …; what comes out must tell which numbers went in.
pub struct Subject<In, Out> {
    pub(super) add: AddStage<In, Out>,
    pub(super) gated: bool,
    pub(super) input: Box<dyn Fn(RouteId, u64) -> In>,
    pub(super) numbers: Numbers<Out>,
    pub(super) stuck: Option<Box<dyn Fn(RouteId) -> In>>,
    pub(super) wakes: Option<u64>,
    pub(super) fails: Option<Box<dyn Fn(RouteId) -> In>>,
    pub(super) over_store: Option<OverStore<In, Out>>,
}

impl<In: Weigh + Send + 'static, Out: Send + 'static> Subject<In, Out> {
    /// A stage, a way to make a payload of a route and a number, and a way to read the numbers back: one of an
    /// output that is one to one, several in order of a batch.
    ///
    /// `stage` is called once per pipeline that the kit starts, within a tokio runtime.
    pub fn new(
        stage: impl Fn(Builder<In, In>) -> Builder<In, Out> + 'static,
        input: impl Fn(RouteId, u64) -> In + 'static,
        numbers: impl Fn(&Out) -> Vec<u64> + Send + Sync + 'static,
    ) -> Self {
        Self { gated: false, ..Self::gated(move |builder, _| stage(builder), input, numbers) }
    }

    /// The same for a stage with a gate in it, which the kit makes: put it where elements pass one by one, with
    /// [`Builder::watermarks`].
    pub fn gated(
        stage: impl Fn(Builder<In, In>, Gate) -> Builder<In, Out> + 'static,
        input: impl Fn(RouteId, u64) -> In + 'static,
        numbers: impl Fn(&Out) -> Vec<u64> + Send + Sync + 'static,
    ) -> Self {
        Self {
            add: Box::new(stage),
            gated: true,
            input: Box::new(input),
            numbers: Arc::new(numbers),
            stuck: None,
            wakes: None,
            fails: None,
            over_store: None,
        }
    }

    /// Says that the stage gives the enqueue ack itself, and holds at most so many bytes after it: where there is a
    /// gate, the kit makes this its high level. Keep it to some thousands of payloads.
    pub fn wakes(self, holds_at_most: u64) -> Self {
        Self { wakes: Some(holds_at_most), ..self }
    }

    /// Makes a payload that the stage never gets done with, to see that it holds up its own route only, and that
    /// what is behind it does not pile up.
    pub fn stuck(self, payload: impl Fn(RouteId) -> In + 'static) -> Self {
        Self { stuck: Some(Box::new(payload)), ..self }
    }

    /// Makes a payload that the stage fails at, to see that everybody hears of that.
    pub fn fails(self, payload: impl Fn(RouteId) -> In + 'static) -> Self {
        Self { fails: Some(Box::new(payload)), ..self }
    }

    /// Builds the same stage over the kit's store, to see in which order its effects are seen.
    pub fn effects(
        self,
        over: impl Fn(Builder<In, In>, Store) -> Builder<In, Out> + Clone + 'static,
    ) -> Self {
        let over_store: OverStore<In, Out> = Box::new(move |store| {
            let over = over.clone();
            Box::new(move |builder, _| over(builder, store.clone()))
        });
        Self { over_store: Some(over_store), ..self }
    }

    /// Levels for the stage's own gate that keep it to what it says it holds.
    pub(super) fn tight(&self) -> Levels {
        self.wakes.map_or(ROOMY, |holds| Levels { high: holds, low: holds / 2 })
    }

    pub(super) fn weight(&self) -> u64 {
        (self.input)(RouteId(0), 0).weight().max(1)
    }
}
