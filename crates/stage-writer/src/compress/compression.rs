//! How files are compressed.

#[cfg(any(feature = "gzip", feature = "zstd"))]
use super::encoder;
use super::encoder::Encoder;
use std::{fmt, io};

/// How files are compressed. Which kinds there are beside none is for the features `gzip` and `zstd` to say.
///
/// A level is no choice: it is 1, of either kind, which bounds what an encoder takes of memory. Of rows, zstd makes
/// files as small at 1 as at 3, faster; gzip makes them larger than at 6, by up to two fifths, at many times the speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// They are not.
    #[default]
    None,
    /// As [RFC 1952](https://www.rfc-editor.org/rfc/rfc1952) has it: one member, without a time or a name.
    #[cfg(feature = "gzip")]
    Gzip,
    /// As [RFC 8878](https://www.rfc-editor.org/rfc/rfc8878) has it: one frame, with its content's size and
    /// checksum.
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Compression {
    /// All there are.
    pub const ALL: &[Self] = &[
        Self::None,
        #[cfg(feature = "gzip")]
        Self::Gzip,
        #[cfg(feature = "zstd")]
        Self::Zstd,
    ];

    /// The one of this name, in any case: `none`, `gzip` or `zstd`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name().eq_ignore_ascii_case(name))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            #[cfg(feature = "gzip")]
            Self::Gzip => "gzip",
            #[cfg(feature = "zstd")]
            Self::Zstd => "zstd",
        }
    }

    /// What it adds to a file's name, with its dot; nothing if there is none.
    pub fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            #[cfg(feature = "gzip")]
            Self::Gzip => ".gz",
            #[cfg(feature = "zstd")]
            Self::Zstd => ".zst",
        }
    }

    /// An encoder for a file of so many bytes; `None` if there is nothing to be done.
    #[cfg_attr(not(feature = "zstd"), expect(unused_variables, reason = "zstd alone is told the length"))]
    pub(super) fn encoder(self, length: u64) -> io::Result<Option<Box<dyn Encoder>>> {
        Ok(match self {
            Self::None => None,
            #[cfg(feature = "gzip")]
            Self::Gzip => Some(Box::new(encoder::gzip())),
            #[cfg(feature = "zstd")]
            Self::Zstd => Some(Box::new(encoder::zstd(length)?)),
        })
    }

    /// Bytes of memory that the encoder of such a file takes beside what goes in and comes out, at most.
    #[cfg_attr(not(feature = "zstd"), expect(unused_variables, reason = "zstd's alone depends on it"))]
    pub(super) fn encoder_memory(self, length: u64) -> u64 {
        match self {
            Self::None => 0,
            #[cfg(feature = "gzip")]
            Self::Gzip => encoder::GZIP_MEMORY,
            #[cfg(feature = "zstd")]
            Self::Zstd => encoder::zstd_memory(length),
        }
    }

    /// Bytes that can come out of so many at most, where nothing in them can be made smaller.
    pub(super) fn at_most(self, length: u64) -> u64 {
        match self {
            Self::None => length,
            // A few bytes for each 32 KiB or more, and around the whole.
            #[cfg(feature = "gzip")]
            Self::Gzip => length + length / 1024 + 64,
            #[cfg(feature = "zstd")]
            Self::Zstd => length + length / 1024 + 64,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
