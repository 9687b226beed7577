//! Which transactions a log holds, by their global ids.
//!
//! ```text
//!            settled (shared)            latest (copied)
//!  MySQL     uuid:1-100, uuid:1-5    +   uuid:101-107
//!  MariaDB   domain-server-number    +   domain-server-number
//! ```
//! A mark after every transaction holds all of them, so growing by one must not copy them: a log mostly goes on
//! where it was, and then only `latest` changes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use uuid::Uuid;

/// One transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gtid {
    MySql { source: Uuid, number: u64 },
    MariaDb { domain: u32, server: u32, number: u64 },
}

/// All transactions up to a place. Shown, and saved, as the servers write them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gtids {
    settled: Arc<Set>,
    latest: Option<Latest>,
}

#[derive(Clone, Copy)]
enum Latest {
    /// From the first to the last number.
    MySql(Uuid, u64, u64),
    MariaDb(u32, u32, u64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Set {
    /// Numbers of each source, as rising ranges that do not touch: first and last.
    mysql: BTreeMap<Uuid, Vec<(u64, u64)>>,
    /// The last server and number of each domain.
    mariadb: BTreeMap<u32, (u32, u64)>,
}

/// A text that names no transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no list of GTIDs")]
pub struct NoGtids;

impl Gtids {
    /// Adds a transaction.
    pub(crate) fn add(&mut self, gtid: Gtid) {
        self.latest = Some(match (self.latest, gtid) {
            (Some(Latest::MySql(source, first, last)), Gtid::MySql { source: same, number })
                if source == same && number.checked_sub(1) == Some(last) =>
            {
                Latest::MySql(source, first, number)
            }
            (Some(Latest::MariaDb(domain, ..)), Gtid::MariaDb { domain: same, server, number })
                if domain == same =>
            {
                Latest::MariaDb(domain, server, number)
            }
            (before, Gtid::MySql { source, number }) => {
                self.settle(before);
                Latest::MySql(source, number, number)
            }
            (before, Gtid::MariaDb { domain, server, number }) => {
                self.settle(before);
                Latest::MariaDb(domain, server, number)
            }
        });
    }

    fn settle(&mut self, latest: Option<Latest>) {
        if let Some(latest) = latest {
            Arc::make_mut(&mut self.settled).add(latest);
        }
    }

    fn whole(&self) -> Set {
        let mut set = Set::clone(&self.settled);
        if let Some(latest) = self.latest {
            set.add(latest);
        }
        set
    }

    /// Those of MySQL's event at the beginning of a file. `None` for a form that is not known here.
    pub(crate) fn of_mysql_list(body: &[u8]) -> Option<Self> {
        let mut rest = Numbers(body);
        let sources = rest.u64()?;
        // A newer form keeps its number in the highest byte, and tags in what follows.
        if sources >> 56 != 0 {
            return None;
        }
        let mut set = Set::default();
        for _ in 0..sources {
            let source = Uuid::from_bytes(rest.take()?);
            for _ in 0..rest.u64()? {
                let (first, behind) = (rest.u64()?, rest.u64()?);
                set.add(Latest::MySql(source, first, behind.checked_sub(1)?));
            }
        }
        Some(Self { settled: Arc::new(set), latest: None })
    }

    /// Those of MariaDB's event at the beginning of a file.
    pub(crate) fn of_mariadb_list(body: &[u8]) -> Option<Self> {
        const FLAGS: u32 = 0xF << 28;
        let mut rest = Numbers(body);
        let mut set = Set::default();
        for _ in 0..rest.u32()? & !FLAGS {
            let (domain, server, number) = (rest.u32()?, rest.u32()?, rest.u64()?);
            set.mariadb.insert(domain, (server, number));
        }
        Some(Self { settled: Arc::new(set), latest: None })
    }
}

impl Gtid {
    /// Of MySQL's event; `None` for a transaction without one.
    pub(crate) fn of_mysql(body: &[u8]) -> Option<Self> {
        let mut rest = Numbers(body.get(1..)?);
        let source = Uuid::from_bytes(rest.take()?);
        Some(rest.u64()?).filter(|&number| number > 0).map(|number| Self::MySql { source, number })
    }

    /// Of MariaDB's event, whose header names the server.
    pub(crate) fn of_mariadb(body: &[u8], server: u32) -> Option<Self> {
        let mut rest = Numbers(body);
        let number = rest.u64()?;
        Some(Self::MariaDb { domain: rest.u32()?, server, number })
    }
}

/// Little-endian numbers, one after the other.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
}

impl Set {
    fn add(&mut self, latest: Latest) {
        match latest {
            Latest::MariaDb(domain, server, number) => {
                self.mariadb.insert(domain, (server, number));
            }
            Latest::MySql(source, first, last) => {
                let ranges = self.mysql.entry(source).or_default();
                let from = ranges.partition_point(|&(_, end)| end.saturating_add(1) < first);
                let to = ranges.partition_point(|&(begin, _)| begin <= last.saturating_add(1));
                let joined = ranges[from..to.max(from)]
                    .iter()
                    .fold((first, last), |(begin, end), &(b, e)| (begin.min(b), end.max(e)));
                ranges.splice(from..to.max(from), [joined]);
            }
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (source, ranges) in &self.mysql {
            write!(f, "{comma}{source}")?;
            for &(first, last) in ranges {
                match first == last {
                    true => write!(f, ":{first}")?,
                    false => write!(f, ":{first}-{last}")?,
                }
            }
            comma = ",";
        }
        for (domain, (server, number)) in &self.mariadb {
            write!(f, "{comma}{domain}-{server}-{number}")?;
            comma = ",";
        }
        Ok(())
    }
}

impl FromStr for Gtids {
    type Err = NoGtids;

    fn from_str(text: &str) -> Result<Self, NoGtids> {
        let mut set = Set::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once(':') {
                Some((source, ranges)) => {
                    let source = Uuid::parse_str(source.trim()).map_err(|_| NoGtids)?;
                    for range in ranges.split(':') {
                        let (first, last) = range.split_once('-').unwrap_or((range, range));
                        set.add(Latest::MySql(source, number(first)?, number(last)?));
                    }
                }
                None => {
                    let mut numbers = part.splitn(3, '-');
                    let mut next = || numbers.next().ok_or(NoGtids);
                    let (domain, server, last) = (number(next()?)?, number(next()?)?, number(next()?)?);
                    set.mariadb.insert(domain, (server, last));
                }
            }
        }
        Ok(Self { settled: Arc::new(set), latest: None })
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, NoGtids> {
    text.trim().parse().map_err(|_| NoGtids)
}

impl TryFrom<String> for Gtids {
    type Error = NoGtids;

    fn try_from(text: String) -> Result<Self, NoGtids> {
        text.parse()
    }
}

impl From<Gtids> for String {
    fn from(gtids: Gtids) -> Self {
        gtids.to_string()
    }
}

impl fmt::Display for Gtids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole().fmt(f)
    }
}

impl fmt::Debug for Gtids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Gtids {
    fn eq(&self, other: &Self) -> bool {
        self.whole() == other.whole()
    }
}

impl Eq for Gtids {}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

    fn mysql(number: u64) -> Gtid {
        Gtid::MySql { source: Uuid::parse_str(A).unwrap(), number }
    }

    #[test]
    fn mysqls_numbers_join_in_any_order() {
        let mut gtids: Gtids = format!("{A}:1-5:9").parse().unwrap();
        for (add, shown) in
            [(6, "1-6:9"), (7, "1-7:9"), (11, "1-7:9:11"), (8, "1-9:11"), (10, "1-11"), (3, "1-11")]
        {
            gtids.add(mysql(add));
            assert_eq!(gtids.to_string(), format!("{A}:{shown}"));
            assert_eq!(gtids.to_string().parse(), Ok(gtids.clone()));
        }
    }

    #[test]
    fn a_run_of_numbers_leaves_the_shared_part_alone() {
        let mut gtids: Gtids = format!("{A}:1-5").parse().unwrap();
        let shared = gtids.settled.clone();
        for number in 6..1_000 {
            let mark = gtids.clone();
            gtids.add(mysql(number));
            assert!(Arc::ptr_eq(&mark.settled, &shared));
        }
        assert_eq!(gtids.to_string(), format!("{A}:1-999"));
    }

    #[test]
    fn mariadb_has_the_last_number_of_each_domain() {
        let mut gtids: Gtids = "0-1-8,7-3-2".parse().unwrap();
        for (domain, server, number) in [(0, 1, 9), (0, 2, 10), (7, 3, 3), (1, 1, 1)] {
            gtids.add(Gtid::MariaDb { domain, server, number });
        }
        assert_eq!(gtids.to_string(), "0-2-10,1-1-1,7-3-3");
    }

    #[test]
    fn the_lists_of_both_servers_are_read() {
        let source = *Uuid::parse_str(A).unwrap().as_bytes();
        let numbers = |all: &[u64]| all.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
        let list = [&numbers(&[1])[..], &source, &numbers(&[2, 1, 6, 9, 10])].concat();
        assert_eq!(Gtids::of_mysql_list(&list).unwrap().to_string(), format!("{A}:1-5:9"));
        assert_eq!(Gtids::of_mysql_list(&numbers(&[0])).unwrap().to_string(), "");
        assert!(Gtids::of_mysql_list(&list[..20]).is_none());
        let list = [&1_u32.to_le_bytes()[..], &[7, 0, 0, 0, 3, 0, 0, 0], &numbers(&[5])].concat();
        assert_eq!(Gtids::of_mariadb_list(&list).unwrap().to_string(), "7-3-5");
        for text in ["x", "1-2", "1-2-x", "nonsense:1", &format!("{A}:x")] {
            assert!(text.parse::<Gtids>().is_err(), "{text}");
        }
    }
}
