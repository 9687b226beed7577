//! The format, and the clock it reads.

use super::{CanalConfig, line::Lines};
use crate::encoder::{EncodeError, Encoder};
use change_event::{RowEvent, TableSchema};
use std::fmt;

/// Milliseconds since the Unix epoch, now.
type Clock = Box<dyn Fn() -> u64 + Send + Sync>;

/// canal-json, ready to write.
pub struct CanalJson {
    config: CanalConfig,
    clock: Clock,
}

impl CanalJson {
    /// Makes the format with these options and a clock.
    ///
    /// The clock gives milliseconds since the Unix epoch. It is read once per event and shown as `ts` by each of the
    /// event's rows: it is the one thing in the output that does not depend on the event alone.
    pub fn new(config: CanalConfig, clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { config, clock: Box::new(clock) }
    }

    /// The options.
    pub fn config(&self) -> &CanalConfig {
        &self.config
    }
}

impl Encoder for CanalJson {
    fn extension(&self) -> &'static str {
        ".json"
    }

    /// Appends nothing: an object explains itself.
    fn header(&self, _table: &TableSchema, _out: &mut Vec<u8>) {}

    fn encode(&self, event: &RowEvent, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if event.rows.is_empty() {
            return Ok(());
        }
        let start = out.len();
        let ts = (self.clock)();
        let result = Lines::of(&self.config, event, ts, out)
            .and_then(|mut lines| event.rows.iter().try_for_each(|row| lines.row(&row)));
        if result.is_err() {
            out.truncate(start);
        }
        result
    }
}

impl fmt::Debug for CanalJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanalJson").field("config", &self.config).finish_non_exhaustive()
    }
}
