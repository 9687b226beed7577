//! What the design stands or falls with, over the whole sink.

mod line;

use change_event::{ChangeEvent, CommitTs, RowEvent, TableName};
use dispatcher::{Dispatchers, Sink, Splitter};
use line::{alter, ddl, inserts, open, routed, table, until};
use pipeline_core::{Receipt, RouteId};
use tests::HeldStore;
use tower::{Service, ServiceExt};

#[tokio::test(start_paused = true)]
async fn early_wake_does_not_advance_checkpoint() {
    let store = HeldStore::new();
    let (storage, _spool) = open(&store, "").await;
    store.hold(|key| key.ends_with(".csv"));
    let dispatchers = Dispatchers::builder(storage.sink()).spawn().unwrap();
    let table = table("t", 5);
    for ts in [10, 20, 30] {
        let event = inserts(&table, ts, 0..10, "early");
        dispatchers.handle(ChangeEvent::Rows(event)).await.unwrap();
        dispatchers.handle(ChangeEvent::Resolved(CommitTs(ts))).await.unwrap();
    }
    // In the spool and past the wake; their data file cannot be written.
    until("all three are in the spool", || storage.spool().stats().items == 3).await;
    until("the file is tried", || !storage.gate().is_shut() && dispatchers.work().events == 3).await;
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    assert_eq!(dispatchers.checkpoint(), CommitTs(9));
    assert!(!store.written().iter().any(|key| key.ends_with(".index")));
    store.release();
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(30));
    storage.close().await.unwrap();
    assert_eq!(store.written().last().unwrap(), "metadata");
}

#[tokio::test(start_paused = true)]
async fn watermark_suppresses_wake() {
    let store = HeldStore::new();
    let (storage, _spool) = open(&store, "&spool-disk-quota=10000&spool-memory-quota=100000").await;
    store.hold(|key| key.ends_with(".csv"));
    let mut door = storage.sink().door();
    let table = table("t", 5);
    let mut receipts: Vec<Receipt> = Vec::new();
    let mut suppressed = None;
    for ts in 1..100 {
        let event = inserts(&table, ts, 0..1, &"x".repeat(700));
        let mut wake = tokio_test::task::spawn(door.ready().await.unwrap().call(routed(1, event)));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        match wake.poll() {
            std::task::Poll::Ready(receipt) => receipts.push(receipt.unwrap()),
            std::task::Poll::Pending => {
                suppressed = Some(wake);
                break;
            }
        }
    }
    let mut suppressed = suppressed.expect("the gate shuts");
    assert!(storage.gate().is_shut());
    assert_eq!(receipts.len(), 9, "eight of about 1000 bytes reach 80 % of the quota, the ninth exceeds it");
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert!(suppressed.poll().is_pending(), "no wake while the store stands still");
    store.release();
    suppressed.await.unwrap().flushed().await.unwrap();
    for receipt in receipts {
        receipt.flushed().await.unwrap();
    }
    assert!(!storage.gate().is_shut());
    assert_eq!(storage.gate().held(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_gate_opens_again_at_60_percent_of_the_quota() {
    let store = HeldStore::new();
    let (storage, _spool) = open(&store, "&spool-disk-quota=10000&spool-memory-quota=100000").await;
    store.hold(|key| key.ends_with(".csv"));
    let mut door = storage.sink().door();
    let mut receipts = Vec::new();
    for number in 0..9 {
        let event = inserts(&table(&format!("t{number}"), 5), 10, 0..1, &"x".repeat(700));
        receipts.push(door.ready().await.unwrap().call(routed(number, event)).await.unwrap());
    }
    assert!(storage.gate().is_shut(), "nine of about 1000 bytes exceed 80 % of the quota");
    let mut left = 9;
    for (number, receipt) in receipts.into_iter().enumerate() {
        store.hold(move |key| (number + 1..9).any(|held| key.contains(&format!("/t{held}/5/CDC"))));
        receipt.flushed().await.unwrap();
        left -= 1;
        until("its bytes are let go", || storage.gate().elements() == left).await;
        assert_eq!(storage.gate().is_shut(), left > 6, "{left} of about 1000 bytes are left");
    }
    storage.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_event_without_rows_is_woken_and_flushed_later() {
    for counts in [&[0][..], &[1, 0]] {
        let store = HeldStore::new();
        let (storage, _spool) = open(&store, "").await;
        store.hold(|key| key.ends_with(".csv"));
        let mut door = storage.sink().door();
        let table = table("t", 5);
        let mut receipts: Vec<Receipt> = Vec::new();
        for (ts, rows) in (10..).zip(counts) {
            let event = inserts(&table, ts, 0..*rows, "row");
            receipts.push(door.ready().await.unwrap().call(routed(1, event)).await.unwrap());
        }
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        assert!(receipts.iter().all(|receipt| !receipt.is_flushed()), "woken, and not more than that");
        store.release();
        for receipt in receipts {
            receipt.flushed().await.unwrap();
        }
        assert_eq!(storage.counts().rows, counts.iter().sum::<i64>() as u64);
        storage.close().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn ddl_pass_block_event_covers_encode_queue() {
    let store = HeldStore::new();
    let (storage, _spool) = open(&store, "&flush-interval=10m").await;
    let sink = storage.sink();
    let mut door = sink.door();
    let old = table("t", 5);
    // Large events, which are encoded side by side, and small ones between them; not one of them awaited.
    let mut calls = Vec::new();
    for ts in 10..60 {
        let rows = if ts % 3 == 0 { 1 } else { 500 };
        let event = inserts(&old, ts, 0..rows, &"y".repeat(100));
        calls.push(door.ready().await.unwrap().call(routed(1, event)));
    }
    assert_eq!(storage.counts().rows, 0, "they are all still before the encoder");
    let new = table("t", 60);
    let event = alter(&new);
    sink.pass_block_event(RouteId(1), &event).await.unwrap();
    for call in calls {
        assert!(call.await.unwrap().is_flushed(), "flushed before the drain was acknowledged");
    }
    sink.write_block_event(&event).await.unwrap();
    assert!(store.position("db/t/5/meta/CDC.index") < store.position("meta/schema_60_"));
    storage.close().await.unwrap();
}

/// Splits by the id's remainder, so that a row of one id always goes the same way.
struct ByEvent;

impl Splitter for ByEvent {
    fn spans(&self, _: &TableName) -> u32 {
        3
    }

    fn split(&self, event: RowEvent) -> Vec<(u32, RowEvent)> {
        vec![((event.commit_ts.0 % 3) as u32, event)]
    }
}

#[tokio::test(start_paused = true)]
async fn ddl_drain_across_dispatchers_before_write() {
    let store = HeldStore::new();
    let (storage, _spool) = open(&store, "&enable-table-across-nodes=true&flush-interval=10m").await;
    let dispatchers = Dispatchers::builder(storage.sink()).splitter(ByEvent).spawn().unwrap();
    let (old, new) = (table("t", 5), table("t", 50));
    let slow = dispatcher::DispatcherId::of(Some(&old.name), 1).to_string();
    let slow_files = format!("CDC_{slow}_");
    let held = slow_files.clone();
    store.hold(move |key| key.contains(&held));
    for ts in 10..40 {
        dispatchers.handle(ChangeEvent::Rows(inserts(&old, ts, 0..1, "row"))).await.unwrap();
    }
    dispatchers.handle(ddl(alter(&new))).await.unwrap();
    for ts in 51..60 {
        dispatchers.handle(ChangeEvent::Rows(inserts(&new, ts, 0..1, "row"))).await.unwrap();
    }
    dispatchers.handle(ChangeEvent::Resolved(CommitTs(60))).await.unwrap();
    until("two of three dispatchers are drained", || {
        store.written().iter().filter(|key| key.contains("db/t/5/meta/CDC_")).count() == 2
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(store.position("schema_50_"), None, "not before the slow one is drained too");
    assert_eq!(store.position("db/t/50/"), None, "and nobody goes on before it is written");
    assert!(dispatchers.checkpoint() < CommitTs(50));
    store.release();
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(60));
    let written = store.written();
    let schema = store.position("schema_50_").unwrap();
    assert_eq!(written.iter().filter(|key| key.contains("schema_50_")).count(), 1, "written once");
    let last_old = written.iter().rposition(|key| key.contains("db/t/5/")).unwrap();
    let first_new = store.position("db/t/50/").unwrap();
    assert!(last_old < schema && schema < first_new, "{written:#?}");
    storage.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn active_set_only_processes_active_dispatchers() {
    let store = HeldStore::new();
    let (storage, _spool) = open(&store, "").await;
    let dispatchers = Dispatchers::builder(storage.sink()).spawn().unwrap();
    for number in 0..100_000 {
        dispatchers.register(&TableName::new("db", format!("t{number}"))).await.unwrap();
    }
    let tables: Vec<_> = (0..100).map(|number| table(&format!("t{}", number * 997), 5)).collect();
    let before = dispatchers.work();
    let rounds = 10;
    for round in 0..rounds {
        for (number, table) in tables.iter().enumerate() {
            let ts = 10 + round * 100 + number as u64;
            dispatchers.handle(ChangeEvent::Rows(inserts(table, ts, 0..1, "row"))).await.unwrap();
            dispatchers.handle(ChangeEvent::Resolved(CommitTs(ts))).await.unwrap();
        }
        until("the round is sent", || dispatchers.work().events == (round + 1) * 100).await;
    }
    dispatchers.finish().await.unwrap();
    let work = dispatchers.work();
    let turns = rounds * 100;
    assert_eq!(dispatchers.registered(), 100_001);
    assert_eq!(storage.counts().rows, turns);
    assert!(work.visits - before.visits <= 2 * turns, "{work:?}");
    assert!(work.polls - before.polls <= 10 * turns, "{work:?}");
    assert!(work.scanned - before.scanned <= 100 * 100, "a checkpoint looks at what is in flight: {work:?}");
    storage.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn finishing_does_not_wait_for_the_flush_interval() {
    let store = HeldStore::new();
    let (storage, _spool) = open(&store, "&flush-interval=10m").await;
    let dispatchers = Dispatchers::builder(storage.sink()).spawn().unwrap();
    for ts in 10..20 {
        let event = inserts(&table("t", 5), ts, 0..3, "row");
        dispatchers.handle(ChangeEvent::Rows(event)).await.unwrap();
    }
    dispatchers.handle(ChangeEvent::Resolved(CommitTs(20))).await.unwrap();
    let before = tokio::time::Instant::now();
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(20));
    assert!(before.elapsed() < std::time::Duration::from_secs(1), "on the paused clock");
    assert_eq!(storage.counts().rows, 30);
    storage.close().await.unwrap();
}
