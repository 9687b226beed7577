//! A set of ids: ranges of each of MySQL's servers, and the last of each of MariaDB's domains.

use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

#[derive(Clone, Copy)]
pub(super) enum Latest {
    /// From the first to the last number.
    MySql(Uuid, u64, u64),
    MariaDb(u32, u32, u64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    /// Numbers of each source, as rising ranges that do not touch: first and last.
    pub(super) mysql: BTreeMap<Uuid, Vec<(u64, u64)>>,
    /// The last server and number of each domain.
    pub(super) mariadb: BTreeMap<u32, (u32, u64)>,
}

impl Set {
    /// Whether a range of one MySQL server's numbers is there.
    pub(super) fn has(&self, source: Uuid, (first, last): (u64, u64)) -> bool {
        let Some(ranges) = self.mysql.get(&source) else { return false };
        let place = ranges.partition_point(|&(_, end)| end < first);
        ranges.get(place).is_some_and(|&(begin, end)| begin <= first && last <= end)
    }

    pub(super) fn add(&mut self, latest: Latest) {
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
