//! A stage that may refuse single payloads, which then go elsewhere.

use super::{Builder, NoLayerWaits};
use crate::{BoxError, Envelope, RouteId};
use futures::future::BoxFuture;
use std::marker::PhantomData;
use std::task::{Context, Poll};
use tower::{Service, ServiceExt};

/// A payload that a stage could not take, and why.
#[derive(Debug)]
pub struct DeadLetter<T> {
    /// Its route.
    pub route: RouteId,
    /// As it came.
    pub payload: T,
    /// What the stage said.
    pub error: BoxError,
}

impl<Front: Send + 'static, T: Clone + Send + 'static, L> Builder<Front, T, L> {
    /// A one-to-one stage over payloads, as [`payload`](Self::payload), whose errors concern single payloads only: one
    /// that is refused goes to `letters`, and once it is there it is discarded, as `dead letter`. The pipeline goes on.
    /// An error of `letters` fails the pipeline.
    ///
    /// ```
    /// use pipeline_core::{BoxError, DeadLetter, ErrorKind, Pipeline, RouteId, Routed};
    /// use tower::{Service, ServiceExt, service_fn};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// let parse = service_fn(|text: String| async move { text.parse::<u64>().map_err(BoxError::from) });
    /// let park = service_fn(|letter: DeadLetter<String>| async move {
    ///     println!("{:?} is no number: {}", letter.payload, letter.error);
    ///     Ok::<_, BoxError>(())
    /// });
    /// let (mut sink, pipeline) = Pipeline::builder().named("parse").dead_letters(parse, park).spawn();
    /// let receipt = sink.ready().await?.call(Routed::new(RouteId(1), String::from("twelve"))).await?;
    /// assert_eq!(receipt.flushed().await.unwrap_err().kind(), ErrorKind::Discarded);
    /// # Ok(pipeline.close().await?)
    /// # }
    /// ```
    pub fn dead_letters<S, D, Out>(self, service: S, letters: D) -> Builder<Front, Out>
    where
        S: Service<T, Response = Out> + Clone + Send + 'static,
        S::Error: Into<BoxError> + Send,
        S::Future: Send,
        D: Service<DeadLetter<T>> + Clone + Send + 'static,
        D::Error: Into<BoxError> + Send,
        D::Future: Send,
        Out: Send + 'static,
        L: NoLayerWaits,
    {
        let named = self.next.name.clone();
        let branch = OrDeadLetter { service, letters, takes: PhantomData };
        let mut builder = self.layered().service(branch);
        builder.next.name = named.map(|name| format!("{name}: dead letters"));
        builder.stage(|upstream, _, _| {
            use crate::Element;
            use futures::StreamExt;
            upstream.filter_map(|item| {
                std::future::ready(match item {
                    Ok(Element::Data(Envelope { route, owed, payload: Some(payload) })) => {
                        Some(Ok(Element::Data(Envelope { route, owed, payload })))
                    }
                    Ok(Element::Data(Envelope { owed, payload: None, .. })) => {
                        owed.discard("dead letter");
                        None
                    }
                    Ok(Element::Drain(marker)) => Some(Ok(Element::Drain(marker))),
                    Err(error) => Some(Err(error)),
                })
            })
        })
    }
}

/// Gives nothing for what went to the letters.
struct OrDeadLetter<S, D, T> {
    service: S,
    letters: D,
    takes: PhantomData<fn(T)>,
}

impl<S: Clone, D: Clone, T> Clone for OrDeadLetter<S, D, T> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), letters: self.letters.clone(), takes: PhantomData }
    }
}

impl<S, D, T> Service<Envelope<T>> for OrDeadLetter<S, D, T>
where
    T: Clone + Send + 'static,
    S: Service<T>,
    S::Error: Into<BoxError> + Send,
    S::Future: Send + 'static,
    S::Response: Send + 'static,
    D: Service<DeadLetter<T>> + Clone + Send + 'static,
    D::Error: Into<BoxError> + Send,
    D::Future: Send,
{
    type Response = Envelope<Option<S::Response>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.service.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, envelope: Envelope<T>) -> Self::Future {
        let Envelope { route, owed, payload } = envelope;
        let (call, letters) = (self.service.call(payload.clone()), self.letters.clone());
        Box::pin(async move {
            let payload = match call.await {
                Ok(out) => Some(out),
                Err(error) => {
                    let letter = DeadLetter { route, payload, error: error.into() };
                    let _parked = letters.oneshot(letter).await.map_err(Into::into)?;
                    None
                }
            };
            Ok(Envelope { route, owed, payload })
        })
    }
}
