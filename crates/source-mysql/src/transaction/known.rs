//! After the log of another server: transactions that were handed over from there are gone past in this one.
//!
//! ```text
//!  the other log   a b c d │                  saved: the GTIDs of a, b, c, d
//!  this one        a c │ e b d f …            begins behind c; b and d are known, e and f are handed over
//! ```
//! Replicas that apply in parallel log in an order of their own, so it goes by the set and not by a place alone. Nothing
//! of a known transaction has an effect: its DDLs were followed, and its XA transactions taken or put aside, where they came
//! first.

use super::assembler::{Assembler, State, Step, verb_of};
use crate::decode::{Fault, Head, inflate};
use crate::log::{Kind, LogEvent};
use crate::position::{Position, SourceItem};
use crate::sql::Verb;
use crate::trail::Trail;

impl Assembler {
    /// Goes on in the log of another server, which holds everything that was handed over: open transactions come again.
    pub(crate) fn move_to(&mut self, position: Position) {
        self.restart();
        self.trail = Trail::new(position.lineage.clone(), position.known.clone());
        self.position = position;
        let mark = self.mark();
        self.ready.push_back(Step::Item(SourceItem::Mark(mark)));
    }

    /// Notes in the position that a transaction has ended.
    pub(super) fn pass_trail(&mut self, event: &LogEvent) {
        self.position.lineage = self.trail.passed(event);
        self.position.known = self.trail.known();
    }

    /// Goes past an event of a known transaction: only its end counts.
    pub(super) fn pass_known(&mut self, event: &LogEvent) -> Result<(), Fault> {
        match event.kind {
            Kind::Gtid { .. } => {
                self.state = State::Announced(event.start);
                Ok(())
            }
            Kind::Query { compressed } => self.pass_known_statement(event, compressed),
            Kind::Xid | Kind::XaPrepare => self.finish(event),
            _ => Ok(()),
        }
    }

    fn pass_known_statement(&mut self, event: &LogEvent, compressed: bool) -> Result<(), Fault> {
        if let State::Void(_) = self.state {
            return self.finish(event);
        }
        let head = Head::read(&event.body)?;
        let query =
            if compressed { head.with(&inflate(head.sql, self.room.most)?) } else { head.with(head.sql) };
        match (verb_of(&query), &self.state) {
            (Verb::Begin | Verb::XaStart | Verb::StartsTransaction, _) => {
                self.open(event);
                Ok(())
            }
            (Verb::Commit | Verb::Rollback | Verb::XaCommit(_) | Verb::XaRollback(_), _) => {
                self.finish(event)
            }
            (_, State::Open(_)) => Ok(()),
            (_, State::Idle | State::Announced(_) | State::Void(_)) => self.finish(event),
        }
    }
}
