//! Events that cannot be taken: whether they are passed over, and what is kept of them then.
//!
//! ```text
//!  found when the event comes   ──► into its transaction ─► Parked, with the commit
//!  found when its rows are read ─────────────────────────► Parked, before the rows that were read
//! ```
//! What a rollback forgets is forgotten here, too: it had no effect.

use super::assembler::{Assembler, State};
use super::group::{Entry, Group};
use crate::LogPlace;
use crate::decode::{Fault, Query, RawRows, TableMap, table_id};
use crate::log::{LogEvent, LogName, Place};
use crate::options::SourceOptions;
use crate::parked::{OnUnsupported, Parked, ParkedBody, ParkedStatement, PassedBy};
use crate::sql::{created, split, targets};
use bytes::Bytes;
use change_event::{CommitTs, Influence, TableName};
use std::borrow::Cow;
use std::sync::Arc;

/// What is passed over.
#[derive(Debug)]
pub(super) struct Passing {
    parks: bool,
    named: Vec<LogPlace>,
}

/// What is known of an event besides its bytes.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) table: Option<TableName>,
    pub(super) table_map: Option<Bytes>,
    pub(super) statement: Option<ParkedStatement>,
    /// Whose shape it may have changed.
    pub(super) touches: Option<Influence>,
}

impl Passing {
    pub(super) fn new(options: &SourceOptions) -> Self {
        let parks = options.on_unsupported == OnUnsupported::Park;
        Self { parks, named: options.skip_events.clone() }
    }

    /// Whether everything of a kind that cannot be taken is passed over.
    pub(super) fn parks(&self) -> bool {
        self.parks
    }

    /// Why an event is passed over, and who wants it.
    ///
    /// # Errors
    /// Nobody does: the fault with its place, and the ways past it.
    fn judge(
        &self,
        fault: Fault,
        table: Option<&TableName>,
        file: &str,
        offset: u64,
    ) -> Result<(String, PassedBy), Fault> {
        let is_named = self.named.iter().any(|place| place.offset == offset && place.file == file);
        let about = |what: Cow<'static, str>| match table {
            Some(table) if !what.starts_with("table ") => format!("table {table}: {what}"),
            _ => what.into_owned(),
        };
        match fault {
            Fault::Unsupported(what) | Fault::Corrupt(what) if is_named => {
                Ok((format!("skipped by the operator: {}", about(what)), PassedBy::Operator))
            }
            Fault::Unsupported(what) if self.parks => Ok((about(what), PassedBy::Policy)),
            Fault::Unsupported(what) => {
                let ways = format!(
                    "{}; --skip-event {file}:{offset} passes over this one, and --on-unsupported park over all of its \
                     kind: both keep it in .spillway/parked",
                    about(what)
                );
                Err(Fault::unsupported(ways).placed(file, offset))
            }
            Fault::Corrupt(what) => {
                let ways = format!(
                    "{}; if a new copy of the log is no better, --skip-event {file}:{offset} passes over it and keeps it \
                     in .spillway/parked",
                    about(what)
                );
                Err(Fault::corrupt(ways).placed(file, offset))
            }
            elsewhere @ Fault::Elsewhere(_) => Err(elsewhere),
        }
    }
}

impl About {
    /// Of a statement that changes rows, or may do anything. `touches`: whom, if it may be anybody.
    pub(super) fn statement(query: &Query, assembler: &Assembler, touches: Option<Influence>) -> Self {
        let (lexemes, _) = split(&query.sql, query.dialect);
        let kept = |(database, table): (Option<String>, String)| {
            let database = assembler.schemas.kept(database.unwrap_or_else(|| query.database.clone()));
            TableName::new(database, assembler.schemas.kept(table))
        };
        let made = created(&lexemes).map(kept);
        let changed =
            targets(&lexemes).filter(|tables| tables.len() == 1).and_then(|mut tables| tables.pop());
        let touches = touches.or_else(|| made.clone().map(|table| Influence::Tables(vec![table])));
        let statement = ParkedStatement { database: query.database.clone(), sql: query.sql.clone() };
        Self { table: made.or(changed.map(kept)), table_map: None, statement: Some(statement), touches }
    }
}

impl Assembler {
    /// Passes over an event as it comes: it goes into its transaction, or is one by itself. Gives the bytes held by
    /// the open transaction, if they grew.
    ///
    /// # Errors
    /// It is not passed over.
    pub(super) fn pass_over(&mut self, event: &LogEvent, about: About, fault: Fault) -> Result<usize, Fault> {
        let log = self.log_name();
        let About { table, table_map, statement, touches } = about;
        let (reason, by) = self.passing.judge(fault, table.as_ref(), &log.file, event.start)?;
        let body = ParkedBody(event.body.clone(), Bytes::new());
        let known = Known { log: &log, place: event.place(self.inner), table, table_map, statement };
        let parked = Box::new(self.parked(known, body, reason, by));
        let entry = Entry::PassedOver { parked, touches };
        if let State::Open(group) = &mut self.state {
            return Ok(group.push(entry));
        }
        let mut group = Group::new(event.start);
        group.push(entry);
        self.finish_with(group, event)?;
        Ok(0)
    }

    /// Passes over an event of rows as it comes.
    ///
    /// # Errors
    /// It is not passed over.
    pub(super) fn pass_over_rows(&mut self, event: &LogEvent, fault: Fault) -> Result<usize, Fault> {
        let mut about = About::default();
        if let Ok(number) = table_id(&event.body).and_then(|id| self.tables.number(id)) {
            let name = self.tables.name(number)?;
            if !self.filter.takes(&name) {
                return Ok(0);
            }
            (about.table, about.table_map) = (Some(name), Some(self.tables.definition(number)));
        }
        self.pass_over(event, about, fault)
    }

    /// Passes over rows that came before.
    ///
    /// # Errors
    /// They are not passed over.
    pub(super) fn pass_over_read(
        &self,
        rows: RawRows,
        log: &LogName,
        table_map: Bytes,
        fault: Fault,
    ) -> Result<Parked, Fault> {
        let RawRows { images, head, place, .. } = rows;
        let table = Some(TableMap::name_in(&table_map)?);
        let (reason, by) = self.passing.judge(fault, table.as_ref(), &log.file, place.start)?;
        let known = Known { log, place, table, table_map: Some(table_map), statement: None };
        Ok(self.parked(known, ParkedBody(head, images), reason, by))
    }

    /// Passes over a statement of a transaction, or one that was one by itself.
    ///
    /// # Errors
    /// It is not passed over.
    pub(super) fn pass_over_statement(
        &self,
        query: &Query,
        (body, place): (Bytes, Place),
        log: &LogName,
        fault: Fault,
    ) -> Result<Parked, Fault> {
        let About { table, statement, .. } = About::statement(query, self, None);
        let (reason, by) = self.passing.judge(fault, table.as_ref(), &log.file, place.start)?;
        let known = Known { log, place, table, table_map: None, statement };
        Ok(self.parked(known, ParkedBody(body, Bytes::new()), reason, by))
    }

    /// The log file that is read.
    pub(super) fn log_name(&mut self) -> Arc<LogName> {
        let created = self.trail.log().map_or(0, |log| log.created);
        if (&self.log.file, self.log.created) != (&self.position.file, created) {
            self.log = Arc::new(LogName { file: self.position.file.clone(), created });
        }
        Arc::clone(&self.log)
    }

    fn parked(&self, known: Known<'_>, body: ParkedBody, reason: String, by: PassedBy) -> Parked {
        let Known { log, place, table, table_map, statement } = known;
        Parked {
            version: Parked::VERSION,
            file: log.file.clone(),
            offset: place.start,
            end: place.end,
            inner: place.inner,
            log_created: log.created,
            gtid: self.trail.gtid().map(|gtid| gtid.to_string()),
            // Known when its transaction has ended.
            commit_ts: CommitTs::default(),
            table,
            reason,
            by,
            statement,
            kind: place.code,
            timestamp: place.timestamp,
            server_id: place.server_id,
            body,
            table_map,
        }
    }
}

/// What is known of an event that is passed over.
struct Known<'a> {
    log: &'a LogName,
    place: Place,
    table: Option<TableName>,
    table_map: Option<Bytes>,
    statement: Option<ParkedStatement>,
}
