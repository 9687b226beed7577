//! Reading back: many pieces, in order, as a stream of parts.
//!
//! ```text
//! asked for    a   b   m   c   d   ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ e        m is in memory, e larger than the buffer
//!              └─┬─┘   │   └─┬─┘   └──┬───┴──┬───┴─┬┘
//! one job      together   together    part   part   part      each at most `buffer` bytes
//! ```
//!
//! One job on a blocking thread reads as many whole frames as fit the buffer; frames that lie side by side in
//! one segment take one read. Payloads are handed out as slices of that buffer.

use crate::SpoolError;
use crate::error::Flaw;
use crate::frame::{Check, FRAME_HEADER, payload};
use crate::segment::Frame;
use crate::stored::{Stored, Tier};
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use pipeline_core::BoxError;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// The stream behind [`Stored::read`](pipeline_core::Body::read).
pub(crate) fn stream(bodies: &[Stored], buffer: usize) -> BoxStream<'static, Result<Bytes, BoxError>> {
    let sources = bodies.iter().map(|stored| match stored.tier() {
        Tier::Memory { bytes, .. } => Source::Memory(bytes.clone()),
        // Sealed before it is read, as a rule.
        Tier::Block { bytes, .. } => Source::Memory(Bytes::copy_from_slice(bytes)),
        Tier::Disk(frame) => Source::Disk(frame.clone()),
    });
    let reading = Reading { sources: sources.collect(), parts: VecDeque::new(), buffer: buffer.max(1) };
    stream::try_unfold(reading, |mut reading| async move {
        let part = reading.next().await?;
        Ok(part.map(|part| (part, reading)))
    })
    .boxed()
}

enum Source {
    Memory(Bytes),
    Disk(Arc<Frame>),
    /// A frame larger than the buffer, of which a part was handed out.
    Rest(Long),
}

struct Reading {
    sources: VecDeque<Source>,
    /// Payloads that were read and not handed out yet.
    parts: VecDeque<Bytes>,
    buffer: usize,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, SpoolError> {
        loop {
            if let Some(part) = self.parts.pop_front() {
                return Ok(Some(part));
            }
            let buffer = self.buffer;
            match self.sources.pop_front() {
                None => return Ok(None),
                Some(Source::Memory(bytes)) => return Ok(Some(bytes)),
                Some(Source::Disk(first)) if first.address.size() <= buffer as u64 => {
                    let frames = self.fitting(first);
                    // Allocated here: buffers from every blocking thread would leave memory behind with each of them.
                    let total: u64 = frames.iter().map(|frame| frame.address.size()).sum();
                    let room = vec![0; total as usize];
                    self.parts = blocking(frames[0].clone(), move || read_whole(&frames, room)).await?;
                }
                Some(Source::Disk(frame)) => self.read_part(Long::new(frame)).await?,
                Some(Source::Rest(long)) => self.read_part(long).await?,
            }
        }
    }

    /// Takes the frames after `first` that fit one buffer with it.
    fn fitting(&mut self, first: Arc<Frame>) -> Vec<Arc<Frame>> {
        let mut room = self.buffer as u64 - first.address.size();
        let mut frames = vec![first];
        while let Some(Source::Disk(frame)) = self.sources.front()
            && frame.address.size() <= room
        {
            room -= frame.address.size();
            frames.push(frame.clone());
            self.sources.pop_front();
        }
        frames
    }

    async fn read_part(&mut self, long: Long) -> Result<(), SpoolError> {
        let buffer = self.buffer;
        let (part, rest) = blocking(long.frame.clone(), move || long.part(buffer)).await?;
        self.parts.push_back(part);
        if let Some(rest) = rest {
            self.sources.push_front(Source::Rest(rest));
        }
        Ok(())
    }
}

/// Runs `read` on a blocking thread; `frame` is named if the runtime ends meanwhile.
async fn blocking<T: Send + 'static>(
    frame: Arc<Frame>,
    read: impl FnOnce() -> Result<T, SpoolError> + Send + 'static,
) -> Result<T, SpoolError> {
    match tokio::task::spawn_blocking(read).await {
        Ok(outcome) => outcome,
        Err(ended) => Err(frame.segment.unreadable(frame.address.offset, io::Error::other(ended))),
    }
}

/// Reads whole frames into one buffer that is as large as they are.
fn read_whole(frames: &[Arc<Frame>], mut buffer: Vec<u8>) -> Result<VecDeque<Bytes>, SpoolError> {
    let mut unread = &mut buffer[..];
    for run in frames.chunk_by(|one, next| {
        Arc::ptr_eq(&one.segment, &next.segment) && one.address.end() == next.address.offset
    }) {
        let size: u64 = run.iter().map(|frame| frame.address.size()).sum();
        let (window, rest) = unread.split_at_mut(size as usize);
        let begin = run[0].address.offset;
        let end = begin + run[0].segment.read(window, begin, begin)? as u64;
        if let Some(cut) = run.iter().find(|frame| frame.address.end() > end) {
            return Err(cut.segment.corrupt(cut.address.offset, Flaw::Short));
        }
        unread = rest;
    }
    let buffer = Bytes::from(buffer);
    let mut at = 0;
    let mut parts = VecDeque::with_capacity(frames.len());
    for frame in frames {
        let end = at + frame.address.size() as usize;
        let flawed = |flaw| frame.segment.corrupt(frame.address.offset, flaw);
        let part = payload(frame.address, &buffer[at..end]).map_err(flawed)?;
        frame.count_read(frame.address.len);
        parts.push_back(buffer.slice_ref(part));
        at = end;
    }
    Ok(parts)
}

/// A frame that is read in parts.
struct Long {
    frame: Arc<Frame>,
    /// Payload bytes read so far.
    read: u64,
    /// There once the header was read.
    check: Option<Check>,
}

impl Long {
    fn new(frame: Arc<Frame>) -> Self {
        Self { frame, read: 0, check: None }
    }

    /// Reads the next part, and says what is left. The last part is given only if the whole frame is right.
    fn part(mut self, buffer: usize) -> Result<(Bytes, Option<Self>), SpoolError> {
        let Frame { segment, address } = &*self.frame;
        let flawed = |flaw: Flaw| segment.corrupt(address.offset, flaw);
        let read_exactly = |bytes: &mut [u8], offset| match segment.read(bytes, offset, address.offset)? {
            count if count == bytes.len() => Ok(()),
            _ => Err(flawed(Flaw::Short)),
        };
        let mut check = match self.check {
            Some(check) => check,
            None => {
                let mut header = [0; FRAME_HEADER];
                read_exactly(&mut header, address.offset)?;
                Check::begin(*address, header).map_err(flawed)?
            }
        };
        let mut part = vec![0; (address.len - self.read).min(buffer as u64) as usize];
        read_exactly(&mut part, address.offset + FRAME_HEADER as u64 + self.read)?;
        check.update(&part);
        self.frame.count_read(part.len() as u64);
        self.read += part.len() as u64;
        let rest = if self.read == address.len {
            check.finish().map_err(flawed)?;
            None
        } else {
            self.check = Some(check);
            Some(self)
        };
        Ok((part.into(), rest))
    }
}
