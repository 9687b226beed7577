//! The place behind a set of GTIDs.
//!
//! ```text
//!  wanted   a b c d           the place is before the first transaction that is not wanted; of those behind it which are
//!  log      a c │ e b d f     wanted all the same (b, d), the place says that they are known
//! ```
//! MySQL's ids say by themselves whether a transaction is wanted. In a domain of MariaDB those up to the last one are, and
//! that one must come, with the server that numbered it: a higher number without it is another history.

use super::{Place, Search};
use crate::gtids::{Gtid, Gtids};
use crate::lineage::{LogIdentity, Looks};
use crate::log::{Kind, LogEvent};
use crate::trail::Sketch;

/// Why there is no such place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// The log begins behind these, and not all of them are wanted.
    Purged(Gtids),
    /// The log ends without this, as far as it goes now.
    NotYet(String),
    /// In the place of what was saved or named, the first, there is the second.
    Other(String, String),
}

/// Looks for it.
#[derive(Debug)]
pub(crate) struct Behind {
    wanted: Gtids,
    /// MariaDB's domains whose last wanted transaction did not come yet.
    awaited: Gtids,
    /// A transaction that must look so, where it is met.
    proof: Option<Looks>,
    proved: bool,
    /// What came before the file, or in what was seen.
    met: Gtids,
    current: Option<Gtid>,
    sketch: Sketch,
    has_begun: bool,
    here: Place,
    found: Option<Place>,
}

impl Behind {
    /// Begins in a file.
    pub(crate) fn new(wanted: Gtids, proof: Option<Looks>, file: String, log: LogIdentity) -> Self {
        Self {
            awaited: wanted.clone(),
            wanted,
            proof,
            proved: false,
            met: Gtids::default(),
            current: None,
            sketch: Sketch::default(),
            has_begun: false,
            here: Place::beginning(file, Some(log)),
            found: None,
        }
    }

    /// Whether the transaction that must look as saved was met.
    pub(crate) fn is_proved(&self) -> bool {
        self.proved
    }

    /// Whether all that is wanted came, in what was seen or before it.
    pub(crate) fn has_met_all(&self) -> bool {
        self.met.contain_all(&self.wanted)
    }

    /// What comes before the file that it begins in.
    fn begin(&mut self, before: Option<&Gtids>) -> Result<(), Miss> {
        let before = before.cloned().unwrap_or_default();
        match self.wanted.contain_all(&before) {
            true => self.awaited.forget_domains(|last| before.ends_with(last)),
            false => return Err(Miss::Purged(before)),
        }
        self.met = before;
        Ok(())
    }

    /// A transaction begins.
    fn meet(&mut self, gtid: Option<Gtid>) -> Result<(), Miss> {
        self.judge()?;
        self.current = gtid;
        let Some(gtid) = gtid else {
            let nameless = "a transaction without a GTID, or with one that has a tag".to_owned();
            return match self.found {
                Some(_) => Ok(()),
                None => Err(Miss::Other(format!("the GTIDs {}", self.wanted), nameless)),
            };
        };
        self.met.add(gtid);
        let is_wanted = match gtid {
            Gtid::MySql { .. } => self.wanted.contains(gtid),
            Gtid::MariaDb { .. } => self.awaited.contains(gtid),
        };
        self.awaited.forget_domains(|last| last == gtid);
        if let Gtid::MariaDb { domain, number, .. } = gtid
            && let Some(last) = self.awaited.last_of(domain)
            && !matches!(last, Gtid::MariaDb { number: last, .. } if number < last)
        {
            return Err(Miss::Other(format!("the transaction {last}"), format!("{gtid} in its place")));
        }
        if !is_wanted && self.found.is_none() {
            self.found = Some(self.here());
        }
        Ok(())
    }

    /// Where all that is wanted is known.
    fn here(&self) -> Place {
        let known = if self.wanted.are_mysqls() { &self.wanted } else { &self.awaited };
        let known = Some(known.clone()).filter(|known| !known.is_empty());
        Place { gtids: Some(self.wanted.clone()), known, ..self.here.clone() }
    }

    /// Whether the transaction that has ended looks as it must.
    fn judge(&mut self) -> Result<(), Miss> {
        let sketch = std::mem::take(&mut self.sketch);
        let (Some(proof), Some(gtid)) = (self.proof, self.current.take()) else { return Ok(()) };
        if proof.gtid != gtid {
            return Ok(());
        }
        match sketch.looks(gtid) {
            Some(looks) if proof.are(&looks) => self.proved = true,
            Some(looks) => return Err(Miss::Other(proof.to_string(), looks.to_string())),
            None => {}
        }
        Ok(())
    }

    fn awaits_a_domain(&self) -> bool {
        !self.awaited.are_mysqls() && !self.awaited.is_empty()
    }

    /// The place, where nothing more comes.
    pub(crate) fn end(&mut self) -> Result<Place, Miss> {
        self.judge()?;
        if self.awaits_a_domain() {
            return Err(Miss::NotYet(self.awaited.to_string()));
        }
        Ok(self.found.clone().unwrap_or_else(|| self.here()))
    }
}

impl Search for Behind {
    fn enter(&mut self, file: String, log: LogIdentity) {
        self.here = Place::beginning(file, Some(log));
    }

    fn see(&mut self, event: &LogEvent) -> Result<bool, Miss> {
        if let Kind::GtidsBefore(flavor) = event.kind
            && !self.has_begun
        {
            self.has_begun = true;
            self.begin(Gtids::of_list(flavor, &event.body).as_ref())?;
        }
        match event.kind {
            Kind::Gtid { tagged: false } => self.meet(Gtid::of_mysql(&event.body))?,
            Kind::Gtid { tagged: true } => self.meet(None)?,
            Kind::MariaGtid => self.meet(Gtid::of_mariadb(&event.body, event.server_id))?,
            Kind::Rows { .. } => self.sketch.see(event),
            Kind::Query { .. } => {
                self.sketch.see(event);
                self.here.pass(event);
            }
            Kind::Xid | Kind::XaPrepare => self.here.pass(event),
            _ => {}
        }
        let is_open = self.awaits_a_domain() || (self.proof.is_some() && !self.proved);
        Ok(self.found.is_some() && !is_open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const LOG: LogIdentity = LogIdentity { created: 1, server_id: 2 };

    fn event(kind: Kind, server_id: u32, end: u64, body: &[u8]) -> LogEvent {
        let body = Bytes::copy_from_slice(body);
        LogEvent { kind, timestamp: 1_000, server_id, start: end - 50, end, body, outer: None }
    }

    /// A transaction of MariaDB: its id, and its commit, which ends there.
    fn transaction(
        search: &mut Behind,
        domain: u32,
        server: u32,
        number: u64,
        end: u64,
    ) -> Result<bool, Miss> {
        let body = [&number.to_le_bytes()[..], &domain.to_le_bytes(), &[0]].concat();
        let rows = Kind::Rows { op: change_event::Op::Insert, extra: false, compressed: false };
        let seen = search.see(&event(Kind::MariaGtid, server, end - 50, &body))?;
        search.see(&event(rows, server, end - 30, &[0; 20]))?;
        search.see(&event(Kind::Xid, server, end, b"8 bytes."))?;
        Ok(seen)
    }

    fn behind(wanted: &str) -> Behind {
        Behind::new(wanted.parse().unwrap(), None, "log.1".to_owned(), LOG)
    }

    #[test]
    fn it_is_before_the_first_that_is_not_wanted_and_says_what_still_comes() {
        let mut search = behind("0-1-5,7-1-3");
        for (domain, number, end, found) in [
            (0, 4, 100, false),
            (7, 2, 200, false),
            (0, 5, 300, false),
            (0, 6, 400, false),
            (7, 3, 500, true),
        ] {
            assert_eq!(transaction(&mut search, domain, 1, number, end), Ok(found), "{domain}-{number}");
        }
        let place = search.end().unwrap();
        assert_eq!((place.file.as_str(), place.offset), ("log.1", 300));
        assert_eq!(place.known.unwrap().to_string(), "7-1-3");
        assert_eq!(place.gtids.unwrap().to_string(), "0-1-5,7-1-3");
    }

    #[test]
    fn a_higher_number_without_the_last_one_is_another_history() {
        for (server, number) in [(2, 5), (1, 6)] {
            let mut search = behind("0-1-5");
            transaction(&mut search, 0, 1, 4, 100).unwrap();
            assert!(matches!(transaction(&mut search, 0, server, number, 200), Err(Miss::Other(..))));
        }
    }

    #[test]
    fn a_log_that_ends_before_does_not_have_it_yet() {
        let mut search = behind("0-1-5");
        transaction(&mut search, 0, 1, 4, 100).unwrap();
        assert_eq!(search.end(), Err(Miss::NotYet("0-1-5".to_owned())));
    }

    #[test]
    fn the_last_one_must_look_as_it_did() {
        let proof = |rows| {
            let gtid = Gtid::MariaDb { domain: 0, server: 1, number: 5 };
            Some(Looks { gtid, timestamp: 1_000, rows: Some(rows) })
        };
        for (rows, is_same) in [(crc32fast::hash(&[0; 12]), true), (7, false)] {
            let mut search = Behind::new("0-1-5".parse().unwrap(), proof(rows), "log.1".to_owned(), LOG);
            transaction(&mut search, 0, 1, 5, 100).unwrap();
            assert_eq!(search.end().is_ok(), is_same);
            assert_eq!(search.is_proved(), is_same);
        }
    }
}
