//! What can go wrong with a spool, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a spool could not be opened, or could not keep a piece. Cheap to clone: every waiter gets the same one.
///
/// The spool is overflow, not a log: after any error of a running spool, open a new one and let the source send
/// everything again that was not flushed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SpoolError {
    /// A setting is out of its range: mend the configuration.
    #[error("spool setting `{key}` is {value}, but must be {allowed}")]
    Config {
        /// The setting.
        key: &'static str,
        /// What it was set to.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// The directory cannot be made, read, locked or emptied: mend its path or its permissions.
    #[error("spool directory `{}` cannot be used: make it a directory that this process may write to", dir.display())]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// The cause.
        source: Arc<io::Error>,
    },
    /// Another spool uses the directory: give each its own.
    #[error(
        "spool directory `{}` is in use by another spool: give this one a directory of its own, or stop the other",
        dir.display()
    )]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// The writer thread cannot be started: the system is out of threads or memory.
    #[error("the spool's writer thread cannot be started: free some of this process's threads")]
    Thread {
        /// The cause.
        source: Arc<io::Error>,
    },
    /// A segment cannot be made, written or deleted, most often because the disk is full: make room on the disk,
    /// or lower the quota to what there is.
    #[error("spool segment `{}` cannot be written: look for room and permissions on its disk", file.display())]
    Write {
        /// The segment.
        file: PathBuf,
        /// The cause.
        source: Arc<io::Error>,
    },
    /// A segment cannot be read: look after the disk.
    #[error("spool segment `{}` cannot be read at byte {offset}: look after its disk", file.display())]
    Read {
        /// The segment.
        file: PathBuf,
        /// Where the frame begins.
        offset: u64,
        /// The cause.
        source: Arc<io::Error>,
    },
    /// A frame is not what was written: the disk, or someone else, changed it. Nothing of it can be trusted.
    #[error("spool segment `{}` is corrupt at byte {offset}, {flaw}: look after its disk", file.display())]
    Corrupt {
        /// The segment.
        file: PathBuf,
        /// Where the frame begins; 0 for the segment's own header.
        offset: u64,
        /// What does not fit.
        flaw: Flaw,
    },
    /// The writer thread ended without an error of its own: a defect of the spool. Report it.
    #[error("the spool's writer thread is gone: report this, and start again")]
    Stopped,
}

/// What does not fit in a segment that is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The file ends before the frame does.
    #[error("it ends too early")]
    Short,
    /// The file does not begin with a segment's header.
    #[error("its header is not that of this segment")]
    Header,
    /// The frame's length is not the one that was written.
    #[error("its frame has another length")]
    Length,
    /// The frame's checksum does not match.
    #[error("its frame fails the checksum")]
    Checksum,
}
