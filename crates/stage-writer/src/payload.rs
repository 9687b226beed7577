//! A batch's bytes as one request's payload.

use crate::{Error, ErrorKind};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use object_store::PutPayload;
use object_store::path::Path;
use pipeline_core::Body;

/// Chunks below this are gathered into blocks, so that a file of a million rows is not a million writes.
const SMALL: usize = 4 << 10;
/// The size of such a block.
const BLOCK: usize = 256 << 10;
/// How many bodies on disk are read at a time. Those read are let go of, so that a file does not take room twice.
const AT_A_TIME: usize = 1024;

/// Puts a header, bodies and a footer into one payload. Bodies in memory are sent from where they are, so they come back too: they
/// hold the room that they take, and are to be kept until the payload is gone.
///
/// # Errors
/// [`Unreadable`](ErrorKind::Unreadable) if a body does not come back.
pub(crate) async fn gather<B: Body>(
    path: &Path,
    header: Bytes,
    bodies: Vec<B>,
    footer: Bytes,
    buffer: usize,
) -> Result<(PutPayload, Vec<B>), Error> {
    let mut chunks = Chunks { done: Vec::new(), block: BytesMut::from(header.as_ref()) };
    let mut sent_from = Vec::new();
    let mut bodies = bodies.into_iter().peekable();
    while let Some(first) = bodies.next() {
        let in_memory = first.in_memory();
        let mut some = vec![first];
        while some.len() < AT_A_TIME
            && let Some(next) = bodies.next_if(|next| next.in_memory() == in_memory)
        {
            some.push(next);
        }
        let mut stream = B::read(&some, buffer);
        while let Some(chunk) = stream.try_next().await.map_err(|error| {
            Error::new(ErrorKind::Unreadable, format!("the bytes of {path} are lost")).because(error)
        })? {
            chunks.add(chunk);
        }
        if in_memory {
            sent_from.append(&mut some);
        }
    }
    chunks.add(footer);
    Ok((chunks.finish(), sent_from))
}

/// A payload on its way.
struct Chunks {
    done: Vec<Bytes>,
    block: BytesMut,
}

impl Chunks {
    fn add(&mut self, chunk: Bytes) {
        if chunk.len() >= SMALL {
            self.end_block();
            self.done.push(chunk);
            return;
        }
        if self.block.len() + chunk.len() > self.block.capacity() {
            self.end_block();
            self.block = BytesMut::with_capacity(BLOCK);
        }
        self.block.extend_from_slice(&chunk);
    }

    /// What is left of the block goes on being used: between large chunks, small ones would otherwise take a whole
    /// block each.
    fn end_block(&mut self) {
        if !self.block.is_empty() {
            self.done.push(self.block.split().freeze());
        }
    }

    fn finish(mut self) -> PutPayload {
        self.end_block();
        PutPayload::from_iter(self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_chunks_between_large_ones_share_a_block() {
        let mut chunks = Chunks { done: Vec::new(), block: BytesMut::new() };
        let large = Bytes::from(vec![b'l'; SMALL]);
        for _ in 0..100 {
            chunks.add(Bytes::from_static(b"small"));
            chunks.add(large.clone());
        }
        let payload = chunks.finish();
        let parts: Vec<&Bytes> = payload.iter().collect();
        assert_eq!((parts.len(), payload.content_length()), (200, 100 * (5 + SMALL)));
        for pair in parts.chunks_exact(2) {
            assert_eq!(pair[1].as_ptr(), large.as_ptr(), "without a copy");
        }
        for two in parts.chunks_exact(4) {
            assert_eq!(two[0].as_ptr().wrapping_add(5), two[2].as_ptr(), "side by side");
        }
    }
}
