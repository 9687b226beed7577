//! Files that are older than somebody wants to keep them: found, and removed.
//!
//! ```text
//! shop/orders/4708…/2026-10-01/CDC00…1.csv       expired with its date
//!                             /meta/CDC.index    the same, once no file is left that it names
//! shop/orders/4708…/2026-11-30/…                 stays: on or behind the first date that is kept
//! shop/orders/meta/schema_….json                 stays: rows that are read tomorrow may need it
//! ```
//! Only a bucket with a directory for each day can be cleaned this way. What a date is, its place in the path tells: a table
//! or a database that is called like one is none. Dates are compared with that of the checkpoint and not with the clock, so
//! that nothing goes that consumers may not have seen yet.
//!
//! | room | what lives there |
//! |---|---|
//! | `rule` | which directories have expired; pure |
//! | `walk` | finds them, level by level: nobody lists the files of dates that stay |
//! | `sweep` | lists one, or removes it: data files first, then the index |
//! | [`schedule`] | when: a cron expression, or an interval |
//! | `task` | beside a running sink, by that schedule |

mod rule;
pub mod schedule;
mod sweep;
mod task;
mod walk;

pub use schedule::Schedule;
pub use sweep::ExpiredDirectory;
pub(crate) use task::expire_by_schedule;

use crate::config::Config;
use crate::layout::DateLevel;
use crate::source_state::SourceState;
use crate::storage::remote_config;
use crate::store::{self, Location, OpenError};
use change_event::CommitTs;
use futures::{StreamExt, TryStreamExt};
use jiff::tz::TimeZone;
use object_store::ObjectStore;
use object_store::path::Path;
use rule::Rule;
use stage_writer::{Conditional, Error, Remote};
use std::io;
use std::sync::Arc;
use thiserror::Error as ThisError;

/// Directories that are swept side by side.
const SWEEPS: usize = 4;

/// Why nothing can expire.
#[derive(Debug, ThisError)]
pub enum ExpiryError {
    /// There is no age.
    #[error("file-expiration-days is not set, so no file expires; set it to a number of days, such as 7")]
    NoAge,
    /// There are no dates to tell the age by.
    #[error(
        "date-separator is {0}, and files expire by the day that they are kept under; they cannot expire here"
    )]
    NotByDay(DateLevel),
    /// There is no such directory.
    #[error("{0} does not exist, so there is nothing that could expire")]
    NoDirectory(String),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Finds the files that have expired, and removes them.
#[derive(Clone, Debug)]
pub struct Expiry {
    remote: Remote,
    days: u32,
    zone: TimeZone,
    by_id: bool,
}

/// What has expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The checkpoint that it was judged by.
    pub checkpoint: CommitTs,
    /// The first date that is kept.
    pub first_kept: String,
    /// Directories with a file.
    pub directories: u64,
    /// Files in them, indexes included.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Expiry {
    /// Opens a target.
    ///
    /// # Errors
    /// If its settings let nothing expire, or it cannot be opened.
    pub fn open(config: &Config, location: &Location) -> Result<Self, ExpiryError> {
        Self::check(config)?;
        // To open a directory makes it.
        if let Location::File(directory) = location
            && std::fs::metadata(directory).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        {
            return Err(ExpiryError::NoDirectory(location.to_string()));
        }
        Self::over(config, store::open(location)?)
    }

    /// The same over an object store that is open already.
    ///
    /// # Errors
    /// If the settings let nothing expire.
    pub fn over(config: &Config, store: Arc<dyn ObjectStore>) -> Result<Self, ExpiryError> {
        Self::check(config)?;
        // Nothing is written that could need a condition.
        let remote =
            Remote::new(store, remote_config(config, Conditional::Ignored, config.concurrency(false)));
        Ok(Self::with(config, remote))
    }

    pub(crate) fn with(config: &Config, remote: Remote) -> Self {
        let (days, zone) = (config.file_expiration_days, config.time_zone.clone());
        Self { remote, days, zone, by_id: config.use_table_id_as_path }
    }

    /// Whether files can expire with these settings.
    ///
    /// # Errors
    /// Why they cannot.
    pub(crate) fn check(config: &Config) -> Result<(), ExpiryError> {
        match (config.file_expiration_days, config.date_level) {
            (0, _) => Err(ExpiryError::NoAge),
            (_, DateLevel::Day) => Ok(()),
            (_, level) => Err(ExpiryError::NotByDay(level)),
        }
    }

    /// Finds what has expired, and tells of each directory; nothing is removed. `None`: the target has no checkpoint yet.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, tell: impl FnMut(ExpiredDirectory)) -> Result<Option<Expired>, Error> {
        self.each(sweep::list, tell).await
    }

    /// Removes what has expired, and tells of each directory when it is gone. `None`: the target has no checkpoint yet.
    ///
    /// # Errors
    /// Those of the store. What was found before may be gone then.
    ///
    /// # Cancel safety
    /// What is left goes the next time.
    pub async fn remove(&self, tell: impl FnMut(ExpiredDirectory)) -> Result<Option<Expired>, Error> {
        self.each(sweep::remove, tell).await
    }

    async fn each<F>(
        &self,
        sweep: impl Fn(Remote, Path) -> F,
        mut tell: impl FnMut(ExpiredDirectory),
    ) -> Result<Option<Expired>, Error>
    where
        F: Future<Output = Result<ExpiredDirectory, Error>>,
    {
        let told = SourceState::new(self.remote.clone()).told_checkpoint().await?;
        let Some(checkpoint) = told else { return Ok(None) };
        let Some(rule) = Rule::new(checkpoint, self.days, &self.zone, self.by_id) else { return Ok(None) };
        let first_kept = rule.first_kept().to_owned();
        let mut all = Expired { checkpoint, first_kept, directories: 0, files: 0, bytes: 0 };
        let found = walk::expired(self.remote.clone(), rule);
        let swept =
            found.map_ok(|directory| sweep(self.remote.clone(), directory)).try_buffer_unordered(SWEEPS);
        let mut swept = std::pin::pin!(swept);
        while let Some(directory) = swept.next().await {
            let directory = directory?;
            if directory.files > 0 {
                all.directories += 1;
                all.files += directory.files;
                all.bytes += directory.bytes;
                tell(directory);
            }
        }
        Ok(Some(all))
    }
}
