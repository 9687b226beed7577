//! From the text of a statement to what it amounts to.

use super::cursor::Reading;
use super::events::Events;
use super::statement::{Parsed, Statement, parse};
use super::tracker::Schemas;
use crate::sql::Dialect;
use change_event::{CommitTs, DdlEvent, DdlKind};
use std::sync::Arc;

/// What a statement amounts to.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
    /// Block events to send, one after the other, at rising commit-ts. The tables' schemas are already updated.
    Ddl(Vec<DdlEvent>),
    /// The statement touches no table, or had no effect.
    Ignored,
    /// The statement could not be followed. Report the reason and send the event: a barrier without changes.
    /// The tables it names are forgotten, so that their next rows show them as [changed](super::Reconciled).
    Unparsed {
        /// Why, for the operator's log.
        reason: String,
        /// Waits for what the statement may be about, and writes nothing.
        event: DdlEvent,
        /// Whether the statement was read to its end: if not, it may be about more than the event waits for.
        whole: bool,
    },
}

impl Schemas {
    /// Follows one statement of the log that defines something, as it was written while `default_db` was in use, in a
    /// session of this dialect.
    pub fn apply(&mut self, sql: &str, default_db: &str, dialect: Dialect, commit_ts: CommitTs) -> Applied {
        self.apply_as(sql, default_db, dialect, commit_ts, |statement| statement)
    }

    /// Follows one that failed and was logged all the same, for what it had done by then: MariaDB's CREATE OR REPLACE drops
    /// before it creates.
    pub(crate) fn apply_failed(
        &mut self,
        sql: &str,
        default_db: &str,
        dialect: Dialect,
        commit_ts: CommitTs,
    ) -> Applied {
        self.apply_as(sql, default_db, dialect, commit_ts, Statement::until_it_failed)
    }

    fn apply_as(
        &mut self,
        sql: &str,
        default_db: &str,
        dialect: Dialect,
        commit_ts: CommitTs,
        done: impl FnOnce(Statement) -> Statement,
    ) -> Applied {
        let default_charset = &self.database_charset(default_db);
        let reading = Reading { default_db, dialect, lower_case: self.lower_case, default_charset };
        let Parsed { statement, subject, text, cascades, .. } = parse(sql, reading);
        if let (true, Some(table)) = (cascades, subject.tables.first()) {
            tracing::warn!(
                %table,
                "a foreign key changes rows of this table by cascade: InnoDB logs no such change, so they will be \
                 missing; change those rows by statements or triggers instead"
            );
        }
        let mut events = Events::beginning_at(commit_ts);
        let whole = statement.is_ok();
        let outcome = statement.and_then(|statement| self.follow(done(statement), &text, &mut events));
        let refusal = match outcome {
            Ok(()) => {
                let events = events.into_events();
                self.note_what_went(&events);
                return if events.is_empty() { Applied::Ignored } else { Applied::Ddl(events) };
            }
            Err(refusal) => refusal,
        };
        let influence = subject.influence();
        subject.tables.iter().for_each(|table| self.forget(table));
        let event = DdlEvent { commit_ts, influence, changes: Vec::new() };
        Applied::Unparsed { reason: refusal.to_string(), event, whole }
    }

    fn note_what_went(&mut self, events: &[DdlEvent]) {
        const GONE: [DdlKind; 3] = [DdlKind::DropTable, DdlKind::RenameTable, DdlKind::DropDatabase];
        let goes = |event: &&DdlEvent| event.changes.iter().any(|change| GONE.contains(&change.kind));
        if let Some(last) = events.iter().rev().find(goes) {
            Arc::make_mut(&mut self.tables).gone_at = last.commit_ts;
        }
    }
}
