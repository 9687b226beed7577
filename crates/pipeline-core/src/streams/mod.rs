//! Streams in, streams out.
//!
//! A stream of items goes through a pipeline, and a stream of *contiguous progress* comes back: the token below which
//! everything is durable, whatever order the routes finish in. That is what a source may save, and begin behind after
//! its next start.
//!
//! ```
//! use futures::StreamExt;
//! use pipeline_core::{BoxError, Pipeline, RouteId, Routed, Through};
//! use tower::service_fn;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! let store = service_fn(|line: String| async move { Ok::<_, BoxError>(line) });
//! let (sink, pipeline) = Pipeline::builder().named("store").payload(store).spawn();
//!
//! let lines = futures::stream::iter(["a", "b", "c"].map(String::from)).enumerate();
//! let mut durable = lines.map(|(offset, line)| (offset, Routed::new(RouteId(offset as u64 % 2), line))).through(sink);
//!
//! let mut last = None;
//! while let Some(offset) = durable.next().await {
//!     last = Some(offset?); // save this: everything up to here is durable
//! }
//! assert_eq!(last, Some(2));
//! # Ok(pipeline.close().await?)
//! # }
//! ```

mod progress;
mod sink;
mod try_progress;
mod window;

pub use progress::{Progress, Through};
pub use sink::DoorSink;
pub use try_progress::{TryProgress, TryThrough};
