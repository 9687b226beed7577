//! The copy from outside.

use super::attempt::Attempt;
use super::catalog::{self, Catalog, Estimate, Made};
use super::cell::Cell;
use super::jobs::{Jobs, Table};
use super::options::SnapshotOptions;
use super::point::{self, Point};
use super::progress::CopyProgress;
use super::proof;
use super::reader::{Reader, Through};
use crate::decode::Zone;
use crate::log::server::checks;
use crate::log::server::{Asker, Connection, FirstContact, Server, Trouble, log_in};
use crate::options::{LogPlace, SourceOptions};
use crate::sql::Dialect;
use crate::{Error, Lineage, Mark, Position, Result};
use change_event::{ChangeEvent, CommitTs, DdlEvent, RowEvent, TableName};
use mysql_async::Conn;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinSet;
use url::Url;

/// So often a point is looked for at which nobody changes a table before all statements that make them were read.
const ATTEMPTS: u32 = 8;
/// So long is waited after the first of them, twice as long after the second, and so on.
const PAUSE: Duration = Duration::from_millis(200);

/// A row that the server has no estimate for is taken to have so many bytes.
const USUAL_ROW: u64 = 256;

/// The tables of a server, all as they are at one point of its log, on their way out.
///
/// # Order
/// First the statements that take back what an earlier attempt left; then those that make databases and tables, with rising
/// commit-ts; then the rows as inserts, all with [the point's](Attempt::commit_ts), those of different tables mixed. After
/// the last one, the log goes on at [`mark`](Self::mark).
pub struct Snapshot {
    server: Server,
    options: SourceOptions,
    dialect: Dialect,
    attempt: Attempt,
    mark: Mark,
    place: LogPlace,
    statements: VecDeque<DdlEvent>,
    rows: Receiver<RowEvent>,
    readers: JoinSet<Result<Vec<Through>, Trouble>>,
    /// To be started when the statements were handed over.
    waiting: Vec<Reader>,
    through: Vec<Through>,
    progress: Arc<CopyProgress>,
    finished: bool,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("server", &self.server)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Finds a point and learns which tables there are. `before`: an attempt that did not come to its end, if there was one.
    ///
    /// The user needs SELECT on what is to be copied, and RELOAD on MySQL, or on MariaDB BINLOG ADMIN (without it, a statement on
    /// a table that was read waits until the copy ends), beside what a
    /// [log](crate::Binlog::connect) needs. Tables that the user has no privilege on are not seen.
    ///
    /// # Errors
    /// [`Error::Config`], [`Error::Server`], [`Error::Unreached`] or [`Error::Unreachable`], and [`Error::Moved`] if tables
    /// are changed by statements all the time.
    pub async fn begin(
        url: &Url,
        options: SourceOptions,
        how: &SnapshotOptions,
        before: Option<&Attempt>,
    ) -> Result<Self> {
        let server = Server::from_url(url)?;
        let mut contact = FirstContact::new(options.wait_for_source);
        let mut attempt = 1;
        loop {
            match Self::try_begin(&server, &options, how, before).await {
                Ok(begun) => return Ok(begun),
                Err(Trouble::Fatal(error)) if error.is_moved() && attempt < ATTEMPTS => {
                    tracing::info!(%error, "the tables changed before their columns were known");
                    tokio::time::sleep(PAUSE * attempt).await;
                    attempt += 1;
                }
                Err(trouble @ Trouble::Lost(_)) if options.wait_for_source.is_some() => {
                    contact.wait(trouble, &server).await?;
                }
                Err(trouble) => return Err(told(trouble, &server)),
            }
        }
    }

    async fn try_begin(
        server: &Server,
        options: &SourceOptions,
        how: &SnapshotOptions,
        before: Option<&Attempt>,
    ) -> Result<Self, Trouble> {
        let Point { readers, place, gtids, is_exact } = point::find(server, options, how).await?;
        let mut conn = log_in(server, options.heartbeat).await?;
        let clock = checks::clock_millis(&mut conn, &server.shown).await?;
        let above = before.map_or(options.above, |before| before.commit_ts.max(options.above));
        let start = above.after(clock);
        let catalog = Catalog::read(server, options).await?;
        let first = CommitTs(start.0 + 1);
        let Made { schemas, .. } = catalog.make(options, first).map_err(Trouble::Fatal)?;
        let mut statements = before.map(|before| before.taken_back(&schemas, first));
        let mut statements = statements.take().unwrap_or_default();
        let first = CommitTs(first.0 + statements.len() as u64);
        let made = catalog.make(options, first).map_err(Trouble::Fatal)?;
        statements.extend(made.statements);
        let commit_ts = CommitTs(start.0 + 1 + statements.len() as u64);

        let dialect = catalog.dialect();
        let mut asker = Asker::new(server, options).await?;
        let mut through = Vec::with_capacity(made.tables.len());
        let end = asker.log_end().await?;
        through.extend(made.tables.iter().map(|name| (name.clone(), end.clone())));
        let proved = proof::prove(server, options, &place, &through, &made.schemas, dialect).await;
        proved.map_err(|trouble| match trouble {
            Trouble::Fatal(Error::Moved(why)) if !is_exact => Trouble::Fatal(Error::Moved(format!(
                "{why}, or before, in the log file that is being written; FLUSH BINARY LOGS on the server begins another"
            ))),
            other => other,
        })?;
        if !is_exact {
            tracing::warn!(
                %place,
                "no lock is taken: rows that the log has from this place on may be in the copy already, and come again"
            );
        }
        let identity = Arc::new(checks::identity(&mut conn, &server.shown).await?);
        let (_, description) =
            Connection::stream(conn, &server.beside(), options, &place.file, place.offset).await?;
        let lineage = Lineage {
            server: identity,
            log: Some(description.log_identity()),
            last_event: None,
            gtids,
            last_transaction: None,
        };
        let position = Position {
            file: place.file.clone(),
            offset: place.offset,
            commit_ts,
            start_ts: commit_ts,
            handed_over: None,
            ended: Arc::default(),
            known: None,
            lineage,
        };
        let estimates = catalog::estimates(server, options).await?;
        warn_of_engines(&made.tables, &estimates);
        let progress = Arc::new(CopyProgress::of(catalog::sum(&made.tables, &estimates)));
        let mut tables = Vec::with_capacity(made.tables.len());
        for name in &made.tables {
            tables.push(table(name, &made.schemas, estimates.get(name), how, dialect.mariadb)?);
        }
        let jobs = Arc::new(Jobs::new(tables));
        let (sender, rows) = channel(readers.len());
        let left = before.map(|before| before.left_by(&made.schemas));
        let (older_tables, older_databases) = left.unwrap_or_default();
        let reader = |conn: Conn| Reader {
            conn,
            server: server.clone(),
            jobs: jobs.clone(),
            rows: sender.clone(),
            progress: progress.clone(),
            zone: Zone::new(options.time_zone.clone()),
            commit_ts,
        };
        let waiting = readers.into_iter().map(reader).collect();
        let databases = made.schemas.databases().filter(|name| options.tables.takes_database(name));
        tracing::info!(%place, tables = made.tables.len(), "tables are copied as they are at this place of the log");
        Ok(Self {
            server: server.clone(),
            options: options.clone(),
            dialect,
            attempt: Attempt {
                checkpoint: before.map_or(start, |before| before.checkpoint),
                commit_ts,
                tables: made.tables.iter().cloned().collect(),
                databases: databases.map(str::to_owned).collect(),
                schemas: made.schemas.clone(),
                older_tables,
                older_databases,
            },
            mark: Mark { commit_ts, position, schemas: made.schemas },
            place,
            statements: statements.into(),
            rows,
            readers: JoinSet::new(),
            waiting,
            through: Vec::new(),
            progress,
            finished: false,
        })
    }

    /// What this attempt writes. Save it before the first event is handed on.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Where the log goes on when all is handed over.
    pub fn mark(&self) -> Mark {
        self.mark.clone()
    }

    /// How far it is.
    pub fn progress(&self) -> Arc<CopyProgress> {
        self.progress.clone()
    }

    /// The next event; `None` when all are handed over, and it is proved that no statement came between.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// Everything is over then. [`Error::Moved`]: begin anew, after this attempt.
    pub async fn next(&mut self) -> Result<Option<ChangeEvent>> {
        if let Some(statement) = self.statements.pop_front() {
            return Ok(Some(ChangeEvent::Ddl(Arc::new(statement))));
        }
        for reader in self.waiting.drain(..) {
            self.readers.spawn(reader.run());
        }
        loop {
            tokio::select! {
                biased;
                // First: behind a slow sink there is always a row that waits, and a copy that is spoilt is to be noticed.
                Some(ended) = self.readers.join_next() => {
                    let ended = ended.map_err(|error| Error::Server(format!("a reader of tables has ended: {error}")))?;
                    self.through.extend(ended.map_err(|trouble| told(trouble, &self.server))?);
                }
                Some(event) = self.rows.recv() => return Ok(Some(ChangeEvent::Rows(event))),
                else => break,
            }
        }
        if !self.finished {
            self.prove().await.map_err(|trouble| told(trouble, &self.server))?;
            self.finished = true;
        }
        Ok(None)
    }

    /// Ends all reading, and lets go of every table: what is under way is of no use any more.
    pub async fn stop(&mut self) {
        self.rows.close();
        self.waiting.clear();
        self.readers.shutdown().await;
    }

    async fn prove(&self) -> Result<(), Trouble> {
        let (through, schemas) = (&self.through, &self.mark.schemas);
        proof::prove(&self.server, &self.options, &self.place, through, schemas, self.dialect).await
    }
}

/// A table with everything that it takes to read it.
fn table(
    name: &TableName,
    schemas: &crate::Schemas,
    estimate: Option<&Estimate>,
    how: &SnapshotOptions,
    mariadb: bool,
) -> Result<Table, Trouble> {
    let refused = |what: &str| {
        Trouble::Fatal(Error::Server(format!(
            "table {name} cannot be copied: {what}; or leave it out by a rule of the filter"
        )))
    };
    let schema = schemas.get(name).ok_or_else(|| refused("its columns are not known"))?;
    let cells = schema.columns.iter().map(|column| {
        Cell::of(column, mariadb)
            .map_err(|fault| refused(&format!("column {}: {}", column.name, fault.what())))
    });
    let row = estimate.filter(|of| of.rows > 0).map_or(USUAL_ROW, |of| of.bytes / of.rows).max(1);
    Ok(Table::new(schema.clone(), cells.collect::<Result<_, _>>()?, (how.chunk_bytes / row).max(1)))
}

fn warn_of_engines(tables: &[TableName], estimates: &HashMap<TableName, Estimate>) {
    let is_other = |name: &&TableName| estimates.get(name).is_some_and(|estimate| !estimate.transactional);
    let others: Vec<String> = tables.iter().filter(is_other).map(TableName::to_string).collect();
    if let Some(first) = others.first() {
        tracing::warn!(
            first,
            count = others.len(),
            "tables of an engine without transactions are copied as they are when they are read, and not as they are at the \
             point: changes that come between are in the copy already, and come again from the log"
        );
    }
}

fn told(trouble: Trouble, server: &Server) -> Error {
    match trouble {
        Trouble::Behind(error) | Trouble::Fatal(error) => error,
        Trouble::Unreadable(why) => Error::Server(format!("{} cannot read its own log: {why}", server.shown)),
        Trouble::Lost(first) => server.away(Duration::ZERO, first),
    }
}
