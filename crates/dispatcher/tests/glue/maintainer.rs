//! The in-process maintainer by itself.

use change_event::{CommitTs, DdlEvent, Influence, TableName};
use dispatcher::{BlockEvent, BlockId, Error, InProcessMaintainer, Maintainer, SinkError, Span, Verdict};
use pipeline_core::RouteId;
use std::sync::Arc;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok};

fn barrier(participants: u64) -> (BlockEvent, Vec<Span>) {
    let ddl = DdlEvent { commit_ts: CommitTs(7), influence: Influence::All, changes: Vec::new() };
    let routes: Vec<RouteId> = (0..participants).map(RouteId).collect();
    let table = TableName::new("db", "t");
    let span = |&route| Span::of_table(table.clone(), 0, 1, route);
    let spans = routes.iter().map(span).collect();
    let id = BlockId { commit_ts: CommitTs(7), sequence: 1 };
    (BlockEvent::new(id, Arc::new(ddl), routes), spans)
}

fn broken() -> Error {
    Error::BlockEvent { commit_ts: CommitTs(7), source: SinkError::new("broken") }
}

#[test]
fn one_is_elected_when_all_have_reported_and_the_others_pass_when_it_is_done() {
    let maintainer = InProcessMaintainer::new();
    let (block, spans) = barrier(3);
    let mut first = spawn(maintainer.report(&block, &spans[0]));
    let mut second = spawn(maintainer.report(&block, &spans[1]));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    let mut third = spawn(maintainer.report(&block, &spans[2]));
    assert_eq!(assert_ready_ok!(third.poll()), Verdict::Write);
    assert_pending!(first.poll());
    assert_ready_ok!(spawn(maintainer.done(&block, &spans[2], Ok(()))).poll());
    assert!(first.is_woken() && second.is_woken());
    assert_eq!(assert_ready_ok!(first.poll()), Verdict::Pass);
    assert_eq!(assert_ready_ok!(second.poll()), Verdict::Pass);
    assert_eq!(maintainer.barriers(), 0);
}

#[test]
fn a_failed_drain_reaches_those_who_reported_and_those_who_will() {
    let maintainer = InProcessMaintainer::new();
    let (block, spans) = barrier(3);
    let mut first = spawn(maintainer.report(&block, &spans[0]));
    assert_pending!(first.poll());
    assert_ready_ok!(spawn(maintainer.done(&block, &spans[1], Err(broken()))).poll());
    assert_eq!(assert_ready_err!(first.poll()).to_string(), broken().to_string());
    assert_eq!(maintainer.barriers(), 1, "one has not heard of it");
    let mut third = spawn(maintainer.report(&block, &spans[2]));
    assert_eq!(assert_ready_err!(third.poll()).to_string(), broken().to_string());
    assert_eq!(maintainer.barriers(), 0);
}

#[test]
fn a_failed_write_reaches_those_who_wait() {
    let maintainer = InProcessMaintainer::new();
    let (block, spans) = barrier(2);
    let mut first = spawn(maintainer.report(&block, &spans[0]));
    assert_pending!(first.poll());
    assert_eq!(assert_ready_ok!(spawn(maintainer.report(&block, &spans[1])).poll()), Verdict::Write);
    assert_ready_ok!(spawn(maintainer.done(&block, &spans[1], Err(broken()))).poll());
    assert_eq!(assert_ready_err!(first.poll()).to_string(), broken().to_string());
    assert_eq!(maintainer.barriers(), 0);
}

#[test]
fn one_who_leaves_the_barrier_fails_it_with_the_first_error() {
    let maintainer = InProcessMaintainer::new();
    let (block, spans) = barrier(3);
    let mut first = spawn(maintainer.report(&block, &spans[0]));
    let mut second = spawn(maintainer.report(&block, &spans[1]));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(first);
    assert!(matches!(assert_ready!(second.poll()), Err(Error::LeftBarrier { .. })));
    let third = spawn(maintainer.report(&block, &spans[2])).poll();
    assert!(matches!(assert_ready!(third), Err(Error::LeftBarrier { .. })));
    assert_eq!(maintainer.barriers(), 0);
}

#[test]
fn leaving_after_the_verdict_leaves_nothing_behind() {
    let maintainer = InProcessMaintainer::new();
    let (block, spans) = barrier(2);
    let mut first = spawn(maintainer.report(&block, &spans[0]));
    assert_pending!(first.poll());
    assert_ready_ok!(spawn(maintainer.report(&block, &spans[1])).poll());
    assert_ready_ok!(spawn(maintainer.done(&block, &spans[1], Ok(()))).poll());
    drop(first);
    assert_eq!(maintainer.barriers(), 0);
}
