//! Events that are passed over, because no change event can be made of them, and what is kept of each.
//!
//! | [`on_unsupported`](crate::SourceOptions::on_unsupported) | an event that cannot be taken |
//! |---|---|
//! | `stop` | ends the source with an error that names it; [`skip_events`](crate::SourceOptions::skip_events) passes over single ones |
//! | `park` | comes out as a [`Parked`] in the order of the log, and the source goes on |
//!
//! What belongs to the same transaction and can be taken is handed over as ever; the mark behind it holds for all of it.
//!
//! # What is never parked
//! Bytes that contradict themselves ([`Error::Corrupt`](crate::Error::Corrupt)). They may mean that a table looks otherwise
//! than we think, and only a person can tell: such an event ends the source, unless it is named in `skip_events`. A log
//! that cannot be read at all (encrypted, of another version) ends the source always.
//!
//! # Format
//! As JSON, an object with:
//!
//! | key | value |
//! |---|---|
//! | `version` | 1 |
//! | `file`, `offset`, `end` | where the event begins and where the next one does |
//! | `inner` | its number among the events of a compressed transaction, which all begin where that does; else 0 |
//! | `log_created` | when the log file was begun, in seconds since the epoch |
//! | `gtid` | that of its transaction, as the server writes it, or null |
//! | `commit_ts` | that of its transaction: the rows of the same transaction have it too |
//! | `table` | `{"schema":…,"table":…}`, or null where it is about several, or nobody knows |
//! | `reason` | why it was not taken |
//! | `by` | `policy` for `on-unsupported = park`, `operator` for a named event |
//! | `statement` | `{"database":…,"sql":…}` of a statement, in UTF-8; else null |
//! | `type`, `timestamp`, `server_id` | from the event's header |
//! | `body` | the event without header and checksum, in base64; unpacked if it was compressed |
//! | `table_map` | of an event of rows, what its table map says behind the table's id and flags, in base64; else null |

use crate::decode::base64;
use bytes::Bytes;
use change_event::{CommitTs, TableName};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// What becomes of an event that no change event can be made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUnsupported {
    /// The source ends with an error.
    #[default]
    Stop,
    /// It is handed over as it is, as a [`Parked`].
    Park,
}

impl FromStr for OnUnsupported {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "stop" => Ok(Self::Stop),
            "park" => Ok(Self::Park),
            other => Err(format!("{other:?} is neither stop nor park")),
        }
    }
}

/// Who wanted an event to be passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PassedBy {
    /// [`OnUnsupported::Park`].
    Policy,
    /// A person, who named the event.
    Operator,
}

/// A statement that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParkedStatement {
    /// The database that names without one belong to; may be empty.
    pub database: String,
    /// Its text.
    pub sql: String,
}

/// An event that was passed over. See the [module](self) for what its JSON is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parked {
    pub(crate) version: u32,
    /// The log file's name, without its folder.
    pub file: String,
    /// Where it begins.
    pub offset: u64,
    /// Where the next event begins.
    pub end: u64,
    /// Its number within a compressed transaction, from 1; 0 for an event that stands alone.
    pub inner: u32,
    /// When the log file was begun, in seconds since the epoch: another log may have a file of the same name.
    pub log_created: u32,
    /// The global id of its transaction.
    pub gtid: Option<String>,
    /// That of its transaction.
    pub commit_ts: CommitTs,
    /// Whose rows it changes.
    pub table: Option<TableName>,
    /// Why it was not taken. The same text for all events of a table with the same trouble.
    pub reason: String,
    /// Who wanted it to be passed over.
    pub by: PassedBy,
    /// The statement, if it is one.
    pub statement: Option<ParkedStatement>,
    /// The type code of the event.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Seconds since the epoch.
    pub timestamp: u32,
    /// Whose event it is.
    pub server_id: u32,
    /// The event without header and checksum.
    pub body: ParkedBody,
    /// The table map of its rows, without the table's id and flags.
    #[serde(serialize_with = "optional_base64")]
    pub table_map: Option<Bytes>,
}

/// The bytes of an event in the two parts that they are held in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParkedBody(pub(crate) Bytes, pub(crate) Bytes);

impl ParkedBody {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len() + self.1.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes in one piece.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.0[..], &self.1[..]].concat()
    }
}

impl Serialize for ParkedBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64(&self.0, &self.1))
    }
}

fn optional_base64<S: Serializer>(bytes: &Option<Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => serializer.collect_str(&Base64(bytes, &[])),
        None => serializer.serialize_none(),
    }
}

/// Bytes in two parts, shown in base64 piece by piece: an event may be large, and nobody needs its text as a whole.
struct Base64<'a>(&'a [u8], &'a [u8]);

impl fmt::Display for Base64<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Whole groups of three, so that only the last piece is padded.
        const PIECE: usize = 3 << 10;
        // What the first part leaves of a group is filled from the second.
        let (whole, rest) = self.0.split_at(self.0.len() / 3 * 3);
        let fill = self.1.len().min((3 - rest.len()) % 3);
        let seam = [rest, &self.1[..fill]].concat();
        let mut text = Vec::with_capacity(PIECE / 3 * 4);
        for piece in whole.chunks(PIECE).chain([&seam[..]]).chain(self.1[fill..].chunks(PIECE)) {
            text.clear();
            base64(piece, &mut text);
            // Base64 is ASCII.
            f.write_str(str::from_utf8(&text).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl Parked {
    /// The version of the format.
    pub(crate) const VERSION: u32 = 1;

    /// A name that no other event has, and that the same event has each time it is read: of its log file, and of its place
    /// in it.
    ///
    /// `binlog.000007-1767225600/00000000000000001234`, and `….2` for the second event of a compressed transaction.
    pub fn name(&self) -> String {
        let Self { file, log_created, offset, inner, .. } = self;
        match inner {
            0 => format!("{file}-{log_created}/{offset:020}"),
            inner => format!("{file}-{log_created}/{offset:020}.{inner}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parked(inner: u32) -> Parked {
        Parked {
            version: Parked::VERSION,
            file: "binlog.000007".to_owned(),
            offset: 1234,
            end: 1300,
            inner,
            log_created: 1_767_225_600,
            gtid: None,
            commit_ts: CommitTs(7),
            table: Some(TableName::new("d", "t")),
            reason: "why".to_owned(),
            by: PassedBy::Policy,
            statement: None,
            kind: 39,
            timestamp: 1,
            server_id: 2,
            body: ParkedBody(Bytes::from_static(b"ab"), Bytes::from_static(b"c\xFF")),
            table_map: Some(Bytes::from_static(b"map")),
        }
    }

    #[test]
    fn base64_of_two_parts_is_that_of_both_together() {
        for first in 0..9 {
            for second in [0, 1, 2, 3, 4, 5, 5_000] {
                let body = ParkedBody(vec![0xAB; first].into(), (0..second).map(|n| n as u8).collect());
                let mut whole = Vec::new();
                base64(&body.to_bytes(), &mut whole);
                assert_eq!(Base64(&body.0, &body.1).to_string().as_bytes(), whole, "{first} and {second}");
            }
        }
    }

    #[test]
    fn the_json_is_as_documented() {
        let json = serde_json::to_value(parked(0)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "version": 1, "file": "binlog.000007", "offset": 1234, "end": 1300, "inner": 0,
                "log_created": 1_767_225_600, "gtid": null, "commit_ts": 7,
                "table": {"schema": "d", "table": "t"}, "reason": "why", "by": "policy", "statement": null,
                "type": 39, "timestamp": 1, "server_id": 2, "body": "YWJj/w==", "table_map": "bWFw",
            })
        );
    }

    #[test]
    fn events_of_one_compressed_transaction_have_names_of_their_own() {
        assert_eq!(parked(0).name(), "binlog.000007-1767225600/00000000000000001234");
        assert_eq!(parked(2).name(), "binlog.000007-1767225600/00000000000000001234.2");
    }
}
