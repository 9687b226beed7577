//! Compressed transactions of a file.
//!
//! ```text
//!             survey: for its checksum           again, in parts
//!  long   ──► Survey ─────────────────► Surveyed ───────────────► Opened ──► its events
//!  short  ─────────────────────────────────────────────────────────┘
//! ```
//! A long one is not held in memory. Nothing in an event is believed before all of it was seen, so it is read twice.

use super::event::{CHECKSUM, HEADER, Header, LogEvent, without_flag};
use super::file::{CHUNK, FileLog};
use super::kind::Kind;
use super::payload::Unpacking;
use crate::Result;
use crate::decode::Fault;
use crate::lineage::Fingerprint;
use bytes::{Buf, Bytes};
use crc32fast::Hasher;
use std::io::SeekFrom;
use tokio::io::AsyncSeekExt;

/// The compressed transaction at hand.
#[derive(Debug)]
pub(super) enum Packed {
    Survey(Survey),
    /// The file is where its body begins, which has this length.
    Surveyed {
        outer: LogEvent,
        len: u64,
    },
    /// So many bytes of the body, and behind them of the checksum, are still in the file.
    Opened {
        outer: LogEvent,
        unpacking: Box<Unpacking>,
        left: u64,
        behind: usize,
    },
}

/// A body that is read for its checksum.
#[derive(Debug)]
pub(super) struct Survey {
    header: Header,
    /// Bytes of the body without the checksum.
    len: u64,
    /// How many of them were not read yet.
    left: u64,
    /// The CRC32 over the header and the body.
    whole: Hasher,
    /// The one over the body.
    body: Hasher,
}

/// Whether an event is a compressed transaction that is better read in parts.
pub(super) fn is_long(header: &Header) -> bool {
    Kind::of(header.kind) == Kind::TransactionPayload && header.size as usize > CHUNK
}

impl FileLog {
    /// Begins to read a long compressed transaction, whose header is next.
    pub(super) fn begin_survey(&mut self, header: Header, head: &[u8; HEADER]) {
        let len = (header.size as usize - HEADER - self.behind()) as u64;
        let mut whole = Hasher::new();
        whole.update(&without_flag(head));
        self.ahead.advance(HEADER);
        self.packed = Some(Packed::Survey(Survey { header, len, left: len, whole, body: Hasher::new() }));
    }

    /// Bytes behind the body of an event.
    fn behind(&self) -> usize {
        if self.checksums { CHECKSUM } else { 0 }
    }

    /// Reads on to the end of what is surveyed, and gives it without its body. `None` if nothing is. Cancel safe.
    pub(super) async fn survey(&mut self) -> Result<Option<LogEvent>> {
        loop {
            let Some(Packed::Survey(survey)) = &self.packed else { return Ok(None) };
            let part = survey.left.min(CHUNK as u64) as usize;
            if part == 0 {
                break;
            }
            if !self.fill(part).await? {
                return Err(self.torn());
            }
            let part = self.ahead.split_to(part);
            if let Some(Packed::Survey(survey)) = &mut self.packed {
                survey.left -= part.len() as u64;
                survey.whole.update(&part);
                survey.body.update(&part);
            }
        }
        if !self.fill(self.behind()).await? {
            return Err(self.torn());
        }
        self.file.seek(SeekFrom::Start(self.offset + HEADER as u64)).await.map_err(|error| self.io(error))?;
        // Nothing below waits.
        let Some(Packed::Survey(Survey { header, len, whole, body, .. })) = self.packed.take() else {
            return Ok(None);
        };
        if self.checksums && self.ahead.get(..CHECKSUM) != Some(&whole.finalize().to_le_bytes()) {
            return Err(self.fault(Fault::corrupt("an event's checksum does not match")));
        }
        self.ahead.clear();
        let Header { timestamp, server_id, size, .. } = header;
        let start = self.offset;
        self.offset += u64::from(size);
        let length = (HEADER as u64 + len) as u32;
        let looks = Fingerprint { offset: start, timestamp, length, crc32: body.finalize() };
        let (kind, end, outer) = (Kind::TransactionPayload, self.offset, Some(looks));
        let event = LogEvent { kind, timestamp, server_id, start, end, body: Bytes::new(), outer };
        self.packed = Some(Packed::Surveyed { outer: event.clone(), len });
        Ok(Some(event))
    }

    /// Goes into a compressed transaction: its events are next.
    pub(super) fn enter(&mut self, outer: LogEvent) -> Result<()> {
        if self.packed.is_none() {
            self.open_packed(outer.body.clone(), outer, 0, 0)?;
        }
        Ok(())
    }

    fn open_packed(&mut self, first: Bytes, outer: LogEvent, left: u64, behind: usize) -> Result<()> {
        let unpacking = Unpacking::new(&outer, &first, self.payload_limit);
        let unpacking = Box::new(unpacking.map_err(|fault| self.fault_at(fault, outer.start))?);
        self.packed = Some(Packed::Opened { outer, unpacking, left, behind });
        Ok(())
    }

    /// The next event of the compressed transaction at hand. `None` if there is none, or no more. Cancel safe.
    pub(super) async fn unpack(&mut self) -> Result<Option<LogEvent>> {
        loop {
            let wanted = match &mut self.packed {
                None | Some(Packed::Survey(_)) => return Ok(None),
                Some(Packed::Surveyed { len, .. }) => (*len).min(CHUNK as u64) as usize,
                Some(Packed::Opened { outer, unpacking, left, behind }) => {
                    let start = outer.start;
                    let next = unpacking.next();
                    let left = if *left == 0 { *behind } else { (*left).min(CHUNK as u64) as usize };
                    if let Some(event) = next.map_err(|fault| self.fault_at(fault, start))? {
                        return Ok(Some(event));
                    }
                    left
                }
            };
            if !self.fill(wanted).await? {
                return Err(self.torn());
            }
            match self.packed.take() {
                None | Some(Packed::Survey(_)) => return Ok(None),
                Some(Packed::Surveyed { outer, len }) => {
                    let first = self.ahead.split_to(wanted).freeze();
                    self.open_packed(first, outer, len - wanted as u64, self.behind())?;
                }
                Some(Packed::Opened { outer, unpacking, left: 0, .. }) => {
                    self.ahead.advance(wanted);
                    let count = unpacking.finish().map_err(|fault| self.fault_at(fault, outer.start))?;
                    // An empty one is legal: the caller sees the event that held it, which concerns nobody.
                    return Ok((count == 0).then_some(outer));
                }
                Some(Packed::Opened { outer, mut unpacking, left, behind }) => {
                    unpacking.feed(self.ahead.split_to(wanted).freeze());
                    let left = left - wanted as u64;
                    self.packed = Some(Packed::Opened { outer, unpacking, left, behind });
                }
            }
        }
    }
}
