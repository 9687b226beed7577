//! Log lines on standard error, above the progress line where there is one.

use crate::progress::Progress;
use std::io::{self, Write};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Starts logging what passes `filter`; an unreadable filter counts as `warn`.
pub(crate) fn start(filter: &str, progress: &Progress) {
    let readable = filter.parse::<Targets>();
    let unreadable = readable.is_err();
    let above = progress.clone();
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(progress.is_drawn())
        // A standard error that nobody reads any more is no reason to stop.
        .log_internal_errors(false)
        .with_writer(move || Above { progress: above.clone() });
    let passing = readable.unwrap_or_else(|_| Targets::new().with_default(LevelFilter::WARN));
    tracing_subscriber::registry().with(passing).with(lines).init();
    if unreadable {
        tracing::warn!(filter, "--log cannot be read as a filter; logging warnings and errors");
    }
}

/// Writes whole lines above the progress line.
struct Above {
    progress: Progress,
}

impl Write for Above {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.progress.above(|| io::stderr().write_all(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
