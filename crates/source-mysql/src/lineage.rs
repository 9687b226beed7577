//! Which log a position is of, and whether a log found later is still that one.
//!
//! A file's name and an offset say little: after RESET MASTER, a restore or a fail-over there is a log of the same
//! name with other events in it. So a position carries what tells its log from all others:
//!
//! | saved | tells apart |
//! |---|---|
//! | server: MySQL's UUID, or MariaDB's domain and server id | another server |
//! | when its log file was begun, and by which server id | a log that was reset or restored, and has grown past the offset |
//! | the last event before the position: offset, length, timestamp, CRC32 | another history within a file of the same age |
//! | the executed GTIDs, and how the last transaction looks | another server with the same history: a replica, or the one that took over |
//!
//! A server that is another one by name is followed only if its log proves to hold that history (`log/server/other.rs`).
//!
//! What cannot be told: two MariaDB servers of one domain and server id (MySQL's have their UUIDs), whose logs were begun in
//! the same second and have the same bytes, of the same seconds, up to the position. Nothing was handed over then that the
//! other does not have too; but what follows may be another history. Nor can two histories of a MariaDB domain be told apart
//! whose last transaction has the same GTID, server id included, the same second, and rows that begin the same.
//!
//! MariaDB's `server_uid` and the version are told, but prove nothing: the one changes with port and network card,
//! the other with every upgrade.

use crate::gtids::{Gtid, Gtids};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// What is known of the log at a position. Cheap to clone; empty in positions saved before there were lineages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// Whose log it is; empty for a log that was read from a file.
    #[serde(default)]
    pub server: Arc<ServerIdentity>,
    /// The log file that the position is in.
    #[serde(default)]
    pub log: Option<LogIdentity>,
    /// The last event before the position; none at a file's beginning.
    #[serde(default)]
    pub last_event: Option<Fingerprint>,
    /// Everything executed up to the position, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtids: Option<Gtids>,
    /// The last of them that was met in a log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_transaction: Option<Arc<Looks>>,
}

/// A transaction by its looks, which are the same in the log of every replica: other than those of its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    /// Its id.
    pub gtid: Gtid,
    /// When its first rows were changed, or its statement ran: seconds since the epoch.
    pub timestamp: u32,
    /// The CRC32 of how its first rows begin, where they are neither missing nor compressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
}

/// A server, as it names itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerIdentity {
    /// MySQL's `server_uuid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// MariaDB's `gtid_domain_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<u32>,
    /// `server_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_id: Option<u32>,
    /// MariaDB's `server_uid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// `version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A log file, as its format description names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogIdentity {
    /// When it was begun, in seconds since the epoch.
    pub created: u32,
    /// The `server_id` of the server that began it.
    pub server_id: u32,
}

/// An event by its looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Where it begins in its file.
    pub offset: u64,
    /// Seconds since the epoch.
    pub timestamp: u32,
    /// Bytes of its header and body. A checksum does not count: it is there or not, as the reader asks for.
    pub length: u32,
    /// The CRC32 of its body.
    pub crc32: u32,
}

/// Two lineages that do not fit together: what was saved, and what was found in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) saved: String,
    pub(crate) found: String,
}

impl Broken {
    pub(crate) fn new(saved: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self { saved: saved.to_string(), found: found.to_string() }
    }
}

impl Lineage {
    /// Whether there is anything to prove.
    pub fn is_known(&self) -> bool {
        self.log.is_some()
    }

    /// Whether a server may be the one of this lineage.
    pub(crate) fn prove_server(&self, found: &ServerIdentity) -> Result<(), Broken> {
        match self.server.is(found) {
            true => Ok(()),
            false => Err(Broken::new(&self.server, found)),
        }
    }

    /// Whether a log file is the one of this lineage.
    pub(crate) fn prove_log(&self, found: LogIdentity) -> Result<(), Broken> {
        match self.log {
            Some(saved) if saved != found => Err(Broken::new(saved, found)),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the event found at the place of the last one is that one.
    pub(crate) fn prove_event(&self, found: Fingerprint) -> Result<(), Broken> {
        match self.last_event {
            Some(saved) if saved != found => Err(Broken::new(saved, found)),
            Some(_) | None => Ok(()),
        }
    }

    /// For an offset at which the log has no event at all.
    pub(crate) fn no_event(&self, offset: u64) -> Broken {
        let found = format!("no event at offset {}", self.first_offset(offset));
        match (self.last_event, self.log) {
            (Some(event), _) => Broken::new(event, found),
            (None, Some(log)) => Broken::new(log, found),
            (None, None) => Broken::new("a log with an event there", found),
        }
    }

    /// Where reading must begin for a proof: at the last event before the position at `offset`.
    pub(crate) fn first_offset(&self, offset: u64) -> u64 {
        self.last_event.map_or(offset, |event| event.offset)
    }
}

impl Looks {
    /// Whether what both know is the same.
    pub(crate) fn are(&self, found: &Self) -> bool {
        let rows = self.rows.is_none() || found.rows.is_none() || self.rows == found.rows;
        self.gtid == found.gtid && self.timestamp == found.timestamp && rows
    }
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the transaction {} of {}", self.gtid, utc(self.timestamp))?;
        match self.rows {
            Some(rows) => write!(f, " (CRC32 {rows:08x})"),
            None => Ok(()),
        }
    }
}

impl ServerIdentity {
    /// Whether what both know of themselves is the same.
    fn is(&self, found: &Self) -> bool {
        if *self == Self::default() {
            return true;
        }
        if let (Some(saved), Some(found)) = (&self.uuid, &found.uuid) {
            // The server id is the operator's to change.
            return saved == found;
        }
        self.domain == found.domain && self.server_id == found.server_id
    }
}

impl fmt::Display for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.uuid, self.server_id, self.domain) {
            (Some(uuid), _, _) => write!(f, "server {uuid}"),
            (None, Some(id), Some(domain)) => write!(f, "server {id} of GTID domain {domain}"),
            (None, Some(id), None) => write!(f, "server {id}"),
            (None, None, _) => write!(f, "a server without a name"),
        }
    }
}

impl fmt::Display for LogIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a log begun {} by server {}", utc(self.created), self.server_id)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, timestamp, length, crc32 } = self;
        write!(f, "an event of {length} bytes of {} at offset {offset} (CRC32 {crc32:08x})", utc(*timestamp))
    }
}

fn utc(seconds: u32) -> impl fmt::Display {
    Timestamp::from_second(i64::from(seconds)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mysql(uuid: &str, server_id: u32, version: &str) -> ServerIdentity {
        let (uuid, version) = (Some(uuid.to_owned()), Some(version.to_owned()));
        ServerIdentity { uuid, server_id: Some(server_id), version, ..ServerIdentity::default() }
    }

    fn mariadb(domain: u32, server_id: u32, uid: &str) -> ServerIdentity {
        let (domain, server_id, uid) = (Some(domain), Some(server_id), Some(uid.to_owned()));
        ServerIdentity { domain, server_id, uid, ..ServerIdentity::default() }
    }

    #[test]
    fn a_server_is_told_by_what_does_not_change_with_it() {
        for (saved, found, same) in [
            (mysql("a", 1, "8.0.15"), mysql("a", 1, "8.0.36"), true),
            (mysql("a", 1, "8.0.15"), mysql("a", 2, "8.0.15"), true),
            (mysql("a", 1, "8.0.15"), mysql("b", 1, "8.0.15"), false),
            (mariadb(0, 1, "x"), mariadb(0, 1, "y"), true),
            (mariadb(0, 1, "x"), mariadb(0, 2, "x"), false),
            (mariadb(0, 1, "x"), mariadb(1, 1, "x"), false),
            (mariadb(0, 1, "x"), mysql("a", 1, "8.0.15"), false),
            (ServerIdentity::default(), mysql("a", 1, "8.0.15"), true),
        ] {
            let lineage = Lineage { server: Arc::new(saved.clone()), ..Lineage::default() };
            assert_eq!(lineage.prove_server(&found).is_ok(), same, "{saved:?} {found:?}");
        }
    }

    #[test]
    fn a_log_is_told_by_its_beginning_and_by_the_last_event() {
        let log = LogIdentity { created: 1_000, server_id: 1 };
        let event = Fingerprint { offset: 500, timestamp: 2_000, length: 31, crc32: 7 };
        let lineage = Lineage { log: Some(log), last_event: Some(event), ..Lineage::default() };
        assert_eq!(lineage.prove_log(log), Ok(()));
        assert_eq!(lineage.prove_event(event), Ok(()));
        for other in [LogIdentity { created: 1_001, ..log }, LogIdentity { server_id: 2, ..log }] {
            assert!(lineage.prove_log(other).is_err());
        }
        for other in [
            Fingerprint { timestamp: 2_001, ..event },
            Fingerprint { length: 32, ..event },
            Fingerprint { crc32: 8, ..event },
        ] {
            let broken = lineage.prove_event(other).unwrap_err();
            assert!(broken.saved.contains("offset 500") && broken.saved != broken.found, "{broken:?}");
        }
    }

    #[test]
    fn a_transaction_is_told_by_its_time_and_by_its_rows_where_both_show_them() {
        let gtid = Gtid::MariaDb { domain: 0, server: 1, number: 8 };
        let looks = Looks { gtid, timestamp: 2_000, rows: Some(7) };
        assert!(looks.are(&looks) && looks.are(&Looks { rows: None, ..looks }));
        for other in [Looks { timestamp: 2_001, ..looks }, Looks { rows: Some(8), ..looks }] {
            assert!(!looks.are(&other), "{other}");
        }
    }

    #[test]
    fn nothing_saved_refutes_nothing() {
        let lineage = Lineage::default();
        assert!(!lineage.is_known());
        assert_eq!(lineage.prove_log(LogIdentity { created: 1, server_id: 1 }), Ok(()));
        assert_eq!(lineage.first_offset(77), 77);
    }

    #[test]
    fn it_comes_back_from_json_and_may_be_missing() {
        let lineage = Lineage {
            server: Arc::new(mariadb(0, 1, "x")),
            log: Some(LogIdentity { created: 1_000, server_id: 1 }),
            last_event: Some(Fingerprint { offset: 500, timestamp: 2_000, length: 31, crc32: 7 }),
            gtids: "0-1-8".parse().ok(),
            last_transaction: Some(Arc::new(Looks {
                gtid: Gtid::MariaDb { domain: 0, server: 1, number: 8 },
                timestamp: 2_000,
                rows: None,
            })),
        };
        let text = serde_json::to_string(&lineage).unwrap();
        assert_eq!(serde_json::from_str::<Lineage>(&text).unwrap(), lineage);
        assert_eq!(serde_json::from_str::<Lineage>("{}").unwrap(), Lineage::default());
    }
}
