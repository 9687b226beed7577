//! What is shown at the end.

use crate::parking::Tally;
use change_event::{CommitTs, TableName};
use indicatif::{HumanBytes, HumanCount};
use sink_cloudstorage::Counts;
use std::fmt;
use std::time::Duration;

/// So many kinds of parked events are listed.
const SHOWN: usize = 20;

/// What one run wrote.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) place: String,
    pub(crate) counts: Counts,
    pub(crate) parked: Tally,
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
        if self.parked.events == 0 {
            return Ok(());
        }
        writeln!(f, "  {:<10} {} events, in .spillway/parked", "parked", HumanCount(self.parked.events))?;
        for ((table, reason), count) in self.parked.kinds.iter().take(SHOWN) {
            let table = table.as_ref().map_or_else(|| "no single table".to_owned(), TableName::to_string);
            writeln!(f, "  {:<10} {} of {table}: {reason}", "", HumanCount(*count))?;
        }
        match self.parked.kinds.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "  {:<10} and {more} more kinds", ""),
        }
    }
}
