//! The store: writing done here, reading left to [`LocalFileSystem`].

use super::directories::{Directories, create_root};
use super::file_work::{NAME, blocking, failed};
use super::staged_file::{IfTaken, StagedFile};
use super::upload::DurableUpload;
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use std::sync::Arc;
use std::{fmt, ops::Range};

/// A local directory whose writes survive a crash. Needs a tokio runtime: files are handled on its blocking threads.
///
/// Has no [`PutMode::Update`] and no attributes. Needs hard links for
/// [`PutMode::Create`].
#[derive(Clone, Debug)]
pub struct DurableLocal {
    files: LocalFileSystem,
    directories: Arc<Directories>,
}

impl DurableLocal {
    /// Opens a directory, creating it when missing.
    ///
    /// # Errors
    /// If it cannot be created, or is not a directory.
    pub fn open(root: impl AsRef<std::path::Path>) -> Result<Self> {
        let root = root.as_ref();
        create_root(root).map_err(|error| failed(root, error))?;
        let canonical = root.canonicalize().map_err(|error| failed(root, error))?;
        Ok(Self {
            // A directory that a deletion leaves empty goes with it; whoever writes there just then makes it again.
            files: LocalFileSystem::new_with_prefix(&canonical)?
                .with_fsync(true)
                .with_automatic_cleanup(true),
            directories: Arc::new(Directories::below(canonical)),
        })
    }

    /// Attributes have no place in a file; ignoring them would be a lie.
    fn refuse(&self, attributes: &Attributes) -> Result<()> {
        match attributes.is_empty() {
            true => Ok(()),
            false => Err(self.not_implemented("attributes")),
        }
    }

    fn not_implemented(&self, operation: &str) -> Error {
        Error::NotImplemented { operation: operation.to_owned(), implementer: self.to_string() }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for DurableLocal {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.refuse(&opts.attributes)?;
        let if_taken = match opts.mode {
            PutMode::Create => IfTaken::Refuse,
            PutMode::Overwrite => IfTaken::Replace,
            PutMode::Update(_) => return Err(self.not_implemented("PutMode::Update")),
        };
        let destination = self.files.path_to_filesystem(location)?;
        let directories = self.directories.clone();
        let e_tag = blocking(move || {
            let put = || {
                let mut staged = StagedFile::create(&destination, &directories)?;
                staged.write_at(0, &payload)?;
                staged.publish(&destination, if_taken)
            };
            put().map_err(|error| failed(&destination, error))
        })
        .await?;
        Ok(PutResult { e_tag: Some(e_tag), version: None, extensions: Default::default() })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.refuse(&opts.attributes)?;
        let destination = self.files.path_to_filesystem(location)?;
        let directories = self.directories.clone();
        blocking(move || {
            let staged = StagedFile::create(&destination, &directories);
            let staged = staged.map_err(|error| failed(&destination, error))?;
            Ok(Box::new(DurableUpload::new(destination, staged)) as _)
        })
        .await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.files.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.files.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.files.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.files.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.files.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.files.rename_opts(from, to, options).await
    }
}

impl fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME}({})", self.files)
    }
}
