//! A large transaction, handed over in pieces.
//!
//! A piece is a stretch of the log, and its rows are handed over as those of a small transaction are: one event a table,
//! in the order the tables are first touched in it. So each table's rows stay in the order of the log, and what is
//! decoded at a time is bounded. DDLs and barriers come before the first piece, as they come before all rows. What is
//! passed over comes with the piece that it is in.

use super::assembler::{Assembler, Step};
use super::group::{Entry, Group, Parts};
use super::spill::{First, Spilled};
use super::tables::{Prepared, Rowed};
use crate::decode::{Fault, Query, RawRows, check_whole};
use crate::log::{LogName, Place};
use crate::parked::Parked;
use crate::position::SourceItem;
use bytes::Bytes;
use change_event::CommitTs;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// What is left of a committed transaction.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) commit_ts: CommitTs,
    log: Arc<LogName>,
    /// By their numbers at the commit.
    tables: HashMap<usize, Met>,
    renumbered: Vec<(usize, usize)>,
    pub(super) spilled: Spilled,
    /// Shared with whoever reads.
    pub(super) firsts: Arc<[First]>,
    /// Where the next block on disk is.
    pub(super) at: u64,
    /// A block that was read.
    pub(super) block: Vec<Entry>,
    /// What was never on disk.
    tail: VecDeque<Entry>,
}

/// A table that the transaction has rows of.
#[derive(Debug)]
enum Met {
    Decoded(Arc<Prepared>),
    LeftOut,
    /// Its columns cannot be told.
    Unreadable {
        fault: Fault,
        map: Bytes,
    },
}

impl Pieces {
    /// Whether a block must be read before anything else is handed over.
    pub(super) fn wants_block(&self) -> bool {
        self.block.is_empty() && self.at < self.spilled.end
    }

    fn is_over(&self) -> bool {
        self.block.is_empty() && !self.wants_block() && self.tail.is_empty()
    }

    /// The entries of the next piece, of about `size` bytes of the log if it is in memory.
    fn cut(&mut self, size: usize) -> Vec<Entry> {
        if !self.block.is_empty() {
            let mut block = std::mem::take(&mut self.block);
            block.iter_mut().for_each(|entry| entry.renumber(&self.renumbered));
            return block;
        }
        let mut held = 0;
        let fits = |entry: &&Entry| {
            let is_first = held == 0;
            held += entry.memory();
            is_first || held <= size
        };
        let count = self.tail.iter().take_while(fits).count();
        self.tail.drain(..count).collect()
    }
}

/// What a commit finds out before the first piece.
struct Found {
    millis: u64,
    log: Arc<LogName>,
    tables: HashMap<usize, Met>,
    passed_over: Vec<Parked>,
    /// Whether anything has the transaction's commit-ts.
    has_any: bool,
}

impl Assembler {
    /// Makes a large transaction ready: what comes before its rows at once, these piece by piece. Gives their commit-ts.
    pub(super) fn commit_in_pieces(&mut self, group: Group, millis: u64) -> Result<CommitTs, Fault> {
        let Parts { elsewhere, mut spilled, tail, renumbered } = group.into_parts();
        let firsts: Arc<[First]> = std::mem::take(&mut spilled.firsts).into();
        let log = elsewhere.unwrap_or_else(|| self.log_name());
        let (tables, passed_over) = (HashMap::new(), Vec::new());
        let mut found = Found { millis, log, tables, passed_over, has_any: false };
        for first in firsts.iter() {
            match first {
                First::Statement { query, body, place } => {
                    self.find_statement(&mut found, query, body, *place)?;
                }
                First::PassedOver { touches } => {
                    found.has_any = true;
                    touches.iter().for_each(|touched| self.lose(touched.clone(), millis));
                }
                First::Rows { table, absent, .. } => {
                    let now = renumbered.iter().find(|(old, _)| old == table).map_or(*table, |(_, new)| *new);
                    self.find_rows(&mut found, now, absent.as_deref());
                }
            }
        }
        for entry in &tail {
            match entry {
                Entry::Statement { query, body, place } => {
                    self.find_statement(&mut found, query, body, *place)?;
                }
                Entry::PassedOver { touches, .. } => {
                    found.has_any = true;
                    touches.iter().for_each(|touched| self.lose(touched.clone(), millis));
                }
                Entry::Rows { table, rows } => {
                    self.find_rows(&mut found, *table, rows.absent.as_deref());
                }
            }
        }
        let Found { log, tables, passed_over, has_any, .. } = found;
        if has_any {
            self.position.commit_ts = self.position.commit_ts.after(millis);
        }
        let commit_ts = self.position.commit_ts;
        if has_any && !self.events.ignores_transaction(commit_ts) {
            self.ready.extend(passed_over.into_iter().map(|parked| told(parked, commit_ts)));
            let (at, block, tail) = (0, Vec::new(), tail.into());
            let pieces = Pieces { commit_ts, log, tables, renumbered, spilled, firsts, at, block, tail };
            self.ready.push_back(Step::Pieces(Box::new(pieces)));
        }
        Ok(commit_ts)
    }

    fn find_statement(
        &mut self,
        found: &mut Found,
        query: &Query,
        body: &Bytes,
        place: Place,
    ) -> Result<(), Fault> {
        if let Err(fault) = self.apply(query, u64::from(place.timestamp) * 1_000) {
            let parked = self.pass_over_statement(query, (body.clone(), place), &found.log, fault)?;
            found.passed_over.push(parked);
            found.has_any = true;
        }
        Ok(())
    }

    fn find_rows(&mut self, found: &mut Found, number: usize, absent: Option<&[bool]>) {
        let is_clear = matches!(found.tables.get(&number), Some(Met::Decoded(_) | Met::LeftOut));
        if !is_clear {
            let met = match self.prepare(number, absent, found.millis) {
                Ok(Rowed::Decoded(table)) => Met::Decoded(table),
                Ok(Rowed::LeftOut) => Met::LeftOut,
                Err(fault) => Met::Unreadable { fault, map: self.tables.definition(number) },
            };
            found.tables.insert(number, met);
        }
        found.has_any |= match found.tables.get(&number) {
            // Rows that are left out have a commit-ts all the same.
            Some(Met::Decoded(_) | Met::Unreadable { .. }) => true,
            Some(Met::LeftOut) | None => false,
        };
    }

    /// Puts the next piece before what else is ready.
    ///
    /// # Errors
    /// Something in it cannot be taken, and is not passed over.
    pub(super) fn take_piece(&mut self, mut pieces: Box<Pieces>) -> Result<(), Fault> {
        let mut steps = Vec::new();
        while steps.is_empty() && !pieces.wants_block() && !pieces.is_over() {
            let entries = pieces.cut(self.room.piece);
            self.unfold(&pieces, entries, &mut steps)?;
        }
        if !pieces.is_over() {
            self.ready.push_front(Step::Pieces(pieces));
        }
        steps.into_iter().rev().for_each(|step| self.ready.push_front(step));
        Ok(())
    }

    /// Makes steps of entries: first what is passed over, then the rows by table.
    fn unfold(&self, pieces: &Pieces, entries: Vec<Entry>, steps: &mut Vec<Step>) -> Result<(), Fault> {
        let (commit_ts, log) = (pieces.commit_ts, &pieces.log);
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut tables: Vec<(&Arc<Prepared>, Vec<RawRows>)> = Vec::new();
        for entry in entries {
            let (number, rows) = match entry {
                Entry::Statement { .. } => continue,
                Entry::PassedOver { parked, .. } => {
                    steps.push(told(*parked, commit_ts));
                    continue;
                }
                Entry::Rows { table, rows } => (table, rows),
            };
            match pieces.tables.get(&number) {
                Some(Met::Decoded(table)) if table.ignored.contains(rows.op) => {}
                Some(Met::Decoded(table)) => {
                    if let Err(fault) = check_whole(&rows, &table.columns) {
                        let parked = self.pass_over_read(rows, log, table.map.clone(), fault)?;
                        steps.push(told(parked, commit_ts));
                        continue;
                    }
                    let place = *places.entry(number).or_insert(tables.len());
                    match tables.get_mut(place) {
                        Some((_, all)) => all.push(rows),
                        None => tables.push((table, vec![rows])),
                    }
                }
                Some(Met::Unreadable { fault, map }) => {
                    let parked = self.pass_over_read(rows, log, map.clone(), fault.clone())?;
                    steps.push(told(parked, commit_ts));
                }
                Some(Met::LeftOut) | None => {}
            }
        }
        steps.extend(tables.into_iter().map(|(table, rows)| {
            let (table, log) = (Arc::clone(table), Arc::clone(log));
            Step::Rows { table, rows, commit_ts, log }
        }));
        Ok(())
    }
}

fn told(parked: Parked, commit_ts: CommitTs) -> Step {
    Step::Item(SourceItem::Parked(Box::new(Parked { commit_ts, ..parked })))
}
