//! The front door as a `futures` sink.

use crate::{Drained, Enqueued, Error, FrontDoor, Routed, Scope, Weigh};
use futures::Sink;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tower::Service;

/// A front door as a [`Sink`]: ready when the latest item is enqueued and there is room for another; flushed when
/// everything sent through it so far is durable.
#[derive(Debug)]
pub struct DoorSink<T> {
    door: FrontDoor<T>,
    latest: Option<Enqueued>,
    flushing: Option<Drained>,
}

impl<T> FrontDoor<T> {
    /// This way in as a [`Sink`].
    pub fn into_sink(self) -> DoorSink<T> {
        DoorSink { door: self, latest: None, flushing: None }
    }
}

impl<T> DoorSink<T> {
    fn poll_enqueued(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if let Some(latest) = &mut self.latest {
            let enqueued = ready!(Pin::new(latest).poll(cx));
            self.latest = None;
            // The drain tells when it is durable.
            drop(enqueued?);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: Weigh> Sink<Routed<T>> for DoorSink<T> {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_enqueued(cx))?;
        self.door.poll_ready(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, item: Routed<T>) -> Result<(), Error> {
        self.flushing = None;
        let latest = self.door.call(item);
        self.latest = Some(latest);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = &mut *self;
        ready!(this.poll_enqueued(cx))?;
        let door = &this.door;
        let flushing = this.flushing.get_or_insert_with(|| door.drain(Scope::All));
        let flushed = ready!(Pin::new(flushing).poll(cx));
        this.flushing = None;
        Poll::Ready(flushed)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_flush(cx)
    }
}
