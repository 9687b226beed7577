//! JSON that nobody reads but us, compressed as it is written.

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{BufReader, BufWriter};

/// What the serializer and the parser, which go piece by piece, hand over at once.
const BLOCK: usize = 16 << 10;

/// The shapes of thousands of tables are megabytes of text that says the same again and again: so little is left of it
/// that neither memory nor bucket ever has it whole.
pub(crate) fn to_gzip(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = BufWriter::with_capacity(BLOCK, GzEncoder::new(Vec::new(), Compression::fast()));
    serde_json::to_writer(&mut text, value)?;
    let packer = text.into_inner().map_err(|error| serde_json::Error::io(error.into_error()))?;
    packer.finish().map_err(serde_json::Error::io)
}

pub(crate) fn from_gzip<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_reader(BufReader::with_capacity(BLOCK, MultiGzDecoder::new(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked_and_what_was_cut_is_an_error() {
        let value: Vec<String> = (0..10_000).map(|number| format!("table {number}")).collect();
        let packed = to_gzip(&value).unwrap();
        assert_eq!(from_gzip::<Vec<String>>(&packed).unwrap(), value);
        for cut in [0, 1, packed.len() / 2, packed.len() - 1] {
            assert!(from_gzip::<Vec<String>>(&packed[..cut]).is_err(), "{cut}");
        }
    }
}
