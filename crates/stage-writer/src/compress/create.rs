//! Creating a data file compressed.

use super::Compressor;
use crate::buffers::Buffers;
use crate::payload::FileBytes;
use crate::remote::Content;
use crate::{Error, ErrorKind, Remote};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{Attributes, PutPayload};
use parking_lot::Mutex;
use pipeline_core::{Body, BoxError};

/// A file as it has come out.
enum Compressed {
    Whole(PutPayload),
    /// It has outgrown its room; from its start all the same.
    TooLarge(Content),
}

impl Compressor {
    /// Creates a file, and says how many bytes it has in the store.
    ///
    /// # Errors
    /// As for [`Remote::create`], and [`Unreadable`](ErrorKind::Unreadable) if the bytes do not come back.
    pub(crate) async fn create<B: Body>(
        &self,
        remote: &Remote,
        path: &Path,
        attributes: &Attributes,
        file: FileBytes<B>,
        buffers: &Buffers,
        is_awaited: bool,
    ) -> Result<u64, Error> {
        let (part, single_put) = remote.sizes();
        let (length, spilled) = file.sizes();
        let most = self.compression.at_most(length);
        let mut room_for = most.min(part);
        let works_with = self.compression.encoder_memory(length) + spilled.min(FileBytes::<B>::READING);
        let wish = works_with + room_for;
        let mut room = buffers.take(wish, is_awaited || remote.is_hurried()).await;

        let from_the_start = || {
            let remote = remote.clone();
            self.compressed(file.content(), length, move || is_awaited || remote.is_hurried())
        };
        let unreadable = |error: BoxError| {
            Error::new(ErrorKind::Unreadable, format!("the bytes of {path} are lost")).because(error)
        };
        let begun = from_the_start().map_err(unreadable)?;
        // A request of its own is worth room that nobody wants: it can be made under a condition, and parts cannot.
        let has_room = |bytes| {
            while bytes > room_for && bytes <= single_put {
                let more = part.min(most.saturating_sub(room_for)).max(1);
                let Some(taken) = buffers.try_take(more) else { break };
                room.push(taken);
                room_for += more;
            }
            bytes <= room_for.min(single_put)
        };
        match gather(begun, has_room).await.map_err(unreadable)? {
            Compressed::Whole(payload) => {
                let bytes = payload.content_length() as u64;
                // Nothing of them is needed any more, wherever they are.
                drop(file);
                room.keep(bytes);
                remote.create(path, payload, attributes).await?;
                Ok(bytes)
            }
            Compressed::TooLarge(begun) => {
                let begun = Mutex::new(Some(begun));
                let content = || match begun.lock().take() {
                    Some(begun) => begun,
                    None => from_the_start().unwrap_or_else(|error| stream::iter([Err(error)]).boxed()),
                };
                remote.create_in_parts(path, attributes, content).await
            }
        }
    }
}

/// Gathers what comes out, for as long as there is room for so many bytes of it.
async fn gather(mut content: Content, mut has_room: impl FnMut(u64) -> bool) -> Result<Compressed, BoxError> {
    let (mut chunks, mut bytes) = (Vec::new(), 0);
    while let Some(chunk) = content.try_next().await? {
        bytes += chunk.len() as u64;
        chunks.push(chunk);
        if !has_room(bytes) {
            return Ok(Compressed::TooLarge(stream::iter(chunks).map(Ok).chain(content).boxed()));
        }
    }
    Ok(Compressed::Whole(PutPayload::from_iter(chunks)))
}
