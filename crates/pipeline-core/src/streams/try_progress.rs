//! A stream of items that may fail, through a pipeline.

use super::progress::{Progress, Through};
use crate::{BoxError, FrontDoor, Routed, Weigh};
use futures::{Stream, TryStream};
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Streams that can go through a pipeline as far as they come: of a token and a routed payload each, or an error.
pub trait TryThrough<K, T>: TryStream<Ok = (K, Routed<T>)> + Sized {
    /// As [`Through::through`], up to the first error. What came before that becomes durable all the same, and is told
    /// as progress; the error comes last.
    ///
    /// ```
    /// use futures::{StreamExt, TryStreamExt, stream};
    /// use pipeline_core::{BoxError, Pipeline, RouteId, Routed, TryThrough};
    /// use std::pin::pin;
    /// use tower::service_fn;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// let store = service_fn(|line: String| async move { Ok::<_, BoxError>(line) });
    /// let (sink, pipeline) = Pipeline::builder().named("store").payload(store).spawn();
    ///
    /// let lines = stream::iter([Ok("a"), Ok("b"), Err("the log is torn")]).map_err(BoxError::from);
    /// let routed = lines.map_ok(|line| (line, Routed::new(RouteId(1), line.to_owned())));
    /// let mut durable = pin!(routed.try_through(sink)); // pinned, since a stream of async blocks has to be
    ///
    /// let mut last = None;
    /// let end = loop {
    ///     match durable.next().await {
    ///         Some(Ok(token)) => last = Some(token),
    ///         Some(Err(error)) => break error,
    ///         None => unreachable!("this log is torn"),
    ///     }
    /// };
    /// assert_eq!((last, end.to_string().as_str()), (Some("b"), "the log is torn"));
    /// # Ok(pipeline.close().await?)
    /// # }
    /// ```
    fn try_through(self, door: FrontDoor<T>) -> TryProgress<Self, K, T>
    where
        Self::Error: Into<BoxError>,
    {
        let broken = Arc::new(Mutex::new(None));
        let items = UntilError { items: self, broken: broken.clone() };
        TryProgress { progress: items.through(door), broken }
    }
}

impl<S, K, T> TryThrough<K, T> for S where S: TryStream<Ok = (K, Routed<T>)> {}

pin_project_lite::pin_project! {
    /// The items up to the first error, which is put aside.
    #[derive(Debug)]
    struct UntilError<S> {
        #[pin]
        items: S,
        broken: Arc<Mutex<Option<BoxError>>>,
    }
}

impl<S> Stream for UntilError<S>
where
    S: TryStream,
    S::Error: Into<BoxError>,
{
    type Item = S::Ok;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Ok>> {
        let this = self.project();
        Poll::Ready(match ready!(this.items.try_poll_next(cx)) {
            Some(Ok(item)) => Some(item),
            Some(Err(error)) => {
                *this.broken.lock() = Some(error.into());
                None
            }
            None => None,
        })
    }
}

pin_project_lite::pin_project! {
    /// As [`Progress`]: the token below and up to which everything is durable, as it moves on.
    ///
    /// # Errors
    /// The pipeline's first error, boxed, at once; or the items' own, when everything before it is durable. Then it is
    /// at its end.
    ///
    /// # Cancel safety
    /// Dropped, it sends nothing more; what was sent goes on.
    #[must_use = "streams do nothing unless polled"]
    pub struct TryProgress<S, K, T> {
        #[pin]
        progress: Progress<UntilError<S>, K, T>,
        broken: Arc<Mutex<Option<BoxError>>>,
    }
}

impl<S, K, T> std::fmt::Debug for TryProgress<S, K, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TryProgress").finish_non_exhaustive()
    }
}

impl<S, K, T> Stream for TryProgress<S, K, T>
where
    S: TryStream<Ok = (K, Routed<T>)>,
    S::Error: Into<BoxError>,
    T: Weigh,
{
    type Item = Result<K, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        Poll::Ready(match ready!(this.progress.poll_next(cx)) {
            Some(Ok(token)) => Some(Ok(token)),
            Some(Err(error)) => {
                // The first one is the one to tell.
                drop(this.broken.lock().take());
                Some(Err(error.into()))
            }
            None => this.broken.lock().take().map(Err),
        })
    }
}
