//! A binlog file, event by event.

use super::event::{CHECKSUM, HEADER, Header, LogEvent, checksum};
use super::format::format_of;
use super::kind::Kind;
use super::packed::{Packed, is_long};
use crate::decode::Fault;
use crate::{Error, LogPlace, Position, Result};
use bytes::{Buf, Bytes, BytesMut};
use std::io::SeekFrom;
use std::path::Path;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

const MAGIC: [u8; 4] = [0xFE, b'b', b'i', b'n'];
const MAGIC_ENCRYPTED: [u8; 4] = [0xFD, b'b', b'i', b'n'];

/// Bytes read ahead at once.
pub(super) const CHUNK: usize = 1 << 20;

/// A binlog file that is being read.
#[derive(Debug)]
pub(crate) struct FileLog {
    pub(super) file: File,
    /// For messages.
    path: String,
    /// The bytes from `offset` on that were read already.
    pub(super) ahead: BytesMut,
    pub(super) offset: u64,
    pub(super) checksums: bool,
    /// The compressed transaction that the next events are in.
    pub(super) packed: Option<Packed>,
    pub(super) payload_limit: u64,
}

impl FileLog {
    /// Opens a file and reads its first event, the format description. `payload_limit` bounds a transaction that unpacks.
    pub(crate) async fn open(path: &Path, payload_limit: u64) -> Result<(Self, LogEvent)> {
        let shown = path.display().to_string();
        let io = |source| Error::Io { path: shown.clone(), source };
        let file = File::open(path).await.map_err(io)?;
        let mut log = Self {
            file,
            path: shown.clone(),
            ahead: BytesMut::new(),
            offset: 0,
            checksums: false,
            packed: None,
            payload_limit,
        };
        log.check_magic().await?;
        let Some(first) = log.next().await? else {
            return Err(log.torn());
        };
        if first.kind != Kind::FormatDescription {
            return Err(Fault::corrupt("the first event is not a format description").at(&shown, first.start));
        }
        Ok((log, first))
    }

    async fn check_magic(&mut self) -> Result<()> {
        self.fill(MAGIC.len()).await?;
        let not_a_binlog = |reason| Error::NotABinlog { path: self.path.clone(), reason };
        match self.ahead.first_chunk() {
            Some(&MAGIC) => {}
            Some(&MAGIC_ENCRYPTED) => {
                return Err(not_a_binlog("it is encrypted; read it from the server instead"));
            }
            Some(_) => return Err(not_a_binlog("it does not begin with the bytes fe 62 69 6e")),
            None => return Err(not_a_binlog("it is shorter than four bytes")),
        }
        self.ahead.advance(MAGIC.len());
        self.offset = MAGIC.len() as u64;
        Ok(())
    }

    /// Where the next event begins.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes on at another event.
    pub(crate) async fn seek(&mut self, offset: u64) -> Result<()> {
        self.file.seek(SeekFrom::Start(offset)).await.map_err(|e| self.io(e))?;
        self.ahead.clear();
        self.packed = None;
        self.offset = offset;
        Ok(())
    }

    /// Checks that an event of this file begins at a place that somebody named, and gives its offset.
    pub(crate) async fn check_place(&mut self, place: &LogPlace, file: &str) -> Result<u64> {
        if place.file != file {
            return Err(Error::Config(format!("the start is in {}, and the source is {file}", place.file)));
        }
        self.seek(place.offset).await?;
        match self.next_packed().await {
            Err(error @ Error::Io { .. }) => Err(error),
            Ok(_) if place.offset <= self.len().await? => Ok(place.offset),
            Ok(_) | Err(_) => {
                Err(Error::Config(format!("no event begins at {place}; take an offset where one does")))
            }
        }
    }

    /// Goes on at a position, if the file is the one of its lineage: if it begins as that one did, and the event
    /// before the position is still the same.
    pub(crate) async fn resume(&mut self, position: &Position, description: &LogEvent) -> Result<()> {
        let lineage = &position.lineage;
        let broken = |broken| Error::other_log(position, broken);
        lineage.prove_log(description.log_identity()).map_err(broken)?;
        let len = self.len().await?;
        if position.offset > len {
            return Err(Error::ends_before(position, len));
        }
        self.seek(lineage.first_offset(position.offset)).await?;
        if lineage.last_event.is_some() {
            // Whatever is wrong with what stands there: it is not what stood there.
            let found = match self.next_packed().await {
                Err(error @ Error::Io { .. }) => return Err(error),
                found => found.ok().flatten().filter(|event| event.end == position.offset),
            };
            let found = found.ok_or_else(|| broken(lineage.no_event(position.offset)))?;
            lineage.prove_event(found.fingerprint()).map_err(broken)?;
            self.seek(position.offset).await?;
        }
        Ok(())
    }

    /// The next event; `None` at the end of the file. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Option<LogEvent>> {
        loop {
            if self.packed.is_some()
                && let Some(event) = self.unpack().await?
            {
                return Ok(Some(event));
            }
            match self.next_packed().await? {
                Some(event) if event.kind == Kind::TransactionPayload => self.enter(event)?,
                event => return Ok(event),
            }
        }
    }

    /// The next event as it is in the file. Cancel safe.
    async fn next_packed(&mut self) -> Result<Option<LogEvent>> {
        if let Some(event) = self.survey().await? {
            return Ok(Some(event));
        }
        if !self.fill(HEADER).await? {
            return if self.ahead.is_empty() { Ok(None) } else { Err(self.torn()) };
        }
        let Some(head) = self.ahead.first_chunk().copied() else {
            return Err(self.torn());
        };
        let header = Header::read(&head);
        let size = header.size as usize;
        if size < HEADER {
            return Err(self.fault(Fault::corrupt("an event is shorter than its header")));
        }
        // A damaged size must not make us read gigabytes before we notice.
        if self.ahead.len() < size && self.len().await? < self.offset + size as u64 {
            return Err(self.torn());
        }
        if is_long(&header) {
            self.begin_survey(header, &head);
            return self.survey().await;
        }
        if !self.fill(size).await? {
            return Err(self.torn());
        }
        // Nothing below waits: an event is taken out whole or not at all.
        let mut body = self.ahead.split_to(size).freeze().split_off(HEADER);
        if size > 2 * CHUNK {
            // The rest of what was read would keep all of it in memory.
            self.ahead = BytesMut::from(&self.ahead[..]);
        }
        let kind = Kind::of(header.kind);
        let checked = self.check(kind, &head, &mut body);
        let start = self.offset;
        self.offset += size as u64;
        checked.map_err(|fault| fault.at(&self.path, start))?;
        let Header { timestamp, server_id, .. } = header;
        Ok(Some(LogEvent { kind, timestamp, server_id, start, end: self.offset, body, outer: None }))
    }

    /// Verifies the checksum and cuts it off. A format description changes the format first.
    fn check(&mut self, kind: Kind, head: &[u8; HEADER], body: &mut Bytes) -> std::result::Result<(), Fault> {
        if kind == Kind::FormatDescription {
            self.checksums = format_of(body)?.has_checksums(body)?;
        }
        if !self.checksums {
            return Ok(());
        }
        let plain = body
            .len()
            .checked_sub(CHECKSUM)
            .ok_or_else(|| Fault::corrupt("an event is too short for its checksum"))?;
        let sum = body.split_off(plain);
        if sum.as_ref() != checksum(head, body).to_le_bytes() {
            return Err(Fault::corrupt("an event's checksum does not match"));
        }
        Ok(())
    }

    /// Reads ahead until so many bytes are there. False if the file ends before.
    pub(super) async fn fill(&mut self, wanted: usize) -> Result<bool> {
        while self.ahead.len() < wanted {
            self.ahead.reserve((wanted - self.ahead.len()).max(CHUNK));
            let read = self.file.read_buf(&mut self.ahead).await;
            if read.map_err(|e| self.io(e))? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn len(&self) -> Result<u64> {
        Ok(self.file.metadata().await.map_err(|e| self.io(e))?.len())
    }

    pub(super) fn torn(&self) -> Error {
        Error::Torn { file: self.path.clone(), offset: self.offset }
    }

    pub(super) fn fault(&self, fault: Fault) -> Error {
        self.fault_at(fault, self.offset)
    }

    pub(super) fn fault_at(&self, fault: Fault, offset: u64) -> Error {
        fault.at(&self.path, offset)
    }

    pub(super) fn io(&self, source: std::io::Error) -> Error {
        Error::Io { path: self.path.clone(), source }
    }
}
