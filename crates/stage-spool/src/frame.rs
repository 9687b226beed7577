//! The bytes of a segment file.
//!
//! ```text
//! segment      ┌────────────────┬───────┬───────┬─ ─ ─
//!              │ header         │ frame │ frame │          frames follow each other without gaps
//!              └────────────────┴───────┴───────┴─ ─ ─
//!
//! header       0          8        12         20      24
//!              ┌──────────┬─────────┬──────────┬───────┐
//!              │ SPILLSEG │ version │ number   │ crc   │    version 1; crc of the 20 bytes before it
//!              └──────────┴─────────┴──────────┴───────┘
//!
//! frame        0          8       12               12 + length
//!              ┌──────────┬────────┬──────── ─ ─ ───┐
//!              │ length   │ crc    │ payload        │
//!              └──────────┴────────┴──────── ─ ─ ───┘
//! ```
//!
//! Numbers are little-endian; `version` and `crc` have 32 bits, `number` and `length` 64. `crc` is CRC32C
//! (Castagnoli, as in RFC 3720). A frame's goes over its payload, the segment's number, the frame's offset in the file
//! and its length: a frame that turns up in another place than it was written to fails too. The payload comes first, so
//! that callers can sum it, many at once, before the writer thread knows the place.

use crate::error::Flaw;
use crc32c::{crc32c, crc32c_append};

const MAGIC: [u8; 8] = *b"SPILLSEG";
const VERSION: u32 = 1;

/// Bytes of a segment's header.
pub(crate) const SEGMENT_HEADER: usize = 24;

/// Bytes of a frame besides its payload.
pub(crate) const FRAME_HEADER: usize = 12;

/// Where a frame is, and how long its payload is: what its reader knows before reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) len: u64,
}

impl Address {
    /// Bytes in the file, header included.
    pub(crate) fn size(&self) -> u64 {
        size(self.len)
    }

    /// Where the next frame begins.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.size()
    }

    /// The checksum of a frame here whose payload has the checksum `payload`.
    fn seal(&self, payload: u32) -> u32 {
        let mut place = [0; 24];
        place[..8].copy_from_slice(&self.segment.to_le_bytes());
        place[8..16].copy_from_slice(&self.offset.to_le_bytes());
        place[16..].copy_from_slice(&self.len.to_le_bytes());
        crc32c_append(payload, &place)
    }
}

/// Bytes that a payload of `len` bytes takes in a file.
pub(crate) fn size(len: u64) -> u64 {
    len.saturating_add(FRAME_HEADER as u64)
}

/// The header of segment `number`.
pub(crate) fn segment_header(number: u64) -> [u8; SEGMENT_HEADER] {
    let mut header = [0; SEGMENT_HEADER];
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[12..20].copy_from_slice(&number.to_le_bytes());
    let crc = crc32c(&header[..20]);
    header[20..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The header of the frame at `address` whose payload has the checksum `payload`.
pub(crate) fn frame_header(address: Address, payload: u32) -> [u8; FRAME_HEADER] {
    let mut header = [0; FRAME_HEADER];
    header[..8].copy_from_slice(&address.len.to_le_bytes());
    header[8..].copy_from_slice(&address.seal(payload).to_le_bytes());
    header
}

/// Frames that lie side by side in one segment, from `begin` to `end`: what their reader knows before reading.
///
/// Where each begins is found by reading their headers in sequence. Together they have to come out at `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) segment: u64,
    pub(crate) begin: u64,
    pub(crate) end: u64,
    /// How many there are; at least 1 unless `begin` is `end`.
    pub(crate) frames: u32,
}

impl Extent {
    /// Bytes in the file, headers included.
    pub(crate) fn size(&self) -> u64 {
        self.end - self.begin
    }

    /// Bytes of their headers.
    fn headers(&self) -> u64 {
        u64::from(self.frames) * FRAME_HEADER as u64
    }

    /// Bytes of payload.
    pub(crate) fn len(&self) -> u64 {
        self.size() - self.headers()
    }

    /// Takes the first frame off, by its header.
    pub(crate) fn split_first(&mut self, header: [u8; FRAME_HEADER]) -> Result<(Address, Check), Flaw> {
        let (len, expected) = split(header);
        // What the frames after it leave for this one: all of it if it is the last, and then the length is known.
        let most = self.size().checked_sub(self.headers()).ok_or(Flaw::Length)?;
        if self.frames == 0 || len > most || (self.frames == 1 && len != most) {
            return Err(Flaw::Length);
        }
        let address = Address { segment: self.segment, offset: self.begin, len };
        self.begin += address.size();
        self.frames -= 1;
        Ok((address, Check { address, expected, crc: 0 }))
    }
}

/// A frame that is being checked as its payload comes in, in parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    address: Address,
    expected: u32,
    crc: u32,
}

impl Check {
    /// Takes the next part of the payload.
    pub(crate) fn update(&mut self, part: &[u8]) {
        self.crc = crc32c_append(self.crc, part);
    }

    /// Whether the whole payload is what was written.
    pub(crate) fn finish(self) -> Result<(), Flaw> {
        if self.address.seal(self.crc) == self.expected { Ok(()) } else { Err(Flaw::Checksum) }
    }
}

/// Takes the first frame off the front of `extent`, and finds its payload in the bytes there; bytes after the frame are
/// left alone.
pub(crate) fn payload<'a>(extent: &mut Extent, bytes: &'a [u8]) -> Result<&'a [u8], Flaw> {
    let (header, rest) = bytes.split_first_chunk().ok_or(Flaw::Short)?;
    let mut left = *extent;
    let (address, mut check) = left.split_first(*header)?;
    let len = usize::try_from(address.len).map_err(|_| Flaw::Short)?;
    let payload = rest.get(..len).ok_or(Flaw::Short)?;
    check.update(payload);
    check.finish()?;
    *extent = left;
    Ok(payload)
}

fn split(header: [u8; FRAME_HEADER]) -> (u64, u32) {
    let [a, b, c, d, e, f, g, h, crc @ ..] = header;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes(crc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn write(address: Address, payload: &[u8]) -> Vec<u8> {
        let mut bytes = frame_header(address, crc32c(payload)).to_vec();
        bytes.extend_from_slice(payload);
        bytes
    }

    fn alone(address: Address) -> Extent {
        Extent { segment: address.segment, begin: address.offset, end: address.end(), frames: 1 }
    }

    /// The payload of the one frame at `address`.
    fn payload(address: Address, bytes: &[u8]) -> Result<&[u8], Flaw> {
        super::payload(&mut alone(address), bytes)
    }

    /// Frames side by side, and where they are.
    fn run(segment: u64, begin: u64, payloads: &[Vec<u8>]) -> (Extent, Vec<u8>) {
        let mut bytes = Vec::new();
        for payload in payloads {
            let address = Address { segment, offset: begin + bytes.len() as u64, len: payload.len() as u64 };
            bytes.extend(write(address, payload));
        }
        let end = begin + bytes.len() as u64;
        (Extent { segment, begin, end, frames: payloads.len() as u32 }, bytes)
    }

    #[test]
    fn the_bytes_are_those_of_the_picture() {
        assert_eq!(crc32c(b"123456789"), 0xE306_9283, "the check value of CRC32C");
        let header = segment_header(7);
        assert_eq!(&header[..20], b"SPILLSEG\x01\0\0\0\x07\0\0\0\0\0\0\0");
        assert_eq!(header[20..], crc32c(&header[..20]).to_le_bytes());

        let address = Address { segment: 1, offset: 24, len: 2 };
        let bytes = write(address, b"ab");
        assert_eq!(&bytes[..8], b"\x02\0\0\0\0\0\0\0");
        let mut covered = b"ab".to_vec();
        [1u64, 24, 2].iter().for_each(|number| covered.extend(number.to_le_bytes()));
        assert_eq!(bytes[8..12], crc32c(&covered).to_le_bytes());
        assert_eq!(&bytes[12..], b"ab");
    }

    #[test]
    fn a_frame_in_another_place_fails() {
        let address = Address { segment: 3, offset: 100, len: 5 };
        let bytes = write(address, b"hello");
        assert_eq!(payload(address, &bytes), Ok(&b"hello"[..]));
        for moved in [Address { segment: 4, ..address }, Address { offset: 101, ..address }] {
            assert_eq!(payload(moved, &bytes), Err(Flaw::Checksum));
        }
    }

    #[test]
    fn a_length_that_the_run_has_no_room_for_is_a_flaw() {
        let (mut extent, mut bytes) = run(1, 24, &[b"one".to_vec(), b"two".to_vec()]);
        bytes[0] = 7;
        assert_eq!(super::payload(&mut extent, &bytes), Err(Flaw::Length), "there are 6 bytes of payload");
        bytes[7] = 0xFF;
        assert_eq!(super::payload(&mut extent, &bytes), Err(Flaw::Length));
    }

    #[test]
    fn frames_that_do_not_come_out_at_the_end_are_a_flaw() {
        let (whole, bytes) = run(1, 24, &[b"one".to_vec(), b"two".to_vec()]);
        let first = Extent { frames: 1, ..whole };
        assert_eq!(super::payload(&mut first.clone(), &bytes), Err(Flaw::Length), "one frame, room for two");
        let three = Extent { frames: 3, ..whole };
        assert_eq!(
            super::payload(&mut three.clone(), &bytes),
            Err(Flaw::Length),
            "no room for the other two"
        );
    }

    proptest! {
        #[test]
        fn what_was_written_comes_back(segment: u64, offset: u32, bytes: Vec<u8>, after: Vec<u8>) {
            let address = Address { segment, offset: offset.into(), len: bytes.len() as u64 };
            let mut written = write(address, &bytes);
            written.extend(after);
            prop_assert_eq!(payload(address, &written), Ok(&bytes[..]));
        }

        #[test]
        fn a_run_comes_back_frame_by_frame(
            segment: u64,
            begin: u32,
            payloads in prop::collection::vec(any::<Vec<u8>>(), 1..10),
        ) {
            let (mut extent, bytes) = run(segment, begin.into(), &payloads);
            let begin = extent.begin;
            for expected in payloads {
                let at = (extent.begin - begin) as usize;
                prop_assert_eq!(super::payload(&mut extent, &bytes[at..]), Ok(&expected[..]));
            }
            prop_assert_eq!((extent.size(), extent.frames), (0, 0));
        }

        #[test]
        fn a_flipped_bit_in_a_run_is_a_flaw(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..10),
            at: prop::sample::Index,
            bit in 0..8,
        ) {
            let (mut extent, mut bytes) = run(1, 24, &payloads);
            let at = at.index(bytes.len());
            bytes[at] ^= 1u8 << bit;
            let flawed = loop {
                let begin = (extent.begin - 24) as usize;
                prop_assert!(begin <= at, "it was read over");
                if super::payload(&mut extent, &bytes[begin..]).is_err() {
                    break begin;
                }
            };
            prop_assert!(at < flawed + FRAME_HEADER + payloads.iter().map(Vec::len).max().unwrap_or(0));
        }

        #[test]
        fn arbitrary_bytes_are_a_flaw_and_never_a_panic(
            segment: u64,
            begin: u32,
            len: u32,
            frames in 1u32..5,
            bytes: Vec<u8>,
        ) {
            let begin = u64::from(begin);
            let end = begin + u64::from(frames) * FRAME_HEADER as u64 + u64::from(len);
            let extent = Extent { segment, begin, end, frames };
            prop_assert!(super::payload(&mut extent.clone(), &bytes).is_err());
        }

        #[test]
        fn arbitrary_bytes_behind_a_true_length_are_a_flaw(offset: u32, crc: u32, bytes: Vec<u8>) {
            let address = Address { segment: 1, offset: offset.into(), len: bytes.len() as u64 };
            let truth = frame_header(address, crc32c(&bytes));
            let mut written = bytes.len().to_le_bytes().to_vec();
            written.extend(crc.to_le_bytes());
            prop_assume!(written != truth);
            written.extend(&bytes);
            prop_assert_eq!(payload(address, &written), Err(Flaw::Checksum));
        }

        #[test]
        fn a_cut_frame_is_short(bytes: Vec<u8>, cut: prop::sample::Index) {
            let address = Address { segment: 1, offset: 24, len: bytes.len() as u64 };
            let written = write(address, &bytes);
            let cut = cut.index(written.len());
            prop_assert_eq!(payload(address, &written[..cut]), Err(Flaw::Short));
        }
    }
}
