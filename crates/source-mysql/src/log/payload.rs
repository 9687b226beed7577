//! MySQL's compressed transaction (`binlog_transaction_compression=ON`): one event that holds all the others.
//!
//! Its body is a list of fields (type, length, value), ended by type 0, and then the packed events, which have no
//! checksums of their own. They are unpacked one after the other, as the packed bytes are fed.

use super::event::{HEADER, Header, LogEvent};
use super::kind::Kind;
use crate::decode::{Cursor, Fault};
use crate::lineage::Fingerprint;
use bytes::{Buf, Bytes, BytesMut};
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

/// The most bytes that are unpacked ahead.
const CHUNK: usize = 256 << 10;
/// The fewest.
const SMALL_CHUNK: usize = 4 << 10;

/// A compressed transaction that is being unpacked.
pub(crate) struct Unpacking {
    /// Where all of its events begin and end.
    place: (u64, u64),
    looks: Fingerprint,
    /// None if the bytes are plain.
    decoder: Option<Decoder<'static>>,
    /// Whether the packed bytes so far end where they may.
    is_complete: bool,
    packed: Bytes,
    plain: BytesMut,
    /// How many bytes were unpacked, and how many may be.
    unpacked: u64,
    limit: u64,
    count: usize,
}

impl std::fmt::Debug for Unpacking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacking").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Unpacking {
    /// Begins to unpack an event, of which `body` are the first bytes or all of them, to at most `limit` bytes.
    /// At least the fields must be among them.
    pub(crate) fn new(outer: &LogEvent, body: &Bytes, limit: u64) -> Result<Self, Fault> {
        const END: u64 = 0;
        const ALGORITHM: u64 = 2;
        const ZSTD: u64 = 0;
        const NONE: u64 = 255;
        let mut cursor = Cursor::new(body);
        let mut algorithm = NONE;
        loop {
            let field = cursor.length()?;
            if field == END {
                break;
            }
            let value = cursor.counted()?;
            if field == ALGORITHM {
                algorithm = Cursor::new(value).length()?;
            }
        }
        let decoder = match algorithm {
            NONE => None,
            ZSTD => Some(Decoder::new().map_err(|error| damaged(&error))?),
            _ => {
                return Err(Fault::unsupported(
                    "a transaction is compressed in an unknown way (SET GLOBAL binlog_transaction_compression=OFF avoids it from \
                     then on)",
                ));
            }
        };
        Ok(Self {
            place: (outer.start, outer.end),
            looks: outer.fingerprint(),
            is_complete: decoder.is_none(),
            decoder,
            packed: body.slice_ref(cursor.rest()),
            plain: BytesMut::new(),
            unpacked: 0,
            limit,
            count: 0,
        })
    }

    /// Adds packed bytes, when all before them are [used up](Self::next).
    pub(crate) fn feed(&mut self, packed: Bytes) {
        debug_assert!(self.packed.is_empty(), "what was fed before is used up");
        self.packed = packed;
    }

    /// The next event; `None` if all of what was fed is used up.
    pub(crate) fn next(&mut self) -> Result<Option<LogEvent>, Fault> {
        if !self.fill(HEADER)? {
            return Ok(None);
        }
        let Some(head) = self.plain.first_chunk() else { return Ok(None) };
        let header = Header::read(head);
        let size = header.size as usize;
        if size < HEADER {
            return Err(Fault::corrupt("an event is shorter than its header"));
        }
        if !self.fill(size)? {
            return Ok(None);
        }
        let kind = Kind::of(header.kind);
        if kind == Kind::TransactionPayload {
            return Err(Fault::corrupt("a compressed transaction holds another one"));
        }
        self.count += 1;
        let (start, end) = self.place;
        let Header { timestamp, server_id, .. } = header;
        let body = self.plain.split_to(size).freeze().split_off(HEADER);
        if size > CHUNK {
            // What is ahead would keep the whole of it in memory.
            self.plain = BytesMut::from(&self.plain[..]);
        }
        Ok(Some(LogEvent { kind, timestamp, server_id, start, end, body, outer: Some(self.looks) }))
    }

    /// Whether all of what was fed is used up.
    pub(crate) fn is_at_end(&mut self) -> Result<bool, Fault> {
        Ok(!self.fill(1)?)
    }

    /// How many events have come out. All bytes were fed, and nothing more comes.
    ///
    /// # Errors
    /// They end within an event, or the packed bytes do not end where they should.
    pub(crate) fn finish(&self) -> Result<usize, Fault> {
        match self.plain.is_empty() && self.is_complete {
            true => Ok(self.count),
            false => Err(Fault::corrupt("a compressed transaction ends within an event")),
        }
    }

    /// Unpacks until so many bytes are there. False if there is nothing more to unpack.
    fn fill(&mut self, wanted: usize) -> Result<bool, Fault> {
        while self.plain.len() < wanted {
            let before = self.plain.len();
            self.unpack(wanted - before)?;
            let more = self.plain.len() - before;
            if more == 0 {
                return Ok(false);
            }
            self.unpacked += more as u64;
            if self.unpacked > self.limit {
                return Err(Fault::unsupported(format!(
                    "a compressed transaction exceeds {} bytes; raise --max-transaction-bytes",
                    self.limit
                )));
            }
        }
        Ok(true)
    }

    /// Unpacks something, unless what was fed is used up.
    fn unpack(&mut self, wanted: usize) -> Result<(), Fault> {
        let Some(decoder) = &mut self.decoder else {
            let more = self.packed.split_to(self.packed.len().min(wanted.max(CHUNK)));
            self.plain.extend_from_slice(&more);
            return Ok(());
        };
        // At its end it would expect the next frame.
        if self.packed.is_empty() && self.is_complete {
            return Ok(());
        }
        let before = self.plain.len();
        // Not as much as is wanted, which somebody claims.
        let chunk = (self.packed.len() * 4).clamp(SMALL_CHUNK, CHUNK);
        loop {
            self.plain.resize(before + chunk, 0);
            let mut packed = InBuffer::around(&self.packed);
            let mut plain = OutBuffer::around(&mut self.plain[before..]);
            let left = decoder.run(&mut packed, &mut plain).map_err(|error| damaged(&error))?;
            let (read, written) = (packed.pos(), plain.pos());
            self.is_complete = left == 0;
            self.plain.truncate(before + written);
            self.packed.advance(read);
            if written > 0 || self.packed.is_empty() {
                return Ok(());
            }
        }
    }
}

fn damaged(error: &std::io::Error) -> Fault {
    Fault::corrupt(format!("a compressed transaction does not unpack: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(outer: &LogEvent, limit: u64) -> Result<Vec<LogEvent>, Fault> {
        let mut unpacking = Unpacking::new(outer, &outer.body, limit)?;
        let mut events = Vec::new();
        while let Some(event) = unpacking.next()? {
            events.push(event);
        }
        assert_eq!(unpacking.finish()?, events.len());
        Ok(events)
    }

    fn outer(body: Vec<u8>) -> LogEvent {
        LogEvent {
            kind: Kind::TransactionPayload,
            timestamp: 0,
            server_id: 1,
            start: 100,
            end: 200,
            body: body.into(),
            outer: None,
        }
    }

    fn inner(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut event = vec![0; HEADER];
        event[4] = kind;
        event[9] = (HEADER + body.len()) as u8;
        event.extend(body);
        event
    }

    #[test]
    fn plain_payloads_give_their_events() {
        let events = [inner(19, b"map"), inner(16, b"xid")].concat();
        let body = [&[2, 3, 252, 255, 0, 0][..], &events].concat();
        let events = unpack(&outer(body), 1_000).unwrap();
        let seen: Vec<_> = events.iter().map(|e| (e.kind, &e.body[..], e.end)).collect();
        assert_eq!(seen, [(Kind::TableMap, &b"map"[..], 200), (Kind::Xid, b"xid", 200)]);
    }

    #[test]
    fn zstd_payloads_unpack_within_the_limit() {
        // zstd of inner(16, b"xid") as one raw block: magic, single-segment header, size, block.
        let event = inner(16, b"xid");
        let mut body = vec![2, 1, 0, 0];
        body.extend([0x28, 0xB5, 0x2F, 0xFD, 0x20, event.len() as u8]);
        let block = (event.len() as u32) << 3 | 1;
        body.extend(&block.to_le_bytes()[..3]);
        body.extend(&event);
        assert_eq!(unpack(&outer(body.clone()), 1_000).unwrap()[0].kind, Kind::Xid);
        assert!(unpack(&outer(body.clone()), 10).is_err());
        body.truncate(body.len() - 1);
        assert!(unpack(&outer(body), 1_000).is_err(), "it breaks off");
    }

    #[test]
    fn a_payload_that_is_fed_in_parts_gives_the_same_events() {
        let events: Vec<u8> = (0..400_u32)
            .flat_map(|i| {
                let mut event = inner(19, &vec![i as u8; (i * 7 % 3_000) as usize]);
                event[9..13].copy_from_slice(&((HEADER as u32) + i * 7 % 3_000).to_le_bytes());
                event
            })
            .collect();
        let packed = zstd::bulk::compress(&events, 3).unwrap();
        let body: Vec<u8> = [&[2, 1, 0, 0][..], &packed].concat();
        let outer = outer(body);
        let whole: Vec<_> = unpack(&outer, 1 << 30).unwrap().into_iter().map(|event| event.body).collect();
        assert_eq!(whole.len(), 400);
        for size in [1, 7, 1_000] {
            let mut parts = outer.body.chunks(size.max(4)).map(Bytes::copy_from_slice);
            let mut unpacking = Unpacking::new(&outer, &parts.next().unwrap(), 1 << 30).unwrap();
            let mut bodies = Vec::new();
            loop {
                match unpacking.next().unwrap() {
                    Some(event) => bodies.push(event.body),
                    None => match parts.next() {
                        Some(part) => unpacking.feed(part),
                        None => break,
                    },
                }
            }
            assert_eq!(unpacking.finish(), Ok(400));
            assert!(bodies == whole);
        }
    }

    #[test]
    fn unknown_compression_and_damage_are_errors() {
        assert!(unpack(&outer(vec![2, 1, 9, 0]), 100).is_err());
        assert!(unpack(&outer(vec![2, 1, 0, 0, 1, 2, 3]), 100).is_err());
        assert!(unpack(&outer(vec![0, 1, 2, 3]), 100).is_err());
    }
}
