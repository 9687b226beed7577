//! MySQL's compressed transaction (`binlog_transaction_compression=ON`): one event that holds all the others.
//!
//! Its body is a list of fields (type, length, value), ended by type 0, and then the packed events, which have no
//! checksums of their own.

use super::event::{HEADER, Header, LogEvent};
use super::kind::Kind;
use crate::decode::{Cursor, Fault};
use bytes::Bytes;
use std::collections::VecDeque;
use std::io::Read;
use zstd::stream::read::Decoder;

/// The events inside; they all begin and end where the event that holds them does.
pub(crate) fn unpack(outer: &LogEvent, limit: usize) -> Result<VecDeque<LogEvent>, Fault> {
    let plain = plain(&outer.body, limit)?;
    let mut cursor = Cursor::new(&plain);
    let fingerprint = outer.fingerprint();
    let mut events = VecDeque::new();
    while !cursor.is_empty() {
        let header = Header::read(&cursor.array()?);
        let size = (header.size as usize)
            .checked_sub(HEADER)
            .ok_or_else(|| Fault::corrupt("an event is shorter than its header"))?;
        let kind = Kind::of(header.kind);
        if kind == Kind::TransactionPayload {
            return Err(Fault::corrupt("a compressed transaction holds another one"));
        }
        events.push_back(LogEvent {
            kind,
            timestamp: header.timestamp,
            server_id: header.server_id,
            start: outer.start,
            end: outer.end,
            body: plain.slice_ref(cursor.take(size)?),
            outer: Some(fingerprint),
        });
    }
    Ok(events)
}

fn plain(body: &Bytes, limit: usize) -> Result<Bytes, Fault> {
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
    let packed = cursor.rest();
    match algorithm {
        NONE => Ok(body.slice_ref(packed)),
        ZSTD => unzstd(packed, limit),
        _ => Err(Fault::unsupported(
            "a transaction is compressed in an unknown way (SET GLOBAL binlog_transaction_compression=OFF avoids it from \
             then on)",
        )),
    }
}

fn unzstd(packed: &[u8], limit: usize) -> Result<Bytes, Fault> {
    let fault = |error| Fault::corrupt(format!("a compressed transaction does not unpack: {error}"));
    let mut plain = Vec::new();
    let reader = Decoder::new(packed).map_err(fault)?;
    reader.take(limit as u64 + 1).read_to_end(&mut plain).map_err(fault)?;
    if plain.len() > limit {
        return Err(Fault::unsupported(format!(
            "a compressed transaction exceeds {limit} bytes; raise --max-transaction-bytes"
        )));
    }
    Ok(plain.into())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(unpack(&outer(body), 10).is_err());
    }

    #[test]
    fn unknown_compression_and_damage_are_errors() {
        assert!(unpack(&outer(vec![2, 1, 9, 0]), 100).is_err());
        assert!(unpack(&outer(vec![2, 1, 0, 0, 1, 2, 3]), 100).is_err());
        assert!(unpack(&outer(vec![0, 1, 2, 3]), 100).is_err());
    }
}
