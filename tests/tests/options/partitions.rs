//! What is written of partitions: a directory each where the source says which partition a row is in, and nothing of them
//! where it does not, as no log does that is read.

use crate::in_process;
use crate::judge::Judge;
use crate::settings::{Combination, Protocol};
use crate::workload::{self, DATABASE, PARTED};
use bytes::Bytes;
use change_event::{Image, RowEvent, RowsBuilder, Value};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tests::consumer::names::Place;
use tests::consumer::{Bucket, TableKey};
use tests::{Database, contents};

/// Options as usual but for these, and no dates: two runs may be of two days.
fn combination(protocol: Protocol, given: [(&str, &str); 2]) -> Combination {
    Combination::with(protocol, &[&given[..], &[("date-separator", "none")]].concat())
}

/// Everything that these options make of the log, but for what tells the options themselves.
async fn written(judge: &Judge, given: [(&str, &str); 2]) -> BTreeMap<String, Bytes> {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let config = combination(Protocol::Csv, given).config();
    in_process::read(&config, Arc::clone(&store), judge.log()).await.unwrap();
    let mut objects = contents(&*store, "").await.unwrap();
    objects.retain(|key, _| !key.starts_with(".spillway/"));
    objects
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_log_tells_no_partitions_the_separator_changes_nothing() {
    let server = Database::start_with(&workload::OPTIONS).await.unwrap();
    let judge = Judge::of(&server).await;
    for by_id in ["false", "true"] {
        let given = |separator| [("enable-partition-separator", separator), ("use-table-id-as-path", by_id)];
        let (with, without) = (written(&judge, given("true")).await, written(&judge, given("false")).await);
        assert!(with.len() > 40, "{} objects are not what the workload makes", with.len());
        assert!(with == without, "by id: {by_id}");
    }
    // All rows of the partitioned table are in one directory a version, in the order of the log.
    let usual = [("enable-partition-separator", "true"), ("use-table-id-as-path", "false")];
    let usual = combination(Protocol::Csv, usual);
    let bucket = judge.bucket(&usual).await.unwrap();
    let parted = TableKey::new(DATABASE, PARTED);
    let files: Vec<_> = bucket.files.iter().filter(|file| file.table == parted).collect();
    assert_eq!(files.len(), 2, "one before ADD PARTITION, one after it");
    assert!(files.iter().all(|file| file.owner.dir.partition == 0));
    judge.rebuild(&usual, &bucket).await.unwrap();
}

/// The ids of the partitions, by the tens of `region`.
const PARTITIONS: [i64; 3] = [9001, 9002, 9003];

/// The rows of the partitioned table by partition, as a source would bring them whose log names it.
fn by_partition(event: RowEvent) -> Vec<RowEvent> {
    if event.table.name.table != PARTED {
        return vec![event];
    }
    let partition = |image: Image<'_>| match image.value(1) {
        Value::Int(region) => PARTITIONS[usize::try_from(region / 10).unwrap()],
        other => panic!("{other:?} is no region"),
    };
    let mut partitions: BTreeMap<i64, RowsBuilder> = BTreeMap::new();
    for row in event.rows.iter() {
        let images = || row.before.into_iter().chain(row.after);
        let of_row: BTreeSet<i64> = images().map(partition).collect();
        assert_eq!(of_row.len(), 1, "a row that moves to another partition changes its key, and was split");
        for id in of_row {
            let rows = partitions.entry(id).or_insert_with(|| RowsBuilder::new(event.table.columns.len()));
            rows.push(row.op, images().flat_map(|image| image.values())).unwrap();
        }
    }
    let of_partition = |(id, rows): (i64, RowsBuilder)| {
        let mut table = event.table.clone();
        Arc::make_mut(&mut table).partition = Some(id);
        RowEvent { table, commit_ts: event.commit_ts, rows: rows.build() }
    };
    partitions.into_iter().map(of_partition).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_source_tells_partitions_each_has_its_directory_and_all_read_back_together() {
    let server = Database::start_with(&workload::OPTIONS).await.unwrap();
    let judge = Judge::of(&server).await;
    for protocol in Protocol::BOTH {
        for (separator, by_id, wanted) in [
            ("true", "false", ["opt/parted 9001", "opt/parted 9002", "opt/parted 9003"].as_slice()),
            ("false", "false", &["opt/parted 0"]),
            ("true", "true", &["9001 0", "9002 0", "9003 0"]),
            ("false", "true", &["9001 0", "9002 0", "9003 0"]),
        ] {
            let given = [("enable-partition-separator", separator), ("use-table-id-as-path", by_id)];
            let combination = combination(protocol, given);
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            let config = combination.config();
            in_process::read_spread(&config, Arc::clone(&store), judge.log(), by_partition).await.unwrap();
            let bucket = Bucket::read(store, "", &combination.options()).await.unwrap();
            let of_parted = bucket.files.iter().filter(|file| file.table.table == PARTED);
            let directories: BTreeSet<(&Place, u64)> =
                of_parted.map(|file| (&file.owner.dir.place, file.owner.dir.partition)).collect();
            let found: Vec<String> =
                directories.iter().map(|(place, partition)| format!("{place} {partition}")).collect();
            assert_eq!(found, wanted, "{combination}");
            let rebuilt = judge.rebuild(&combination, &bucket).await;
            rebuilt.unwrap_or_else(|problem| panic!("{combination}: {problem}"));
        }
    }
}
