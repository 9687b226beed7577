//! Ids as the events of a log have them.

use super::set::{Latest, Set};
use super::{Gtid, Gtids};
use crate::decode::Flavor;
use std::sync::Arc;
use uuid::Uuid;

impl Gtids {
    /// Those of the event at the beginning of a file. `None` for a form that is not known here.
    pub(crate) fn of_list(flavor: Flavor, body: &[u8]) -> Option<Self> {
        match flavor {
            Flavor::MySql => Self::of_mysql_list(body),
            Flavor::MariaDb => Self::of_mariadb_list(body),
        }
    }

    /// Those of MySQL's event at the beginning of a file. `None` for a form that is not known here.
    fn of_mysql_list(body: &[u8]) -> Option<Self> {
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
    fn of_mariadb_list(body: &[u8]) -> Option<Self> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

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
    }
}
