//! Whether a statement came between the point and the reading of a table.
//!
//! A server writes a statement into its log before it lets anybody see what the statement did, and while a chunk is read
//! its table is held against statements. So what is not in the log up to its end, as it is told *after* the reading,
//! did not come before the reading.

use crate::log::server::{LogEnd, Server, Trouble, is_before, statements_between};
use crate::options::{LogPlace, SourceOptions};
use crate::sql::Dialect;
use crate::{Error, Schemas};
use change_event::TableName;
use std::time::Duration;
use tokio::time::sleep;

/// So often the log is searched, if it ends too early.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Whether a place is at or before another one.
fn is_up_to(one: (&str, u64), other: (&str, u64)) -> bool {
    one == other || is_before(one, other)
}

/// Proves that no statement touched any of these tables between the point and where the log ended when it was
/// through.
///
/// # Errors
/// [`Error::Moved`] names the table.
pub(super) async fn prove(
    server: &Server,
    options: &SourceOptions,
    point: &LogPlace,
    through: &[(TableName, LogEnd)],
    schemas: &Schemas,
    dialect: Dialect,
) -> Result<(), Trouble> {
    let Some(mut last) = through.first().map(|(_, end)| end) else { return Ok(()) };
    for (_, end) in through {
        if is_before((&last.file, last.offset), (&end.file, end.offset)) {
            last = end;
        }
    }
    if through.iter().any(|(_, end)| end.leaves_out) {
        return Err(Trouble::Fatal(Error::Server(format!(
            "{} leaves statements out of its log (binlog-do-db or binlog-ignore-db), so nothing proves that its tables stayed \
             as they are while they are copied; start it without",
            server.shown
        ))));
    }
    let mut touched: Option<TableName> = None;
    for attempt in 1.. {
        let seen = statements_between(server, options, point, last, schemas, dialect, |at, influence| {
            let is_in_between = |(name, end): &&(TableName, LogEnd)| {
                influence.concerns(name) && is_up_to(at, (&end.file, end.offset))
            };
            if touched.is_none() {
                touched = through.iter().find(is_in_between).map(|(name, _)| name.clone());
            }
        });
        match seen.await {
            // A busy server tells an end that it does not send yet.
            Err(Trouble::Lost(why)) if attempt < ATTEMPTS => {
                tracing::debug!(why, "the log is searched again")
            }
            seen => {
                seen?;
                break;
            }
        }
        sleep(PAUSE).await;
    }
    match touched {
        None => Ok(()),
        Some(name) => {
            Err(Trouble::Fatal(Error::Moved(format!("a statement changed {name} while it was copied"))))
        }
    }
}
