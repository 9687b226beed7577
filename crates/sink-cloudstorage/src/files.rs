//! The writer's view of a table: which files its pieces go to, and what they are called.

use crate::known_versions::KnownVersions;
use crate::layout::{self, index_file};
use crate::schema_file::SchemaFile;
use bytes::Bytes;
use change_event::TableSchema;
use dispatcher::DispatcherId;
use object_store::path::Path;
use stage_encode::Encoder;
use stage_writer::{Error, IndexFile, Label, Layout, Past};
use std::sync::Arc;

/// What shares a data file: one table at one version, from one dispatcher.
#[derive(Clone, Debug)]
pub struct TableFiles {
    /// The table, at the version its rows have.
    pub table: Arc<TableSchema>,
    /// Who sends the rows.
    pub dispatcher: DispatcherId,
}

impl PartialEq for TableFiles {
    fn eq(&self, other: &Self) -> bool {
        // Events of one version share their schema, so the pointers nearly always decide.
        let same_table = Arc::ptr_eq(&self.table, &other.table)
            || (self.table.version == other.table.version && self.table == other.table);
        same_table && self.dispatcher == other.dispatcher
    }
}

/// What an encoded event says of itself.
#[derive(Debug)]
pub struct TableRows {
    /// Where it goes.
    pub files: TableFiles,
    /// How many rows it has.
    pub rows: u64,
}

impl Label for TableRows {
    type Group = TableFiles;

    fn group(&self) -> &TableFiles {
        &self.files
    }

    fn rows(&self) -> u64 {
        self.rows
    }
}

/// The bucket's layout, as the writer asks for it.
pub struct FileLayout {
    /// How keys are made.
    pub layout: layout::Layout,
    /// Whose header starts each file.
    pub encoder: Arc<dyn Encoder>,
    /// Whether schema files carry column ids.
    pub with_column_ids: bool,
    /// What is known of the bucket.
    pub known: KnownVersions,
}

impl FileLayout {
    fn data_dir(&self, files: &TableFiles, millis: u64) -> layout::DataDir {
        let made = self.layout.data_dir(&files.table, files.table.version, millis);
        made.expect("a dispatcher is admitted only if its table's name can stand in a key")
    }

    /// The id that names directories, in table-id mode.
    pub fn path_id(&self, table: &TableSchema) -> Option<i64> {
        self.layout.table_id_as_path.then(|| table.partition.unwrap_or(table.table_id))
    }
}

impl Layout<TableFiles> for FileLayout {
    fn directory(&self, files: &TableFiles, millis: u64) -> Path {
        self.data_dir(files, millis).key()
    }

    fn is_date(&self, name: &str) -> bool {
        self.layout.date_level.matches(name)
    }

    fn data_name(&self, files: &TableFiles, number: u64) -> String {
        self.layout.data_file_name(files.dispatcher, number)
    }

    fn data_number(&self, files: &TableFiles, name: &str) -> Option<u64> {
        let parsed = layout::DataFileName::parse(name, &self.layout.extension).ok()?;
        (self.data_name(files, parsed.index) == name).then_some(parsed.index)
    }

    fn index(&self) -> Option<&dyn IndexFile<TableFiles>> {
        Some(self)
    }

    fn header(&self, files: &TableFiles) -> Bytes {
        let mut header = Vec::new();
        self.encoder.header(&files.table, &mut header);
        Bytes::from(header)
    }

    fn companions(&self, files: &TableFiles) -> Vec<(Path, Bytes)> {
        let file = SchemaFile::of_table(&files.table, self.with_column_ids);
        let key = file.key(self.path_id(&files.table));
        let key = key.expect("a dispatcher is admitted only if its table's name can stand in a key");
        key.map(|key| (key, Bytes::from(file.to_bytes()))).into_iter().collect()
    }

    fn past(&self, files: &TableFiles) -> Past {
        let table = &files.table;
        self.known.past(self.path_id(table).unwrap_or(table.table_id), table.version)
    }
}

impl IndexFile<TableFiles> for FileLayout {
    fn key(&self, files: &TableFiles, directory: &Path) -> Path {
        self.layout.index_in(directory, files.dispatcher)
    }

    fn text(&self, files: &TableFiles, number: u64) -> Bytes {
        Bytes::from(index_file::index_content(&self.data_name(files, number)))
    }

    fn parse(&self, files: &TableFiles, content: &[u8]) -> Result<u64, Error> {
        let named = std::str::from_utf8(content)
            .ok()
            .and_then(|text| index_file::parse_index_content(text, &self.layout.extension).ok());
        named.map(|name| name.index).ok_or_else(|| {
            let table = &files.table.name;
            Error::corrupt(format!(
                "an index file of {table} names no data file; restore it or move its directory away"
            ))
        })
    }
}
