//! One pass over a store: what is where, and what is in it.

use super::names::{IndexName, SchemaName, is_data_file};
use super::row::{Expected, read_rows};
use super::{Bucket, ColumnDef, DataFile, Options, SchemaFile, TableKey, Violation};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many objects are fetched at once.
const FETCHES: usize = 8;

/// What the listing showed.
#[derive(Default)]
struct Listing {
    has_metadata: bool,
    schemas: Vec<(String, SchemaName)>,
    indexes: Vec<IndexName>,
    data: Vec<String>,
    strangers: Vec<String>,
}

/// One pass over a store.
pub(super) struct Scan<'a> {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) options: &'a Options,
}

impl Scan<'_> {
    /// Lists everything, then reads everything that is published.
    pub(super) async fn read(&self) -> Result<Bucket, Violation> {
        let listing = self.list().await?;
        let schema_files = self.schema_files(&listing.schemas).await?;
        let files = self.data_files(&listing.indexes, &schema_files).await?;
        let published: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let is_unpublished = |path: &String| !published.contains(path.as_str());
        Ok(Bucket {
            checkpoint: self.checkpoint(listing.has_metadata).await?,
            unpublished: listing.data.into_iter().filter(is_unpublished).collect(),
            strangers: listing.strangers,
            options: self.options.clone(),
            schema_files,
            files,
        })
    }

    async fn list(&self) -> Result<Listing, Violation> {
        let objects: Vec<_> = self
            .store
            .list(None)
            .try_collect()
            .await
            .map_err(|source| Violation::Store { path: "the listing".to_owned(), source })?;
        let mut paths: Vec<String> = objects.iter().map(|object| object.location.to_string()).collect();
        paths.sort();
        let mut listing = Listing::default();
        for path in paths {
            let name = path.rsplit('/').next().unwrap_or_default();
            if path == "metadata" {
                listing.has_metadata = true;
            } else if let Some(name) = SchemaName::parse(&path) {
                listing.schemas.push((path, name));
            } else if path.ends_with(".index") {
                let index = IndexName::parse(&path, self.options.date_separator);
                listing.indexes.push(index.ok_or(Violation::IndexPlace { path })?);
            } else if is_data_file(name, self.options) {
                listing.data.push(path);
            } else {
                listing.strangers.push(path);
            }
        }
        listing.indexes.sort();
        listing.schemas.sort_by(|(_, a), (_, b)| (a.version, &a.folder).cmp(&(b.version, &b.folder)));
        Ok(listing)
    }

    async fn checkpoint(&self, has_metadata: bool) -> Result<Option<u64>, Violation> {
        if !has_metadata {
            return Ok(None);
        }
        let content = self.fetch_text("metadata").await?;
        let number = content
            .strip_prefix("{\"checkpoint-ts\":")
            .and_then(|rest| rest.strip_suffix('}'))
            .and_then(|number| number.parse().ok());
        number.map(Some).ok_or(Violation::Metadata { content })
    }

    async fn schema_files(&self, names: &[(String, SchemaName)]) -> Result<Vec<SchemaFile>, Violation> {
        let mut files: Vec<SchemaFile> = Vec::new();
        for (path, name) in names {
            let file = SchemaFile::parse(path, name, &self.fetch(path).await?)?;
            let twin =
                files.last().filter(|last| (last.version, &last.folder) == (file.version, &file.folder));
            if let Some(twin) = twin {
                return Err(Violation::TwoSchemaFiles { first: twin.path.clone(), second: file.path });
            }
            files.push(file);
        }
        Ok(files)
    }

    /// Opens the files 1 to N of every index file, by their generated names.
    async fn data_files(
        &self,
        indexes: &[IndexName],
        schemas: &[SchemaFile],
    ) -> Result<Vec<DataFile>, Violation> {
        let by_place: BTreeMap<(u64, &str), &SchemaFile> =
            schemas.iter().map(|schema| ((schema.version, schema.folder.as_str()), schema)).collect();
        let mut files = Vec::new();
        for index in indexes {
            let place = index.dir.place.to_string();
            let schema = by_place.get(&(index.dir.version, place.as_str()));
            let columns = schema.and_then(|schema| Some((schema.key.clone(), schema.columns.as_ref()?)));
            let (table, columns) =
                columns.ok_or_else(|| Violation::NoSchemaFile { dir: index.dir.to_string() })?;
            let left_out = |column: &ColumnDef| {
                let name = (table.clone(), column.name.clone());
                self.options.left_out.contains(&name)
            };
            let columns: Vec<_> = columns.iter().filter(|column| !left_out(column)).cloned().collect();
            let columns = Arc::new(columns);
            let last = self.last_of(index).await?;
            let reads = (1..=last).map(|number| self.data_file(index, number, &table, &columns));
            let read: Vec<DataFile> = futures::stream::iter(reads).buffered(FETCHES).try_collect().await?;
            files.extend(read);
        }
        Ok(files)
    }

    /// The number of the last data file that an index file covers.
    async fn last_of(&self, index: &IndexName) -> Result<u64, Violation> {
        let path = index.path();
        let content = self.fetch_text(&path).await?;
        index.parse_content(&content, self.options).ok_or(Violation::IndexContent { path, content })
    }

    async fn data_file(
        &self,
        owner: &IndexName,
        index: u64,
        table: &TableKey,
        columns: &Arc<Vec<ColumnDef>>,
    ) -> Result<DataFile, Violation> {
        let path = format!("{}/{}", owner.dir, owner.data_file(index, self.options));
        let content = self.fetch(&path).await.map_err(|violation| match violation {
            Violation::Store { path, source: object_store::Error::NotFound { .. } } => {
                Violation::MissingDataFile { index: owner.path(), file: path }
            }
            other => other,
        })?;
        let content = self
            .options
            .compression
            .plain(&content)
            .map_err(|source| Violation::Compression { file: path.clone(), problem: source.to_string() })?;
        let expected = Expected {
            file: &path,
            table,
            columns: columns.iter().collect(),
            version: owner.dir.version,
            options: self.options,
        };
        let rows = read_rows(&content, &expected)?;
        Ok(DataFile {
            rows,
            path,
            owner: owner.clone(),
            index,
            table: table.clone(),
            columns: columns.clone(),
        })
    }

    async fn fetch(&self, path: &str) -> Result<Bytes, Violation> {
        let failed = |source| Violation::Store { path: path.to_owned(), source };
        let location = Path::parse(path).map_err(|error| failed(error.into()))?;
        let object = self.store.get(&location).await.map_err(failed)?;
        object.bytes().await.map_err(failed)
    }

    async fn fetch_text(&self, path: &str) -> Result<String, Violation> {
        let content = self.fetch(path).await?;
        Ok(String::from_utf8_lossy(&content).into_owned())
    }
}
