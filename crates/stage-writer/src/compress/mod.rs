//! Files that are compressed on their way to the store: each as one stream, from its header to its footer.
//!
//! ```text
//! header, bodies, footer ─► blocks ─► encoder, on a blocking thread ─► chunks ─► one request, or parts
//! ```
//! How much comes out is known when it has come out. So a file is compressed into memory, within the room that it has
//! taken; what outgrows it goes on in parts, beginning with what is there already.
//!
//! # The same bytes again
//! An unclear outcome is settled by reading an object back, and a file in parts may have to be compressed anew for it.
//! So the same rows make the same bytes, however they come in chunks: no time and no name stands in a file.
//!
//! # Bound
//! A file under way takes memory for its encoder, and for what has come out and is not sent yet. Both are taken from
//! [`UploadConfig::buffers`](crate::UploadConfig::buffers). There is one encoder at work for each core, and as many more
//! for files that somebody waits for.

mod compression;
mod compressor;
mod create;
mod encoder;

pub use compression::Compression;
pub(crate) use compressor::Compressor;
