//! What a commit makes of a transaction: its DDLs, then barriers, then its rows, table by table.
//!
//! Every DDL and every barrier has a commit-ts of its own, below that of the rows. All of them are derived from the
//! one before and the log's own clock, so that reading again from a saved position gives the same.

use super::assembler::{Assembler, Step};
use super::group::{Entry, Group};
use super::tables::{Prepared, Rowed};
use crate::decode::{Fault, Query, RawRows};
use crate::position::SourceItem;
use crate::schemas::{Applied, Reconciled};
use change_event::{ChangeEvent, DdlEvent, Influence};
use std::collections::HashMap;
use std::sync::Arc;

/// So many characters of a statement are shown in warnings.
const SHOWN: usize = 200;

impl Assembler {
    /// Makes a transaction ready to be handed over. It committed at `timestamp` (seconds) and ends at `end`.
    pub(super) fn commit(&mut self, group: Group, timestamp: u32, end: u64) -> Result<(), Fault> {
        let millis = u64::from(timestamp) * 1_000;
        let start = group.start;
        let mut tables: Vec<(Arc<Prepared>, Vec<RawRows>)> = Vec::new();
        let mut places = HashMap::new();
        for entry in group.entries {
            match entry {
                Entry::Statement { query, timestamp } => self.apply(&query, u64::from(timestamp) * 1_000)?,
                Entry::Rows { table, rows } => match places.get(&table) {
                    Some(&place) => {
                        let (prepared, all): &mut (Arc<Prepared>, Vec<RawRows>) = &mut tables[place];
                        if !prepared.ignored.contains(rows.op) {
                            all.push(rows);
                        }
                    }
                    None => {
                        if let Rowed::Decoded(prepared) = self.prepare(table, &rows, millis)?
                            && !prepared.ignored.contains(rows.op)
                        {
                            places.insert(table, tables.len());
                            tables.push((prepared, vec![rows]));
                        }
                    }
                },
            }
        }
        if !tables.is_empty() {
            self.position.commit_ts = self.position.commit_ts.after(millis);
        }
        let commit_ts = self.position.commit_ts;
        if self.events.ignores_transaction(commit_ts) {
            tables.clear();
        }
        self.ready.extend(tables.into_iter().map(|(table, rows)| Step::Rows {
            table,
            rows,
            commit_ts,
            start,
        }));
        self.position.offset = end;
        // Once everything has come again, the log is at no place behind itself.
        self.position.handed_over = self.position.handed_over.filter(|&until| until > commit_ts);
        let mark = self.mark();
        self.ready.push_back(Step::Item(SourceItem::Mark(mark)));
        self.tables.end_transaction();
        Ok(())
    }

    /// Tracks a statement and hands over what it did.
    fn apply(&mut self, query: &Query, millis: u64) -> Result<(), Fault> {
        let at = self.position.commit_ts.after(millis);
        let events = match self.schemas.apply(&query.sql, &query.database, query.dialect, at) {
            Applied::Ignored => return Ok(()),
            Applied::Ddl(events) => self.heeded(self.taken(events)?),
            Applied::Unparsed { event, whole, .. } if self.is_passed_over(&event, whole)? => Vec::new(),
            Applied::Unparsed { reason, event, .. } => {
                let statement: String = query.sql.chars().take(SHOWN).collect();
                tracing::warn!(
                    reason,
                    statement,
                    "cannot read a DDL; the columns of its tables come from their rows"
                );
                vec![event]
            }
        };
        self.tables.forget_schemas();
        events.into_iter().for_each(|event| self.hand_over(event));
        Ok(())
    }

    /// The table with its tracked schema. If its rows show columns that no DDL announced, a barrier comes first.
    fn prepare(&mut self, number: usize, rows: &RawRows, millis: u64) -> Result<Rowed, Fault> {
        if let Some(prepared) = self.tables.prepared(number) {
            return Ok(prepared);
        }
        let map = self.tables.read(number)?;
        if !self.filter.takes(&map.name) || map.is_sequence(self.schemas.is_other(&map.name)) {
            return Ok(self.tables.leave_out(number));
        }
        let seen = map.columns(self.schemas.shape(&map.name).as_ref(), rows.absent.as_deref())?;
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
