//! Everything that is in a bucket, read and checked file by file.

use super::names::IndexName;
use super::scan::Scan;
use super::{ColumnDef, Format, Options, Row, SchemaFile, TableKey, Violation};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use std::sync::Arc;

/// A bucket, read once: what is published in it, in the order in which a consumer replays it.
#[derive(Debug)]
pub struct Bucket {
    /// The `checkpoint-ts` of `metadata`; `None` before the first.
    pub checkpoint: Option<u64>,
    /// The schema files, by version, then by folder.
    pub schema_files: Vec<SchemaFile>,
    /// The data files that an index file covers, by directory, dispatcher and number.
    pub files: Vec<DataFile>,
    /// Paths of data files that no index file covers: written, but not published.
    pub unpublished: Vec<String>,
    /// Paths of everything that is neither of these: left-overs, probes, foreign objects.
    pub strangers: Vec<String>,
    pub(super) options: Options,
}

/// One published data file.
#[derive(Debug)]
pub struct DataFile {
    /// Where it is.
    pub path: String,
    /// The directory and the dispatcher.
    pub owner: IndexName,
    /// Its number, from 1.
    pub index: u64,
    /// The table.
    pub table: TableKey,
    /// The columns of its rows.
    pub columns: Arc<Vec<ColumnDef>>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Bucket {
    /// Lists and reads everything below `prefix` (empty for the whole store) and checks every file by itself.
    ///
    /// # Errors
    /// The first broken promise, or `Store` if the store failed.
    pub async fn read(
        store: Arc<dyn ObjectStore>,
        prefix: &str,
        options: &Options,
    ) -> Result<Self, Violation> {
        let store: Arc<dyn ObjectStore> = match prefix {
            "" => store,
            _ => Arc::new(PrefixStore::new(store, prefix)),
        };
        let bucket = Scan { store, options }.read().await?;
        bucket.check_versions()?;
        Ok(bucket)
    }

    /// Reads a local folder.
    ///
    /// # Errors
    /// As [`Bucket::read`].
    pub async fn read_folder(folder: &std::path::Path, options: &Options) -> Result<Self, Violation> {
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(|source| Violation::Store { path: folder.display().to_string(), source })?;
        Self::read(Arc::new(store), "", options).await
    }

    /// How many rows are published, repeated ones included.
    pub fn row_count(&self) -> usize {
        self.files.iter().map(|file| file.rows.len()).sum()
    }

    /// How rows are spelled.
    pub fn format(&self) -> &Format {
        &self.options.format
    }

    /// Checks that rows are in the directory of the version that was theirs (promise 4).
    fn check_versions(&self) -> Result<(), Violation> {
        for file in &self.files {
            let version = file.owner.dir.version;
            let folder = file.owner.dir.place.to_string();
            let next_ddl = self
                .schema_files
                .iter()
                .filter(|schema| schema.folder == folder && !schema.query.is_empty())
                .map(|schema| schema.version)
                .find(|&ddl| ddl > version);
            for (at, row) in file.rows.iter().enumerate() {
                let commit_ts = row.commit_ts;
                let (path, number) = (file.path.clone(), at + 1);
                if commit_ts < version {
                    return Err(Violation::RowBeforeItsVersion { file: path, row: number, commit_ts });
                }
                if let Some(ddl) = next_ddl.filter(|&ddl| commit_ts > ddl) {
                    return Err(Violation::RowAfterItsVersion { file: path, row: number, commit_ts, ddl });
                }
            }
        }
        Ok(())
    }
}
