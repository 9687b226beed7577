//! A batch's bytes as one request's payload.

use crate::{Error, ErrorKind};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use object_store::PutPayload;
use object_store::path::Path;
use pipeline_core::Body;

/// Chunks below this are gathered into blocks, so that a file of a million rows is not a million writes.
const SMALL: usize = 32 << 10;
/// The size of such a block.
const BLOCK: usize = 256 << 10;
/// How many bodies are read at a time. Those read are let go of, so that a file is not held twice.
const AT_A_TIME: usize = 1024;

/// Gathers a header and bodies into one payload, letting go of the bodies on the way.
///
/// # Errors
/// [`Unreadable`](ErrorKind::Unreadable) if a body does not come back.
pub(crate) async fn gather<B: Body>(
    path: &Path,
    header: Bytes,
    mut bodies: Vec<B>,
    buffer: usize,
) -> Result<PutPayload, Error> {
    let mut chunks = Vec::new();
    let mut block = BytesMut::from(header.as_ref());
    // From the back, in reversed order, taking is free of moves.
    bodies.reverse();
    while !bodies.is_empty() {
        let mut some = bodies.split_off(bodies.len().saturating_sub(AT_A_TIME));
        some.reverse();
        let mut stream = B::read(&some, buffer);
        while let Some(chunk) = stream.try_next().await.map_err(|error| {
            Error::new(ErrorKind::Unreadable, format!("the bytes of {path} are lost")).because(error)
        })? {
            if chunk.len() < SMALL {
                if block.len() + chunk.len() > BLOCK {
                    chunks.push(std::mem::take(&mut block).freeze());
                }
                if block.capacity() == 0 {
                    block.reserve(BLOCK);
                }
                block.extend_from_slice(&chunk);
            } else {
                if !block.is_empty() {
                    chunks.push(std::mem::take(&mut block).freeze());
                }
                chunks.push(chunk);
            }
        }
    }
    if !block.is_empty() {
        chunks.push(block.freeze());
    }
    Ok(PutPayload::from_iter(chunks))
}
