//! Events in, change events and marks out.
//!
//! ```text
//!            GTID                    BEGIN, or MariaDB's GTID of a transaction
//!   Idle ───────────► Announced ───────────────────────────────────────────────► Open ──┐ rows, statements
//!    ▲ ▲                  │ a statement: commits by itself                        │  ▲──┘
//!    │ └──────────────────┘                                                       │
//!    └──────────────── XID, COMMIT: commits · ROLLBACK: forgotten ◄───────────────┘
//! ```
//! Nothing leaves before the commit, so a torn or broken log never shows half a transaction. The rows are kept as
//! they are in the log till then, on disk where they outgrow their room, and unpacked one table at a time as they are
//! taken out.

use super::announced::Announced;
use super::disk::Work;
use super::group::{Entry, Group};
use super::passing::{About, Passing};
use super::pieces::Pieces;
use super::prepared::{Prepared, prepared_xid};
use super::room::Room;
use super::tables::{self, Tables};
use super::unknown::Unknown;
use crate::decode::{self, Fault, Flavor, Head, Query, RawRows, Scratch, Zone, inflate};
use crate::lineage::LogIdentity;
use crate::log::refused::{has_rows, why};
use crate::log::{Kind, LogEvent, LogName, format_of};
use crate::parked::Parked;
use crate::position::{Position, Resume, SourceItem};
use crate::schemas::Schemas;
use crate::sql::{Verb, capitals, split, weighed};
use crate::trail::Trail;
use crate::{Error, Result, SourceOptions};
use bytes::Bytes;
use change_event::{
    ChangeEvent, CommitTs, EventFilter, Influence, Op, RowEvent, RowsBuilder, TableFilter, UpdateForm,
};
use std::collections::VecDeque;
use std::sync::Arc;

/// Puts transactions together.
#[derive(Debug)]
pub(crate) struct Assembler {
    pub(super) room: Room,
    updates: UpdateForm,
    pub(super) filter: TableFilter,
    pub(super) events: EventFilter,
    pub(super) passing: Passing,
    scratch: Scratch,
    pub(super) state: State,
    pub(super) schemas: Schemas,
    /// The end of the last whole transaction.
    pub(super) position: Position,
    /// Up to where everything was handed over before; what comes again of it is left out.
    pub(super) handed_over: CommitTs,
    pub(super) trail: Trail,
    /// The log file that was read last.
    pub(super) log: Arc<LogName>,
    /// How many events of the compressed transaction at hand came before.
    pub(super) inner: u32,
    pub(super) prepared: Prepared,
    /// The prepared transactions outgrow their room.
    pub(super) prepared_due: bool,
    /// What is under way on disk.
    pub(super) work: Option<Work>,
    pub(super) tables: Tables,
    /// The table of the last event, if it has rows and nobody knows what they look like.
    pub(super) unknown: Option<Unknown>,
    pub(super) ready: VecDeque<Step>,
}

#[derive(Debug)]
pub(super) enum State {
    Idle,
    /// A transaction or a statement follows; this is where it was announced.
    Announced(u64),
    /// A statement follows that has no effect; this is where it was announced.
    Void(u64),
    Open(Group),
}

impl Step {
    fn commit_ts(&self) -> CommitTs {
        match self {
            Self::Item(SourceItem::Event(ChangeEvent::Rows(event))) => event.commit_ts,
            Self::Item(SourceItem::Event(ChangeEvent::Ddl(event))) => event.commit_ts,
            Self::Item(SourceItem::Event(ChangeEvent::Resolved(commit_ts))) => *commit_ts,
            Self::Item(SourceItem::Parked(parked)) => parked.commit_ts,
            Self::Item(SourceItem::Mark(mark)) => mark.commit_ts,
            Self::Rows { commit_ts, .. } => *commit_ts,
            Self::Pieces(pieces) => pieces.commit_ts,
        }
    }

    fn is_mark(&self) -> bool {
        matches!(self, Self::Item(SourceItem::Mark(_)))
    }
}

/// What is ready to be handed over.
#[derive(Debug)]
pub(super) enum Step {
    Item(SourceItem),
    /// Rows of one table, still packed, and the log file that they are in.
    Rows {
        table: Arc<tables::Prepared>,
        rows: Vec<RawRows>,
        commit_ts: CommitTs,
        log: Arc<LogName>,
    },
    /// What is left of a large transaction.
    Pieces(Box<Pieces>),
}

impl Assembler {
    /// Starts between two transactions.
    pub(crate) fn new(resume: Resume, options: &SourceOptions) -> Self {
        let Resume { position, schemas } = resume;
        Self {
            room: Room::of(options),
            updates: options.updates,
            filter: options.tables.clone(),
            events: options.events.clone(),
            passing: Passing::new(options),
            scratch: Scratch::new(Zone::new(options.time_zone.clone())),
            state: State::Idle,
            schemas,
            trail: Trail::new(position.lineage.clone(), position.known.clone()),
            log: Arc::default(),
            inner: 0,
            handed_over: position.handed_over.unwrap_or_default(),
            prepared: Prepared::default(),
            prepared_due: false,
            work: None,
            position,
            tables: Tables::default(),
            unknown: None,
            ready: VecDeque::new(),
        }
    }

    /// The end of the last whole transaction.
    pub(crate) fn position(&self) -> &Position {
        &self.position
    }

    /// Where the transaction begins whose end did not come yet.
    pub(crate) fn unfinished(&self) -> Option<u64> {
        match &self.state {
            State::Idle => None,
            State::Announced(start) | State::Void(start) => Some(*start),
            State::Open(group) => Some(group.start),
        }
    }

    /// Forgets the transaction whose end did not come: it comes again, or its server died in it.
    pub(crate) fn restart(&mut self) {
        self.state = State::Idle;
        self.tables.end_transaction();
    }

    /// Goes on in another file.
    pub(crate) fn enter(&mut self, file: String, offset: u64, log: LogIdentity) {
        self.restart();
        self.position.file = file;
        self.position.offset = offset;
        self.position.lineage = self.trail.entered(log);
        let mark = self.mark();
        self.ready.push_back(Step::Item(SourceItem::Mark(mark)));
    }

    /// The next item that is ready; none while a [block](Self::is_block_due) of it is on disk.
    pub(crate) fn pop(&mut self) -> Result<Option<SourceItem>> {
        while !self.is_block_due()
            && let Some(step) = self.ready.pop_front()
        {
            match step {
                step if step.commit_ts() <= self.handed_over && !step.is_mark() => {}
                Step::Item(item) => return Ok(Some(item)),
                Step::Pieces(pieces) => self.take_piece(pieces).map_err(|fault| self.fault(fault, 0))?,
                Step::Rows { table, rows, commit_ts, log } => {
                    let unpacked = self.unpack(&table, rows, commit_ts, &log);
                    let (event, passed_over) = unpacked.map_err(|fault| self.fault(fault, 0))?;
                    if !event.rows.is_empty() {
                        let rows = SourceItem::Event(ChangeEvent::Rows(event));
                        if passed_over.is_empty() {
                            return Ok(Some(rows));
                        }
                        self.ready.push_front(Step::Item(rows));
                    }
                    for mut parked in passed_over.into_iter().rev() {
                        parked.commit_ts = commit_ts;
                        self.ready.push_front(Step::Item(SourceItem::Parked(Box::new(parked))));
                    }
                }
            }
        }
        Ok(None)
    }

    fn unpack(
        &mut self,
        table: &tables::Prepared,
        rows: Vec<RawRows>,
        commit_ts: CommitTs,
        log: &LogName,
    ) -> Result<(RowEvent, Vec<Parked>), Fault> {
        let mut builder = RowsBuilder::new(table.columns.len());
        let mut passed_over = Vec::new();
        for raw in rows {
            let before = builder.mark();
            if let Err(fault) = decode::decode(&raw, &table.columns, &mut self.scratch, &mut builder) {
                builder.rewind(before);
                passed_over.push(self.pass_over_read(raw, log, table.map.clone(), fault)?);
            }
        }
        let rows = builder.build().with_updates(self.updates, &table.schema);
        Ok((RowEvent { table: table.schema.clone(), commit_ts, rows }, passed_over))
    }

    /// Takes the next event of the log.
    pub(crate) fn push(&mut self, event: &LogEvent) -> Result<()> {
        self.unknown = None;
        let held = self.take(event).map_err(|fault| self.fault(fault, event.start))?;
        if held as u64 > self.room.most {
            return Err(Error::TransactionTooLarge {
                file: self.position.file.clone(),
                offset: self.unfinished().unwrap_or(event.start),
                limit: self.room.most,
            });
        }
        Ok(())
    }

    fn fault(&self, fault: Fault, offset: u64) -> Error {
        fault.at(&self.position.file, offset)
    }

    /// Gives the bytes held by the open transaction, if they grew.
    fn take(&mut self, event: &LogEvent) -> Result<usize, Fault> {
        self.trail.see(event);
        self.inner = if event.outer.is_some() { self.inner + 1 } else { 0 };
        if self.trail.is_known() && event.kind != Kind::MariaGtid {
            return self.pass_known(event).map(|()| 0);
        }
        match event.kind {
            Kind::Query { compressed } => return self.query(event, compressed),
            Kind::Rows { op, extra, compressed } => {
                let taken = self.rows(event, op, extra, compressed);
                return taken.or_else(|fault| self.pass_over_rows(event, fault));
            }
            Kind::LoadQuery => {
                let head = Head::of_load(&event.body)?;
                return self.statement(event, head.with(head.sql));
            }
            Kind::LoadBlock { .. } if self.passing.parks() => {
                let fault = Fault::unsupported("it is a part of a file that LOAD DATA was logged with");
                return self.pass_over(event, About::default(), fault);
            }
            Kind::Refused(code) if has_rows(code) => {
                return self.pass_over_rows(event, Fault::unsupported(why(code)));
            }
            Kind::Refused(code) => {
                // Whatever was lost may have been an ALTER.
                let about = About { touches: Some(Influence::All), ..About::default() };
                return self.pass_over(event, about, Fault::unsupported(why(code)));
            }
            Kind::TableMap => drop(self.tables.map(&event.body)?),
            Kind::Xid => self.finish(event)?,
            Kind::Gtid { .. } => self.announce(event, Announced::Either)?,
            Kind::MariaGtid => self.announce(event, Announced::by_mariadb(&event.body)?)?,
            Kind::XaPrepare if event.body.first() == Some(&0) => return self.finish_first_phase(event),
            // Its only phase is its last.
            Kind::XaPrepare => self.finish(event)?,
            Kind::FormatDescription => {
                self.restart();
                let server = format_of(&event.body)?.server;
                self.tables.expect(server);
                // Where the GTIDs of all files before follow, they are soon enough: in an encrypted log, what begins the
                // encryption comes between, and a server that is to send the log from there on takes that for encrypted too.
                // Test: `a_log_that_is_encrypted_on_disk_is_read_from_its_server_from_every_mark_on`.
                if !server.always_logs_gtids_before() {
                    self.go_by(event);
                }
            }
            Kind::Unreadable(why) => return Err(Fault::unsupported(why)),
            Kind::GtidsBefore(_) | Kind::Checkpoint => self.go_by(event),
            Kind::Rotate | Kind::TransactionPayload | Kind::LoadBlock { .. } | Kind::Other => {}
        }
        Ok(0)
    }

    fn announce(&mut self, event: &LogEvent, announced: Announced) -> Result<(), Fault> {
        if let State::Open(_) = self.state {
            return Err(Fault::corrupt("a transaction begins within another one"));
        }
        self.state = match announced {
            Announced::Either => State::Announced(event.start),
            Announced::Transaction => State::Open(Group::new(event.start)),
            Announced::WithoutEffect => State::Void(event.start),
        };
        Ok(())
    }

    fn rows(&mut self, event: &LogEvent, op: Op, extra: bool, compressed: bool) -> Result<usize, Fault> {
        let State::Open(group) = &mut self.state else {
            return Err(Fault::corrupt("rows come outside of a transaction"));
        };
        let Some((id, mut rows)) = decode::read(&event.body, op, extra)? else {
            return Ok(0);
        };
        rows.place = event.place(self.inner);
        if compressed {
            rows.images = Bytes::from(inflate(&rows.images, self.room.most)?);
        }
        let table = self.tables.number(id)?;
        let held = group.push(Entry::Rows { table, rows });
        self.expect_shape(table, event.timestamp);
        Ok(held)
    }

    fn query(&mut self, event: &LogEvent, compressed: bool) -> Result<usize, Fault> {
        let head = Head::read(&event.body)?;
        let query = match compressed {
            false => head.with(head.sql),
            true => match inflate(head.sql, self.room.most) {
                Ok(sql) => head.with(&sql),
                Err(fault) => {
                    let about = About { touches: Some(Influence::All), ..About::default() };
                    return self.pass_over(event, about, fault);
                }
            },
        };
        if let State::Void(_) = self.state {
            self.finish(event)?;
            return Ok(0);
        }
        self.statement(event, query)
    }

    /// Takes a statement, and gives the bytes held by the open transaction, if they grew.
    fn statement(&mut self, event: &LogEvent, mut query: Query) -> Result<usize, Fault> {
        query.dialect.mariadb = self.tables.server().flavor == Flavor::MariaDb;
        match verb_of(&query) {
            Verb::Begin | Verb::XaStart => {
                self.open(event);
            }
            Verb::Commit => self.finish(event)?,
            Verb::Rollback => {
                let drops = match &mut self.state {
                    State::Open(group) => group.take_drops(),
                    State::Idle | State::Announced(_) | State::Void(_) => Vec::new(),
                };
                self.restart();
                let mut group = Group::new(event.start);
                drops.into_iter().for_each(|entry| _ = group.push(entry));
                self.finish_with(group, event)?;
            }
            Verb::XaRollback(xid) => {
                self.restart();
                xid.iter().for_each(|xid| self.roll_back_xa(xid));
                self.finish(event)?;
            }
            Verb::Savepoint(name) => {
                let name = self.compared(&name);
                if let State::Open(group) = &mut self.state {
                    group.savepoint(name);
                }
            }
            Verb::RollbackTo(name) => {
                let name = self.compared(&name);
                if let State::Open(group) = &mut self.state {
                    group.rollback_to(&name);
                }
            }
            Verb::XaEnd => {}
            Verb::XaCommit(Some(xid)) if self.has_ended_xa(&xid) => {
                self.state = State::Idle;
                self.finish(event)?;
            }
            Verb::XaCommit(xid) => {
                let Some(group) = xid.and_then(|xid| self.commit_xa(&xid)) else {
                    self.state = State::Idle;
                    let why = "XA COMMIT ends a transaction that was prepared before what is read of the log (its rows \
                               are in what a new prefix gets with a --start before its XA PREPARE)";
                    let about = About::statement(&query, self, None);
                    return self.pass_over(event, about, Fault::unsupported(why));
                };
                self.state = State::Open(group);
                self.finish(event)?;
            }
            Verb::ChangesRows(_) if self.is_of_others(&query) => self.pass(event)?,
            Verb::ChangesRows(word) => {
                let why = format!(
                    "a change was logged as a statement ({word} …), not as rows (SET GLOBAL binlog_format=ROW on the \
                     server avoids it from then on, in sessions that begin then)"
                );
                let about = About::statement(&query, self, None);
                return self.pass_over(event, about, Fault::unsupported(why));
            }
            Verb::Unknown(word) => {
                let why = format!(
                    "a statement begins with {word}, of which is not known whether it changes rows (a newer version may \
                     know it)"
                );
                let about = About::statement(&query, self, Some(Influence::All));
                return self.pass_over(event, about, Fault::unsupported(why));
            }
            Verb::StartsTransaction => {
                let (body, place) = (event.body.clone(), event.place(self.inner));
                return Ok(self.open(event).push(Entry::Statement { query, body, place }));
            }
            Verb::Harmless => self.pass(event)?,
            Verb::Defines => {
                let (body, place) = (event.body.clone(), event.place(self.inner));
                if let State::Open(group) = &mut self.state {
                    return Ok(group.push(Entry::Statement { query, body, place }));
                }
                let mut group = Group::new(event.start);
                group.push(Entry::Statement { query, body, place });
                self.finish_with(group, event)?;
            }
        }
        Ok(0)
    }

    /// The name of a savepoint, as the server compares it.
    fn compared(&self, name: &str) -> String {
        if self.tables.server().compares_accents() { capitals(name) } else { weighed(name) }
    }

    /// Goes past a statement that concerns nobody here.
    fn pass(&mut self, event: &LogEvent) -> Result<(), Fault> {
        match self.state {
            State::Open(_) => Ok(()),
            State::Idle | State::Announced(_) | State::Void(_) => self.finish(event),
        }
    }

    /// The position moves behind what stands between two transactions: so it gets to the end of the log, whatever is there.
    ///
    /// | event | |
    /// |---|---|
    /// | format description | where nothing may follow: without GTIDs, MySQL 5.6 puts nothing else before the first transaction |
    /// | GTIDs of all files before | yes |
    /// | MariaDB's checkpoint | yes |
    /// | the start of an encryption | no need: the GTIDs follow |
    /// | rotation | no need: the position moves on into the next file |
    /// | stop | no need: behind it comes the next file |
    /// | heartbeat | no: it stands nowhere |
    /// | incident | no: it is refused, or parked |
    fn go_by(&mut self, event: &LogEvent) {
        // What a server makes up for a connection stands nowhere.
        if matches!(self.state, State::Idle) && event.end > self.position.offset {
            self.position.lineage = self.trail.went_by(event);
            self.position.known = self.trail.known();
            self.position.offset = event.end;
            let mark = self.mark();
            self.ready.push_back(Step::Item(SourceItem::Mark(mark)));
        }
    }

    /// The open transaction; a new one, from its announcement on, if there is none.
    pub(super) fn open(&mut self, event: &LogEvent) -> &mut Group {
        let start = self.unfinished().unwrap_or(event.start);
        if !matches!(self.state, State::Open(_)) {
            self.state = State::Open(Group::new(start));
        }
        match &mut self.state {
            State::Open(group) => group,
            State::Idle | State::Announced(_) | State::Void(_) => unreachable!("it was opened above"),
        }
    }

    /// The first phase of an XA transaction is over: its rows wait for the second.
    fn finish_first_phase(&mut self, event: &LogEvent) -> Result<usize, Fault> {
        let xid = prepared_xid(&event.body)?;
        let held = match std::mem::replace(&mut self.state, State::Idle) {
            State::Open(group) => self.prepare_xa(xid, group),
            State::Idle | State::Announced(_) | State::Void(_) => {
                self.prepare_xa(xid, Group::new(event.start))
            }
        };
        self.finish(event)?;
        Ok(held)
    }

    /// Commits what is open, be it nothing: the position moves.
    pub(super) fn finish(&mut self, event: &LogEvent) -> Result<(), Fault> {
        let group = match std::mem::replace(&mut self.state, State::Idle) {
            State::Open(group) => group,
            State::Idle | State::Announced(_) | State::Void(_) => Group::new(event.start),
        };
        self.finish_with(group, event)
    }

    /// Commits this: the position moves behind its last event.
    pub(super) fn finish_with(&mut self, group: Group, event: &LogEvent) -> Result<(), Fault> {
        self.state = State::Idle;
        self.pass_trail(event);
        self.commit(group, event.timestamp, event.end)
    }
}

/// What a statement does to its transaction. Nearly all of them are one of two, which need no second look.
pub(super) fn verb_of(query: &Query) -> Verb {
    match query.sql.as_str() {
        "BEGIN" => Verb::Begin,
        "COMMIT" => Verb::Commit,
        sql => Verb::of(&split(sql, query.dialect).0, sql),
    }
}
