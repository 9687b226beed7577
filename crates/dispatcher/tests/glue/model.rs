//! The checkpoint against a model, over random interleavings.

use crate::support::*;
use change_event::{CommitTs, DdlKind, Influence};
use dispatcher::{Dispatchers, Options};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Semaphore;

const TABLES: [&str; 3] = ["a", "b", "split"];

#[derive(Clone, Debug)]
enum Step {
    Rows(usize),
    Alter(usize),
    Truncate(usize),
    Barrier,
    Resolved,
    /// Lets the store of a table take so many events.
    Flush(usize, usize),
    /// Lets the sink write so many statements.
    Write(usize),
    /// Lets everything run.
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3usize).prop_map(Step::Rows),
        1 => (0..3usize).prop_map(Step::Alter),
        1 => (0..3usize).prop_map(Step::Truncate),
        1 => Just(Step::Barrier),
        4 => Just(Step::Resolved),
        6 => (0..5usize, 1..4usize).prop_map(|(which, n)| Step::Flush(which, n)),
        2 => (1..3usize).prop_map(Step::Write),
        6 => Just(Step::Settle),
    ]
}

/// What was handed over and is not durable, told from the journal of the store alone.
#[derive(Default)]
struct Model {
    now: u64,
    resolved: u64,
    rows: BTreeMap<u64, String>,
    statements: BTreeSet<u64>,
}

impl Model {
    fn first_unflushed(&self, control: &Control) -> Option<u64> {
        let journal: BTreeSet<String> = control.journal().into_iter().collect();
        let stored = |ts: &u64, name: &String| journal.contains(&format!("store {name} {ts}"));
        let rows = self.rows.iter().find(|(ts, name)| !stored(ts, name)).map(|(&ts, _)| ts);
        let written = |ts: &u64| journal.contains(&format!("write {ts}"));
        let statements = self.statements.iter().copied().find(|ts| !written(ts));
        rows.into_iter().chain(statements).min()
    }
}

async fn run(steps: Vec<Step>) {
    let (sink, _pipeline) = TestSink::spawn();
    let control = sink.control.clone();
    let ids = [id("a", 0), id("b", 0), id("split", 0), id("split", 1), id("split", 2)];
    let stores: Vec<Arc<Semaphore>> = ids.into_iter().map(|id| control.hold_store(id)).collect();
    let writes = control.hold_writes();
    let options = Options { batch_events: 3, drives: 2, ..Options::default() };
    let dispatchers = Dispatchers::builder(sink).splitter(InThree).options(options).spawn().unwrap();
    let mut model = Model::default();
    let mut last = CommitTs(0);
    for step in steps {
        model.now += 1;
        let now = model.now;
        match step {
            Step::Rows(which) => {
                let table = TABLES[which];
                let span = if which == 2 { format!("split/{}", now % 3) } else { table.to_owned() };
                model.rows.insert(now, span);
                hand(&dispatchers, [rows(table, now)]).await;
            }
            Step::Alter(which) => {
                model.statements.insert(now);
                hand(&dispatchers, [alter(TABLES[which], now)]).await;
            }
            Step::Truncate(which) => {
                model.statements.insert(now);
                let changes = vec![change(DdlKind::TruncateTable, TABLES[which], None)];
                let influence = Influence::Tables(vec![table(TABLES[which])]);
                hand(&dispatchers, [statement(now, influence, changes)]).await;
            }
            Step::Barrier => {
                model.statements.insert(now);
                hand(&dispatchers, [statement(now, Influence::All, Vec::new())]).await;
            }
            Step::Resolved => {
                model.resolved = now;
                hand(&dispatchers, [resolved(now)]).await;
            }
            Step::Flush(which, n) => stores[which].add_permits(n),
            Step::Write(n) => writes.add_permits(n),
            Step::Settle => settle().await,
        }
        let checkpoint = dispatchers.checkpoint();
        assert!(checkpoint >= last, "{checkpoint} after {last}");
        assert!(checkpoint.0 <= model.resolved, "{checkpoint} is not resolved");
        if let Some(first) = model.first_unflushed(&control) {
            assert!(checkpoint.0 < first, "{checkpoint} passes {first}");
        }
        last = checkpoint;
    }
    stores.iter().for_each(|store| store.add_permits(10_000));
    writes.add_permits(10_000);
    hand(&dispatchers, [resolved(model.now)]).await;
    assert_eq!(dispatchers.finish().await.unwrap().0, model.now, "nothing holds it back for ever");
    assert_eq!(model.first_unflushed(&control), None);
    let mut written: Vec<u64> = Vec::new();
    for entry in control.journal() {
        written.extend(entry.strip_prefix("write ").map(|ts| ts.parse::<u64>().unwrap()));
    }
    written.sort_unstable();
    assert!(written.iter().eq(&model.statements), "each statement is written once");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn checkpoint_is_monotone_and_never_passes_an_unflushed_event(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(run(steps));
    }
}
