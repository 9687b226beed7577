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
//! (Castagnoli, as in RFC 3720). A frame's goes over the segment's number, the frame's offset in the file, its length
//! and its payload: a frame that turns up in another place than it was written to fails too.

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

    /// The checksum before any payload.
    fn seed(&self) -> u32 {
        let crc = crc32c(&self.segment.to_le_bytes());
        let crc = crc32c_append(crc, &self.offset.to_le_bytes());
        crc32c_append(crc, &self.len.to_le_bytes())
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

/// The header of the frame with `payload` at `address`.
pub(crate) fn frame_header(address: Address, payload: &[u8]) -> [u8; FRAME_HEADER] {
    let mut header = [0; FRAME_HEADER];
    header[..8].copy_from_slice(&address.len.to_le_bytes());
    header[8..].copy_from_slice(&crc32c_append(address.seed(), payload).to_le_bytes());
    header
}

/// A frame that is being checked as its payload comes in, in parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    expected: u32,
    crc: u32,
}

impl Check {
    /// Begins with the frame's header.
    pub(crate) fn begin(address: Address, header: [u8; FRAME_HEADER]) -> Result<Self, Flaw> {
        let (len, expected) = split(header);
        if len != address.len {
            return Err(Flaw::Length);
        }
        Ok(Self { expected, crc: address.seed() })
    }

    /// Takes the next part of the payload.
    pub(crate) fn update(&mut self, part: &[u8]) {
        self.crc = crc32c_append(self.crc, part);
    }

    /// Whether the whole payload is what was written.
    pub(crate) fn finish(self) -> Result<(), Flaw> {
        if self.crc == self.expected { Ok(()) } else { Err(Flaw::Checksum) }
    }
}

/// Finds the payload in the bytes at `address`; bytes after the frame are left alone.
pub(crate) fn payload(address: Address, bytes: &[u8]) -> Result<&[u8], Flaw> {
    let (header, rest) = bytes.split_first_chunk().ok_or(Flaw::Short)?;
    let mut check = Check::begin(address, *header)?;
    let len = usize::try_from(address.len).map_err(|_| Flaw::Short)?;
    let payload = rest.get(..len).ok_or(Flaw::Short)?;
    check.update(payload);
    check.finish().map(|()| payload)
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
        let mut bytes = frame_header(address, payload).to_vec();
        bytes.extend_from_slice(payload);
        bytes
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
        let mut covered = Vec::new();
        [1u64, 24, 2].iter().for_each(|number| covered.extend(number.to_le_bytes()));
        covered.extend(b"ab");
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

    proptest! {
        #[test]
        fn what_was_written_comes_back(segment: u64, offset: u64, bytes: Vec<u8>, after: Vec<u8>) {
            let address = Address { segment, offset, len: bytes.len() as u64 };
            let mut written = write(address, &bytes);
            written.extend(after);
            prop_assert_eq!(payload(address, &written), Ok(&bytes[..]));
        }

        #[test]
        fn arbitrary_bytes_are_a_flaw_and_never_a_panic(segment: u64, offset: u64, len: u64, bytes: Vec<u8>) {
            let address = Address { segment, offset, len };
            prop_assert!(payload(address, &bytes).is_err());
        }

        #[test]
        fn arbitrary_bytes_behind_a_true_length_are_a_flaw(offset: u64, crc: u32, bytes: Vec<u8>) {
            let address = Address { segment: 1, offset, len: bytes.len() as u64 };
            let truth = frame_header(address, &bytes);
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
