//! Entries of a transaction as bytes.
//!
//! ```text
//!  block        length: 64 │ crc32c: 32 │ entry │ entry │ …      length and crc of all the entries
//!  rows         op: 8 │ table: 64 │ width: 64 │ absent? : 8 │ a byte a column, if so │ place │ head │ images
//!  statement    3: 8 │ its number among the firsts: 64
//!  passed over  4: 8 │ that number, or none: 64 │ what is said of it │ two parts of its body │ table map?: 8 │ the map, if so
//!  bytes        length: 64 │ bytes                               the head and the images, for instance
//! ```
//! Numbers are little-endian. The checksum goes over the block's place in the file as well, so that a block that turns
//! up elsewhere fails. Statements are not written: they are few, and their transaction needs them before its rows.

use super::passed_over;
use super::spilled::First;
use crate::decode::{Cursor, Fault, RawRows};
use crate::log::Place;
use crate::parked::Parked;
use crate::transaction::group::Entry;
use bytes::Bytes;
use change_event::Op;
use crc32c::crc32c_append;

/// Bytes of a block's head.
pub(crate) const HEAD: usize = 12;

/// Bytes from this number on are written from where they are.
const LARGE: usize = 64 << 10;

const STATEMENT: u8 = 3;
const PASSED_OVER: u8 = 4;

/// Stands for no number.
const NONE: usize = usize::MAX;

/// Entries on their way to disk, in parts that follow each other.
#[derive(Debug, Default)]
pub(crate) struct Block {
    parts: Vec<Bytes>,
    /// The last part, to which small ones are added.
    open: Vec<u8>,
    /// Bytes of the other parts.
    closed: usize,
}

impl Block {
    /// Bytes of the entries in it.
    pub(crate) fn len(&self) -> u64 {
        (self.closed + self.open.len()) as u64
    }

    pub(crate) fn rows(&mut self, table: usize, rows: RawRows) {
        let RawRows { op, width, absent, images, head, place } = rows;
        self.open.push(match op {
            Op::Insert => 0,
            Op::Update => 1,
            Op::Delete => 2,
        });
        self.number(table);
        self.number(width);
        self.open.push(u8::from(absent.is_some()));
        self.open.extend(absent.iter().flatten().map(|&absent| u8::from(absent)));
        self.place(place);
        self.bytes(head);
        self.bytes(images);
    }

    pub(crate) fn statement(&mut self, number: usize) {
        self.open.push(STATEMENT);
        self.number(number);
    }

    /// `number`: the one among the firsts, if they say what it may have changed.
    pub(crate) fn passed_over(&mut self, parked: Parked, number: Option<usize>) {
        self.open.push(PASSED_OVER);
        self.number(number.unwrap_or(NONE));
        self.bytes(passed_over::said_of(&parked).into());
        self.bytes(parked.body.0);
        self.bytes(parked.body.1);
        self.open.push(u8::from(parked.table_map.is_some()));
        if let Some(map) = parked.table_map {
            self.bytes(map);
        }
    }

    fn place(&mut self, place: Place) {
        let Place { start, end, inner, timestamp, server_id, code } = place;
        self.open.extend_from_slice(&start.to_le_bytes());
        self.open.extend_from_slice(&end.to_le_bytes());
        for number in [inner, timestamp, server_id] {
            self.open.extend_from_slice(&number.to_le_bytes());
        }
        self.open.push(code);
    }

    fn number(&mut self, number: usize) {
        self.open.extend_from_slice(&(number as u64).to_le_bytes());
    }

    fn bytes(&mut self, bytes: Bytes) {
        self.number(bytes.len());
        if bytes.len() < LARGE {
            self.open.extend_from_slice(&bytes);
            return;
        }
        let open = std::mem::take(&mut self.open);
        self.closed += open.len() + bytes.len();
        self.parts.extend([open.into(), bytes]);
    }

    /// The block's bytes for this place in a file: its head, and its parts.
    pub(crate) fn sealed(mut self, at: u64) -> (Vec<Bytes>, [u8; HEAD]) {
        let len = self.len();
        self.parts.push(self.open.into());
        let sum = self.parts.iter().fold(seed(at, len), |sum, part| crc32c_append(sum, part));
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(&len.to_le_bytes());
        head[8..].copy_from_slice(&sum.to_le_bytes());
        (self.parts, head)
    }
}

/// The checksum of the place.
fn seed(at: u64, len: u64) -> u32 {
    crc32c_append(crc32c_append(0, &at.to_le_bytes()), &len.to_le_bytes())
}

/// The length in a block's head, and the checksum there.
pub(crate) fn split(head: [u8; HEAD]) -> (u64, u32) {
    let [a, b, c, d, e, f, g, h, sum @ ..] = head;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes(sum))
}

/// Whether these are the bytes that were written there.
pub(crate) fn is_whole(bytes: &[u8], at: u64, sum: u32) -> bool {
    crc32c_append(seed(at, bytes.len() as u64), bytes) == sum
}

/// A block that is being read.
pub(crate) struct Reader<'a> {
    block: &'a Bytes,
    cursor: Cursor<'a>,
    firsts: &'a [First],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(block: &'a Bytes, firsts: &'a [First]) -> Self {
        Self { block, cursor: Cursor::new(block), firsts }
    }

    /// The next entry; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, Fault> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let op = match self.cursor.u8()? {
            0 => Op::Insert,
            1 => Op::Update,
            2 => Op::Delete,
            STATEMENT => return self.statement().map(Some),
            PASSED_OVER => return self.passed_over().map(Some),
            _ => return Err(damaged()),
        };
        let (table, width) = (self.number()?, self.number()?);
        let absent = match self.cursor.u8()? {
            0 => None,
            _ => Some(self.cursor.take(width)?.iter().map(|&absent| absent != 0).collect()),
        };
        let (place, head, images) = (self.place()?, self.bytes()?, self.bytes()?);
        Ok(Some(Entry::Rows { table, rows: RawRows { op, width, absent, images, head, place } }))
    }

    fn statement(&mut self) -> Result<Entry, Fault> {
        match self.firsts.get(self.number()?) {
            Some(First::Statement { query, body, place }) => {
                Ok(Entry::Statement { query: query.clone(), body: body.clone(), place: *place })
            }
            Some(First::Rows { .. } | First::PassedOver { .. }) | None => Err(damaged()),
        }
    }

    fn passed_over(&mut self) -> Result<Entry, Fault> {
        let touches = match self.number()? {
            NONE => None,
            number => match self.firsts.get(number) {
                Some(First::PassedOver { touches }) => touches.clone(),
                Some(First::Rows { .. } | First::Statement { .. }) | None => return Err(damaged()),
            },
        };
        let (said, body) = (self.bytes()?, [self.bytes()?, self.bytes()?]);
        let table_map = match self.cursor.u8()? {
            0 => None,
            _ => Some(self.bytes()?),
        };
        let parked = passed_over::read(&said, body, table_map).ok_or_else(damaged)?;
        Ok(Entry::PassedOver { parked: Box::new(parked), touches })
    }

    fn place(&mut self) -> Result<Place, Fault> {
        let cursor = &mut self.cursor;
        Ok(Place {
            start: cursor.u64()?,
            end: cursor.u64()?,
            inner: cursor.u32()?,
            timestamp: cursor.u32()?,
            server_id: cursor.u32()?,
            code: cursor.u8()?,
        })
    }

    fn number(&mut self) -> Result<usize, Fault> {
        Ok(usize::try_from(self.cursor.u64()?).unwrap_or(usize::MAX))
    }

    fn bytes(&mut self) -> Result<Bytes, Fault> {
        let len = self.number()?;
        Ok(self.block.slice_ref(self.cursor.take(len)?))
    }
}

fn damaged() -> Fault {
    Fault::corrupt("an entry of a spilled transaction is none")
}
