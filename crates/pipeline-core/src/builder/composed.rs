//! The stages.

use super::{Builder, Next, NoLayerWaits};
use crate::ordered::{Effects, Limits, Ordered};
use crate::payload::Payload;
use crate::place::Place;
use crate::stage::{ElementStream, Lane, StageName, Staged, Transform};
use crate::{BoxError, Element, Envelope, Gate, Weigh};
use futures::StreamExt;
use tower::layer::util::Identity;
use tower::{Layer, Service, service_fn};

impl<Front: Send + 'static, T: Send + 'static, L> Builder<Front, T, L> {
    /// A one-to-one stage: a tower service over envelopes, with the name, layers and limits that were set for it.
    ///
    /// # Order
    /// Kept per route, whatever the concurrency; one call per route at a time unless declared otherwise. Markers are
    /// carried past.
    ///
    /// # Errors
    /// A call's error fails the pipeline, and every waiter gets it, under the stage's name. So it is with the elements
    /// whose envelopes the call let go of before, in its own task or wherever. One that is let go of by a call that does
    /// not fail is lost, and that fails the pipeline too. A service must not change the route.
    pub fn service<S, Out>(self, service: S) -> Builder<Front, Out>
    where
        L: Layer<S>,
        L::Service: Service<Envelope<T>, Response = Envelope<Out>> + Clone + Send + 'static,
        <L::Service as Service<Envelope<T>>>::Error: Into<BoxError>,
        <L::Service as Service<Envelope<T>>>::Future: Send,
        Out: Send + 'static,
    {
        let Next { name, layers, limits, per_route, effects } = self.next;
        let limits = Limits {
            per_route: match effects {
                Effects::InOrderOfCalls => 1,
                Effects::Free | Effects::OrderedWithin => per_route.unwrap_or(limits.concurrency),
            },
            ..limits
        };
        let next = Next { name, ..Next::new() };
        let service = layers.layer(service);
        Builder { join: self.join, stages: self.stages, next, whole: self.whole }.stage(
            move |upstream, lane, name| {
                let ordered = Ordered::new(upstream, service.clone(), limits);
                let books = lane.books.of_stage(lane.place.stage);
                ordered.standing(lane.fate.clone(), name.clone(), lane.place, books)
            },
        )
    }

    /// A one-to-one stage over payloads: any tower service from what comes to what goes on, so that retries, hedging,
    /// time limits and the layers of other crates fit as they are. The envelope goes around it.
    ///
    /// ```
    /// use pipeline_core::{BoxError, Pipeline};
    /// use std::time::Duration;
    /// use tower::{ServiceBuilder, service_fn};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let lengths = ServiceBuilder::new()
    ///     .concurrency_limit(8)
    ///     .service(service_fn(|text: String| async move { Ok::<_, BoxError>(text.len()) }));
    /// let (sink, pipeline) = Pipeline::builder::<String>().named("lengths").payload(lengths).spawn();
    /// # drop((sink, pipeline));
    /// # }
    /// ```
    ///
    /// Order, limits and errors are those of [`service`](Self::service).
    pub fn payload<S, Out>(self, service: S) -> Builder<Front, Out>
    where
        L: Layer<Payload<S>>,
        L::Service: Service<Envelope<T>, Response = Envelope<Out>> + Clone + Send + 'static,
        <L::Service as Service<Envelope<T>>>::Error: Into<BoxError>,
        <L::Service as Service<Envelope<T>>>::Future: Send,
        Out: Send + 'static,
    {
        self.service(Payload::new(service))
    }
}

impl<Front: Send + 'static, T: Send + 'static, L> Builder<Front, T, L> {
    /// A regrouping stage.
    pub fn transform<X>(self, stage: X) -> Builder<Front, X::Out>
    where
        X: Transform<T> + 'static,
        L: NoLayerWaits,
    {
        self.layered().stage(move |upstream, lane, _| stage.join(upstream, lane))
    }

    /// A gate as a stage of its own: elements come by one after the other while it is open, and hold their lease to
    /// their flush ack.
    pub fn gate(self, gate: Gate) -> Builder<Front, T>
    where
        T: Weigh,
        L: NoLayerWaits,
    {
        let passes = service_fn(|envelope: Envelope<T>| std::future::ready(Ok::<_, BoxError>(envelope)));
        self.layered().effect_free().watermarks(gate).service(passes)
    }

    /// The place of the enqueue ack: whatever passes here has it, and its source may go on.
    ///
    /// Without it the enqueue ack comes with the flush ack. What is held from here on is bounded by a gate before, such
    /// as [`watermarks`](Builder::watermarks), whose leases last to the flush ack; where there is none, the front door's
    /// gate goes on to bound it.
    ///
    /// # Panics
    /// If something was said about a stage that does not come: a wake has no name and no limits.
    #[track_caller]
    pub fn wake(self) -> Builder<Front, T>
    where
        L: NoLayerWaits,
    {
        self.next.is_nothing("wake");
        let Self { join, stages, next: _, whole } = self;
        let join = Box::new(move |stream: ElementStream<Front>, lane: &mut Lane| -> ElementStream<T> {
            let upstream = join(stream, lane);
            lane.pressure.enqueued();
            let (books, gates) = (lane.books.clone(), lane.pressure.announced());
            Box::pin(upstream.map(move |item| {
                item.map(|element| match element {
                    Element::Data(mut envelope) => {
                        if envelope.owed.keeps_front() {
                            gates.front_lasts();
                        }
                        envelope.owed.enqueue();
                        books.woken();
                        Element::Data(envelope)
                    }
                    Element::Drain(marker) => Element::Drain(marker),
                })
            }))
        });
        Builder { join, stages, next: Next::new(), whole }
    }

    /// Leaves out, on purpose, what does not pass: its receipts say so, and `discarded` counts it under `reason`.
    pub fn filter(
        self,
        reason: &'static str,
        passes: impl Fn(&T) -> bool + Clone + Send + 'static,
    ) -> Builder<Front, T>
    where
        L: NoLayerWaits,
    {
        self.layered().stage(move |upstream, _, _| {
            let passes = passes.clone();
            upstream.filter_map(move |item| {
                let kept = match item {
                    Ok(Element::Data(envelope)) if !passes(&envelope.payload) => {
                        envelope.owed.discard(reason);
                        None
                    }
                    other => Some(other),
                };
                std::future::ready(kept)
            })
        })
    }

    /// Makes several elements of one, in its place in the order. The one is durable when all of them are; one that
    /// nothing is made of is discarded, as `empty`.
    pub fn flat_map<Out, Parts>(
        self,
        parts: impl Fn(T) -> Parts + Clone + Send + 'static,
    ) -> Builder<Front, Out>
    where
        Parts: IntoIterator<Item = Out>,
        Out: Send + 'static,
        L: NoLayerWaits,
    {
        self.layered().stage(move |upstream, _, _| {
            let parts = parts.clone();
            upstream.flat_map(move |item| {
                let parts: Vec<Result<Element<Out>, BoxError>> = match item {
                    Ok(Element::Data(Envelope { route, owed, payload })) => {
                        let payloads: Vec<Out> = parts(payload).into_iter().collect();
                        if payloads.is_empty() {
                            owed.discard("empty");
                            Vec::new()
                        } else {
                            let owed = owed.split(payloads.len());
                            let part = |(owed, payload)| Ok(Element::Data(Envelope { route, owed, payload }));
                            owed.into_iter().zip(payloads).map(part).collect()
                        }
                    }
                    Ok(Element::Drain(marker)) => vec![Ok(Element::Drain(marker))],
                    Err(error) => vec![Err(error)],
                };
                futures::stream::iter(parts)
            })
        })
    }

    /// The same builder, whose layers are known to be none.
    pub(super) fn layered(self) -> Builder<Front, T>
    where
        L: NoLayerWaits,
    {
        let Next { name, .. } = self.next;
        let next = Next { name, ..Next::new() };
        Builder { join: self.join, stages: self.stages, next, whole: self.whole }
    }
}

impl<Front: Send + 'static, T: Send + 'static> Builder<Front, T, Identity> {
    /// Puts a stage behind those so far, in its place, under its name.
    pub(super) fn stage<Out, S>(
        self,
        stage: impl Fn(ElementStream<T>, &Lane, &StageName) -> S + Send + 'static,
    ) -> Builder<Front, Out>
    where
        Out: Send + 'static,
        S: futures::Stream<Item = Result<Element<Out>, BoxError>> + Send + 'static,
    {
        let Self { join, mut stages, next, whole } = self;
        let number = super::number_behind(&stages);
        let name = StageName::new(next.name.as_deref(), number);
        stages.push(name.clone());
        let join = Box::new(move |stream: ElementStream<Front>, lane: &mut Lane| -> ElementStream<Out> {
            let upstream = join(stream, lane);
            lane.place = Place { stage: number, ..lane.place };
            lane.pressure.is_for(number);
            Box::pin(Staged::new(stage(upstream, lane, &name), name.clone(), lane.place))
        });
        Builder { join, stages, next: Next::new(), whole }
    }
}
