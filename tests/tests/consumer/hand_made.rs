//! Buckets written by hand, object by object, to judge the judge.

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::BTreeMap;
use std::sync::Arc;
use tests::consumer::{
    Bucket, ColumnDef, CsvOptions, DateSeparator, Format, Options, SchemaFile, TableKey, Violation,
};

/// Objects by path. What is written twice counts once, as in a store.
#[derive(Clone, Default)]
pub struct HandMade {
    pub objects: BTreeMap<String, String>,
}

/// No date level, short numbers, line feeds.
pub fn options() -> Options {
    Options {
        terminator: "\n".to_owned(),
        date_separator: DateSeparator::None,
        index_width: 6,
        ..Options::default()
    }
}

/// The same, for a sink that was restarted.
pub fn restarted() -> Options {
    Options { restarts: true, ..options() }
}

/// The same, with both images of an update and whether it was one.
pub fn with_old_values() -> Options {
    Options {
        format: Format::Csv(CsvOptions { output_old_value: true, ..CsvOptions::default() }),
        ..options()
    }
}

/// A column such as `id INT*`: name, type, and a star for the primary key.
pub fn column(text: &str) -> ColumnDef {
    let (name, type_name) = text.split_once(' ').unwrap();
    ColumnDef {
        name: name.to_owned(),
        type_name: type_name.trim_end_matches('*').to_owned(),
        is_pk: type_name.ends_with('*'),
        not_null: type_name.ends_with('*'),
        ..ColumnDef::default()
    }
}

/// A schema file in the folder that is its own. `key` is `schema.table`, or `schema.` for a database.
pub fn schema_file(key: &str, version: u64, (kind, query): (u64, &str), columns: &[&str]) -> SchemaFile {
    let (schema, table) = key.split_once('.').unwrap();
    let columns = columns.iter().map(|text| column(text)).collect();
    SchemaFile {
        path: String::new(),
        folder: key.replace('.', "/").trim_end_matches('/').to_owned(),
        key: TableKey::new(schema, table),
        version,
        query: query.to_owned(),
        kind,
        columns: (!table.is_empty()).then_some(columns),
    }
}

/// A row of the table `d.t` with the columns `id` and `name`.
pub fn row(op: char, commit_ts: u64, id: u64, name: &str) -> String {
    format!("\"{op}\",\"t\",\"d\",{commit_ts},{id},\"{name}\"\n")
}

impl HandMade {
    /// Puts an object there.
    pub fn put(&mut self, path: impl Into<String>, content: impl Into<String>) -> &mut Self {
        self.objects.insert(path.into(), content.into());
        self
    }

    /// Puts a schema file there, under its right name.
    pub fn schema(&mut self, file: &SchemaFile) -> &mut Self {
        self.put(schema_path(file), file.to_text())
    }

    /// The schema file of a DDL.
    pub fn ddl(&mut self, key: &str, version: u64, ddl: (u64, &str), columns: &[&str]) -> &mut Self {
        self.schema(&schema_file(key, version, ddl, columns))
    }

    /// Data files with these contents, and the index file that covers them all.
    pub fn data(&mut self, dir: &str, files: &[&str]) -> &mut Self {
        for (at, content) in files.iter().enumerate() {
            self.put(format!("{dir}/CDC{:06}.csv", at + 1), *content);
        }
        let last = format!("CDC{:06}.csv\n", files.len());
        self.put(format!("{dir}/meta/CDC.index"), last)
    }

    /// The same, of one dispatcher.
    pub fn data_of(&mut self, dispatcher: &str, dir: &str, files: &[&str]) -> &mut Self {
        for (at, content) in files.iter().enumerate() {
            self.put(format!("{dir}/CDC_{dispatcher}_{:06}.csv", at + 1), *content);
        }
        let last = format!("CDC_{dispatcher}_{:06}.csv\n", files.len());
        self.put(format!("{dir}/meta/CDC_{dispatcher}.index"), last)
    }

    /// Reads it all back.
    pub async fn read(&self, options: &Options) -> Result<Bucket, Violation> {
        let store = Arc::new(InMemory::new());
        for (path, content) in &self.objects {
            put(store.as_ref(), path, content).await;
        }
        Bucket::read(store, "", options).await
    }
}

/// Where a schema file belongs.
pub fn schema_path(file: &SchemaFile) -> String {
    format!("{}/meta/schema_{}_{:010}.json", file.folder, file.version, file.checksum())
}

/// Writes one object.
pub async fn put(store: &dyn ObjectStore, path: &str, content: &str) {
    let path = Path::parse(path).unwrap();
    store.put(&path, content.to_owned().into()).await.unwrap();
}
