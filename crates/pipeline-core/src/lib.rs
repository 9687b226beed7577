//! The words and the laws of a Spillway pipeline, for any payload.
//!
//! Stages are composed into a pipeline; its front door is a tower `Service` with a two-stage acknowledgement.
//! The response of a call is the *enqueue ack*: the source may go on. The [`Receipt`] it gives is the *flush
//! ack*: only that may move a checkpoint.
//!
//! ```
//! use pipeline_core::{BoxError, Envelope, Error, Gate, Levels, Pipeline, RouteId, Routed, Scope};
//! use tower::{Service, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let encode = service_fn(|row: Envelope<String>| async { Ok::<_, BoxError>(row.map(String::into_bytes)) });
//! let store = service_fn(|bytes: Envelope<Vec<u8>>| async { Ok::<_, BoxError>(bytes) });
//! let (mut sink, pipeline) = Pipeline::builder()
//!     .named("encode")
//!     .effect_free() // calls of one route side by side, order kept
//!     .service(encode)
//!     .gate(Gate::new(Levels { high: 1 << 20, low: 1 << 19 })) // bytes held from here to the flush ack
//!     .wake() // the place of the enqueue ack
//!     .named("store")
//!     .concurrency(8) // of which a route has one at a time: its writes come in order
//!     .service(store)
//!     .spawn();
//!
//! let route = RouteId(7);
//! let event = Routed::new(route, String::from("a row"));
//! let receipt = sink.ready().await?.call(event).await?; // the enqueue ack: the source may go on
//! receipt.flushed().await?; // the flush ack: the checkpoint may advance
//! sink.drain(Scope::Route(route)).await?; // everything earlier of this route is durable
//! pipeline.close().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # The life of an element
//!
//! | room | what happens there |
//! |---|---|
//! | [`front`] | a call becomes an [`Envelope`] with what is [`Owed`] for it, and enters its route's lane |
//! | `mailbox`, `runner` | it waits for the lane, within the front door's gate; the lane is run by its task, or by a caller |
//! | [`ordered`] | a tower service is called with it; outputs leave in order per route, markers in their place |
//! | [`gate`], [`watermark`] | above high the gate shuts, and opens again at low |
//! | [`body`] | payloads whose bytes may be in memory or on disk |
//! | [`stage`] | regrouping stages turn elements into other elements |
//! | [`streams`] | a stream of items through a pipeline, and a stream of how far all is durable |
//! | [`pipeline`] | the end of the line: receipts are flushed, markers acknowledged |
//!
//! The laws that hold for all of this are functions in `laws` (feature `testkit`), for stages of your own to run.

mod announced;
pub mod body;
pub mod builder;
mod codec;
mod element;
mod error;
pub mod fate;
pub mod front;
pub mod gate;
#[cfg(feature = "testkit")]
pub mod laws;
mod loss;
mod mailbox;
mod marker;
pub mod metrics;
#[cfg(loom)]
#[doc(hidden)]
pub mod model;
mod observer;
pub mod ordered;
mod panics;
pub mod payload;
pub mod pipeline;
mod place;
mod receipt;
mod route;
pub mod routes;
mod runner;
pub mod stage;
pub mod streams;
mod sync;
mod turn;
pub mod watermark;
mod weigh;

pub use body::{Body, Piece};
pub use builder::Builder;
pub use builder::DeadLetter;
pub use codec::Codec;
pub use element::{Element, Envelope};
pub use error::{BoxError, Error, ErrorKind};
pub use front::{FrontDoor, Routed};
pub use gate::{Gate, Levels};
pub use marker::{DrainMarker, Drained};
pub use metrics::Telemetry;
pub use observer::{Observe, Observer};
pub use pipeline::Pipeline;
pub use receipt::{Enqueued, Owed, Receipt};
pub use route::{RouteId, Scope};
pub use routes::Routes;
pub use stage::{ElementStream, Lane, Transform};
pub use streams::{DoorSink, Progress, Through, TryProgress, TryThrough};
pub use watermark::{Watermark, WatermarkLayer};
pub use weigh::Weigh;
