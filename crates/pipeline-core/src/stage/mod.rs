//! What a stage is: elements in, elements out.

mod name;
mod room;
mod staged;
mod upstream;

pub use room::GiveBack;
pub use upstream::Upstream;

pub(crate) use name::StageName;
pub(crate) use staged::Staged;

use crate::fate::Fate;
use crate::metrics::LaneBooks;
use crate::place::Place;
use crate::{BoxError, Element};
use futures::Stream;
use std::pin::Pin;
use std::sync::Arc;

/// The stream between two stages. An error ends the pipeline.
pub type ElementStream<T> = Pin<Box<dyn Stream<Item = Result<Element<T>, BoxError>> + Send>>;

/// A regrouping stage: a stream transformer that handles markers by hand.
///
/// A one-to-one stage is a tower service instead and never sees a marker
/// ([`Builder::service`](crate::Builder::service)).
///
/// # Order
/// Per route, data and markers leave in the order they came.
///
/// # Example
/// Pairs of texts, whoever's route they are of. What is left over at a marker, or at the end, goes alone; so nothing
/// waits for input that may never come.
///
/// ```
/// use futures::{StreamExt, stream};
/// use pipeline_core::{Element, ElementStream, Envelope, Lane, Transform};
///
/// struct Pairs;
///
/// impl Transform<String> for Pairs {
///     type Out = Vec<String>;
///
///     fn join(&self, upstream: ElementStream<String>, _lane: &Lane) -> ElementStream<Vec<String>> {
///         let mut waiting: Option<Envelope<Vec<String>>> = None;
///         let ends = upstream.map(Some).chain(stream::once(async { None }));
///         Box::pin(ends.flat_map(move |item| {
///             let mut out = Vec::new();
///             match item {
///                 Some(Ok(Element::Data(envelope))) => match waiting.take() {
///                     Some(mut pair) if pair.route == envelope.route => {
///                         pair.payload.push(envelope.payload);
///                         pair.owed.absorb(envelope.owed); // one debt, in their order
///                         out.push(Ok(Element::Data(pair)));
///                     }
///                     other => {
///                         out.extend(other.map(|alone| Ok(Element::Data(alone))));
///                         waiting = Some(envelope.map(|text| vec![text]));
///                     }
///                 },
///                 Some(Ok(Element::Drain(marker))) => {
///                     out.extend(waiting.take().map(|alone| Ok(Element::Data(alone))));
///                     out.push(Ok(Element::Drain(marker))); // behind what came before it
///                 }
///                 Some(Err(error)) => out.push(Err(error)),
///                 None => out.extend(waiting.take().map(|alone| Ok(Element::Data(alone)))),
///             }
///             stream::iter(out)
///         }))
///     }
/// }
/// # fn main() { let _ = Pairs; }
/// ```
///
/// A stage that keeps elements for longer than this one asks [`Lane::pressure`] when its input is pending, and lets
/// go of what it holds while a gate before it is shut.
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
    pub(crate) fate: Fate,
    pub(crate) books: Arc<LaneBooks>,
    /// The stage that is being joined.
    pub(crate) place: Place,
}
