//! The order of a consumer, its watermarks, and what it ignores (`output-format` 2.7 and 10.2).

use super::rows::RowWriter;
use super::target::Target;
use super::{Failure, refusal};
use crate::consumer::{Bucket, DataFile, Row, SchemaFile, TableKey};
use mysql_async::Pool;
use std::collections::HashMap;

/// What was replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Schema files, those without a statement included.
    pub schema_files: usize,
    /// Statements that were run.
    pub statements: usize,
    /// Statements that were ignored: a later one of their table was run before.
    pub stale_statements: usize,
    /// Rows that were written.
    pub rows: usize,
    /// Rows that were ignored: of a version or a commit-ts that is past.
    pub stale_rows: usize,
    /// Rows that were to be taken away and were not there.
    pub missed_deletes: usize,
}

/// Replays a bucket onto an empty server, as TiCDC's storage consumer does. Says how far it came.
///
/// # Errors
/// The first schema file or data directory that this consumer cannot take; it would stop there for ever.
pub async fn replay_onto(target: &Pool, bucket: &Bucket) -> (Counts, Result<(), Failure>) {
    let counts = Counts { schema_files: bucket.schema_files.len(), ..Counts::default() };
    let mut replay = Replay {
        target: match Target::connect(target).await {
            Ok(target) => target,
            Err(failure) => return (counts, Err(failure)),
        },
        bucket,
        watermarks: HashMap::new(),
        high_watermarks: HashMap::new(),
        counts,
    };
    for step in steps(bucket) {
        let done = match step {
            Step::Statement(file) => replay.run(file).await,
            Step::Rows(directory) => replay.write(directory).await,
        };
        if done.is_err() {
            return (replay.counts, done);
        }
    }
    (replay.counts, Ok(()))
}

/// What is done at once.
enum Step<'a> {
    Statement(&'a SchemaFile),
    Rows(&'a [DataFile]),
}

/// By version; within a version first the statements, by database and table, then the directories.
fn steps(bucket: &Bucket) -> Vec<Step<'_>> {
    let statements = bucket.schema_files.iter().filter(|file| !file.query.is_empty());
    let mut statements: Vec<&SchemaFile> = statements.collect();
    statements.sort_by(|a, b| (a.version, &a.key).cmp(&(b.version, &b.key)));
    let mut statements = statements.into_iter().peekable();
    let mut steps = Vec::new();
    for directory in bucket.files.chunk_by(|a, b| a.owner.dir == b.owner.dir) {
        let version = directory[0].owner.dir.version;
        while let Some(file) = statements.next_if(|file| file.version <= version) {
            steps.push(Step::Statement(file));
        }
        steps.push(Step::Rows(directory));
    }
    steps.extend(statements.map(Step::Statement));
    steps
}

/// A replay under way.
struct Replay<'a> {
    target: Target,
    bucket: &'a Bucket,
    /// The version of the last statement of each table.
    watermarks: HashMap<TableKey, u64>,
    /// The last commit-ts of each table and partition.
    high_watermarks: HashMap<(TableKey, u64), u64>,
    counts: Counts,
}

impl Replay<'_> {
    async fn run(&mut self, file: &SchemaFile) -> Result<(), Failure> {
        if self.watermarks.get(&file.key).is_some_and(|&watermark| file.version <= watermark) {
            self.counts.stale_statements += 1;
            return Ok(());
        }
        let old = refusal::check(file)?;
        let is_whole_database =
            [refusal::kind::CREATE_DATABASE, refusal::kind::DROP_DATABASE].contains(&file.kind);
        let database = (!is_whole_database).then_some(file.key.schema.as_str());
        self.target.execute(database, &file.query).await.map_err(|error| Failure::Sql {
            file: file.path.clone(),
            statement: file.query.clone(),
            reason: error.to_string(),
        })?;
        self.counts.statements += 1;
        self.watermarks
            .extend([Some(file.key.clone()), old].into_iter().flatten().map(|key| (key, file.version)));
        Ok(())
    }

    async fn write(&mut self, directory: &[DataFile]) -> Result<(), Failure> {
        let DataFile { table, columns, owner, path, .. } = &directory[0];
        let version = owner.dir.version;
        if self.watermarks.get(table).is_some_and(|&watermark| version < watermark) {
            self.counts.stale_rows += directory.iter().map(|file| file.rows.len()).sum::<usize>();
            return Ok(());
        }
        let rows = self.fresh_rows(directory);
        let target_columns = self.target.columns(table).await?;
        let writer = RowWriter::new(table, columns, &target_columns, self.bucket.format());
        let refused = |statement: &str, error: &mysql_async::Error| Failure::Sql {
            file: path.clone(),
            statement: beginning(statement),
            reason: error.to_string(),
        };
        let mut writes = writer.writes(&rows);
        writes.insert(0, super::rows::Write { sql: "BEGIN".to_owned(), deletes: false });
        writes.push(super::rows::Write { sql: "COMMIT".to_owned(), deletes: false });
        for write in writes {
            let changed = self.target.write(&write.sql).await.map_err(|error| refused(&write.sql, &error))?;
            self.counts.missed_deletes += usize::from(write.deletes && changed == 0);
        }
        self.counts.rows += rows.len();
        Ok(())
    }

    /// The rows that are not past, in the order of their commit-ts.
    fn fresh_rows<'f>(&mut self, directory: &'f [DataFile]) -> Vec<&'f Row> {
        let DataFile { table, owner, .. } = &directory[0];
        let high = self.high_watermarks.entry((table.clone(), owner.dir.lane())).or_default();
        let mut fresh = Vec::new();
        for file in directory {
            for row in &file.rows {
                if file.owner.dispatcher.is_none() && row.commit_ts < *high {
                    self.counts.stale_rows += 1;
                } else {
                    *high = (*high).max(row.commit_ts);
                    fresh.push(row);
                }
            }
        }
        fresh.sort_by_key(|row| row.commit_ts);
        fresh
    }
}

/// The first part of a long statement.
fn beginning(statement: &str) -> String {
    statement.chars().take(400).collect()
}
