//! What is shown at the end.

use change_event::CommitTs;
use indicatif::{HumanBytes, HumanCount};
use sink_cloudstorage::Counts;
use std::fmt;
use std::time::Duration;

/// What one run wrote.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) place: String,
    pub(crate) counts: Counts,
    pub(crate) checkpoint: CommitTs,
    pub(crate) took: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { tables, rows, files, bytes, ddls } = self.counts;
        writeln!(f, "wrote to {} in {:.1} s", self.place, self.took.as_secs_f64())?;
        for (name, value) in [
            ("tables", HumanCount(tables).to_string()),
            ("rows", HumanCount(rows).to_string()),
            ("files", HumanCount(files).to_string()),
            ("bytes", format!("{} ({})", HumanCount(bytes), HumanBytes(bytes))),
            ("DDLs", HumanCount(ddls).to_string()),
            ("checkpoint", self.checkpoint.to_string()),
        ] {
            writeln!(f, "  {name:<10} {value}")?;
        }
        Ok(())
    }
}
