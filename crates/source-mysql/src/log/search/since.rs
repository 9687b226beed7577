//! The first transaction at or after a moment.
//!
//! Events tell the server's clock as it was when their statement began, in whole seconds. A clock that was set back makes
//! moments come twice: the place is then before the first transaction of the log, in its order, that is at or after the
//! moment, among the files from the last one on that was begun before it. Nothing before the place is at or after
//! the moment by the clock of that file; behind it there may be transactions with an earlier time.

use super::{Miss, Place, Search};
use crate::gtids::{Gtid, Gtids};
use crate::lineage::LogIdentity;
use crate::log::{Kind, LogEvent};
use jiff::Timestamp;

/// Looks for it.
#[derive(Debug)]
pub(crate) struct Since {
    /// Seconds since the epoch.
    moment: u32,
    here: Place,
    found: Option<Place>,
    announced: Option<Gtid>,
    /// The log has ids, so only they begin transactions.
    has_ids: bool,
    is_open: bool,
}

impl Since {
    /// Begins in a file.
    pub(crate) fn new(moment: u32, file: String, log: LogIdentity) -> Self {
        let here = Place::beginning(file, Some(log));
        Self { moment, here, found: None, announced: None, has_ids: false, is_open: false }
    }

    /// The first second, since the epoch, of which the beginning is not before a moment.
    pub(crate) fn seconds(moment: Timestamp) -> u32 {
        let whole = moment.as_second() + i64::from(moment.subsec_nanosecond() > 0);
        u32::try_from(whole.max(0)).unwrap_or(u32::MAX)
    }

    /// The place, where nothing more comes: at the end, if it was not found before.
    pub(crate) fn end(self) -> Place {
        self.found.unwrap_or(self.here)
    }

    fn begin(&mut self, event: &LogEvent) {
        if event.timestamp >= self.moment && self.found.is_none() {
            self.found = Some(self.here.clone());
        }
    }

    fn announce(&mut self, gtid: Option<Gtid>, event: &LogEvent) {
        self.has_ids = true;
        self.begin(event);
        self.announced = gtid;
        if gtid.is_none() {
            self.here.gtids = None;
        }
    }

    fn finish(&mut self, event: &LogEvent) {
        self.is_open = false;
        self.here.pass(event);
        if let (Some(gtid), Some(gtids)) = (self.announced.take(), &mut self.here.gtids) {
            gtids.add(gtid);
        }
    }
}

impl Search for Since {
    fn enter(&mut self, file: String, log: LogIdentity) {
        self.here = Place { gtids: self.here.gtids.take(), ..Place::beginning(file, Some(log)) };
    }

    fn see(&mut self, event: &LogEvent) -> Result<bool, Miss> {
        match event.kind {
            Kind::GtidsBefore(flavor) => self.here.gtids = Gtids::of_list(flavor, &event.body),
            Kind::Gtid { tagged: false } => self.announce(Gtid::of_mysql(&event.body), event),
            Kind::Gtid { tagged: true } => self.announce(None, event),
            Kind::MariaGtid => self.announce(Gtid::of_mariadb(&event.body, event.server_id), event),
            Kind::Query { .. } if self.has_ids => self.finish(event),
            // A log without ids: BEGIN opens a transaction, and its commit is an Xid, or a COMMIT of tables without.
            Kind::Query { .. } => {
                let is_end = event.body.ends_with(b"\0COMMIT") || event.body.ends_with(b"\0ROLLBACK");
                if !self.is_open {
                    self.begin(event);
                }
                self.is_open = event.body.ends_with(b"\0BEGIN") || self.is_open && !is_end;
                self.here.pass(event);
            }
            Kind::Xid | Kind::XaPrepare => self.finish(event),
            _ => {}
        }
        Ok(self.found.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn event(kind: Kind, timestamp: u32, end: u64, body: &[u8]) -> LogEvent {
        let body = Bytes::copy_from_slice(body);
        LogEvent { kind, timestamp, server_id: 1, start: end - 50, end, body, outer: None }
    }

    fn since(moment: u32) -> Since {
        Since::new(moment, "log.1".to_owned(), LogIdentity { created: 1, server_id: 1 })
    }

    #[test]
    fn with_ids_it_is_before_the_first_that_is_late_enough() {
        let mut search = since(50);
        let query = Kind::Query { compressed: false };
        for (i, timestamp) in [10_u32, 40, 49, 51, 45].into_iter().enumerate() {
            let (number, end) = (i as u64 + 1, 1_000 * (i as u64 + 1));
            let gtid = [&number.to_le_bytes()[..], &[0; 5]].concat();
            let found = search.see(&event(Kind::MariaGtid, timestamp, end - 200, &gtid)).unwrap();
            assert_eq!(found, i >= 3, "{timestamp}");
            search.see(&event(query, timestamp + 5, end - 100, b"\0SAVEPOINT x")).unwrap();
            search.see(&event(Kind::Xid, timestamp + 5, end, b"")).unwrap();
        }
        assert_eq!(search.end().offset, 3_000);
    }

    #[test]
    fn without_ids_a_transaction_begins_where_none_is_open() {
        let query = Kind::Query { compressed: false };
        for (moment, offset) in [(0, 4), (20, 200), (25, 400), (99, 500)] {
            let mut search = since(moment);
            for (kind, timestamp, end, body) in [
                (query, 10, 100, &b"d\0BEGIN"[..]),
                (Kind::Xid, 22, 200, b""),
                (query, 20, 300, b"d\0BEGIN"),
                (query, 30, 400, b"d\0COMMIT"),
                (query, 31, 500, b"d\0CREATE TABLE t (id INT)"),
            ] {
                if search.see(&event(kind, timestamp, end, body)).unwrap() {
                    break;
                }
            }
            assert_eq!(search.end().offset, offset, "{moment}");
        }
    }
}
