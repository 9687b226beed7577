//! Reading back: many pieces, in order, as a stream of parts.
//!
//! ```text
//! asked for    a   b   m   c   d   ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ e        m is in memory, e larger than the buffer
//!              └─┬─┘   │   └─┬─┘   └──┬───┴──┬───┴─┬┘
//! one job      together   together    part   part   part      each at most `buffer` bytes
//! ```
//!
//! One job on a blocking thread reads as many whole frames as fit the buffer; frames that lie side by side in
//! one segment take one read. Then the payloads are moved together, over the headers between them, and handed out as
//! one part: whoever keeps it keeps hardly more memory than that. A buffer of which nothing is held any more is used again:
//! fresh memory costs more than the read.

use crate::SpoolError;
use crate::error::Flaw;
use crate::frame::{Address, Check, FRAME_HEADER, payload};
use crate::segment::{Reach, Segment};
use crate::tier::Tier;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use pipeline_core::BoxError;
use std::collections::VecDeque;
use std::io;

/// The stream behind [`Stored::read`](pipeline_core::Body::read).
pub(crate) fn stream<'a>(
    pieces: impl Iterator<Item = &'a Tier>,
    buffer: usize,
) -> BoxStream<'static, Result<Bytes, BoxError>> {
    let buffer = buffer.max(1);
    let mut sources = VecDeque::new();
    for piece in pieces {
        match piece {
            Tier::Memory(block) => sources.push_back(Source::Memory(block.bytes().clone())),
            Tier::Disk(run) => {
                // Thousands of small neighbours are read as one. Not large ones: what the buffer cuts is read twice.
                let joins = run.extent().size() <= buffer as u64 / 16
                    && match sources.back_mut() {
                        Some(Source::Disk(reach)) => reach.extend(run),
                        Some(Source::Memory(_) | Source::Long(_)) | None => false,
                    };
                if !joins {
                    sources.push_back(Source::Disk(run.to_read()));
                }
            }
        }
    }
    let reading = Reading { sources, buffer, used: Bytes::new() };
    stream::try_unfold(reading, |mut reading| async move {
        let part = reading.next().await?;
        Ok(part.map(|part| (part, reading)))
    })
    .boxed()
}

enum Source {
    Memory(Bytes),
    Disk(Reach),
    /// Frames of which the first is larger than the buffer.
    Long(Long),
}

struct Reading {
    sources: VecDeque<Source>,
    buffer: usize,
    /// The buffer that was read into last.
    used: Bytes,
}

/// What one job read.
struct Portion {
    part: Bytes,
    /// What comes next, if the buffer had no room for it.
    rest: Option<Source>,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, SpoolError> {
        loop {
            let (used, buffer) = (std::mem::take(&mut self.used), self.buffer);
            let portion = match self.sources.pop_front() {
                None => return Ok(None),
                Some(Source::Memory(bytes)) => {
                    self.used = used;
                    return Ok(Some(bytes));
                }
                Some(Source::Disk(first))
                    if first.extent.frames == 1 && first.extent.size() > buffer as u64 =>
                {
                    self.sources.push_front(Source::Long(Long::new(first)));
                    self.used = used;
                    continue;
                }
                Some(Source::Disk(first)) => {
                    let (segment, offset) = (first.segment().clone(), first.extent.begin);
                    let reaches = self.fitting(first);
                    blocking(&segment, offset, move || read_frames(reaches, buffer, used)).await?
                }
                Some(Source::Long(long)) => {
                    let (segment, offset) = (long.reach.segment().clone(), long.reach.extent.begin);
                    blocking(&segment, offset, move || long.part(buffer, used)).await?
                }
            };
            self.used = portion.part.clone();
            if let Some(rest) = portion.rest {
                self.sources.push_front(rest);
            }
            return Ok(Some(portion.part));
        }
    }

    /// Takes what is after `first` and fits one buffer with it.
    fn fitting(&mut self, first: Reach) -> Vec<Reach> {
        let mut room = (self.buffer as u64).saturating_sub(first.extent.size());
        let mut reaches = vec![first];
        while let Some(Source::Disk(next)) = self.sources.front()
            && next.extent.size() <= room
            && let Some(Source::Disk(next)) = self.sources.pop_front()
        {
            room -= next.extent.size();
            reaches.push(next);
        }
        reaches
    }
}

/// Runs `read` on a blocking thread, when it is its turn.
async fn blocking(
    segment: &Segment,
    offset: u64,
    read: impl FnOnce() -> Result<Portion, SpoolError> + Send + 'static,
) -> Result<Portion, SpoolError> {
    // Held by the job itself, which goes on if nobody waits for it any more. It is never closed; were it, only the
    // limit would be lost.
    let turn = segment.core.readers.clone().acquire_owned().await.ok();
    let job = tokio::task::spawn_blocking(move || {
        let portion = read();
        drop(turn);
        portion
    });
    match job.await {
        Ok(outcome) => outcome,
        // The runtime ended it.
        Err(ended) => Err(segment.unreadable(offset, io::Error::other(ended))),
    }
}

/// A buffer of `len` bytes, made of the one that was used before if nobody holds anything of it.
fn buffer_of(len: usize, used: Bytes) -> BytesMut {
    let mut buffer = used.try_into_mut().unwrap_or_default();
    if buffer.capacity() < len {
        return BytesMut::zeroed(len);
    }
    buffer.resize(len, 0);
    buffer
}

/// Reads whole frames into one buffer. If that has no room for all, there is only one reach, and some of it is left.
fn read_frames(reaches: Vec<Reach>, buffer: usize, used: Bytes) -> Result<Portion, SpoolError> {
    let total: u64 = reaches.iter().map(|reach| reach.extent.size()).sum();
    let mut filled = buffer_of(total.min(buffer as u64) as usize, used);
    let mut unread = &mut filled[..];
    for side_by_side in reaches.chunk_by(Reach::is_followed_by) {
        let size: u64 = side_by_side.iter().map(|reach| reach.extent.size()).sum();
        let (window, rest) = unread.split_at_mut(size.min(unread.len() as u64) as usize);
        let begin = side_by_side[0].extent.begin;
        let count = side_by_side[0].segment().read(window, begin, begin)?;
        if count < window.len() {
            return Err(cut_short(side_by_side, &window[..count]));
        }
        unread = rest;
    }
    let (mut at, mut end, mut rest) = (0, 0, None);
    'frames: for mut reach in reaches {
        while reach.extent.frames > 0 {
            let begin = reach.extent.begin;
            match payload(&mut reach.extent, &filled[at..]) {
                Ok(part) => {
                    let len = part.len();
                    reach.count_read(len as u64);
                    filled.copy_within(at + FRAME_HEADER..at + FRAME_HEADER + len, end);
                    end += len;
                    at += (reach.extent.begin - begin) as usize;
                }
                // The file goes on: the buffer ends.
                Err(Flaw::Short) => {
                    rest = Some(if at > 0 { Source::Disk(reach) } else { Source::Long(Long::new(reach)) });
                    break 'frames;
                }
                Err(flaw) => return Err(reach.segment().corrupt(begin, flaw)),
            }
        }
    }
    filled.truncate(end);
    // Headers, and what the buffer had no room for, are memory too: where they are much, the part leaves them.
    let mostly_part = end >= filled.capacity() / 8 * 7;
    let part = if mostly_part { filled.freeze() } else { Bytes::copy_from_slice(&filled) };
    Ok(Portion { part, rest })
}

/// The error for frames side by side of which the file has `bytes` only: it names the one that is cut, or one before it
/// that is flawed.
fn cut_short(reaches: &[Reach], mut bytes: &[u8]) -> SpoolError {
    for reach in reaches {
        let mut extent = reach.extent;
        while extent.frames > 0 {
            let begin = extent.begin;
            if let Err(flaw) = payload(&mut extent, bytes) {
                return reach.segment().corrupt(begin, flaw);
            }
            bytes = &bytes[(extent.begin - begin) as usize..];
        }
    }
    // Not reached: all frames together are longer than what there is.
    reaches[0].segment().corrupt(reaches[0].extent.begin, Flaw::Short)
}

/// A frame that is read in parts, and those after it.
struct Long {
    reach: Reach,
    /// Where the frame is, payload bytes read so far, and their checksum; there once the header was read.
    begun: Option<(Address, u64, Check)>,
}

impl Long {
    fn new(reach: Reach) -> Self {
        Self { reach, begun: None }
    }

    /// Reads the next part, and says what is left. The last part is given only if the whole frame is right.
    fn part(mut self, buffer: usize, used: Bytes) -> Result<Portion, SpoolError> {
        let (address, read, mut check) = match self.begun {
            Some(begun) => begun,
            None => {
                let begin = self.reach.extent.begin;
                let mut header = [0; FRAME_HEADER];
                self.read_exactly(&mut header, begin, begin)?;
                let first = self.reach.extent.split_first(header);
                let (address, check) = first.map_err(|flaw| self.reach.segment().corrupt(begin, flaw))?;
                (address, 0, check)
            }
        };
        let mut part = buffer_of((address.len - read).min(buffer as u64) as usize, used);
        self.read_exactly(&mut part, address.offset + FRAME_HEADER as u64 + read, address.offset)?;
        check.update(&part);
        self.reach.count_read(part.len() as u64);
        let read = read + part.len() as u64;
        let rest = if read < address.len {
            self.begun = Some((address, read, check));
            Some(Source::Long(self))
        } else {
            check.finish().map_err(|flaw| self.reach.segment().corrupt(address.offset, flaw))?;
            (self.reach.extent.frames > 0).then_some(Source::Disk(self.reach))
        };
        Ok(Portion { part: part.freeze(), rest })
    }

    fn read_exactly(&self, bytes: &mut [u8], offset: u64, frame: u64) -> Result<(), SpoolError> {
        match self.reach.segment().read(bytes, offset, frame)? {
            count if count == bytes.len() => Ok(()),
            _ => Err(self.reach.segment().corrupt(frame, Flaw::Short)),
        }
    }
}
