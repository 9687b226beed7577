//! Events that a source passed over, kept beside the data that they are missing from.
//!
//! ```text
//! .spillway/parked/<name>.json    one event; written again under the same name when it is read again
//! ```
//! What is in them is the source's own affair, and so are their names. Consumers ignore them: none is an index, a schema
//! file nor `metadata`.

use bytes::Bytes;
use object_store::path::Path;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;
use pipeline_core::Telemetry;
use stage_writer::{Error, Remote};

/// Keeps events in the bucket, and counts them. Clones share the counters.
#[derive(Clone, Debug)]
pub struct ParkedEvents {
    remote: Remote,
    telemetry: Telemetry,
    events: Counter<u64>,
    bytes: Counter<u64>,
}

impl ParkedEvents {
    pub(crate) fn new(remote: Remote, telemetry: &Telemetry) -> Self {
        let events = telemetry.counter("parked_events", "", "Events that were passed over, and kept.");
        let bytes = telemetry.counter("parked", "By", "Bytes of what is kept of them.");
        Self { remote, telemetry: telemetry.clone(), events, bytes }
    }

    /// Keeps an event. It is durable when this returns: only then may a checkpoint pass it. `by` labels the counters.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep(&self, name: &str, content: Bytes, by: &'static str) -> Result<(), Error> {
        let bytes = content.len() as u64;
        self.remote.replace(&Path::from(format!(".spillway/parked/{name}.json")), content).await?;
        let labels = self.telemetry.labels([KeyValue::new("by", by)]);
        self.events.add(1, &labels);
        self.bytes.add(bytes, &labels);
        Ok(())
    }
}
