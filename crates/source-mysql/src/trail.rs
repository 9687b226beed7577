//! The lineage, followed from event to event.

use crate::Lineage;
use crate::gtids::{Gtid, Gtids};
use crate::lineage::{LogIdentity, Looks};
use crate::log::{Kind, LogEvent};
use std::sync::Arc;

/// What the events so far say about their log.
#[derive(Debug)]
pub(crate) struct Trail {
    /// As of the last transaction that ended.
    lineage: Lineage,
    /// What was handed over from another server's log, and may come in this one.
    known: Option<Arc<Gtids>>,
    announced: Option<Gtid>,
    /// The last one that was announced, also after its transaction has ended.
    latest: Option<Gtid>,
    /// The announced transaction is a known one.
    is_known: bool,
    sketch: Sketch,
}

/// How a transaction looks, as far as its events have come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sketch {
    timestamp: Option<u32>,
    rows: Option<u32>,
    has_rows: bool,
}

impl Sketch {
    /// Takes note of an event behind a transaction's GTID.
    pub(crate) fn see(&mut self, event: &LogEvent) {
        /// Before the rows come the table's number and the flags: those are each server's own.
        const OWN: usize = 8;
        const ENOUGH: usize = 256;
        match event.kind {
            Kind::Rows { compressed, .. } if !self.has_rows => {
                let rows = event.body.get(OWN..).unwrap_or_default();
                let rows = (!compressed).then(|| crc32fast::hash(&rows[..rows.len().min(ENOUGH)]));
                *self = Self { timestamp: Some(event.timestamp), rows, has_rows: true };
            }
            // The time of a commit differs between a server and its replica.
            Kind::Query { .. } if !self.has_rows => self.timestamp = Some(event.timestamp),
            _ => {}
        }
    }

    /// What was seen of a transaction; `None` for one that has neither rows nor a statement.
    pub(crate) fn looks(&self, gtid: Gtid) -> Option<Looks> {
        Some(Looks { gtid, timestamp: self.timestamp?, rows: self.rows })
    }
}

impl Trail {
    /// Begins with what is known at a position.
    pub(crate) fn new(lineage: Lineage, known: Option<Arc<Gtids>>) -> Self {
        Self { lineage, known, announced: None, latest: None, is_known: false, sketch: Sketch::default() }
    }

    /// The global id of the transaction that is read, or was read last, if it has one.
    pub(crate) fn gtid(&self) -> Option<Gtid> {
        self.latest
    }

    /// The log file that is read.
    pub(crate) fn log(&self) -> Option<LogIdentity> {
        self.lineage.log
    }

    /// Takes note of an event.
    pub(crate) fn see(&mut self, event: &LogEvent) {
        match event.kind {
            Kind::FormatDescription => {
                self.lineage.log = Some(event.log_identity());
                self.announce(None);
            }
            Kind::GtidsBefore(flavor) => self.begin_file(Gtids::of_list(flavor, &event.body)),
            Kind::Gtid { tagged: false } => self.announce(Gtid::of_mysql(&event.body)),
            Kind::MariaGtid => self.announce(Gtid::of_mariadb(&event.body, event.server_id)),
            // Not read: from here on it is not known what was executed, until the next file tells.
            Kind::Gtid { tagged: true } => {
                self.announce(None);
                self.lineage.gtids = None;
            }
            Kind::Query { .. } | Kind::Rows { .. } => self.sketch.see(event),
            Kind::Rotate
            | Kind::Xid
            | Kind::TableMap
            | Kind::XaPrepare
            | Kind::TransactionPayload
            | Kind::LoadBlock { .. }
            | Kind::LoadQuery
            | Kind::Refused(_)
            | Kind::Unreadable(_)
            | Kind::Checkpoint
            | Kind::Other => {}
        }
    }

    fn announce(&mut self, gtid: Option<Gtid>) {
        (self.announced, self.latest) = (gtid, gtid);
        self.is_known = gtid.zip(self.known.as_ref()).is_some_and(|(gtid, known)| known.contains(gtid));
        self.sketch = Sketch::default();
    }

    /// A file begins, behind these. What is known and not among them comes later.
    fn begin_file(&mut self, mut before: Option<Gtids>) {
        if let (Some(known), Some(before)) = (&mut self.known, &mut before) {
            Arc::make_mut(known).forget_domains(|gtid| before.contains(gtid));
            match before.contain_all(known) {
                true => self.known = None,
                false => before.add_all(known),
            }
        }
        self.lineage.gtids = before;
    }

    /// Whether the events that come now are of a transaction that was handed over from another server's log.
    pub(crate) fn is_known(&self) -> bool {
        self.is_known
    }

    /// What was handed over from another server's log and may still come in this one.
    pub(crate) fn known(&self) -> Option<Arc<Gtids>> {
        self.known.clone()
    }

    /// The lineage right after an event that stands between two transactions.
    pub(crate) fn went_by(&mut self, event: &LogEvent) -> Lineage {
        // The identity of the log proves its format description, and reading can begin behind it: a server gives it before
        // everything. Asked for from its own place on, it comes once, as that head, and there is no event to prove.
        // Test: `a_position_comes_to_the_end_of_a_log_that_ends_with_no_transaction`, on MySQL 5.6.
        let is_head = event.kind == Kind::FormatDescription;
        self.lineage.last_event = (!is_head).then(|| event.fingerprint());
        self.lineage.clone()
    }

    /// The lineage right after an event that ends a transaction.
    pub(crate) fn passed(&mut self, event: &LogEvent) -> Lineage {
        self.lineage.last_event = Some(event.fingerprint());
        match (self.announced.take(), &mut self.lineage.gtids) {
            (Some(gtid), _) if std::mem::take(&mut self.is_known) => self.meet(gtid),
            (Some(gtid), gtids) => {
                if let Some(gtids) = gtids {
                    gtids.add(gtid);
                }
                let looks = self.sketch.looks(gtid).map(Arc::new);
                self.lineage.last_transaction = looks.or_else(|| self.lineage.last_transaction.take());
            }
            // It has no id, so what was executed cannot be told by ids.
            (None, gtids) => *gtids = None,
        }
        self.lineage.clone()
    }

    /// A known transaction came: in a domain of MariaDB the last of them, or one before it.
    fn meet(&mut self, gtid: Gtid) {
        if let (Some(known), Gtid::MariaDb { .. }) = (&mut self.known, gtid) {
            Arc::make_mut(known).forget_domains(|last| last == gtid);
            if known.is_empty() {
                self.known = None;
            }
        }
    }

    /// The lineage at the beginning of the next file.
    pub(crate) fn entered(&mut self, log: LogIdentity) -> Lineage {
        self.lineage.log = Some(log);
        self.lineage.last_event = None;
        self.announce(None);
        self.lineage.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Flavor;
    use bytes::Bytes;

    fn event(kind: Kind, end: u64, body: &[u8]) -> LogEvent {
        LogEvent {
            kind,
            timestamp: 1_000,
            server_id: 5,
            start: end - 30,
            end,
            body: Bytes::copy_from_slice(body),
            outer: None,
        }
    }

    #[test]
    fn a_transaction_counts_when_it_ends() {
        let mut trail = Trail::new(Lineage::default(), None);
        trail.see(&event(Kind::FormatDescription, 100, b""));
        trail.see(&event(Kind::GtidsBefore(Flavor::MariaDb), 140, &[0; 4]));
        let gtid = [&9_u64.to_le_bytes()[..], &[0; 5]].concat();
        let xid = event(Kind::Xid, 300, b"8 bytes.");
        trail.see(&event(Kind::MariaGtid, 200, &gtid));
        trail.see(&event(Kind::MariaGtid, 200, &gtid));
        trail.see(&xid);
        let lineage = trail.passed(&xid);
        assert_eq!(lineage.log, Some(LogIdentity { created: 1_000, server_id: 5 }));
        assert_eq!(lineage.gtids.unwrap().to_string(), "0-5-9");
        let last = lineage.last_event.unwrap();
        assert_eq!((last.offset, last.length), (270, 27));
        let entered = trail.entered(LogIdentity { created: 2_000, server_id: 5 });
        assert_eq!((entered.last_event, entered.log.unwrap().created), (None, 2_000));
    }

    #[test]
    fn the_log_itself_proves_its_head_and_the_last_event_what_stands_behind() {
        let mut trail = Trail::new(Lineage::default(), None);
        let head = event(Kind::FormatDescription, 120, b"");
        trail.see(&head);
        let lineage = trail.went_by(&head);
        assert_eq!((lineage.first_offset(120), lineage.log), (120, Some(head.log_identity())));
        let gtids = event(Kind::GtidsBefore(Flavor::MySql), 150, &[0; 8]);
        trail.see(&gtids);
        assert_eq!(trail.went_by(&gtids).first_offset(150), 120);
    }

    #[test]
    fn what_cannot_be_read_makes_the_gtids_unknown() {
        let mut trail = Trail::new(Lineage { gtids: "0-1-1".parse().ok(), ..Lineage::default() }, None);
        let tagged = event(Kind::Gtid { tagged: true }, 200, b"");
        trail.see(&tagged);
        assert_eq!(trail.passed(&tagged).gtids, None);
    }

    fn mariadb(server_id: u32, number: u64) -> LogEvent {
        let body = [&number.to_le_bytes()[..], &[0; 5]].concat();
        LogEvent { server_id, ..event(Kind::MariaGtid, 200, &body) }
    }

    #[test]
    fn what_is_known_is_passed_until_its_last_one_and_the_gtids_stay() {
        let known: Option<Gtids> = "0-1-7".parse().ok();
        let mut trail =
            Trail::new(Lineage { gtids: known.clone(), ..Lineage::default() }, known.map(Arc::new));
        let xid = event(Kind::Xid, 300, b"8 bytes.");
        for (number, is_known, gtids) in
            [(5, true, "0-1-7"), (7, true, "0-1-7"), (8, false, "0-1-8"), (6, false, "0-1-6")]
        {
            trail.see(&mariadb(1, number));
            assert_eq!(trail.is_known(), is_known, "{number}");
            assert_eq!(trail.passed(&xid).gtids.unwrap().to_string(), gtids, "{number}");
        }
        assert_eq!(trail.known(), None);
    }

    #[test]
    fn a_file_that_begins_behind_all_that_is_known_needs_it_no_more() {
        let list = |number: u64| {
            let body = [&1_u32.to_le_bytes()[..], &[0; 4], &[1, 0, 0, 0], &number.to_le_bytes()].concat();
            event(Kind::GtidsBefore(Flavor::MariaDb), 140, &body)
        };
        for (before, known, gtids) in [(7, None, "0-1-7"), (6, Some("0-1-7"), "0-1-7"), (9, None, "0-1-9")] {
            let saved: Option<Gtids> = "0-1-7".parse().ok();
            let mut trail = Trail::new(Lineage::default(), saved.map(Arc::new));
            trail.see(&list(before));
            assert_eq!(trail.known().map(|known| known.to_string()).as_deref(), known);
            assert_eq!(trail.lineage.gtids.unwrap().to_string(), gtids);
        }
    }

    #[test]
    fn a_transaction_without_an_id_makes_the_gtids_unknown() {
        let mut trail = Trail::new(Lineage { gtids: "0-1-1".parse().ok(), ..Lineage::default() }, None);
        trail.see(&event(Kind::Gtid { tagged: false }, 200, &[0; 25]));
        assert_eq!(trail.passed(&event(Kind::Xid, 300, b"8 bytes.")).gtids, None);
    }

    #[test]
    fn looks_are_those_of_the_first_rows_but_for_the_tables_number() {
        let rows = |body: &[u8], timestamp| LogEvent {
            timestamp,
            ..event(Kind::Rows { op: change_event::Op::Insert, extra: false, compressed: false }, 300, body)
        };
        let looks = |events: &[LogEvent]| {
            let mut sketch = Sketch::default();
            events.iter().for_each(|event| sketch.see(event));
            sketch.looks(Gtid::MariaDb { domain: 0, server: 1, number: 8 })
        };
        let one = looks(&[
            event(Kind::Query { compressed: false }, 250, b""),
            rows(b"12345678rows", 5),
            rows(b"", 9),
        ]);
        assert_eq!(one, looks(&[rows(b"ABCDEFGHrows", 5)]));
        assert_eq!(one.unwrap().timestamp, 5);
        assert_ne!(one, looks(&[rows(b"12345678sour", 5)]));
        assert_eq!(looks(&[]), None);
    }
}
