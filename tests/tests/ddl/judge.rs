//! One bucket, executed on a second server and compared with the first.

use super::DatabaseServer;
use futures::TryStreamExt;
use mysql_async::prelude::Queryable;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use std::sync::Arc;
use tests::consumer::{Bucket, Options};
use tests::executing::{Compared, Counts, compare_servers, replay_onto};

/// The two servers: the one that was followed, and the one that buckets are replayed onto.
pub struct Judge<'a> {
    pub source: &'a DatabaseServer,
    pub target: &'a DatabaseServer,
}

/// What became of one bucket.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    pub name: String,
    pub counts: Counts,
    pub compared: Compared,
    /// What is wrong; the first thing is the cause, the rest may follow from it.
    pub problems: Vec<String>,
}

impl Verdict {
    /// A bucket that could not even be written.
    pub fn unwritten(name: &str, why: &dyn std::error::Error) -> Self {
        let problems = vec![format!("the source stops: {}", with_causes(why))];
        Self { name: name.to_owned(), problems, ..Self::default() }
    }
}

impl Judge<'_> {
    /// Replays what a bucket has of these databases and compares them. `kinds`: the types of the schema files that
    /// tables get from DDLs, in the order of their versions.
    pub async fn verdict(
        &self,
        name: &str,
        databases: &[String],
        store: &Arc<dyn ObjectStore>,
        options: &Options,
        kinds: Option<&[u64]>,
    ) -> Verdict {
        let mut verdict = Verdict { name: name.to_owned(), ..Verdict::default() };
        self.clear_target(databases).await.expect("an old target can be cleared");
        let bucket = match Bucket::read(part_of(store, databases).await, "", options).await {
            Ok(bucket) => bucket,
            Err(violation) => {
                verdict.problems.push(format!("the bucket cannot be read: {}", with_causes(&violation)));
                return verdict;
            }
        };
        let (counts, replayed) = replay_onto(&self.target.pool(), &bucket).await;
        verdict.counts = counts;
        verdict.problems.extend(replayed.err().map(|failure| with_causes(&failure)));
        verdict.problems.extend(kinds.and_then(|kinds| other_kinds(&bucket, kinds)));
        let names: Vec<&str> = databases.iter().map(String::as_str).collect();
        let compared = compare_servers(&self.source.pool(), &self.target.pool(), &names).await;
        verdict.compared = compared.expect("two servers of our own can be compared");
        verdict.problems.extend(verdict.compared.differences.iter().cloned());
        verdict
    }

    /// Drops these databases, whatever refers to what.
    async fn clear_target(&self, databases: &[String]) -> Result<(), mysql_async::Error> {
        let mut client = self.target.pool().get_conn().await?;
        client.query_drop("SET foreign_key_checks = 0").await?;
        for database in databases {
            client.query_drop(format!("DROP DATABASE IF EXISTS `{}`", database.replace('`', "``"))).await?;
        }
        // Its session is not one for others.
        client.disconnect().await
    }
}

/// A copy of what a bucket has of these databases, so that the rest of it cannot hide them.
async fn part_of(store: &Arc<dyn ObjectStore>, databases: &[String]) -> Arc<dyn ObjectStore> {
    let part = InMemory::new();
    let objects: Vec<_> = store.list(None).try_collect().await.expect("memory can be listed");
    for object in objects {
        let key = object.location.to_string();
        if databases.iter().any(|database| key.split('/').next() == Some(database)) {
            let content = store.get(&object.location).await.expect("memory can be read");
            let content = content.bytes().await.expect("memory can be read");
            part.put(&object.location, content.into()).await.expect("memory can be written");
        }
    }
    Arc::new(part)
}

/// Which types the statements of tables have, if not these.
fn other_kinds(bucket: &Bucket, wanted: &[u64]) -> Option<String> {
    let of_tables =
        bucket.schema_files.iter().filter(|file| !file.query.is_empty() && !file.key.table.is_empty());
    let found: Vec<u64> = of_tables.map(|file| file.kind).collect();
    (found != wanted).then(|| format!("the statements have the types {found:?}, not {wanted:?}"))
}

/// An error and what caused it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
