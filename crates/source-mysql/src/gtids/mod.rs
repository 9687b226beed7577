//! Which transactions a log holds, by their global ids.
//!
//! ```text
//!            settled (shared)            latest (copied)
//!  MySQL     uuid:1-100, uuid:1-5    +   uuid:101-107
//!  MariaDB   domain-server-number    +   domain-server-number
//! ```
//! A mark after every transaction holds all of them, so growing by one must not copy them: a log mostly goes on
//! where it was, and then only `latest` changes.

mod gtid;
mod logged;
mod set;

pub use gtid::Gtid;
use serde::{Deserialize, Serialize};
use set::{Latest, Set};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use uuid::Uuid;

/// All transactions up to a place. Shown, and saved, as the servers write them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gtids {
    settled: Arc<Set>,
    latest: Option<Latest>,
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

    /// Whether a transaction is among them: for MariaDB, whether it is at or before the last one of its domain.
    pub(crate) fn contains(&self, gtid: Gtid) -> bool {
        match (gtid, self.latest) {
            (Gtid::MySql { source, number }, Some(Latest::MySql(same, first, last)))
                if source == same && (first..=last).contains(&number) =>
            {
                true
            }
            (Gtid::MySql { source, number }, _) => self.settled.has(source, (number, number)),
            (Gtid::MariaDb { domain, number, .. }, Some(Latest::MariaDb(same, _, last)))
                if domain == same =>
            {
                number <= last
            }
            (Gtid::MariaDb { domain, number, .. }, _) => {
                self.settled.mariadb.get(&domain).is_some_and(|&(_, last)| number <= last)
            }
        }
    }

    /// Whether all of the others are among them, whichever servers numbered a MariaDB domain.
    pub(crate) fn contain_all(&self, others: &Self) -> bool {
        let (mine, others) = (self.whole(), others.whole());
        let mysql =
            others.mysql.iter().all(|(source, ranges)| ranges.iter().all(|range| mine.has(*source, *range)));
        mysql
            && others
                .mariadb
                .iter()
                .all(|(domain, (_, number))| mine.mariadb.get(domain).is_some_and(|(_, last)| number <= last))
    }

    /// Whether both have something of one MySQL server, or of one MariaDB domain.
    pub(crate) fn are_related(&self, others: &Self) -> bool {
        let (mine, others) = (self.whole(), others.whole());
        others.mysql.keys().any(|source| mine.mysql.contains_key(source))
            || others.mariadb.keys().any(|domain| mine.mariadb.contains_key(domain))
    }

    /// Adds all of the others. The last of a MariaDB domain is then theirs.
    pub(crate) fn add_all(&mut self, others: &Self) {
        let mut all = self.whole();
        let others = others.whole();
        for (source, ranges) in others.mysql {
            ranges.into_iter().for_each(|(first, last)| all.add(Latest::MySql(source, first, last)));
        }
        all.mariadb.extend(others.mariadb);
        *self = Self { settled: Arc::new(all), latest: None };
    }

    /// The last transaction of a MariaDB domain.
    pub(crate) fn last_of(&self, domain: u32) -> Option<Gtid> {
        let &(server, number) = self.whole().mariadb.get(&domain)?;
        Some(Gtid::MariaDb { domain, server, number })
    }

    /// Whether a transaction is the last one of its MariaDB domain.
    pub(crate) fn ends_with(&self, gtid: Gtid) -> bool {
        match gtid {
            Gtid::MariaDb { domain, .. } => self.last_of(domain) == Some(gtid),
            Gtid::MySql { .. } => false,
        }
    }

    /// Takes the MariaDB domains out whose last transaction is such a one.
    pub(crate) fn forget_domains(&mut self, mut is: impl FnMut(Gtid) -> bool) {
        let mut left = self.whole();
        left.mariadb.retain(|&domain, &mut (server, number)| !is(Gtid::MariaDb { domain, server, number }));
        *self = Self { settled: Arc::new(left), latest: None };
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        let Set { mysql, mariadb } = self.whole();
        mysql.is_empty() && mariadb.is_empty()
    }

    /// Whether MySQL numbered them.
    pub(crate) fn are_mysqls(&self) -> bool {
        !self.whole().mysql.is_empty()
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
    fn what_is_among_them_is_told() {
        let mut gtids: Gtids = format!("{A}:1-5:9").parse().unwrap();
        gtids.add(mysql(10));
        gtids.add(mysql(11));
        for (number, there) in
            [(1, true), (5, true), (6, false), (9, true), (10, true), (11, true), (12, false)]
        {
            assert_eq!(gtids.contains(mysql(number)), there, "{number}");
        }
        let all = |text: &str| gtids.contain_all(&text.parse().unwrap());
        assert!(all("") && all(&format!("{A}:2-4:9-11")) && !all(&format!("{A}:2-9")));
        assert!(!all("3e11fa47-71ca-11e1-9e33-c80aa9429563:1"));
        let mariadb: Gtids = "0-1-8,7-3-2".parse().unwrap();
        let is = |domain, number| mariadb.contains(Gtid::MariaDb { domain, server: 9, number });
        assert!(is(0, 8) && is(7, 1) && !is(0, 9) && !is(1, 1));
        assert!(
            mariadb.contain_all(&"0-2-8".parse().unwrap())
                && !mariadb.contain_all(&"0-1-8,1-1-1".parse().unwrap())
        );
    }

    #[test]
    fn a_text_that_is_no_list_is_refused() {
        for text in ["x", "1-2", "1-2-x", "nonsense:1", &format!("{A}:x")] {
            assert!(text.parse::<Gtids>().is_err(), "{text}");
        }
    }
}
