//! Directories whose entries are known to be durable.

use parking_lot::Mutex;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How many directories are remembered. Forgetting one costs a sync.
const REMEMBERED: usize = 64 * 1024;

/// The directories below a root, and which of them this process has made durable.
#[derive(Debug)]
pub(super) struct Directories {
    root: PathBuf,
    durable: Mutex<HashSet<PathBuf>>,
}

impl Directories {
    /// The directories below an existing root.
    pub(super) fn below(root: PathBuf) -> Self {
        Self { root, durable: Mutex::default() }
    }

    /// Makes a directory exist and outlive a crash: on return its entry is on disk, and so is every parent's.
    ///
    /// That a directory exists proves nothing, since another put may have created it and not have synced it yet:
    /// whoever uses one first syncs its whole line of parents.
    pub(super) fn ensure(&self, directory: &Path) -> io::Result<()> {
        if self.durable.lock().contains(directory) {
            return Ok(());
        }
        create_all(directory)?;
        let line = directory.ancestors().take_while(|&above| above != self.root);
        let unknown: Vec<&Path> = {
            let durable = self.durable.lock();
            line.take_while(|&above| !durable.contains(above)).collect()
        };
        for below in unknown.iter().rev() {
            sync(below.parent().unwrap_or(&self.root))?;
        }
        let mut durable = self.durable.lock();
        if durable.len() + unknown.len() > REMEMBERED {
            durable.clear();
        }
        durable.extend(unknown.into_iter().map(Path::to_path_buf));
        Ok(())
    }

    /// Forgets a directory that turned out to be gone, and its parents, which may be gone too.
    pub(super) fn forget(&self, directory: &Path) {
        let mut durable = self.durable.lock();
        for gone in directory.ancestors() {
            durable.remove(gone);
        }
    }
}

/// Creates a directory and its parents. A file in their place is no name that is taken: nothing can be put below it.
fn create_all(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => io::Error::from(ErrorKind::NotADirectory),
        _ => error,
    })
}

/// Makes the entries of a directory durable.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Creates a root and everything above it, durably.
pub(super) fn create_root(root: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = root.ancestors().take_while(|above| !above.exists()).collect();
    create_all(root)?;
    for below in missing.iter().rev() {
        below.parent().map_or(Ok(()), sync)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Directories, create_root};
    use std::fs;

    #[test]
    fn a_directory_and_its_parents_come_about_once() {
        let root = tempfile::tempdir().expect("a directory");
        let directories = Directories::below(root.path().to_path_buf());
        let deep = root.path().join("a/b/c");
        directories.ensure(&deep).expect("a directory");
        assert!(deep.is_dir());
        assert_eq!(directories.durable.lock().len(), 3, "a, a/b and a/b/c, but not the root");
        directories.ensure(&root.path().join("a/d")).expect("a directory");
        assert_eq!(directories.durable.lock().len(), 4);
    }

    #[test]
    fn a_directory_that_went_away_comes_back_once_forgotten() {
        let root = tempfile::tempdir().expect("a directory");
        let directories = Directories::below(root.path().to_path_buf());
        let deep = root.path().join("a/b");
        directories.ensure(&deep).expect("a directory");
        fs::remove_dir_all(root.path().join("a")).expect("removed");
        directories.forget(&deep);
        directories.ensure(&deep).expect("a directory");
        assert!(deep.is_dir());
    }

    #[test]
    fn a_root_may_be_missing_with_its_parents() {
        let above = tempfile::tempdir().expect("a directory");
        let root = above.path().join("x/y");
        create_root(&root).expect("a root");
        create_root(&root).expect("the same root");
        assert!(root.is_dir());
    }
}
