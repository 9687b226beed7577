//! A spool's directory: made, locked, and emptied of what a spool before left behind.

use crate::SpoolError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// The lock file. It stays when the lock is let go: deleting it would let two others lock two files of one name.
const LOCK: &str = "spool.lock";

/// How long a lock is waited for. A spool of this process that was just dropped may still delete its segments.
const PATIENCE: (u32, Duration) = (50, Duration::from_millis(10));

/// A directory that is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    /// The lock goes with the file.
    _lock: File,
}

impl Directory {
    /// Makes the directory if it is not there, locks it, and deletes segments in it. Other files are left alone.
    pub(crate) fn claim(path: &Path) -> Result<Self, SpoolError> {
        let fault = |error| SpoolError::Directory { dir: path.to_owned(), source: Arc::new(error) };
        fs::create_dir_all(path).map_err(fault)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join(LOCK))
            .map_err(fault)?;
        if !acquire(&lock).map_err(fault)? {
            return Err(SpoolError::Locked { dir: path.to_owned() });
        }
        wipe(path).map_err(fault)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where segment `number` is.
    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.path.join(format!("segment-{number:06}.spool"))
    }
}

fn acquire(lock: &File) -> io::Result<bool> {
    let (attempts, pause) = PATIENCE;
    for _ in 0..attempts {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(pause),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// Deletes every file that has a segment's name.
fn wipe(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix("segment-"))
            .and_then(|name| name.strip_suffix(".spool"));
        if number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
