//! One transaction's global id.

use super::{Gtids, NoGtids};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// One transaction. Shown, and saved, as the servers write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Gtid {
    /// MySQL's.
    MySql {
        /// The server it was first committed on.
        source: Uuid,
        /// Its number there.
        number: u64,
    },
    /// MariaDB's.
    MariaDb {
        /// The domain, in which numbers rise.
        domain: u32,
        /// The `server_id` of the server it was first committed on.
        server: u32,
        /// Its number in the domain.
        number: u64,
    },
}

impl fmt::Display for Gtid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MySql { source, number } => write!(f, "{source}:{number}"),
            Self::MariaDb { domain, server, number } => write!(f, "{domain}-{server}-{number}"),
        }
    }
}

impl From<Gtid> for String {
    fn from(gtid: Gtid) -> Self {
        gtid.to_string()
    }
}

impl TryFrom<String> for Gtid {
    type Error = NoGtids;

    fn try_from(text: String) -> Result<Self, NoGtids> {
        let set = text.parse::<Gtids>()?.whole();
        let mysql = set.mysql.iter().flat_map(|(&source, ranges)| {
            ranges.iter().map(move |&(number, last)| (Self::MySql { source, number }, number == last))
        });
        let mariadb = set
            .mariadb
            .iter()
            .map(|(&domain, &(server, number))| (Self::MariaDb { domain, server, number }, true));
        let mut all = mysql.chain(mariadb);
        match (all.next(), all.next()) {
            (Some((gtid, true)), None) => Ok(gtid),
            _ => Err(NoGtids),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

    #[test]
    fn one_transaction_comes_back_from_its_text() {
        for gtid in [
            Gtid::MySql { source: Uuid::parse_str(A).unwrap(), number: 7 },
            Gtid::MariaDb { domain: 1, server: 2, number: 3 },
        ] {
            assert_eq!(Gtid::try_from(gtid.to_string()), Ok(gtid));
        }
        for text in ["", "0-1-8,1-1-1", &format!("{A}:1-2")] {
            assert!(Gtid::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
