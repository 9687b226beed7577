//! When dispatchers come and go.

use crate::support::*;
use change_event::{CommitTs, DdlKind, Influence};
use dispatcher::Dispatchers;

#[tokio::test(start_paused = true)]
async fn rows_of_a_new_table_never_overtake_its_create() {
    let (sink, _pipeline) = TestSink::spawn();
    let slow = sink.control.hold_writes();
    let dispatchers = Dispatchers::builder(sink.clone()).splitter(InThree).spawn().unwrap();
    let database =
        statement(1, Influence::Tables(Vec::new()), vec![change(DdlKind::CreateDatabase, "", None)]);
    let events = [database, create("split", 2), rows("split", 3), rows("split", 4), rows("split", 5)];
    hand(&dispatchers, events).await;
    hand(&dispatchers, [resolved(6)]).await;
    settle().await;
    assert_eq!(sink.control.count("store"), 0);
    slow.add_permits(1);
    settle().await;
    assert_eq!((sink.control.count("write 1"), sink.control.count("store")), (1, 0));
    slow.add_permits(1);
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(6));
    assert!(sink.control.place("write 1") < sink.control.place("write 2"));
    for ts in 3..=5 {
        assert!(sink.control.place("write 2") < sink.control.place(&format!("store split/{} {ts}", ts % 3)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_dropped_and_made_again_starts_anew() {
    let (sink, _pipeline) = TestSink::spawn();
    let slow = sink.control.hold_store(id("t", 0));
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    hand(&dispatchers, [rows("t", 1), drop_table("t", 2), create("t", 3), rows("t", 4), resolved(5)]).await;
    settle().await;
    assert_eq!(dispatchers.registered(), 3, "the old one is still draining");
    assert_eq!(sink.control.count("write") + sink.control.count("store"), 0);
    slow.add_permits(2);
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(5));
    settle().await;
    let steps = ["store t 1", "write 2", "write 3", "store t 4"];
    assert!(steps.map(|step| sink.control.place(step)).is_sorted(), "{:?}", sink.control.journal());
    assert_eq!((sink.control.count("admit t"), sink.control.count("retire t")), (2, 1));
    assert_eq!(dispatchers.registered(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_made_again_by_no_readable_statement_waits_for_its_drop() {
    let (sink, _pipeline) = TestSink::spawn();
    let slow = sink.control.hold_store(id("t", 0));
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    let unread = statement(3, Influence::Tables(vec![table("t")]), Vec::new());
    hand(&dispatchers, [rows("t", 1), drop_table("t", 2), unread, rows("t", 4), resolved(5)]).await;
    settle().await;
    slow.add_permits(2);
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(5));
    let steps = ["store t 1", "write 2", "write 3", "store t 4"];
    assert!(steps.map(|step| sink.control.place(step)).is_sorted(), "{:?}", sink.control.journal());
}

#[tokio::test(start_paused = true)]
async fn a_barrier_may_name_a_table_that_the_sink_refuses() {
    let (sink, _pipeline) = TestSink::spawn();
    sink.control.fail("admit odd");
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    let unread = statement(2, Influence::Tables(vec![table("odd")]), Vec::new());
    hand(&dispatchers, [rows("t", 1), unread, rows("t", 3), resolved(4)]).await;
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(4));
    assert_eq!(sink.control.count("write 2"), 1);
}

#[tokio::test(start_paused = true)]
async fn two_tables_can_swap_names() {
    let (sink, _pipeline) = TestSink::spawn();
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    let rename = |to, from| change(DdlKind::RenameTable, to, Some(from));
    let swap = statement(
        5,
        Influence::Tables(vec![table("a"), table("b")]),
        vec![rename("x", "a"), rename("a", "b"), rename("b", "x")],
    );
    hand(&dispatchers, [rows("a", 1), rows("b", 2), swap, rows("a", 6), rows("b", 7), resolved(8)]).await;
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(8));
    settle().await;
    assert_eq!(sink.control.count("write"), 1);
    let write = sink.control.place("write 5");
    assert!(["store a 1", "store b 2"].iter().all(|step| sink.control.place(step) < write));
    assert!(["store a 6", "store b 7"].iter().all(|step| sink.control.place(step) > write));
    // Old a, old b, and x, which came and went in one statement.
    assert_eq!(sink.control.count("retire"), 3);
    assert_eq!(dispatchers.registered(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_database_takes_its_tables_along() {
    let (sink, _pipeline) = TestSink::spawn();
    let slow = sink.control.hold_store(id("b", 0));
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    let gone = statement(5, Influence::Database("db".into()), vec![change(DdlKind::DropDatabase, "", None)]);
    hand(&dispatchers, [rows("a", 1), rows("b", 2), gone, resolved(6)]).await;
    settle().await;
    assert_eq!(sink.control.count("write"), 0);
    slow.add_permits(1);
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(6));
    settle().await;
    assert_eq!((sink.control.count("retire"), dispatchers.registered()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn an_alter_of_a_table_never_seen_comes_before_its_rows() {
    let (sink, _pipeline) = TestSink::spawn();
    let slow = sink.control.hold_writes();
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    hand(&dispatchers, [alter("t", 1), rows("t", 2), resolved(3)]).await;
    settle().await;
    assert_eq!(sink.control.count("store"), 0);
    assert_eq!(dispatchers.checkpoint(), CommitTs(0));
    slow.add_permits(1);
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(3));
}
