//! The file operations of a spool, as a seam: tests put a disk behind it that is full, torn or rotten.

use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

/// Where segments are made and deleted. [`LocalDisk`] is the real one.
///
/// Called from the spool's writer thread only.
pub trait Disk: Send + Sync + 'static {
    /// Makes a new, empty segment; one that is there already is an error.
    ///
    /// # Errors
    /// What the system says.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>>;

    /// Deletes a segment.
    ///
    /// # Errors
    /// What the system says; `NotFound` is taken as done.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// One open segment.
pub trait SegmentFile: Send + Sync {
    /// Adds `parts` at the end, one after the other; returns how many bytes of them were taken.
    ///
    /// # Errors
    /// What the system says.
    fn append(&self, parts: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Reads into `buffer` from `offset`; returns how many bytes, 0 at the end of the file.
    ///
    /// Called from many threads at once, and while the writer thread appends.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        // Rows of a database are in it: nobody else's business.
        let file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path)?;
        Ok(Arc::new(file))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
}

impl SegmentFile for File {
    fn append(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut file = self;
        file.write_vectored(parts)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }
}

/// Appends all of `parts`, however many steps it takes; returns how many bytes were taken, and whether all were.
pub(crate) fn append_all(file: &dyn SegmentFile, mut parts: &mut [IoSlice<'_>]) -> (u64, io::Result<()>) {
    let mut taken = 0;
    // Leading empty parts would look like a full disk.
    IoSlice::advance_slices(&mut parts, 0);
    while !parts.is_empty() {
        match file.append(parts) {
            Ok(0) => return (taken, Err(io::ErrorKind::WriteZero.into())),
            Ok(count) => {
                taken += count as u64;
                IoSlice::advance_slices(&mut parts, count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (taken, Err(error)),
        }
    }
    (taken, Ok(()))
}

/// Fills `buffer` from `offset`, as far as the file goes; returns how many bytes there were.
pub(crate) fn read_all(file: &dyn SegmentFile, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
