//! Why a target does not take these settings.

use std::fmt;
use thiserror::Error;

/// Why a target does not take these settings: set what it was written with, or write to a new prefix.
#[derive(Debug, Error)]
pub enum WrittenWithError {
    /// The target was written with other settings.
    #[error(
        "{place} was written with other settings: {}; set that back{delete}, or write to a new prefix",
        Listed(.differences)
    )]
    Differs {
        /// The target.
        place: String,
        /// Each of them.
        differences: Vec<Difference>,
        /// What can be done besides, where nothing was written yet.
        delete: &'static str,
    },
    /// The file is there and cannot be used.
    #[error("{place} says in {KEY} what it was written with, but {why}")]
    Unusable {
        /// The target.
        place: String,
        /// What is wrong, and what to do.
        why: Unusable,
    },
    /// The store did not let the file be read or written.
    #[error(transparent)]
    Store(#[from] stage_writer::Error),
}

/// The file's key.
pub(super) const KEY: &str = ".spillway/written-with.json";

/// One setting that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its key.
    pub key: &'static str,
    /// What the target was written with.
    pub was: String,
    /// What is set now.
    pub now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, was, now } = self;
        write!(f, "{key} was {was} and is now {now}")
    }
}

struct Listed<'a>(&'a [Difference]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, difference) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{difference}")?;
        }
        Ok(())
    }
}

/// What is wrong with the file.
#[derive(Debug, Error)]
pub enum Unusable {
    /// It is not what it should be.
    #[error("that file is damaged ({0}); restore it, or write to a new prefix")]
    Damaged(serde_json::Error),
    /// A later version's.
    #[error("that file has version {found}, and this spillway knows only {known}; use the newer spillway")]
    Version {
        /// The file's version.
        found: u64,
        /// The one known here.
        known: u64,
    },
    /// A later version's.
    #[error("that file has the setting {0:?}, which this spillway does not know; use the newer spillway")]
    Setting(String),
}
