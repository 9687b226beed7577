//! Which dispatchers an event touches.
//!
//! | statement | touches |
//! |---|---|
//! | CREATE, DROP, ALTER DATABASE | the trigger dispatcher; the last two the database's tables too |
//! | CREATE TABLE | the trigger dispatcher and the new table's |
//! | TRUNCATE TABLE | the trigger dispatcher and the table's |
//! | DROP TABLE | the trigger dispatcher and the table's, which retire |
//! | RENAME TABLE | the trigger dispatcher, the old table's, which retire, and the new table's |
//! | ALTER TABLE and the like | the table's |
//! | a barrier without changes | the tables' it names; for one not known yet, the new table's and the trigger dispatcher |
//!
//! All tables named by the [`Influence`] come on top. A statement that makes a table is the first item in the
//! inboxes of its dispatchers, so rows never overtake it; the trigger dispatcher keeps statements that make and
//! unmake tables in order among themselves.

use crate::inbox::Dispatcher;
use crate::ledger::Ledger;
use crate::registry::Registry;
use crate::{BlockEvent, BlockId, Error, Sink, SinkError, Span, Splitter, TableProgress};
use change_event::{ChangeEvent, CommitTs, DdlChange, DdlEvent, DdlKind, Influence, RowEvent, TableName};
use pipeline_core::RouteId;
use pipeline_core::gate::Entry;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What a statement is charged for each dispatcher that it touches, in bytes: an inbox item, its turn, its wait at the
/// barrier, and a share of what it did to the table. Counted with a profiler: 12,000 statements that made one held 35 MB.
const BLOCK_OVERHEAD: u64 = 1_536;

/// Takes events in log order, and leaves them in inboxes.
pub(crate) struct Router<S> {
    sink: S,
    splitter: Arc<dyn Splitter>,
    registry: Arc<Registry>,
    ledger: Arc<Ledger>,
    room: Entry,
    tables: FxHashMap<Arc<TableName>, Box<[RouteId]>>,
    trigger: RouteId,
    /// Routes and block events are numbered; no number is used twice.
    routes: u64,
    blocks: u64,
    /// The commit-ts of the last event.
    last: CommitTs,
    closed: bool,
}

/// The dispatchers of one statement.
#[derive(Default)]
struct Touched {
    /// In the order found, each once.
    routes: Vec<RouteId>,
    known: FxHashSet<RouteId>,
    /// Those that have nothing more to do after it.
    leaving: FxHashSet<RouteId>,
}

impl Touched {
    fn add(&mut self, routes: &[RouteId]) {
        self.routes.extend(routes.iter().filter(|&&route| self.known.insert(route)));
    }
}

impl<S: Sink> Router<S> {
    pub(crate) fn new(
        sink: S,
        splitter: Arc<dyn Splitter>,
        registry: Arc<Registry>,
        ledger: Arc<Ledger>,
        room: Entry,
    ) -> Self {
        let trigger = RouteId(0);
        let progress = TableProgress::in_ledger(&ledger);
        registry.insert(Dispatcher::new(Span::trigger(trigger), progress));
        Self {
            sink,
            splitter,
            registry,
            ledger,
            room,
            tables: FxHashMap::default(),
            trigger,
            routes: 1,
            blocks: 0,
            last: CommitTs(0),
            closed: false,
        }
    }

    /// Takes no more.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// Takes one event, when there is room for it.
    pub(crate) async fn take(&mut self, event: ChangeEvent) -> Result<(), Error> {
        if self.closed {
            return Err(Error::Closed);
        }
        match event {
            ChangeEvent::Rows(rows) => {
                self.in_order(rows.commit_ts)?;
                self.rows(rows).await
            }
            ChangeEvent::Ddl(ddl) => {
                self.in_order(ddl.commit_ts)?;
                self.statement(ddl).await
            }
            ChangeEvent::Resolved(ts) => {
                self.ledger.resolve(ts);
                Ok(())
            }
        }
    }

    /// A checkpoint may have passed whatever is at or below the resolved-ts, or below the last event.
    fn in_order(&mut self, found: CommitTs) -> Result<(), Error> {
        let resolved = self.ledger.resolved();
        let last = self.last.max(resolved);
        if found < last || (found == resolved && resolved > CommitTs(0)) {
            return Err(Error::OutOfOrder { found, last });
        }
        self.last = found;
        Ok(())
    }

    async fn rows(&mut self, event: RowEvent) -> Result<(), Error> {
        let routes = match self.tables.get(&event.table.name) {
            Some(routes) => routes,
            None => self.register(&event.table.name)?,
        };
        if let &[route] = routes {
            return self.leave_rows(route, event).await;
        }
        let routes = routes.to_vec();
        let (table, ts) = (event.table.clone(), event.commit_ts);
        for (span, mut piece) in self.splitter.split(event) {
            let route = usize::try_from(span).ok().and_then(|span| routes.get(span));
            let Some(&route) = route else {
                return Err(Error::Split { table: table.name.clone(), span, spans: routes.len() });
            };
            piece.commit_ts = ts;
            self.leave_rows(route, piece).await?;
        }
        Ok(())
    }

    async fn leave_rows(&mut self, route: RouteId, event: RowEvent) -> Result<(), Error> {
        self.ledger.fate.or(self.room.ready()).await?;
        let lease = self.room.enter(crate::sink::weight(&event));
        self.registry.push_rows(route, event, lease);
        Ok(())
    }

    async fn statement(&mut self, ddl: Arc<DdlEvent>) -> Result<(), Error> {
        self.ledger.fate.or(self.room.ready()).await?;
        let Touched { routes, leaving, .. } = self.touched(&ddl)?;
        self.blocks += 1;
        let id = BlockId { commit_ts: ddl.commit_ts, sequence: self.blocks };
        let text: usize = ddl.changes.iter().map(|change| change.query.len()).sum();
        let lease = self.room.enter(text as u64 + BLOCK_OVERHEAD * routes.len() as u64);
        let block = Arc::new(BlockEvent::new(id, ddl, routes).in_room(lease));
        for &route in &block.touched {
            self.registry.push_block(route, block.clone(), leaving.contains(&route));
        }
        Ok(())
    }

    fn touched(&mut self, ddl: &DdlEvent) -> Result<Touched, Error> {
        let mut touched = Touched::default();
        let mut trigger = false;
        match &ddl.influence {
            Influence::Tables(names) => {
                let barrier = ddl.changes.is_empty();
                for name in names {
                    trigger |= self.named(name, barrier, &mut touched);
                }
            }
            Influence::Database(database) => {
                self.of_database(database).for_each(|(_, routes)| touched.add(routes));
                trigger = true;
            }
            Influence::All => {
                self.tables.values().for_each(|routes| touched.add(routes));
                trigger = true;
            }
        }
        for change in &ddl.changes {
            trigger |= self.follow(change, &mut touched)?;
        }
        if trigger || touched.routes.is_empty() {
            touched.add(&[self.trigger]);
        }
        // Maps have no order: let the same statement touch the same dispatchers in the same order, always.
        touched.routes.sort_unstable();
        Ok(touched)
    }

    /// The table's dispatchers; says whether the trigger dispatcher takes part.
    ///
    /// Rows may follow a barrier that makes no table. If the name's dispatchers are leaving, those rows come after
    /// that: the trigger dispatcher has the statement that sent them away in front of this one. A name that the
    /// sink refuses is told of when its rows come.
    fn named(&mut self, name: &TableName, barrier: bool, touched: &mut Touched) -> bool {
        let known = self.tables.contains_key(name);
        if (known || barrier)
            && let Ok(routes) = self.known_or_new(name)
        {
            touched.add(routes);
        }
        barrier && !known
    }

    /// Registers and forgets dispatchers as a change makes and unmakes tables; says whether the trigger dispatcher
    /// takes part.
    fn follow(&mut self, change: &DdlChange, touched: &mut Touched) -> Result<bool, Error> {
        let name = TableName::new(&*change.schema, &*change.table);
        if let Some(old) = &change.renamed_from {
            self.forget(old, touched);
        }
        match change.kind {
            DdlKind::CreateDatabase | DdlKind::DatabaseCharset | DdlKind::CreateView => Ok(true),
            DdlKind::DropDatabase => {
                let gone: Vec<_> = self.of_database(&change.schema).map(|(name, _)| name.clone()).collect();
                gone.iter().for_each(|name| self.forget(name, touched));
                Ok(true)
            }
            // A view that was renamed has a dispatcher, as a table has.
            DdlKind::DropTable | DdlKind::DropView => {
                self.forget(&name, touched);
                Ok(true)
            }
            DdlKind::CreateTable | DdlKind::TruncateTable | DdlKind::RenameTable => {
                touched.add(self.known_or_new(&name)?);
                Ok(true)
            }
            DdlKind::AddColumn
            | DdlKind::DropColumn
            | DdlKind::AddIndex
            | DdlKind::DropIndex
            | DdlKind::AddForeignKey
            | DdlKind::DropForeignKey
            | DdlKind::ModifyColumn
            | DdlKind::SetDefault
            | DdlKind::TableComment
            | DdlKind::RenameIndex
            | DdlKind::TableCharset
            | DdlKind::AddPrimaryKey
            | DdlKind::DropPrimaryKey
            | DdlKind::MultiSchemaChange
            | DdlKind::RebaseAutoId
            | DdlKind::AddPartition
            | DdlKind::DropPartition
            | DdlKind::TruncatePartition
            | DdlKind::ReorganizePartition
            | DdlKind::AlterTablePartitioning
            | DdlKind::RemovePartitioning
            | DdlKind::AlterIndexVisibility
            | DdlKind::ExchangePartition
            | DdlKind::AddCheckConstraint
            | DdlKind::DropCheckConstraint
            | DdlKind::AlterCheckConstraint => {
                touched.add(self.known_or_new(&name)?);
                Ok(change.renamed_from.is_some())
            }
        }
    }

    fn of_database<'a>(
        &'a self,
        database: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<TableName>, &'a [RouteId])> {
        let of_it = self.tables.iter().filter(move |(name, _)| name.schema == database);
        of_it.map(|(name, routes)| (name, &**routes))
    }

    /// A table's dispatchers take part in this statement, and then leave. Should the name come back, so do others.
    fn forget(&mut self, name: &TableName, touched: &mut Touched) {
        if let Some(routes) = self.tables.remove(name) {
            touched.add(&routes);
            touched.leaving.extend(routes);
        }
    }

    pub(crate) fn known_or_new(&mut self, name: &TableName) -> Result<&[RouteId], Error> {
        if self.tables.contains_key(name) { Ok(&self.tables[name]) } else { self.register(name) }
    }

    /// Registers all dispatchers of a table at once, so that a statement reaches every one of them.
    fn register(&mut self, name: &TableName) -> Result<&[RouteId], Error> {
        let name = Arc::new(name.clone());
        let of = self.splitter.spans(&name).max(1);
        let spans: Vec<Span> = (0..of)
            .zip(self.routes..)
            .map(|(index, route)| Span::of_table(name.clone(), index, of, RouteId(route)))
            .collect();
        for span in &spans {
            let refused = |source: SinkError| Error::Refused { span: span.to_string(), source };
            self.sink.admit(span).map_err(refused)?;
        }
        self.routes += u64::from(of);
        let routes = spans.iter().map(|span| span.route).collect();
        for span in spans {
            self.registry.insert(Dispatcher::new(span, TableProgress::in_ledger(&self.ledger)));
        }
        Ok(self.tables.entry(name).insert_entry(routes).into_mut())
    }
}
