//! Bytes from compressed bytes.

use bytes::Bytes;
use std::io::{Error, ErrorKind, Read, Result};

/// How data files are compressed: each as one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// As one gzip member.
    Gzip,
    /// As one zstd frame.
    Zstd,
}

impl Compression {
    /// What it adds to a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    /// The bytes of a file as they were.
    ///
    /// # Errors
    /// If it is not one whole stream of this kind, and nothing else.
    pub fn plain(self, stored: &Bytes) -> Result<Bytes> {
        let (mut plain, mut rest) = (Vec::new(), &stored[..]);
        match self {
            Self::None => return Ok(stored.clone()),
            // By the reference, it takes no more of the bytes than are its own.
            Self::Gzip => flate2::bufread::GzDecoder::new(&mut rest).read_to_end(&mut plain)?,
            Self::Zstd => {
                let frame = zstd::stream::read::Decoder::with_buffer(&mut rest)?;
                frame.single_frame().read_to_end(&mut plain)?
            }
        };
        match rest {
            [] => Ok(plain.into()),
            _ => Err(Error::new(ErrorKind::InvalidData, "something stands behind the stream")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Compression;
    use bytes::Bytes;
    use flate2::write::GzEncoder;
    use std::io::Write;

    #[test]
    fn one_whole_stream_is_read_and_nothing_else() {
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"rows").unwrap();
        let (gzip, zstd) = (gzip.finish().unwrap(), zstd::encode_all(&b"rows"[..], 1).unwrap());
        for (kind, stored) in [(Compression::Gzip, gzip), (Compression::Zstd, zstd)] {
            let twice = Bytes::from([&stored[..], &stored].concat());
            let torn = Bytes::copy_from_slice(&stored[..stored.len() - 1]);
            assert_eq!(kind.plain(&stored.into()).unwrap(), "rows");
            for other in [twice, torn, Bytes::from_static(b"rows")] {
                assert!(kind.plain(&other).is_err(), "{kind:?}: {other:?}");
            }
        }
    }
}
