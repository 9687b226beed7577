//! One connection to a server: its events made ours.

use super::address::Server;
use super::trouble::Trouble;
use super::watch::{Watch, is_before};
use super::{checks, login, other};
use crate::decode::{Cursor, Fault};
use crate::lineage::LogIdentity;
use crate::log::event::{LogEvent, is_artificial};
use crate::log::format::format_of;
use crate::log::kind::Kind;
use crate::log::payload::Unpacking;
use crate::options::SourceOptions;
use crate::{Error, Position};
use bytes::Bytes;
use futures::StreamExt;
use mysql_async::binlog::BinlogChecksumAlg;
use mysql_async::binlog::events::Event;
use mysql_async::prelude::Queryable;
use mysql_async::{BinlogStream, BinlogStreamRequest, Conn};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a server's log gives next.
#[derive(Debug)]
pub(crate) enum Next {
    Event(LogEvent),
    /// The log goes on in this file.
    File(String, u64, LogIdentity),
    /// The connection was made anew; what was not committed comes again.
    Restarted,
    /// The same, but to another server, in whose log reading goes on here.
    Moved(Box<Position>),
}

/// A connection that streams the log.
pub(crate) struct Connection {
    stream: BinlogStream,
    /// Host and port, for messages.
    server: String,
    /// After so much silence the connection counts as lost.
    silence: Duration,
    payload_limit: u64,
    /// The file the next event is in.
    file: String,
    /// Where the last event ended.
    offset: u64,
    /// Whether the format description came: before it, file names may have a checksum at their end.
    described: bool,
    /// The file that the log goes on in, until its format description comes.
    entering: Option<(String, u64)>,
    watch: Watch,
    /// Events that come before those of the stream: they were looked at already.
    ahead: VecDeque<LogEvent>,
    /// The compressed transaction whose events come before those of the stream.
    unpacking: Option<Unpacking>,
    /// How many events of a compressed transaction the client will give us a second time.
    repeated: usize,
}

/// Connects to the server, checks it, and says what we understand.
pub(crate) async fn log_in(server: &Server, heartbeat: Duration) -> Result<Conn, Trouble> {
    let shown = &server.shown;
    let mut conn = timeout(CONNECT_TIMEOUT, login::connect(server))
        .await
        .map_err(|_| Trouble::Lost(format!("no answer within {} s", CONNECT_TIMEOUT.as_secs())))??;
    server.note_reached();
    checks::check_settings(&mut conn, server).await?;
    let nanos = heartbeat.as_nanos();
    // The capability makes MariaDB send its own kinds of events as they are.
    conn.query_drop(format!(
        "SET @mariadb_slave_capability=4, @master_heartbeat_period={nanos}, @source_heartbeat_period={nanos}"
    ))
    .await
    .map_err(|e| Trouble::of(e, shown))?;
    Ok(conn)
}

impl Connection {
    /// Asks for the log from an event on, and reads the format description of its file.
    pub(crate) async fn stream(
        conn: Conn,
        server: &Server,
        options: &SourceOptions,
        file: &str,
        offset: u64,
    ) -> Result<(Self, LogEvent), Trouble> {
        let request = BinlogStreamRequest::new(server.server_id);
        Self::ask(conn, server, options, request, (file, offset)).await
    }

    /// The same, but the server ends the stream where its log ends now, instead of waiting for more. So none of its
    /// threads is left behind, waiting for an event to notice that the reader is gone.
    pub(super) async fn stream_to_end(
        conn: Conn,
        server: &Server,
        options: &SourceOptions,
        file: &str,
        offset: u64,
    ) -> Result<(Self, LogEvent), Trouble> {
        let request = BinlogStreamRequest::new(server.server_id).with_non_blocking();
        Self::ask(conn, server, options, request, (file, offset)).await
    }

    async fn ask(
        conn: Conn,
        server: &Server,
        options: &SourceOptions,
        request: BinlogStreamRequest<'_>,
        (file, offset): (&str, u64),
    ) -> Result<(Self, LogEvent), Trouble> {
        let request = request.with_filename(file.as_bytes()).with_pos(offset);
        let stream = conn.get_binlog_stream(request).await.map_err(|e| Trouble::of(e, &server.shown))?;
        let mut connection = Self {
            stream,
            server: server.shown.clone(),
            silence: options.heartbeat * 3,
            payload_limit: options.max_transaction_bytes,
            file: file.to_owned(),
            offset,
            described: false,
            entering: None,
            watch: Watch::new(server, options.heartbeat),
            ahead: VecDeque::new(),
            unpacking: None,
            repeated: 0,
        };
        // Nothing else is passed on before it.
        loop {
            if let Next::Event(event) = connection.next().await?
                && event.kind == Kind::FormatDescription
            {
                return Ok((connection, event));
            }
        }
    }

    /// Asks for the log from a position, if the server still has that log. Gives the position with what is known of it
    /// now; on another server of the same history, the same place there.
    ///
    /// The proof is read from the log itself: it begins with the last event before the position, which must be the
    /// one that was there.
    pub(super) async fn resume(
        mut conn: Conn,
        server: &Server,
        options: &SourceOptions,
        position: &Position,
    ) -> Result<(Self, Position), Trouble> {
        let identity = checks::identity(&mut conn, &server.shown).await?;
        let moved = match position.lineage.prove_server(&identity) {
            Ok(()) => None,
            Err(_) => Some(other::find(&mut conn, server, options, position, &identity).await?),
        };
        let position = moved.as_ref().unwrap_or(position);
        let lineage = &position.lineage;
        let broken = |broken| Trouble::Fatal(Error::other_log(position, broken));
        let files = checks::log_files(&mut conn, &server.shown).await?;
        let found = files.iter().find(|(name, _)| *name == position.file);
        let (_, end) = found.ok_or_else(|| Trouble::Fatal(gone(position, &files)))?;
        if position.offset > *end {
            return Err(Trouble::Fatal(Error::ends_before(position, *end)));
        }
        let no_event = |trouble: Trouble| match trouble.is_no_event() {
            true => broken(lineage.no_event(position.offset)),
            false => trouble,
        };
        let first = lineage.first_offset(position.offset);
        let streaming = Self::stream(conn, server, options, &position.file, first).await;
        let (mut connection, description) = streaming.map_err(no_event)?;
        lineage.prove_log(description.log_identity()).map_err(broken)?;
        if lineage.last_event.is_some() {
            let event = connection.packed().await.map_err(no_event)?;
            lineage.prove_event(event.fingerprint()).map_err(broken)?;
        }
        let mut position = position.clone();
        position.lineage.server = Arc::new(identity);
        position.lineage.log = Some(description.log_identity());
        connection.put_back(description);
        Ok((connection, position))
    }

    /// The next event of the log as it is there: a compressed transaction stays one event.
    async fn packed(&mut self) -> Result<LogEvent, Trouble> {
        const HEARTBEATS: [u8; 2] = [27, 41];
        loop {
            let event = self.receive().await?;
            let is_heartbeat = HEARTBEATS.contains(&event.header().event_type_raw());
            let event = self.read(&event).map_err(|fault| self.fatal(fault))?;
            if is_heartbeat || matches!(event.kind, Kind::Rotate | Kind::Unreadable(_)) {
                continue;
            }
            if event.kind == Kind::TransactionPayload {
                self.repeated = count(&event, self.payload_limit).map_err(|fault| self.fatal(fault))?;
            }
            return Ok(event);
        }
    }

    /// The next event of this connection. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Next, Trouble> {
        loop {
            if let Some(event) = self.ahead.pop_front() {
                return Ok(Next::Event(event));
            }
            if let Some(event) = self.unpacked().map_err(|fault| self.fatal(fault))? {
                return Ok(Next::Event(event));
            }
            let event = self.receive().await?;
            if let Some(next) = self.take(&event)? {
                return Ok(next);
            }
        }
    }

    /// The next event of a compressed transaction.
    fn unpacked(&mut self) -> Result<Option<LogEvent>, Fault> {
        let Some(unpacking) = &mut self.unpacking else { return Ok(None) };
        let event = unpacking.next()?;
        // At once, for whoever asks whether there is more.
        if event.is_none() || unpacking.is_at_end()? {
            self.repeated = unpacking.finish()?;
            self.unpacking = None;
        }
        Ok(event)
    }

    /// The client's next event. Cancel safe.
    async fn receive(&mut self) -> Result<Event, Trouble> {
        let event = tokio::select! {
            biased;
            event = timeout(self.silence, self.stream.next()) => event,
            why = self.watch.reset(&self.file, self.offset) => return Err(Trouble::Lost(why)),
        };
        event
            .map_err(|_| Trouble::Lost(format!("the server was silent for {} s", self.silence.as_secs())))?
            .ok_or_else(|| Trouble::Lost("the server ended the stream".into()))?
            .map_err(|e| Trouble::of(e, &self.server))
    }

    fn fatal(&self, fault: Fault) -> Trouble {
        Trouble::Fatal(fault.at(&self.file, self.offset))
    }

    /// Whether there are events of the last one's place that were not taken yet.
    pub(super) fn has_ahead(&self) -> bool {
        !self.ahead.is_empty() || self.unpacking.is_some()
    }

    /// Where the last event ended.
    pub(super) fn place(&self) -> (&str, u64) {
        (&self.file, self.offset)
    }

    /// Gives an event back: it comes again as the next one.
    pub(super) fn put_back(&mut self, event: LogEvent) {
        self.ahead.push_front(event);
    }

    /// Makes our event of the client's. `None` for one that says nothing new.
    fn take(&mut self, event: &Event) -> Result<Option<Next>, Trouble> {
        if self.repeated > 0 {
            self.repeated -= 1;
            return Ok(None);
        }
        self.judge(event).map_err(|fault| self.fatal(fault))
    }

    fn judge(&mut self, event: &Event) -> Result<Option<Next>, Fault> {
        let event = self.read(event)?;
        match event.kind {
            Kind::Rotate => self.rotate(&event),
            Kind::FormatDescription => {
                format_of(&event.body)?;
                self.described = true;
                let log = event.log_identity();
                Ok(Some(match self.entering.take() {
                    Some((file, offset)) => {
                        self.put_back(event);
                        Next::File(file, offset, log)
                    }
                    None => Next::Event(event),
                }))
            }
            Kind::TransactionPayload => {
                self.unpacking = Some(Unpacking::new(&event, &event.body, self.payload_limit)?);
                Ok(None)
            }
            // Of the file alone: a server sends what follows in the clear.
            // Test: `a_log_that_is_encrypted_on_disk_is_read_from_its_server_from_every_mark_on`.
            Kind::Unreadable(_) => Ok(None),
            _ => Ok(Some(Next::Event(event))),
        }
    }

    /// Copies the event, finds its place in the file and verifies its checksum.
    fn read(&mut self, event: &Event) -> Result<LogEvent, Fault> {
        let header = event.header();
        let artificial = is_artificial(header.log_pos(), header.flags_raw());
        let mut start = self.offset;
        if !artificial {
            self.offset = widen(self.offset, header.log_pos());
            // Not where the event before ended: some events are not sent.
            start = self.offset.saturating_sub(u64::from(header.event_size()));
            let crc = BinlogChecksumAlg::BINLOG_CHECKSUM_ALG_CRC32;
            if let (Ok(Some(algorithm)), Some(sum)) = (event.footer().get_checksum_alg(), event.checksum())
                && algorithm == crc
                && event.calc_checksum(crc).to_le_bytes() != sum
            {
                return Err(Fault::corrupt("an event's checksum does not match"));
            }
        }
        Ok(LogEvent {
            kind: Kind::of(header.event_type_raw()),
            timestamp: header.timestamp(),
            server_id: header.server_id(),
            start,
            end: self.offset,
            body: Bytes::copy_from_slice(event.data()),
            outer: None,
        })
    }

    /// The log goes on in another file, said at the end of the old one, and again, or for the first time after a
    /// crash, before the new one.
    fn rotate(&mut self, event: &LogEvent) -> Result<Option<Next>, Fault> {
        let mut body = Cursor::new(&event.body);
        let offset = body.u64()?;
        let file = String::from_utf8_lossy(body.rest()).into_owned();
        if !self.described || file == self.file {
            return Ok(None);
        }
        self.file.clone_from(&file);
        self.offset = offset;
        self.entering = Some((file, offset));
        Ok(None)
    }
}

/// How many events a compressed transaction holds.
fn count(event: &LogEvent, limit: u64) -> Result<usize, Fault> {
    let mut unpacking = Unpacking::new(event, &event.body, limit)?;
    while unpacking.next()?.is_some() {}
    unpacking.finish()
}

/// What became of a log file that is not there any more.
fn gone(position: &Position, files: &[(String, u64)]) -> Error {
    let why = match (files.first(), files.last()) {
        (Some((first, _)), Some((last, _))) => {
            let reset = is_before((last, 0), (&position.file, 0));
            let what = if reset { "its log was reset" } else { "it was purged" };
            format!("{what}, and {first} to {last} are there")
        }
        _ => "it has no log at all".to_owned(),
    };
    Error::Purged { file: position.file.clone(), offset: position.offset, why }
}

/// An offset from its low 32 bits, given the one before it.
fn widen(before: u64, low: u32) -> u64 {
    let end = before & !u64::from(u32::MAX) | u64::from(low);
    if end + (1 << 31) < before { end + (1 << 32) } else { end }
}

#[cfg(test)]
mod tests {
    use super::widen;

    #[test]
    fn offsets_grow_beyond_four_gigabytes() {
        assert_eq!(widen(4, 256), 256);
        assert_eq!(widen(0xFFFF_FF00, 0x10), 0x1_0000_0010);
        assert_eq!(widen(0x1_0000_0010, 0x20), 0x1_0000_0020);
        assert_eq!(widen(500, 400), 400, "a small step back is no wrap");
    }
}
