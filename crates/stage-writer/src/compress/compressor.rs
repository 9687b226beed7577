//! Compressed streams, side by side on as many threads as there are cores.

use super::Compression;
use super::encoder::Encoder;
use crate::remote::Content;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use pipeline_core::BoxError;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::available_parallelism;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Bytes that are compressed in one go, on a blocking thread: some milliseconds. Then others have their turn.
const BLOCK: usize = 256 << 10;

/// Compresses files. Clones share its places.
#[derive(Clone, Debug)]
pub(crate) struct Compressor {
    pub(super) compression: Compression,
    /// Encoders at work.
    usual: Arc<Semaphore>,
    /// Those for files that somebody waits for: they have no others before them.
    urgent: Arc<Semaphore>,
}

impl Compressor {
    pub(crate) fn new(compression: Compression) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let places = || Arc::new(Semaphore::new(cores));
        Self { compression, usual: places(), urgent: places() }
    }

    /// Whether there is nothing to be done.
    pub(crate) fn is_none(&self) -> bool {
        self.compression == Compression::None
    }

    /// `content` of `length` bytes, compressed; asked before each block whether somebody waits for it.
    pub(super) fn compressed(
        &self,
        content: Content,
        length: u64,
        is_urgent: impl Fn() -> bool + Send + 'static,
    ) -> Result<Content, BoxError> {
        let Some(encoder) = self.compression.encoder(length)? else { return Ok(content) };
        let file = Under { encoder: Some(encoder), content, left: Bytes::new() };
        let compressor = self.clone();
        let chunks = stream::try_unfold((file, compressor, is_urgent), async |(mut file, by, is_urgent)| {
            while !file.is_over() {
                let block = file.block().await?;
                let places = if is_urgent() { &by.urgent } else { &by.usual };
                // They are never closed; were they, there would only be no limit.
                let place = places.acquire().await.ok();
                let out = file.compress(block).await?;
                drop(place);
                if !out.is_empty() {
                    return Ok(Some((out, (file, by, is_urgent))));
                }
            }
            Ok(None)
        });
        Ok(chunks.boxed())
    }
}

/// A file under way.
struct Under {
    /// `None` once it has ended.
    encoder: Option<Box<dyn Encoder>>,
    content: Content,
    /// What of a chunk did not fit the last block.
    left: Bytes,
}

/// What is compressed in one go.
struct Block {
    chunks: Vec<Bytes>,
    is_last: bool,
}

impl Under {
    fn is_over(&self) -> bool {
        self.encoder.is_none()
    }

    async fn block(&mut self) -> Result<Block, BoxError> {
        let (mut chunks, mut free) = (Vec::new(), BLOCK);
        while free > 0 {
            if self.left.is_empty() {
                match self.content.try_next().await? {
                    Some(chunk) => self.left = chunk,
                    None => return Ok(Block { chunks, is_last: true }),
                }
            }
            let chunk = self.left.split_to(free.min(self.left.len()));
            free -= chunk.len();
            chunks.push(chunk);
        }
        Ok(Block { chunks, is_last: false })
    }

    /// What comes out; maybe nothing yet.
    async fn compress(&mut self, Block { chunks, is_last }: Block) -> Result<Bytes, BoxError> {
        let mut encoder = self.encoder.take().expect("a file that is not over has its encoder");
        let work = spawn_blocking(move || {
            chunks.iter().try_for_each(|chunk| encoder.add(chunk))?;
            if is_last {
                encoder.end()?;
            }
            // Without what it has grown beyond its length: that is not counted.
            let out = Bytes::from(encoder.take_out().into_boxed_slice());
            Ok((out, (!is_last).then_some(encoder)))
        });
        let done: std::io::Result<_> = work.await.unwrap_or_else(|end| match end.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(ended) => Err(ended.into()),
        });
        let (out, encoder) = done?;
        self.encoder = encoder;
        Ok(out)
    }
}
