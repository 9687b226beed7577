//! The lineage, followed from event to event.

use crate::Lineage;
use crate::decode::Flavor;
use crate::gtids::{Gtid, Gtids};
use crate::lineage::LogIdentity;
use crate::log::{Kind, LogEvent};

/// What the events so far say about their log.
#[derive(Debug)]
pub(crate) struct Trail {
    /// As of the last transaction that ended.
    lineage: Lineage,
    announced: Option<Gtid>,
}

impl Trail {
    /// Begins with what is known at a position.
    pub(crate) fn new(lineage: Lineage) -> Self {
        Self { lineage, announced: None }
    }

    /// Takes note of an event.
    pub(crate) fn see(&mut self, event: &LogEvent) {
        match event.kind {
            Kind::FormatDescription => {
                self.lineage.log = Some(event.log_identity());
                self.announced = None;
            }
            Kind::GtidsBefore(Flavor::MySql) => self.lineage.gtids = Gtids::of_mysql_list(&event.body),
            Kind::GtidsBefore(Flavor::MariaDb) => self.lineage.gtids = Gtids::of_mariadb_list(&event.body),
            Kind::Gtid { tagged: false } => self.announced = Gtid::of_mysql(&event.body),
            Kind::MariaGtid => self.announced = Gtid::of_mariadb(&event.body, event.server_id),
            // Not read: from here on it is not known what was executed, until the next file tells.
            Kind::Gtid { tagged: true } => {
                self.announced = None;
                self.lineage.gtids = None;
            }
            Kind::Query { .. }
            | Kind::Rotate
            | Kind::Xid
            | Kind::TableMap
            | Kind::Rows { .. }
            | Kind::XaPrepare
            | Kind::TransactionPayload
            | Kind::Refused(_)
            | Kind::Other => {}
        }
    }

    /// The lineage right after an event that ends a transaction.
    pub(crate) fn passed(&mut self, event: &LogEvent) -> Lineage {
        self.lineage.last_event = Some(event.fingerprint());
        if let (Some(gtid), Some(gtids)) = (self.announced.take(), &mut self.lineage.gtids) {
            gtids.add(gtid);
        }
        self.lineage.clone()
    }

    /// The lineage at the beginning of the next file.
    pub(crate) fn entered(&mut self, log: LogIdentity) -> Lineage {
        self.lineage.log = Some(log);
        self.lineage.last_event = None;
        self.announced = None;
        self.lineage.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let mut trail = Trail::new(Lineage::default());
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
    fn what_cannot_be_read_makes_the_gtids_unknown() {
        let mut trail = Trail::new(Lineage { gtids: "0-1-1".parse().ok(), ..Lineage::default() });
        let tagged = event(Kind::Gtid { tagged: true }, 200, b"");
        trail.see(&tagged);
        assert_eq!(trail.passed(&tagged).gtids, None);
    }
}
