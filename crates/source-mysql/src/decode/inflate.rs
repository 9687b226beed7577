//! MariaDB's compressed statements and rows (`log_bin_compress=ON`).
//!
//! One byte holds the algorithm in bits 4 to 6 (0 is zlib) and in bits 0 to 2 how many bytes the length takes; that
//! big-endian length of the plain bytes and the zlib stream follow.

use super::Fault;
use super::cursor::Cursor;
use flate2::read::ZlibDecoder;
use std::io::Read;

/// The plain bytes, if there are no more than `limit` of them.
pub(crate) fn inflate(packed: &[u8], limit: u64) -> Result<Vec<u8>, Fault> {
    let mut cursor = Cursor::new(packed);
    let head = cursor.u8()?;
    if head & 0x70 != 0 {
        return Err(Fault::unsupported(
            "an event is compressed in an unknown way (SET GLOBAL log_bin_compress=OFF avoids it from then on)",
        ));
    }
    let length = cursor.big(usize::from(head & 0x07))?;
    if length > u64::from(u32::MAX) {
        return Err(Fault::corrupt("a compressed event is larger than an event can be"));
    }
    if length > limit {
        return Err(Fault::unsupported(format!(
            "a compressed event of {length} bytes exceeds {limit}; raise --max-transaction-bytes"
        )));
    }
    let mut plain = Vec::new();
    ZlibDecoder::new(cursor.rest())
        .take(length.saturating_add(1))
        .read_to_end(&mut plain)
        .map_err(|error| Fault::corrupt(format!("a compressed event does not unpack: {error}")))?;
    if plain.len() as u64 != length {
        return Err(Fault::corrupt("a compressed event has another length than it says"));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::inflate;
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    #[test]
    fn what_was_packed_unpacks_within_the_limit() {
        let mut zlib = ZlibEncoder::new(vec![0x82, 0x01, 0x00], Compression::fast());
        zlib.write_all(&[7; 256]).unwrap();
        let packed = zlib.finish().unwrap();
        assert_eq!(inflate(&packed, 256), Ok(vec![7; 256]));
        assert!(inflate(&packed, 255).is_err());
        assert!(inflate(&packed[..6], 256).is_err());
    }
}
