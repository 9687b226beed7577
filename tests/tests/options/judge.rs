//! One combination: written, read, compared.

use crate::in_process;
use crate::promises::{self, Reference};
use crate::settings::{Combination, Protocol, SELECTORS};
use crate::workload::{self, CREATE_DATABASE, DATABASE};
use mysql_async::Pool;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use tests::Database;
use tests::consumer::{Bucket, Replayed, compare_databases};
use tests::executing::{compare_servers, replay_onto};

/// A server that did the whole workload, and its log.
pub struct Judge {
    source: Pool,
    log: PathBuf,
    reference: Reference,
}

/// What became of one combination.
#[derive(Debug)]
pub struct Verdict {
    pub combination: Combination,
    pub files: usize,
    pub rows: usize,
    pub problems: Vec<String>,
}

impl Judge {
    /// Does the workload, and closes the log file that has it.
    pub async fn of(server: &Database) -> Self {
        workload::run(server).await;
        let (file, _) = server.binlog_end().await.unwrap();
        server.query("FLUSH BINARY LOGS").await.unwrap();
        let rows = server.query("SELECT @@log_bin_basename").await.unwrap();
        let base: String = rows[0].get(0).unwrap();
        let log = PathBuf::from(base).with_file_name(file);
        let mut judge = Self { source: server.pool(), log, reference: Reference::default() };
        for raw in ["false", "true"] {
            let shown = Combination::with(Protocol::CanalJson, &[("output-raw-change-event", raw)]);
            let bucket = judge.bucket(&shown).await.unwrap();
            judge.reference.add(raw == "true", &bucket);
        }
        judge
    }

    /// The log file.
    pub fn log(&self) -> &PathBuf {
        &self.log
    }

    /// Writes a bucket and reads it back.
    pub async fn bucket(&self, combination: &Combination) -> Result<Bucket, String> {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let written = in_process::read(&combination.config(), Arc::clone(&store), &self.log).await;
        written.map_err(|error| format!("it cannot be written: {error}"))?;
        Bucket::read(store, "", &combination.options()).await.map_err(|violation| violation.to_string())
    }

    /// Rebuilds the tables of each combination and compares them with the server's.
    pub async fn rebuild_all(&self, combinations: Vec<Combination>) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for combination in combinations {
            verdicts.push(match self.bucket(&combination).await {
                Ok(bucket) => {
                    let mut problems = promises::check(&combination, &bucket, &self.reference);
                    problems.extend(self.rebuild(&combination, &bucket).await.err());
                    Verdict::of(combination, &bucket, problems)
                }
                Err(problem) => Verdict::unread(combination, problem),
            });
        }
        verdicts
    }

    /// The tables of a bucket, if they are the server's.
    pub async fn rebuild(&self, combination: &Combination, bucket: &Bucket) -> Result<Replayed, String> {
        bucket.commit_ts_order_per_table().map_err(|violation| violation.to_string())?;
        let replayed = bucket.replay().map_err(|violation| violation.to_string())?;
        let compared = compare_databases(&self.source, &[DATABASE], &replayed, &combination.options()).await;
        compared.map_err(|difference| difference.to_string())?;
        Ok(replayed)
    }

    /// Runs each combination's bucket on a second server, which then has the same tables.
    pub async fn execute_all(&self, target: &Database, combinations: Vec<Combination>) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for combination in combinations {
            verdicts.push(match self.bucket(&combination).await {
                Ok(bucket) => {
                    let problems = self.execute(target, &combination, &bucket).await.err().into_iter();
                    Verdict::of(combination, &bucket, problems.collect())
                }
                Err(problem) => Verdict::unread(combination, problem),
            });
        }
        verdicts
    }

    async fn execute(
        &self,
        target: &Database,
        combination: &Combination,
        bucket: &Bucket,
    ) -> Result<(), String> {
        target.query(format!("DROP DATABASE IF EXISTS {DATABASE}")).await.unwrap();
        if combination.is_on("use-table-id-as-path") {
            // Where folders are tables' ids, none is a database's.
            target.query(CREATE_DATABASE).await.unwrap();
        }
        let (counts, replayed) = replay_onto(&target.pool(), bucket).await;
        replayed.map_err(|failure| format!("{failure}, after {counts:?}"))?;
        if counts.missed_deletes > 0 || counts.stale_rows > 0 {
            return Err(format!("rows missed or ignored: {counts:?}"));
        }
        if combination.is_on(SELECTORS) {
            // The other columns are not in the bucket.
            let replayed = self.rebuild(combination, bucket).await?;
            let options = combination.options();
            let compared = compare_databases(&target.pool(), &[DATABASE], &replayed, &options).await;
            return compared.map_err(|difference| difference.to_string());
        }
        let compared = compare_servers(&self.source, &target.pool(), &[DATABASE]).await.unwrap();
        assert!(compared.tables >= 9 && compared.cells > 300, "{compared:?}");
        if compared.differences.is_empty() { Ok(()) } else { Err(compared.differences.join("\n")) }
    }
}

impl Verdict {
    fn of(combination: Combination, bucket: &Bucket, problems: Vec<String>) -> Self {
        Self { combination, files: bucket.files.len(), rows: bucket.row_count(), problems }
    }

    fn unread(combination: Combination, problem: String) -> Self {
        Self { combination, files: 0, rows: 0, problems: vec![problem] }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.combination)?;
        self.problems.iter().take(5).try_for_each(|problem| writeln!(f, "    {problem}"))
    }
}
