//! Work on files, off the async threads.

use object_store::{Error, Result};
use std::io;
use std::path::Path;

/// What the store is called in errors.
pub(super) const NAME: &str = "DurableLocal";

/// Runs file work on a blocking thread.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// An error of the file system, with the file it is about.
pub(super) fn failed(file: &Path, error: io::Error) -> Error {
    let path = file.display().to_string();
    match error.kind() {
        io::ErrorKind::AlreadyExists => Error::AlreadyExists { path, source: error.into() },
        io::ErrorKind::PermissionDenied => Error::PermissionDenied { path, source: error.into() },
        kind => {
            Error::Generic { store: NAME, source: io::Error::new(kind, format!("{path}: {error}")).into() }
        }
    }
}
