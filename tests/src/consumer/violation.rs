//! The promises a bucket can break, by name.

use super::TableKey;

/// One broken promise of `output-format` 10.3, or a file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Violation {
    /// The store failed; this says nothing about the bucket.
    #[error("cannot read {path} from the store")]
    Store {
        path: String,
        #[source]
        source: object_store::Error,
    },
    /// `metadata` is not `{"checkpoint-ts":N}`.
    #[error("`metadata` is malformed: {content:?}")]
    Metadata { content: String },
    /// Promise 5: a schema file that is no schema file.
    #[error("{path} is not a schema file: {problem}")]
    SchemaContent { path: String, problem: String },
    /// A schema file with the right content in another spelling than the format's.
    #[error("{path} is not spelled as the format says, expected:\n{expected}")]
    SchemaBytes { path: String, expected: String },
    /// Promise 5: the checksum in the name is not that of the content.
    #[error("{path} has the checksum {computed:010}")]
    SchemaChecksum { path: String, computed: u32 },
    /// Promise 5: the version in the name is not the `TableVersion` inside.
    #[error("{path} says TableVersion {inside} inside")]
    SchemaVersion { path: String, inside: u64 },
    /// A schema file in the folder of another table.
    #[error("{path} describes {inside}")]
    SchemaPlace { path: String, inside: TableKey },
    /// Promise 6: one version of one table has two schema files.
    #[error("{first} and {second} are the same version")]
    TwoSchemaFiles { first: String, second: String },
    /// Promise 1: a data directory without the schema file of its version.
    #[error("{dir} has no schema file of its version")]
    NoSchemaFile { dir: String },
    /// An index file where none can be.
    #[error("{path} is no place for an index file")]
    IndexPlace { path: String },
    /// Promise 8: an index file that is torn or names no file of its own.
    #[error("{path} does not name one of its data files: {content:?}")]
    IndexContent { path: String, content: String },
    /// Promise 2: an index file covers a data file that is not there.
    #[error("{index} covers {file}, which does not exist")]
    MissingDataFile { index: String, file: String },
    /// A data file that is not compressed as its name says, or is more than one stream.
    #[error("{file} cannot be unpacked: {problem}")]
    Compression { file: String, problem: String },
    /// A row that cannot be parsed. Rows count from 1.
    #[error("{file}, row {row}: {problem}")]
    MalformedRow { file: String, row: usize, problem: String },
    /// Promise 4: a row with another number of columns than its schema file.
    #[error("{file}, row {row}: {found} columns, the schema file has {expected}")]
    ColumnCount { file: String, row: usize, expected: usize, found: usize },
    /// Promise 4: a row of another table than its directory's.
    #[error("{file}, row {row} is a row of {found}")]
    RowOfAnotherTable { file: String, row: usize, found: TableKey },
    /// Promise 4: a row that is older than the version of its directory.
    #[error("{file}, row {row}: commit-ts {commit_ts} is before the version of its directory")]
    RowBeforeItsVersion { file: String, row: usize, commit_ts: u64 },
    /// Promise 4: a row that is newer than the next DDL of its table, but in the directory before it.
    #[error(
        "{file}, row {row}: commit-ts {commit_ts} is after the DDL at {ddl}, which has a directory of its own"
    )]
    RowAfterItsVersion { file: String, row: usize, commit_ts: u64, ddl: u64 },
    /// Promise 7: the commit-ts goes back within one file.
    #[error("{file}, row {row}: commit-ts {commit_ts} follows {previous}")]
    CommitTsOrder { file: String, row: usize, commit_ts: u64, previous: u64 },
    /// Promise 7: a row that no earlier file has is older than rows that one has.
    #[error(
        "{file}, row {row}: commit-ts {commit_ts} comes for the first time, after {watermark} was published"
    )]
    LateRow { file: String, row: usize, commit_ts: u64, watermark: u64 },
    /// A row of a transaction that was published before comes again as another row.
    #[error("{file}, row {row}: the transaction {commit_ts} was published before with other rows")]
    ReplayDiffers { file: String, row: usize, commit_ts: u64 },
    /// A row comes twice although the sink was never restarted.
    #[error("{file}, row {row}: commit-ts {commit_ts} comes again without a restart")]
    Repeated { file: String, row: usize, commit_ts: u64 },
    /// A `U` row of a table without a primary key: nobody can tell which row it replaces.
    #[error("{table}: an update without a primary key at {commit_ts}")]
    UpdateWithoutKey { table: TableKey, commit_ts: u64 },
    /// A primary-key column is NULL.
    #[error("{table}: a NULL in the primary key at {commit_ts}")]
    NullInKey { table: TableKey, commit_ts: u64 },
    /// A CREATE TABLE over a table that is there.
    #[error("{table} is created at {version} but exists")]
    TableExists { table: TableKey, version: u64 },
    /// A table takes the name of a view, or the reverse.
    #[error("{name} is created at {version} but is the name of {by_whom}")]
    NameTaken { name: TableKey, version: u64, by_whom: &'static str },
    /// A RENAME that cannot be understood or carried out.
    #[error("{table} cannot be renamed at {version}: {problem}")]
    Rename { table: TableKey, version: u64, problem: String },
    /// Promise 3: an object was written before something that it builds on.
    #[error("{early} was written before {late}")]
    WriteOrder { early: String, late: String },
}
