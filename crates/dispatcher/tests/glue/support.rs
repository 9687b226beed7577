//! A sink that a test controls, and short ways to make events.

use change_event::*;
use dispatcher::{DispatchedRows, DispatcherId, Dispatchers, Sink, SinkError, Span, Splitter};
use parking_lot::Mutex;
use pipeline_core::{BoxError, Envelope, FrontDoor, Owed, Pipeline, RouteId, Scope};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;
use tower::service_fn;

/// A sink over a real pipeline: a stage before the wake, a store after it. Both let everything through unless held.
#[derive(Clone)]
pub(crate) struct TestSink {
    door: FrontDoor<DispatchedRows>,
    pub(crate) control: Arc<Control>,
}

/// What a test sees and decides.
#[derive(Default)]
pub(crate) struct Control {
    /// What happened, in order.
    journal: Mutex<Vec<String>>,
    spans: Mutex<HashMap<RouteId, Span>>,
    wakes: Mutex<Option<Arc<Semaphore>>>,
    stores: Mutex<HashMap<DispatcherId, Arc<Semaphore>>>,
    writes: Mutex<Option<Arc<Semaphore>>>,
    /// Steps that fail, by the words the journal would have for them.
    faults: Mutex<Vec<String>>,
    /// Called with the commit-ts of what the store has and has not acknowledged yet.
    on_store: OnceLock<Box<dyn Fn(CommitTs) + Send + Sync>>,
}

impl Control {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.journal.lock().push(what.into());
    }

    pub(crate) fn journal(&self) -> Vec<String> {
        self.journal.lock().clone()
    }

    /// Where the first entry of these words stands.
    pub(crate) fn place(&self, what: &str) -> usize {
        let journal = self.journal();
        let place = journal.iter().position(|entry| entry == what);
        place.unwrap_or_else(|| panic!("no {what:?} in {journal:?}"))
    }

    pub(crate) fn count(&self, start: &str) -> usize {
        self.journal.lock().iter().filter(|entry| entry.starts_with(start)).count()
    }

    /// Makes the step fail that the journal would call so.
    pub(crate) fn fail(&self, what: &str) {
        self.faults.lock().push(what.to_owned());
    }

    /// Holds back every wake until released.
    pub(crate) fn hold_wakes(&self) -> Arc<Semaphore> {
        self.wakes.lock().insert(Arc::new(Semaphore::new(0))).clone()
    }

    /// Holds back the store of one dispatcher until released, one permit an event.
    pub(crate) fn hold_store(&self, id: DispatcherId) -> Arc<Semaphore> {
        self.stores.lock().entry(id).or_insert_with(|| Arc::new(Semaphore::new(0))).clone()
    }

    /// Holds back every write of a statement.
    pub(crate) fn hold_writes(&self) -> Arc<Semaphore> {
        self.writes.lock().insert(Arc::new(Semaphore::new(0))).clone()
    }

    /// Looks at every event just before its flush ack.
    pub(crate) fn on_store(&self, look: impl Fn(CommitTs) + Send + Sync + 'static) {
        assert!(self.on_store.set(Box::new(look)).is_ok());
    }

    pub(crate) fn name(&self, route: RouteId) -> String {
        self.spans.lock().get(&route).map_or("trigger".to_owned(), name)
    }

    fn step(&self, what: String) -> Result<(), BoxError> {
        let fails = self.faults.lock().contains(&what);
        self.note(what.clone());
        if fails { Err(format!("{what} fails").into()) } else { Ok(()) }
    }
}

/// `t` for a whole table, `t/1` for a span.
pub(crate) fn name(span: &Span) -> String {
    match &span.table {
        None => "trigger".to_owned(),
        Some(table) if span.is_split() => format!("{}/{}", table.table, span.index),
        Some(table) => table.table.clone(),
    }
}

impl TestSink {
    pub(crate) fn spawn() -> (Self, Pipeline) {
        let control = Arc::new(Control::default());
        let (early, late) = (control.clone(), control.clone());
        let (door, pipeline) = Pipeline::builder()
            .effect_free()
            .concurrency(10_000)
            .service(service_fn(move |rows: Envelope<DispatchedRows>| {
                let hold = early.wakes.lock().clone();
                async move {
                    if let Some(hold) = hold {
                        hold.acquire().await?.forget();
                    }
                    Ok::<_, BoxError>(rows)
                }
            }))
            .wake()
            .effect_free()
            .concurrency(10_000)
            .service(service_fn(move |rows: Envelope<DispatchedRows>| {
                let control = late.clone();
                let hold = control.stores.lock().get(&rows.payload.dispatcher).cloned();
                async move {
                    if let Some(hold) = hold {
                        hold.acquire().await?.forget();
                    }
                    let ts = rows.payload.event.commit_ts;
                    let what = format!("store {} {ts}", control.name(rows.route));
                    if control.faults.lock().contains(&format!("drop {ts}")) {
                        // A stage with a defect: it swallows the receipt, and says nothing.
                        let Envelope { route, owed, .. } = rows;
                        drop(owed);
                        return Ok(Envelope { route, owed: Owed::join([]), payload: () });
                    }
                    control.step(what)?;
                    if let Some(look) = control.on_store.get() {
                        look(ts);
                    }
                    Ok::<_, BoxError>(rows.map(drop))
                }
            }))
            .spawn();
        (Self { door, control }, pipeline)
    }
}

impl Sink for TestSink {
    type Door = FrontDoor<DispatchedRows>;

    fn door(&self) -> Self::Door {
        self.door.clone()
    }

    async fn pass_block_event(&self, route: RouteId, event: &DdlEvent) -> Result<(), SinkError> {
        let (name, ts) = (self.control.name(route), event.commit_ts);
        self.control.note(format!("drain {name} {ts}"));
        self.door.drain(Scope::Route(route)).await?;
        Ok(self.control.step(format!("drained {name} {ts}"))?)
    }

    async fn write_block_event(&self, event: &DdlEvent) -> Result<(), SinkError> {
        let hold = self.control.writes.lock().clone();
        if let Some(hold) = hold {
            hold.acquire().await.map_err(SinkError::new)?.forget();
        }
        Ok(self.control.step(format!("write {}", event.commit_ts))?)
    }

    fn add_checkpoint_ts(&self, ts: CommitTs) {
        self.control.note(format!("checkpoint {ts}"));
    }

    fn admit(&self, span: &Span) -> Result<(), SinkError> {
        self.control.spans.lock().insert(span.route, span.clone());
        Ok(self.control.step(format!("admit {}", name(span)))?)
    }

    fn retire(&self, route: RouteId) {
        self.control.note(format!("retire {}", self.control.name(route)));
    }
}

/// Splits every table whose name starts with `split` in three, by the commit-ts.
pub(crate) struct InThree;

impl Splitter for InThree {
    fn spans(&self, table: &TableName) -> u32 {
        if table.table.starts_with("split") { 3 } else { 1 }
    }

    fn split(&self, event: RowEvent) -> Vec<(u32, RowEvent)> {
        vec![((event.commit_ts.0 % 3) as u32, event)]
    }
}

pub(crate) fn table(name: &str) -> TableName {
    TableName::new("db", name)
}

pub(crate) fn id(name: &str, span: u32) -> DispatcherId {
    DispatcherId::of(Some(&table(name)), span)
}

fn schema(name: &str) -> Arc<TableSchema> {
    let columns = vec![Column::new("id", ColumnKind::Int)];
    Arc::new(TableSchema { name: table(name), table_id: 1, partition: None, version: 1, columns })
}

/// One inserted row.
pub(crate) fn rows(name: &str, ts: u64) -> ChangeEvent {
    let mut rows = RowsBuilder::new(1);
    rows.push(Op::Insert, [Value::Int(ts as i64)]).unwrap();
    ChangeEvent::Rows(RowEvent { table: schema(name), commit_ts: CommitTs(ts), rows: rows.build() })
}

/// What a statement does to one table.
pub(crate) fn change(kind: DdlKind, name: &str, renamed_from: Option<&str>) -> DdlChange {
    DdlChange {
        kind,
        query: String::new(),
        schema: "db".to_owned(),
        table: name.to_owned(),
        columns: Some(schema(name)),
        renamed_from: renamed_from.map(table),
    }
}

pub(crate) fn statement(ts: u64, influence: Influence, changes: Vec<DdlChange>) -> ChangeEvent {
    ChangeEvent::Ddl(Arc::new(DdlEvent { commit_ts: CommitTs(ts), influence, changes }))
}

pub(crate) fn create(name: &str, ts: u64) -> ChangeEvent {
    statement(ts, Influence::Tables(Vec::new()), vec![change(DdlKind::CreateTable, name, None)])
}

pub(crate) fn alter(name: &str, ts: u64) -> ChangeEvent {
    let changes = vec![change(DdlKind::AddColumn, name, None)];
    statement(ts, Influence::Tables(vec![table(name)]), changes)
}

pub(crate) fn drop_table(name: &str, ts: u64) -> ChangeEvent {
    let changes = vec![change(DdlKind::DropTable, name, None)];
    statement(ts, Influence::Tables(vec![table(name)]), changes)
}

pub(crate) fn resolved(ts: u64) -> ChangeEvent {
    ChangeEvent::Resolved(CommitTs(ts))
}

/// Hands over all events, in order.
pub(crate) async fn hand(dispatchers: &Dispatchers<TestSink>, events: impl IntoIterator<Item = ChangeEvent>) {
    for event in events {
        dispatchers.handle(event).await.unwrap();
    }
}

/// Lets every task do what it can without more input. The clock stands still.
pub(crate) async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
