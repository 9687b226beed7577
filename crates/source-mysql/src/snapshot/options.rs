//! How tables are copied.

/// Settings of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotOptions {
    /// How many connections read, side by side. At least 1. Default 4.
    pub readers: usize,
    /// Whether a lock may be taken to find the point. Default [`SnapshotLock::Global`].
    pub lock: SnapshotLock,
    /// About how much of a table is read in one go, in bytes as the server counts them: for so long its table is held
    /// against statements. Default 16 MiB.
    pub chunk_bytes: u64,
}

impl Default for SnapshotOptions {
    fn default() -> Self {
        Self { readers: 4, lock: SnapshotLock::Global, chunk_bytes: 16 << 20 }
    }
}

/// Whether a lock may be taken to find the point in the log that a copy belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotLock {
    /// `FLUSH TABLES WITH READ LOCK` for some milliseconds, where the server has no way without: on MySQL. The user needs the
    /// privilege RELOAD (or FLUSH_TABLES, since 8.0.23).
    Global,
    /// None. A MariaDB needs none. On MySQL the log then goes on a little before the tables were read, so that some of its
    /// rows are in the copy already and come again: an INSERT of a row that is there replaces it. Tables without a key
    /// may have such rows twice.
    None,
}
