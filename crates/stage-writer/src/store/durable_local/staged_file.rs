//! A file under its temporary name.

use super::directories::{Directories, sync};
use object_store::PutPayload;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use uuid::Uuid;

/// What publishing does when the name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfTaken {
    Refuse,
    Replace,
}

/// A file under its temporary name; gone when dropped unpublished. Everything it does blocks.
#[derive(Debug)]
pub(super) struct StagedFile {
    file: File,
    temporary: PathBuf,
    published: bool,
}

impl StagedFile {
    /// Creates an empty file next to its destination.
    pub(super) fn create(destination: &Path, directories: &Directories) -> io::Result<Self> {
        let directory = directory_of(destination)?;
        let temporary = temporary_name(destination);
        let open = || {
            directories.ensure(directory)?;
            OpenOptions::new().write(true).create_new(true).open(&temporary)
        };
        let file = match open() {
            // Somebody removed the directory since it was made durable.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                directories.forget(directory);
                open()?
            }
            opened => opened?,
        };
        Ok(Self { file, temporary, published: false })
    }

    /// Writes a payload at an offset.
    pub(super) fn write_at(&mut self, offset: u64, payload: &PutPayload) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        payload.iter().try_for_each(|bytes| self.file.write_all(bytes))
    }

    /// Gives the file its name, durably, and says its ETag. The name appears with all the bytes or not at all.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] for a taken name that shall not be replaced. After any other error the name
    /// may be there or not.
    pub(super) fn publish(mut self, destination: &Path, if_taken: IfTaken) -> io::Result<String> {
        self.file.sync_all()?;
        let e_tag = e_tag(&self.file.metadata()?);
        match if_taken {
            // A link is refused when the name is taken; a rename never is.
            IfTaken::Refuse => {
                fs::hard_link(&self.temporary, destination)?;
                self.remove();
            }
            IfTaken::Replace => fs::rename(&self.temporary, destination)?,
        }
        self.published = true;
        sync(directory_of(destination)?)?;
        Ok(e_tag)
    }

    /// Removes the temporary name. One that cannot be removed is hidden from every reader all the same.
    fn remove(&self) {
        drop(fs::remove_file(&self.temporary));
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if !self.published {
            self.remove();
        }
    }
}

fn directory_of(destination: &Path) -> io::Result<&Path> {
    destination.parent().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "a file without a directory"))
}

/// The name, `#` and random digits: what [`LocalFileSystem`](object_store::local::LocalFileSystem) hides.
fn temporary_name(destination: &Path) -> PathBuf {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    let mut name = destination.as_os_str().to_owned();
    name.push(format!("#{random}"));
    name.into()
}

/// The ETag that [`LocalFileSystem`](object_store::local::LocalFileSystem) will give the file when it is read; the
/// conformance suite holds the two together.
fn e_tag(metadata: &Metadata) -> String {
    let modified = metadata.modified().ok();
    let since_epoch = modified.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    let micros = since_epoch.unwrap_or_default().as_micros();
    format!("\"{:x}-{micros:x}-{:x}\"", inode(metadata), metadata.len())
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
