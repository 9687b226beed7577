//! A stage in its place: its errors and its panics have its name.

use super::StageName;
use crate::panics::panicked;
use crate::place::Place;
use crate::turn;
use crate::{BoxError, Element, Error};
use futures::Stream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Around a stage's stream. After an error it is at its end.
pub(crate) struct Staged<S> {
    stage: S,
    name: StageName,
    place: Place,
    over: bool,
}

impl<S> Staged<S> {
    pub(crate) fn new(stage: S, name: StageName, place: Place) -> Self {
        Self { stage, name, place, over: false }
    }
}

impl<S, T> Stream for Staged<S>
where
    S: Stream<Item = Result<Element<T>, BoxError>> + Unpin,
{
    type Item = Result<Element<T>, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.over {
            return Poll::Ready(None);
        }
        let stage = &mut this.stage;
        let polled = turn::in_stage(this.place.stage, || {
            catch_unwind(AssertUnwindSafe(|| Pin::new(stage).poll_next(cx)))
        });
        let error = match polled {
            Ok(Poll::Ready(Some(Err(error)))) => error,
            Ok(others) => return others,
            Err(panic) => panicked("it", &*panic),
        };
        this.over = true;
        Poll::Ready(Some(Err(Error::of_stage(&this.name, error).into())))
    }
}
