//! XA transactions between their two phases: prepared, and committed or rolled back at some later place of the log.
//!
//! ```text
//!  log      … │ XA PREPARE a │ other transactions │ XA COMMIT a │ …
//!  rows                        theirs               those of a, with this commit-ts
//!  position   stays here for as long as a is open    moves on
//! ```
//! Whoever starts again must read the prepared rows again, so the position of a [`Mark`] stays before them. What was
//! handed over meanwhile is noted in the position, and left out when it comes again: it gets the same commit-ts. Where one
//! was prepared before the position and committed behind it, only its commit comes again, so that is noted by its name:
//!
//! ```text
//!  log      … │ XA PREPARE a │ XA PREPARE b │ XA COMMIT a │ …
//!  position   before a        before a       before b, where a has ended
//! ```

use super::assembler::Assembler;
use super::group::Group;
use crate::decode::{Cursor, Fault};
use crate::position::{EndedXa, Mark, Position};
use crate::schemas::Schemas;
use crate::sql::Xid;
use bytes::Bytes;
use std::collections::VecDeque;

/// A prepared transaction.
#[derive(Debug)]
struct Waiting {
    xid: Xid,
    group: Group,
    /// The definitions of its tables, by their numbers in the group: a log repeats them with the rows only.
    tables: Vec<(usize, Bytes)>,
    /// Where it must be read from again, and the tables there.
    position: Position,
    schemas: Schemas,
}

/// All of them, the oldest first. Bounded in bytes as one transaction is, in memory and on disk.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    waiting: VecDeque<Waiting>,
    /// The one that commits now, and how many of those that wait were prepared before it.
    ending: Option<(Xid, usize)>,
}

/// Reads the body of an XA PREPARE event.
pub(super) fn prepared_xid(body: &[u8]) -> Result<Xid, Fault> {
    let mut cursor = Cursor::new(body);
    let _one_phase = cursor.u8()?;
    let format = cursor.u32()?;
    let (transaction, branch) = (cursor.u32()? as usize, cursor.u32()? as usize);
    Ok(Xid { format, transaction: cursor.take(transaction)?.to_vec(), branch: cursor.take(branch)?.to_vec() })
}

impl Prepared {
    /// Bytes of all of them, as they are in the log.
    fn bytes(&self) -> usize {
        self.waiting.iter().map(|waiting| waiting.group.bytes()).sum()
    }

    /// Bytes of memory that all of them take.
    pub(super) fn memory(&self) -> usize {
        self.waiting.iter().map(|waiting| waiting.group.memory()).sum()
    }

    /// The one that takes the most memory, and its place.
    pub(super) fn largest(&mut self) -> Option<(usize, &mut Group)> {
        let groups = self.waiting.iter_mut().map(|waiting| &mut waiting.group);
        groups.enumerate().max_by_key(|(_, group)| group.memory())
    }

    /// The one at a place.
    pub(super) fn group(&mut self, place: usize) -> Option<&mut Group> {
        self.waiting.get_mut(place).map(|waiting| &mut waiting.group)
    }

    /// Takes one out, and tells how many of the others were prepared before it.
    fn take(&mut self, xid: &Xid) -> Option<(Waiting, usize)> {
        let place = self.waiting.iter().position(|waiting| waiting.xid == *xid)?;
        Some((self.waiting.remove(place)?, place))
    }
}

impl Assembler {
    /// Puts a transaction aside until its second phase, and gives the bytes of all that wait.
    pub(super) fn prepare_xa(&mut self, xid: Xid, mut group: Group) -> usize {
        group.detach();
        let tables = group.tables();
        let tables = tables.into_iter().map(|number| (number, self.tables.definition(number))).collect();
        group.elsewhere = Some(self.log_name());
        let (position, schemas) = (self.position.clone(), self.schemas.clone());
        self.prepared.waiting.push_back(Waiting { xid, group, tables, position, schemas });
        self.prepared_due = self.prepared.memory() > self.room.memory;
        self.prepared.bytes()
    }

    /// The transaction whose second phase has come.
    pub(super) fn commit_xa(&mut self, xid: &Xid) -> Option<Group> {
        let (Waiting { mut group, tables, .. }, place) = self.prepared.take(xid)?;
        self.prepared.ending = Some((xid.clone(), place));
        let tables: Vec<(usize, usize)> =
            tables.into_iter().map(|(old, definition)| (old, self.tables.place(&definition))).collect();
        group.renumber(tables);
        Some(group)
    }

    /// Notes that the transaction whose second phase has come was handed over: whoever begins again at one that was
    /// prepared behind it meets its commit alone.
    pub(super) fn note_ended_xa(&mut self) {
        let Some((xid, place)) = self.prepared.ending.take() else { return };
        let ended = EndedXa { xid: xid.to_string(), commit_ts: self.position.commit_ts };
        for waiting in self.prepared.waiting.iter_mut().skip(place) {
            let before = waiting.position.ended.iter();
            waiting.position.ended = before.chain([&ended]).cloned().collect();
        }
    }

    /// Whether the commit that has come is of a transaction that was handed over. Then it has the commit-ts of that time.
    pub(super) fn has_ended_xa(&mut self, xid: &Xid) -> bool {
        let xid = xid.to_string();
        let ended = &self.position.ended;
        let Some(place) = ended.iter().position(|ended| ended.xid == xid) else { return false };
        self.position.commit_ts = ended[place].commit_ts;
        self.position.ended = [&ended[..place], &ended[place + 1..]].concat().into();
        true
    }

    /// Forgets a transaction that was rolled back in its second phase.
    pub(super) fn roll_back_xa(&mut self, xid: &Xid) {
        drop(self.prepared.take(xid));
    }

    /// The mark at [`position`](Self::position), or before what is prepared.
    pub(crate) fn mark(&self) -> Mark {
        let commit_ts = self.position.commit_ts.max(self.handed_over);
        let (position, schemas) = match self.prepared.waiting.front() {
            Some(waiting) => (&waiting.position, &waiting.schemas),
            None => (&self.position, &self.schemas),
        };
        let handed_over = (commit_ts > position.commit_ts).then_some(commit_ts);
        Mark { commit_ts, position: Position { handed_over, ..position.clone() }, schemas: schemas.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::prepared_xid;
    use crate::sql::{Dialect, Xid, split};

    #[test]
    fn both_phases_name_a_transaction_alike() {
        let mut body = vec![0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0];
        body.extend(b"abc");
        let named = prepared_xid(&body).unwrap();
        for sql in ["XA COMMIT X'6162',X'63',1", "xa commit 'ab','c'", "XA ROLLBACK 'ab', 'c', 0x01"] {
            let (lexemes, _) = split(sql, Dialect::default());
            assert_eq!(Xid::of_statement(&lexemes).as_ref(), Some(&named), "{sql}");
        }
        for sql in ["XA COMMIT X'6162',X'63',2", "XA COMMIT X'6162'", "XA COMMIT X'616263',X'',1"] {
            let (lexemes, _) = split(sql, Dialect::default());
            assert_ne!(Xid::of_statement(&lexemes).as_ref(), Some(&named), "{sql}");
        }
        assert_eq!(named.to_string(), "X'6162',X'63',1");
        assert!(prepared_xid(&body[..14]).is_err());
    }
}
