//! One event of a log: its header, read, and its body.
//!
//! ```text
//!  0         4      5           9      13        17      19
//!  timestamp | kind | server id | size | log pos | flags | body … | checksum
//! ```
//! The size counts everything, the log position is where the next event begins.

use super::kind::Kind;
use crate::lineage::{Fingerprint, LogIdentity};
use bytes::Bytes;

/// Bytes of an event's header.
pub(crate) const HEADER: usize = 19;

/// Bytes of the checksum at an event's end, in a log that has them.
pub(crate) const CHECKSUM: usize = 4;

/// Set while the server still writes to the file; the checksum of the format description is made without it.
const IN_USE: u16 = 0x1;

/// The event was made up for this connection and is in no log.
const ARTIFICIAL: u16 = 0x20;

/// Whether an event with these header fields was made up and has no place in the file.
pub(crate) fn is_artificial(log_position: u32, flags: u16) -> bool {
    log_position == 0 || flags & ARTIFICIAL != 0
}

/// What we use of an event's header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// Seconds since the epoch, when the statement began.
    pub(crate) timestamp: u32,
    pub(crate) kind: u8,
    /// Whose event it is.
    pub(crate) server_id: u32,
    /// Header, body and checksum.
    pub(crate) size: u32,
}

impl Header {
    /// Reads the header from an event's first bytes.
    pub(crate) fn read(bytes: &[u8; HEADER]) -> Self {
        let u32_at = |i: usize| u32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
        Self { timestamp: u32_at(0), kind: bytes[4], server_id: u32_at(5), size: u32_at(9) }
    }
}

/// Where an event is, and what its header says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Its number within a compressed transaction, from 1; 0 for one that stands alone.
    pub(crate) inner: u32,
    pub(crate) timestamp: u32,
    pub(crate) server_id: u32,
    /// Its type, as it is when it is unpacked.
    pub(crate) code: u8,
}

/// A log file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogName {
    /// Its name, without its folder.
    pub(crate) file: String,
    /// When it was begun, in seconds since the epoch.
    pub(crate) created: u32,
}

/// An event without its checksum.
#[derive(Clone, Debug)]
pub(crate) struct LogEvent {
    pub(crate) kind: Kind,
    /// Seconds since the epoch.
    pub(crate) timestamp: u32,
    /// Whose event it is.
    pub(crate) server_id: u32,
    /// Where it begins in its file.
    pub(crate) start: u64,
    /// Where the next one begins.
    pub(crate) end: u64,
    pub(crate) body: Bytes,
    /// The looks of the event that this one was unpacked from.
    pub(crate) outer: Option<Fingerprint>,
}

impl LogEvent {
    /// What tells the event, or the one that holds it, from others. Goes over the whole body: for the last event of a
    /// transaction, which is small.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.outer.unwrap_or_else(|| Fingerprint {
            offset: self.start,
            timestamp: self.timestamp,
            length: (HEADER + self.body.len()) as u32,
            crc32: crc32fast::hash(&self.body),
        })
    }

    /// Where it is. `inner`: its number within a compressed transaction.
    pub(crate) fn place(&self, inner: u32) -> Place {
        let Self { kind, timestamp, server_id, start, end, .. } = *self;
        Place { start, end, inner, timestamp, server_id, code: kind.plain_code() }
    }

    /// What a format description says of its file.
    pub(crate) fn log_identity(&self) -> LogIdentity {
        LogIdentity { created: self.timestamp, server_id: self.server_id }
    }
}

/// A header as its checksum was made from it.
pub(crate) fn without_flag(header: &[u8; HEADER]) -> [u8; HEADER] {
    let mut header = *header;
    header[17] &= !(IN_USE as u8);
    header
}

/// The CRC32 of an event: header and body as they are, but for the flag that says "still open".
pub(crate) fn checksum(header: &[u8; HEADER], body: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&without_flag(header));
    crc.update(body);
    crc.finalize()
}
