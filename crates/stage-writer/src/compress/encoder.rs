//! What makes one file smaller, as its bytes come.

use std::io;
#[cfg(any(feature = "gzip", feature = "zstd"))]
use std::io::Write;

/// A file on its way through.
pub(super) trait Encoder: Send {
    /// Takes the file's next bytes.
    fn add(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Ends the file.
    fn end(&mut self) -> io::Result<()>;

    /// What has come out since the last time.
    fn take_out(&mut self) -> Vec<u8>;
}

/// What miniz says it takes, rounded up: a window of 32 KiB, its hashes, and a block of codes.
#[cfg(feature = "gzip")]
pub(super) const GZIP_MEMORY: u64 = 512 << 10;

#[cfg(feature = "gzip")]
pub(super) fn gzip() -> impl Encoder {
    // No time and no name in its header: the same rows make the same bytes.
    flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::new(1))
}

#[cfg(feature = "gzip")]
impl Encoder for flate2::write::GzEncoder<Vec<u8>> {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn end(&mut self) -> io::Result<()> {
        self.try_finish()
    }

    fn take_out(&mut self) -> Vec<u8> {
        std::mem::take(self.get_mut())
    }
}

#[cfg(feature = "zstd")]
const ZSTD_LEVEL: i32 = 1;

/// A window and tables for it, by the file's length up to what the level allows, and buffers for a block or two.
#[cfg(feature = "zstd")]
pub(super) fn zstd_memory(length: u64) -> u64 {
    const KIB: u64 = 1 << 10;
    (64 * KIB + 24 * length).min(1536 * KIB)
}

/// # Errors
/// If there is no memory for it.
#[cfg(feature = "zstd")]
pub(super) fn zstd(length: u64) -> io::Result<impl Encoder> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
    encoder.set_pledged_src_size(Some(length))?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

#[cfg(feature = "zstd")]
impl Encoder for zstd::stream::write::Encoder<'static, Vec<u8>> {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn end(&mut self) -> io::Result<()> {
        self.do_finish()
    }

    fn take_out(&mut self) -> Vec<u8> {
        std::mem::take(self.get_mut())
    }
}

#[cfg(all(test, feature = "zstd"))]
mod tests {
    use super::{ZSTD_LEVEL, zstd_memory};
    use zstd::zstd_safe::zstd_sys::ZSTD_EndDirective::ZSTD_e_continue;
    use zstd::zstd_safe::{CCtx, CParameter, InBuffer, OutBuffer};

    #[test]
    fn zstd_takes_no_more_memory_than_it_is_given_room_for() {
        for length in [1, 1 << 10, 16 << 10, 128 << 10, 256 << 10, 1 << 20, 2 << 20, 8 << 20, 512 << 20] {
            let mut context = CCtx::create();
            context.set_parameter(CParameter::CompressionLevel(ZSTD_LEVEL)).unwrap();
            context.set_pledged_src_size(Some(length)).unwrap();
            let mut out = [0; 1024];
            let (mut input, mut output) = (InBuffer::around(b"a"), OutBuffer::around(&mut out[..]));
            context.compress_stream2(&mut output, &mut input, ZSTD_e_continue).unwrap();
            let (takes, room) = (context.sizeof() as u64, zstd_memory(length));
            assert!(takes <= room, "{length}: {takes} of {room}");
        }
    }
}
