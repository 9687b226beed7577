//! A call under way.

use crate::{BoxError, Envelope, RouteId};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tracing::Span;

/// A call under way, and the place its output has in its route's line.
pub(super) struct Flight<F> {
    pub(super) route: RouteId,
    pub(super) place: u64,
    /// Which call it is, for the losses in it.
    pub(super) number: u32,
    pub(super) span: Option<Span>,
    pub(super) call: Pin<Box<Option<F>>>,
}

impl<F: Future> Future for Flight<F> {
    type Output = (RouteId, u64, F::Output);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let _in_its_span = this.span.as_ref().map(Span::enter);
        let call = this.call.as_mut().as_pin_mut().expect("a flight is polled until it lands, and no longer");
        call.poll(cx).map(|output| (this.route, this.place, output))
    }
}

/// A service that changes the route of an element would break the order of two, and where there are lanes, send it to
/// a store that another lane writes that route to.
pub(super) fn same_route<Out>(route: RouteId, output: &Envelope<Out>) -> Result<(), BoxError> {
    if output.route == route {
        return Ok(());
    }
    Err(format!(
        "it changed an element's route from {} to {}; routes are chosen at the front door",
        route.0, output.route.0
    )
    .into())
}
