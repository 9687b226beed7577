//! Tables that several dispatchers write, under `enable-table-across-nodes`.

use crate::judge::Judge;
use crate::settings::{Combination, Protocol};
use crate::{in_process, workload};
use change_event::{Image, RowEvent, RowsBuilder, TableName};
use dispatcher::Splitter;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tests::Database;
use tests::consumer::Bucket;

/// Splits by primary key. Rows of a table without one stay together.
struct ByKey;

const SPANS: u32 = 3;

impl Splitter for ByKey {
    fn spans(&self, _: &TableName) -> u32 {
        SPANS
    }

    fn split(&self, event: RowEvent) -> Vec<(u32, RowEvent)> {
        let table = &event.table;
        let span = |image: Image<'_>| {
            let key = table.columns.iter().zip(image.values()).filter(|(column, _)| column.primary_key);
            let text: String = key.map(|(_, value)| format!("{value:?} ")).collect();
            text.bytes().map(u32::from).sum::<u32>() % SPANS
        };
        let mut pieces: BTreeMap<u32, RowsBuilder> = BTreeMap::new();
        for row in event.rows.iter() {
            let images = || row.before.into_iter().chain(row.after);
            let spans: BTreeSet<u32> = images().map(span).collect();
            assert_eq!(spans.len(), 1, "an UPDATE of a key was split before");
            for span in spans {
                let piece = pieces.entry(span).or_insert_with(|| RowsBuilder::new(table.columns.len()));
                piece.push(row.op, images().flat_map(|image| image.values())).unwrap();
            }
        }
        let piece = |(span, rows): (u32, RowsBuilder)| {
            (span, RowEvent { table: Arc::clone(table), commit_ts: event.commit_ts, rows: rows.build() })
        };
        pieces.into_iter().map(piece).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_three_dispatchers_write_read_back_to_the_servers_tables() {
    let server = Database::start_with(&workload::OPTIONS).await.unwrap();
    let judge = Judge::of(&server).await;
    for protocol in Protocol::BOTH {
        for (by_id, separator) in [("false", "day"), ("true", "none"), ("true", "month")] {
            let combination = Combination::with(
                protocol,
                &[
                    ("enable-table-across-nodes", "true"),
                    ("use-table-id-as-path", by_id),
                    ("date-separator", separator),
                ],
            );
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            in_process::read_split(&combination.config(), Arc::clone(&store), judge.log(), ByKey)
                .await
                .unwrap();
            let bucket = Bucket::read(store, "", &combination.options()).await.unwrap();
            let dispatchers = |table: &str| {
                let of_table = bucket.files.iter().filter(|file| file.table.table == table);
                of_table.map(|file| file.owner.dispatcher.clone()).collect::<BTreeSet<_>>().len()
            };
            assert_eq!((dispatchers("changed"), dispatchers("uk_pk"), dispatchers("keyless")), (3, 3, 1));
            judge
                .rebuild(&combination, &bucket)
                .await
                .unwrap_or_else(|problem| panic!("{combination}: {problem}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_option_a_split_table_is_refused() {
    let server = Database::start_with(&workload::OPTIONS).await.unwrap();
    let judge = Judge::of(&server).await;
    let combination = Combination::with(Protocol::Csv, &[]);
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let refused = in_process::read_split(&combination.config(), store, judge.log(), ByKey).await.unwrap_err();
    let why = refused.source().map(ToString::to_string).unwrap_or_default();
    assert!(why.contains("enable-table-across-nodes=true"), "{refused}: {why}");
}
