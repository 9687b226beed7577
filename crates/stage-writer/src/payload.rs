//! A batch's bytes as one request's payload.

use crate::remote::Content;
use crate::{Error, ErrorKind};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::PutPayload;
use object_store::path::Path;
use pipeline_core::Body;

/// Chunks below this are gathered into blocks, so that a file of a million rows is not a million writes.
const SMALL: usize = 4 << 10;
/// The size of such a block.
const BLOCK: usize = 256 << 10;
/// How many bodies on disk are read at a time. Those read are let go of, so that a file does not take room twice.
const AT_A_TIME: usize = 1024;

/// Bytes that are read back at once: enough for a disk, and little beside a part.
const READ: usize = 1 << 20;

/// The bytes of a file to be, wherever they are.
pub(crate) struct FileBytes<B> {
    pub(crate) header: Bytes,
    pub(crate) bodies: Vec<B>,
    pub(crate) footer: Bytes,
}

impl<B: Body> FileBytes<B> {
    /// Bytes of memory that reading back takes at most, in a stream.
    pub(crate) const READING: u64 = 2 * READ as u64;

    /// How many there are, and how many of them are to be read back.
    pub(crate) fn sizes(&self) -> (u64, u64) {
        let around = (self.header.len() + self.footer.len()) as u64;
        self.bodies.iter().fold((around, 0), |(all, spilled), body| {
            let bytes = body.len();
            (all + bytes, if body.in_memory() { spilled } else { spilled + bytes })
        })
    }

    /// All of them, from the first. The bodies are to be kept until it has ended.
    pub(crate) fn content(&self) -> Content {
        let around = |some: &Bytes| stream::iter((!some.is_empty()).then(|| Ok(some.clone())));
        around(&self.header).chain(B::read(&self.bodies, READ)).chain(around(&self.footer)).boxed()
    }
}

/// Puts a file's bytes into one payload. Bodies in memory are sent from where they are, so they come back too: they
/// hold the room that they take, and are to be kept until the payload is gone.
///
/// # Errors
/// [`Unreadable`](ErrorKind::Unreadable) if a body does not come back.
pub(crate) async fn gather<B: Body>(
    path: &Path,
    FileBytes { header, bodies, footer }: FileBytes<B>,
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
        let mut stream = B::read(&some, READ);
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
