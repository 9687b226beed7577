//! What a commit makes of a transaction: its DDLs, then barriers, then its rows, table by table.
//!
//! Every DDL and every barrier has a commit-ts of its own, below that of the rows. All of them are derived from the
//! one before and the log's own clock, so that reading again from a saved position gives the same.

use super::assembler::{Assembler, Step};
use super::group::{Entry, Group, Parts};
use super::tables::{Prepared, Rowed};
use crate::decode::{Fault, Query, RawRows, check_whole};
use crate::parked::Parked;
use crate::position::SourceItem;
use crate::schemas::{Applied, Reconciled, Tracked};
use change_event::{ChangeEvent, CommitTs, DdlEvent, Influence};
use std::collections::HashMap;
use std::sync::Arc;

/// So many characters of a statement are shown in warnings.
const SHOWN: usize = 200;

impl Assembler {
    /// Makes a transaction ready to be handed over. It committed at `timestamp` (seconds) and ends at `end`.
    pub(super) fn commit(&mut self, group: Group, timestamp: u32, end: u64) -> Result<(), Fault> {
        let millis = u64::from(timestamp) * 1_000;
        let commit_ts = match group.is_spilled() || group.bytes() > self.room.piece {
            true => self.commit_in_pieces(group, millis)?,
            false => self.commit_whole(group, millis)?,
        };
        self.position.offset = end;
        self.note_ended_xa();
        // Once everything has come again, the log is at no place behind itself.
        self.position.handed_over = self.position.handed_over.filter(|&until| until > commit_ts);
        let mark = self.mark();
        self.ready.push_back(Step::Item(SourceItem::Mark(mark)));
        self.tables.end_transaction();
        Ok(())
    }

    /// Makes all rows ready at once, one event a table, and gives their commit-ts.
    fn commit_whole(&mut self, group: Group, millis: u64) -> Result<CommitTs, Fault> {
        let Parts { elsewhere, tail, .. } = group.into_parts();
        let log = elsewhere.unwrap_or_else(|| self.log_name());
        let mut tables: Vec<(Arc<Prepared>, Vec<RawRows>)> = Vec::new();
        let mut passed_over: Vec<Box<Parked>> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        // Rows that are left out have a commit-ts all the same: what comes after them must not depend on filters.
        let mut has_ignored = false;
        for entry in tail {
            match entry {
                Entry::Statement { query, body, place } => {
                    if let Err(fault) = self.apply(&query, u64::from(place.timestamp) * 1_000) {
                        let parked = self.pass_over_statement(&query, (body, place), &log, fault)?;
                        passed_over.push(Box::new(parked));
                    }
                }
                Entry::PassedOver { parked, touches } => {
                    touches.into_iter().for_each(|touched| self.lose(touched, millis));
                    passed_over.push(parked);
                }
                Entry::Rows { table, rows } => match places.get(&table).copied() {
                    Some(place) if tables[place].0.ignored.contains(rows.op) => has_ignored = true,
                    Some(place) => match check_whole(&rows, &tables[place].0.columns) {
                        Ok(()) => tables[place].1.push(rows),
                        Err(fault) => {
                            let map = self.tables.definition(table);
                            passed_over.push(Box::new(self.pass_over_read(rows, &log, map, fault)?));
                        }
                    },
                    None => match self.prepare_for(table, &rows, millis) {
                        Ok(Rowed::Decoded(prepared)) if prepared.ignored.contains(rows.op) => {
                            has_ignored = true;
                        }
                        Ok(Rowed::Decoded(prepared)) => {
                            places.insert(table, tables.len());
                            tables.push((prepared, vec![rows]));
                        }
                        Ok(Rowed::LeftOut) => {}
                        // Others of the same table may be whole.
                        Err(fault) => {
                            let map = self.tables.definition(table);
                            passed_over.push(Box::new(self.pass_over_read(rows, &log, map, fault)?));
                        }
                    },
                },
            }
        }
        if has_ignored || !tables.is_empty() || !passed_over.is_empty() {
            self.position.commit_ts = self.position.commit_ts.after(millis);
        }
        let commit_ts = self.position.commit_ts;
        if self.events.ignores_transaction(commit_ts) {
            tables.clear();
            passed_over.clear();
        }
        for mut parked in passed_over {
            parked.commit_ts = commit_ts;
            self.ready.push_back(Step::Item(SourceItem::Parked(parked)));
        }
        self.ready.extend(tables.into_iter().map(|(table, rows)| {
            let log = Arc::clone(&log);
            Step::Rows { table, rows, commit_ts, log }
        }));
        Ok(commit_ts)
    }

    /// Tracks a statement and hands over what it did.
    ///
    /// # Errors
    /// The filter cannot follow it. Its tables are tracked all the same, behind a barrier.
    pub(super) fn apply(&mut self, query: &Query, millis: u64) -> Result<(), Fault> {
        let at = self.position.commit_ts.after(millis);
        let applied = match query.failed {
            true => self.schemas.apply_failed(&query.sql, &query.database, query.dialect, at),
            false => self.schemas.apply(&query.sql, &query.database, query.dialect, at),
        };
        let (events, outcome) = match applied {
            Applied::Ignored => return Ok(()),
            Applied::Ddl(events) => {
                let barriers: Vec<DdlEvent> = events.iter().map(barrier).collect();
                match self.taken(events) {
                    Ok(taken) => (self.heeded(taken), Ok(())),
                    Err(fault) => (barriers, Err(fault)),
                }
            }
            Applied::Unparsed { reason, event, whole } => match self.is_passed_over(&event, whole) {
                Ok(true) => (Vec::new(), Ok(())),
                Ok(false) => {
                    let statement: String = query.sql.chars().take(SHOWN).collect();
                    tracing::warn!(
                        reason,
                        statement,
                        "cannot read a DDL; the columns of its tables come from their rows"
                    );
                    (vec![event], Ok(()))
                }
                Err(fault) => (vec![event], Err(fault)),
            },
        };
        self.tables.forget_schemas();
        events.into_iter().for_each(|event| self.hand_over(event));
        outcome
    }

    /// Something unknown was done to tables: nobody knows what they look like any more.
    pub(super) fn lose(&mut self, touched: Influence, millis: u64) {
        self.schemas.lose(&touched);
        self.tables.forget_schemas();
        let commit_ts = self.position.commit_ts.after(millis);
        self.hand_over(DdlEvent { commit_ts, influence: touched, changes: Vec::new() });
    }

    /// The table with its tracked schema, for rows that have all of its columns.
    fn prepare_for(&mut self, number: usize, rows: &RawRows, millis: u64) -> Result<Rowed, Fault> {
        let rowed = self.prepare(number, rows.absent.as_deref(), millis)?;
        if let Rowed::Decoded(prepared) = &rowed
            && !prepared.ignored.contains(rows.op)
        {
            check_whole(rows, &prepared.columns)?;
        }
        Ok(rowed)
    }

    /// The table with its tracked schema. If its rows show columns that no DDL announced, a barrier comes first.
    pub(super) fn prepare(
        &mut self,
        number: usize,
        absent: Option<&[bool]>,
        millis: u64,
    ) -> Result<Rowed, Fault> {
        if let Some(prepared) = self.tables.prepared(number) {
            return Ok(prepared);
        }
        // What is not taken may have columns that cannot be read.
        if !self.filter.takes(&self.tables.name(number)?) {
            return Ok(self.tables.leave_out(number));
        }
        let map = self.tables.read(number)?;
        if map.is_sequence(self.schemas.is_other(&map.name)) {
            return Ok(self.tables.leave_out(number));
        }
        let tracked = self.schemas.tracked(&map.name);
        let seen = map.columns(tracked.as_ref().map(Tracked::shape).as_ref(), absent)?;
        let at = self.position.commit_ts.after(millis);
        let schema = match self.schemas.reconcile(seen.schema.clone(), at, self.position.start_ts) {
            Reconciled::Known(schema) | Reconciled::Learned(schema) => schema,
            Reconciled::Changed(schema) => {
                self.tables.forget_schemas();
                self.hand_over(DdlEvent {
                    commit_ts: at,
                    influence: Influence::Tables(vec![schema.name.clone()]),
                    changes: Vec::new(),
                });
                schema
            }
        };
        let ignored = self.events.ignored_rows(&schema.name);
        self.tables.prepare(number, seen, schema, ignored)
    }

    pub(super) fn hand_over(&mut self, event: DdlEvent) {
        self.position.commit_ts = event.commit_ts;
        let event = ChangeEvent::Ddl(Arc::new(event));
        self.ready.push_back(Step::Item(SourceItem::Event(event)));
    }
}

/// What waits for the same tables as a statement, and writes nothing.
fn barrier(event: &DdlEvent) -> DdlEvent {
    DdlEvent { commit_ts: event.commit_ts, influence: event.influence.clone(), changes: Vec::new() }
}
