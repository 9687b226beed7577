//! The conformance kit: every law of a pipeline as a function that a stage of your own can run.
//!
//! A stage under test stands in a real pipeline, between a front door and an end that the kit opens and shuts. The
//! clock is paused and runs only while nothing else can, so a law that waits a day for an age flush takes no time.
//!
//! ```
//! use pipeline_core::laws::{self, Subject};
//! use pipeline_core::{BoxError, Envelope};
//!
//! // A stage that makes a text of a number, two calls at once.
//! let subject = Subject::new(
//!     |builder| {
//!         builder.concurrency(2).service(tower::service_fn(|envelope: Envelope<Vec<u8>>| async {
//!             Ok::<_, BoxError>(envelope.map(|bytes| format!("{bytes:?}")))
//!         }))
//!     },
//!     |_route, number| vec![number as u8],
//!     |text| vec![text.trim_matches(['[', ']']).parse().unwrap()],
//! );
//! laws::check_all(&subject);
//! ```
//!
//! Each law panics with its name and what was seen. They start a runtime of their own, so call them from a plain
//! `#[test]`. What a stage waits for must be known to tokio (its clock, its blocking threads): a thread of the
//! stage's own looks like a hang here.

mod bound;
mod drain;
mod effects;
mod end;
mod fate;
mod gate;
mod graphs;
mod ledger;
mod marker;
mod order;
mod own_error;
mod progress;
mod receipt;
mod rig;
mod store;
mod subject;
mod trial;
mod two_stages;

pub use bound::bound;
pub use drain::drain;
pub use effects::effects;
pub use fate::fate;
pub use gate::gate;
pub use graphs::random_graphs;
pub use marker::marker;
pub use order::order;
pub use own_error::own_error;
pub use progress::progress;
pub use receipt::receipt;
pub use store::Store;
pub use subject::Subject;
pub use two_stages::two_stages;

use crate::Weigh;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many pipelines at random [`check_all`] puts a stage into.
const GRAPHS: u64 = 30;

/// Runs every law on a stage, and reports all that it breaks.
///
/// # Panics
/// If one is broken, with the names of all that are and what was seen of each.
pub fn check_all<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    type Check<In, Out> = fn(&Subject<In, Out>);
    let laws: [Check<In, Out>; 12] = [
        order,
        marker,
        receipt,
        two_stages,
        drain,
        gate,
        progress,
        bound,
        fate,
        own_error,
        effects,
        |subject| random_graphs(subject, GRAPHS),
    ];
    let broken: Vec<String> = laws
        .iter()
        .filter_map(|law| catch_unwind(AssertUnwindSafe(|| law(subject))).err())
        .map(|panic| match panic.downcast::<String>() {
            Ok(seen) => *seen,
            Err(_) => "the stage panicked".to_owned(),
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
