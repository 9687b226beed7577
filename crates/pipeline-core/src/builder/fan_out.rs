//! One input, two lines.

use super::{Builder, Next, NoLayerWaits};
use crate::mailbox::{Mailbox, mailbox};
use crate::place::Place;
use crate::stage::{ElementStream, Lane};
use crate::{BoxError, DrainMarker, Element, Envelope};
use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// How many elements are passed on before the lines are looked at again.
const AT_ONCE: usize = 64;

impl<Front: Send + 'static, T: Clone + Send + 'static, L> Builder<Front, T, L> {
    /// Sends everything down two lines. An element is enqueued when both have enqueued it, and flushed when both are
    /// done with it; a marker drains both. What comes out of the lines is at its end there.
    ///
    /// # Order
    /// In each line, as in any. The lines do not wait for each other.
    ///
    /// # Bound
    /// An element's leases last until both lines are done with it, so the slower one's pressure is the whole's. What is
    /// cloned is not paid for twice: let `T` be cheap to clone, like `Bytes` or an `Arc`.
    ///
    /// # Example
    /// Everything is kept, and what is large is told of besides; a text is flushed when both are done.
    ///
    /// ```
    /// use pipeline_core::{BoxError, Pipeline, RouteId, Routed};
    /// use tower::{Service, ServiceExt, service_fn};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// let keep = service_fn(|text: String| async move { Ok::<_, BoxError>(println!("kept: {text}")) });
    /// let tell = service_fn(|text: String| async move { Ok::<_, BoxError>(println!("large: {text}")) });
    /// let (mut sink, pipeline) = Pipeline::builder::<String>()
    ///     .fan_out(
    ///         |line| line.named("keep").payload(keep),
    ///         |line| line.filter("small", |text| text.len() > 3).named("tell").payload(tell),
    ///     )
    ///     .spawn();
    /// let receipt = sink.ready().await?.call(Routed::new(RouteId(1), String::from("a whale"))).await?;
    /// receipt.flushed().await?;
    /// # Ok(pipeline.close().await?)
    /// # }
    /// ```
    ///
    /// # Panics
    /// If a line sets what is the whole pipeline's (lanes, front, telemetry, who runs it), or ends with settings for a
    /// stage that does not come.
    #[track_caller]
    pub fn fan_out<A, B>(
        self,
        one: impl FnOnce(Builder<T, T>) -> Builder<T, A>,
        other: impl FnOnce(Builder<T, T>) -> Builder<T, B>,
    ) -> Builder<Front, ()>
    where
        A: Send + 'static,
        B: Send + 'static,
        L: NoLayerWaits,
    {
        self.next.is_nothing("fan_out");
        let Builder { join, stages, next: _, whole } = self;
        let begins_at = super::number_behind(&stages);
        let one = one(Builder::behind(stages));
        one.next.is_nothing("the end of a line");
        one.whole.is_nothing();
        let begins = (begins_at, super::number_behind(&one.stages));
        let other = other(Builder::behind(one.stages));
        other.next.is_nothing("the end of a line");
        other.whole.is_nothing();
        let (stages, first, second) = (other.stages, one.join, other.join);
        let ends = super::number_behind(&stages);
        let join = Box::new(move |stream: ElementStream<Front>, lane: &mut Lane| -> ElementStream<()> {
            let upstream = join(stream, lane);
            let (one, taken) = mailbox(Place { stage: begins.0, ..lane.place });
            let (other, taken_too) = mailbox(Place { stage: begins.1, ..lane.place });
            let lines = (
                Some(first(Box::pin(taken), &mut lane.clone())),
                Some(second(Box::pin(taken_too), &mut lane.clone())),
            );
            Box::pin(FanOut {
                upstream: Some(upstream),
                branches: [one, other],
                lines,
                halves: Vec::new(),
                behind: Place { stage: ends, ..lane.place },
                through: VecDeque::new(),
            })
        });
        Builder { join, stages, next: Next::new(), whole }
    }
}

struct FanOut<T, A, B> {
    upstream: Option<ElementStream<T>>,
    /// What waits for each line, bounded in bytes by the leases that its elements hold.
    branches: [Mailbox<T>; 2],
    /// `None` when at their end.
    lines: (Option<ElementStream<A>>, Option<ElementStream<B>>),
    /// Markers that have come out of one of the lines: as many as there are callers who await one.
    halves: Vec<DrainMarker>,
    /// The stage behind the lines.
    behind: Place,
    /// Those that have come out of both.
    through: VecDeque<DrainMarker>,
}

impl<T: Clone, A, B> FanOut<T, A, B> {
    /// Passes on what has come; says whether the input may have more just now.
    fn take_in(&mut self, cx: &mut Context<'_>) -> Result<bool, BoxError> {
        for _ in 0..AT_ONCE {
            let Some(upstream) = &mut self.upstream else { return Ok(false) };
            let (one, other) = match upstream.as_mut().poll_next(cx) {
                Poll::Pending => return Ok(false),
                Poll::Ready(Some(Err(error))) => return Err(error),
                Poll::Ready(None) => {
                    self.upstream = None;
                    self.branches.iter().for_each(Mailbox::close);
                    return Ok(false);
                }
                Poll::Ready(Some(Ok(Element::Drain(marker)))) => {
                    (Element::Drain(marker.fork()), Element::Drain(marker))
                }
                Poll::Ready(Some(Ok(Element::Data(Envelope { route, owed, payload })))) => {
                    let mut parts = owed.split(2).into_iter();
                    let mut part = |payload| {
                        let owed = parts.next().expect("it was split in two");
                        Element::Data(Envelope { route, owed, payload })
                    };
                    (part(payload.clone()), part(payload))
                }
            };
            for (branch, element) in self.branches.iter().zip([one, other]) {
                match branch.push(element) {
                    Ok(task) => task.into_iter().for_each(Waker::wake),
                    // A line that has ended before its input loses what comes.
                    Err(refused) => drop(refused),
                }
            }
        }
        Ok(true)
    }

    /// Sees to what came out of a line.
    fn out<X>(&mut self, element: Element<X>) {
        match element {
            Element::Data(envelope) => envelope.owed.flush(),
            Element::Drain(half) => match self.halves.iter().position(|waiting| waiting.is_of(&half)) {
                Some(place) => {
                    half.acknowledge();
                    let mut whole = self.halves.swap_remove(place);
                    whole.is_in(self.behind);
                    self.through.push_back(whole);
                }
                None => self.halves.push(half),
            },
        }
    }

    /// Lets the lines run in turns, so that none keeps the other waiting; says whether there may be more just now.
    fn run(&mut self, cx: &mut Context<'_>) -> Result<bool, BoxError> {
        for _ in 0..AT_ONCE {
            let (one, other) = (poll_line(&mut self.lines.0, cx), poll_line(&mut self.lines.1, cx));
            let mut nothing = true;
            if let Poll::Ready(Some(element)) = one {
                nothing = false;
                self.out(element?);
            }
            if let Poll::Ready(Some(element)) = other {
                nothing = false;
                self.out(element?);
            }
            if nothing {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What a line has: an element, nothing just now, or nothing any more.
fn poll_line<X>(
    line: &mut Option<ElementStream<X>>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Element<X>, BoxError>>> {
    let Some(stream) = line else { return Poll::Ready(None) };
    let polled = stream.as_mut().poll_next(cx);
    if matches!(polled, Poll::Ready(None)) {
        *line = None;
    }
    polled
}

impl<T: Clone, A, B> Stream for FanOut<T, A, B> {
    type Item = Result<Element<()>, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let more = match this.take_in(cx).and_then(|more| Ok(this.run(cx)? || more)) {
                Ok(more) => more,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            if let Some(marker) = this.through.pop_front() {
                return Poll::Ready(Some(Ok(Element::Drain(marker))));
            }
            if this.lines.0.is_none() && this.lines.1.is_none() {
                return Poll::Ready(None);
            }
            if !more {
                return Poll::Pending;
            }
        }
    }
}
