//! A stream of items through a pipeline.

use super::window::{Both, Window};
use crate::{Drained, Error, FrontDoor, Observer, Routed, Scope, Weigh};
use futures::Stream;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tower::Service;

/// How many items are sent before others have their turn.
const AT_ONCE: usize = 128;

/// Streams that can go through a pipeline: of a token and a routed payload each.
pub trait Through<K, T>: Stream<Item = (K, Routed<T>)> + Sized {
    /// Sends the items through a pipeline, as fast as its front door lets them in, and gives the contiguous progress.
    ///
    /// # Bound
    /// What is under way is bounded by the pipeline's gates; here a token is held for each.
    fn through(self, door: FrontDoor<T>) -> Progress<Self, K, T> {
        Progress {
            items: Some(self),
            door,
            tokens: VecDeque::new(),
            window: Arc::default(),
            drained: None,
            over: false,
        }
    }
}

impl<S, K, T> Through<K, T> for S where S: Stream<Item = (K, Routed<T>)> {}

pin_project_lite::pin_project! {
    /// The token below and up to which everything is durable, as it moves on: the last one of each step.
    ///
    /// # Lag
    /// It sends while it is polled, and learns of what became durable when it is polled: whoever stops looking stops the
    /// source too. A token comes when everything *before* it is durable as well, so one slow route holds it back, and
    /// with it what would be sent again after a crash.
    ///
    /// # End
    /// It ends when the items have ended and all of them are durable, which it asks for with a drain marker. What a
    /// stage discards on purpose counts as dealt with.
    ///
    /// # Errors
    /// The pipeline's first error, once; then it is at its end. What is behind the last token is to be sent again.
    ///
    /// # Cancel safety
    /// Dropped, it sends nothing more; what was sent goes on.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Progress<S, K, T> {
        #[pin]
        items: Option<S>,
        door: FrontDoor<T>,
        tokens: VecDeque<K>,
        window: Arc<Window>,
        drained: Option<Drained>,
        over: bool,
    }
}

impl<S, K, T> Progress<S, K, T>
where
    S: Stream<Item = (K, Routed<T>)>,
    T: Weigh,
{
    /// Sends what there is, up to the end.
    fn poll_send(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut this = self.as_mut().project();
        for _ in 0..AT_ONCE {
            let Some(items) = this.items.as_mut().as_pin_mut() else { return Poll::Ready(Ok(())) };
            ready!(this.door.poll_ready(cx))?;
            match ready!(items.poll_next(cx)) {
                Some((token, Routed { route, payload, observer })) => {
                    this.tokens.push_back(token);
                    let number = this.window.enter();
                    let window = this.window.clone();
                    let observer = match observer {
                        None => Observer::new(window, number),
                        Some(other) => Observer::new(Arc::new(Both { window, other }), number),
                    };
                    // The window hears of its end; of its wake, the front door's gate.
                    drop(this.door.call(Routed { route, payload, observer: Some(observer) }));
                }
                None => {
                    this.items.set(None);
                    *this.drained = Some(this.door.drain(Scope::All));
                    return Poll::Ready(Ok(()));
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S, K, T> Stream for Progress<S, K, T>
where
    S: Stream<Item = (K, Routed<T>)>,
    T: Weigh,
{
    type Item = Result<K, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        self.window.waker.register(cx.waker());
        let sent = self.as_mut().poll_send(cx);
        let this = self.project();
        let through = this.window.advance();
        if let Some(token) = this.tokens.drain(..through).next_back() {
            if sent.is_pending() || this.drained.is_some() {
                // There may be more, now that somebody looks.
                cx.waker().wake_by_ref();
            }
            return Poll::Ready(Some(Ok(token)));
        }
        let error = match (this.window.failure(), sent) {
            (Some(error), _) | (None, Poll::Ready(Err(error))) => error,
            (None, Poll::Pending) => return Poll::Pending,
            (None, Poll::Ready(Ok(()))) => {
                match this.drained.as_mut().map(|drained| Pin::new(drained).poll(cx)) {
                    Some(Poll::Ready(Err(error))) => error,
                    Some(Poll::Pending) => return Poll::Pending,
                    Some(Poll::Ready(Ok(()))) | None => {
                        *this.over = true;
                        // What was settled with the marker.
                        let last = this.window.advance();
                        return Poll::Ready(this.tokens.drain(..last).next_back().map(Ok));
                    }
                }
            }
        };
        *this.over = true;
        Poll::Ready(Some(Err(error)))
    }
}
