//! The order of drains, reports, verdicts and writes.

use crate::support::*;
use change_event::{CommitTs, Influence};
use dispatcher::{BlockEvent, Dispatchers, Error, InProcessMaintainer, Maintainer, Span, Verdict};
use std::sync::Arc;

/// Notes in the sink's journal who reports and what each is told.
struct Noting {
    inner: InProcessMaintainer,
    control: Arc<Control>,
}

impl Maintainer for Noting {
    async fn report(&self, block: &BlockEvent, span: &Span) -> Result<Verdict, Error> {
        self.control.note(format!("report {} {}", name(span), block.id.commit_ts));
        let verdict = self.inner.report(block, span).await;
        if let Ok(verdict) = verdict {
            self.control.note(format!("{verdict:?} {}", block.id.commit_ts));
        }
        verdict
    }

    async fn done(&self, block: &BlockEvent, span: &Span, outcome: Result<(), Error>) -> Result<(), Error> {
        self.control.note(format!("done {} {}", block.id.commit_ts, outcome.is_ok()));
        self.inner.done(block, span, outcome).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_dispatcher_alone_drains_and_then_writes() {
    let (sink, _pipeline) = TestSink::spawn();
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    hand(&dispatchers, [rows("t", 1), alter("t", 2), rows("t", 3), resolved(4)]).await;
    dispatchers.finish().await.unwrap();
    let expected =
        ["admit t", "drain t 2", "store t 1", "drained t 2", "write 2", "store t 3", "checkpoint 4"];
    let mut journal = sink.control.journal();
    // Whether the marker is sent before or after the store has the row does not matter.
    journal.retain(|entry| !entry.starts_with("drain t"));
    assert_eq!(journal, expected.iter().copied().filter(|e| !e.starts_with("drain t")).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn each_drains_before_its_report_and_all_report_before_the_write() {
    let (sink, _pipeline) = TestSink::spawn();
    let control = sink.control.clone();
    let maintainer = Noting { inner: InProcessMaintainer::new(), control: control.clone() };
    let barriers = maintainer.inner.clone();
    let dispatchers = Dispatchers::builder(sink).maintainer(maintainer).spawn().unwrap();
    hand(&dispatchers, [create("t", 2), resolved(3)]).await;
    dispatchers.finish().await.unwrap();
    for who in ["trigger", "t"] {
        let steps = [format!("drained {who} 2"), format!("report {who} 2"), "Write 2".to_owned()];
        assert!(steps.map(|step| control.place(&step)).is_sorted(), "{:?}", control.journal());
    }
    let steps = ["Write 2", "write 2", "done 2 true", "Pass 2"];
    assert!(steps.map(|step| control.place(step)).is_sorted(), "{:?}", control.journal());
    assert_eq!(barriers.barriers(), 0);
}

#[tokio::test(start_paused = true)]
async fn ddl_drain_across_dispatchers_before_write() {
    let (sink, _pipeline) = TestSink::spawn();
    let control = sink.control.clone();
    let slow = control.hold_store(id("split", 1));
    let writes = control.hold_writes();
    let dispatchers = Dispatchers::builder(sink).splitter(InThree).spawn().unwrap();
    let before = (3..=8).map(|ts| rows("split", ts));
    let after = (11..=13).map(|ts| rows("split", ts));
    hand(&dispatchers, before.chain([alter("split", 10)]).chain(after).chain([resolved(20)])).await;

    settle().await;
    assert_eq!(control.count("drained"), 2, "two spans have drained, the slow one has not");
    assert_eq!(control.count("store"), 4);
    assert_eq!(dispatchers.checkpoint(), CommitTs(3));

    slow.add_permits(1);
    settle().await;
    assert_eq!(control.count("drained"), 2);

    slow.add_permits(1);
    settle().await;
    assert_eq!((control.count("drained"), control.count("store")), (3, 6));
    assert_eq!(control.count("write"), 0, "the write is held");
    assert_eq!(dispatchers.checkpoint(), CommitTs(9), "the statement itself is not written");

    writes.add_permits(10);
    slow.add_permits(10);
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(20));
    assert_eq!(control.count("write"), 1, "exactly one was elected");
    let write = control.place("write 10");
    for ts in 3..=8 {
        assert!(control.place(&format!("store split/{} {ts}", ts % 3)) < write);
    }
    for ts in 11..=13 {
        assert!(control.place(&format!("store split/{} {ts}", ts % 3)) > write, "it overtook the write");
    }
}

#[tokio::test(start_paused = true)]
async fn other_tables_do_not_wait_for_a_barrier() {
    let (sink, _pipeline) = TestSink::spawn();
    let slow = sink.control.hold_store(id("split", 1));
    let dispatchers = Dispatchers::builder(sink.clone()).splitter(InThree).spawn().unwrap();
    hand(&dispatchers, [rows("split", 4), alter("split", 5), rows("t", 6), alter("t", 7), resolved(8)]).await;
    settle().await;
    assert_eq!((sink.control.count("store t 6"), sink.control.count("write 7")), (1, 1));
    assert_eq!(sink.control.count("write 5"), 0);
    slow.add_permits(1);
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(8));
}

#[tokio::test(start_paused = true)]
async fn a_statement_without_changes_drains_everyone_and_is_handed_to_the_sink() {
    let (sink, _pipeline) = TestSink::spawn();
    let slow = sink.control.hold_store(id("b", 0));
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    let barrier = statement(5, Influence::All, Vec::new());
    hand(&dispatchers, [rows("a", 1), rows("b", 2), barrier, rows("a", 6), resolved(7)]).await;
    settle().await;
    assert_eq!(sink.control.count("write 5") + sink.control.count("store a 6"), 0);
    slow.add_permits(1);
    dispatchers.finish().await.unwrap();
    let drained = ["a", "b", "trigger"].map(|who| sink.control.place(&format!("drained {who} 5")));
    assert!(drained.iter().all(|&place| place < sink.control.place("write 5")));
    assert_eq!(sink.control.count("write"), 1);
}
