//! A stage in its place: its errors and its panics have its name, and what leaves it is where the next stage is.

use super::StageName;
use crate::panics::panicked;
use crate::place::Place;
use crate::turn;
use crate::{BoxError, Element, Error};
use futures::Stream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project_lite::pin_project! {
    /// Around a stage's stream. After an error it is at its end.
    pub(crate) struct Staged<S> {
        #[pin]
        stage: S,
        name: StageName,
        place: Place,
        over: bool,
    }
}

impl<S> Staged<S> {
    pub(crate) fn new(stage: S, name: StageName, place: Place) -> Self {
        Self { stage, name, place, over: false }
    }
}

impl<S, T> Stream for Staged<S>
where
    S: Stream<Item = Result<Element<T>, BoxError>>,
{
    type Item = Result<Element<T>, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.over {
            return Poll::Ready(None);
        }
        let (stage, place) = (this.stage, *this.place);
        // Polled into its place, not handed out of the catch: an element is large, and there are many stages.
        let mut polled = Poll::Pending;
        let poll = || {
            polled = stage.poll_next(cx);
            if let Poll::Ready(Some(Ok(element))) = &mut polled {
                element.arrive(place.next_stage());
            }
        };
        if let Err(panic) = turn::in_stage(place.stage, || catch_unwind(AssertUnwindSafe(poll))) {
            polled = Poll::Ready(Some(Err(panicked("it", &*panic))));
        }
        if matches!(polled, Poll::Ready(Some(Err(_)))) {
            *this.over = true;
            return polled.map_err(|error| Error::of_stage(this.name, error).into());
        }
        polled
    }
}
