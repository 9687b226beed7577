//! The words and the laws of a Spillway pipeline, for any payload.
//!
//! Stages are composed into a pipeline; its front door is a tower `Service` with a two-stage acknowledgement.
//! The response of a call is the *enqueue ack*: the source may go on. The [`Receipt`] it gives is the *flush
//! ack*: only that may move a checkpoint.
//!
//! # The life of an element
//!
//! | room | what happens there |
//! |---|---|
//! | [`front`] | a call becomes an [`Envelope`] with what is [`Owed`] for it, and enters its route's lane |
//! | `mailbox` | it waits for the lane's task, within the front door's gate |
//! | [`ordered`] | a tower service is called with it; outputs leave in order per route, markers in their place |
//! | [`gate`], [`watermark`] | above high the gate shuts, and opens again at low |
//! | [`body`] | payloads whose bytes may be in memory or on disk |
//! | [`stage`] | regrouping stages turn elements into other elements |
//! | [`pipeline`] | the end of the line: receipts are flushed, markers acknowledged |

pub mod body;
mod builder;
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
mod metrics;
#[cfg(loom)]
#[doc(hidden)]
pub mod model;
mod observer;
pub mod ordered;
pub mod pipeline;
mod receipt;
mod route;
pub mod stage;
mod sync;
pub mod watermark;
mod weigh;

pub use body::{Body, Piece};
pub use builder::Builder;
pub use element::{Element, Envelope};
pub use error::{BoxError, Error, ErrorKind};
pub use front::{FrontDoor, Routed};
pub use gate::{Gate, Levels};
pub use marker::{DrainMarker, Drained};
pub use observer::{Observe, Observer};
pub use pipeline::Pipeline;
pub use receipt::{Enqueued, Owed, Receipt};
pub use route::{RouteId, Scope};
pub use stage::{ElementStream, Lane, Transform};
pub use watermark::{Watermark, WatermarkLayer};
pub use weigh::Weigh;
