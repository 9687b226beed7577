//! One source over a file and a server.

use crate::decode::{Flavor, Head};
use crate::lineage::Broken;
use crate::log::{FileLog, Kind, LogEvent, format_of};
#[cfg(feature = "server")]
use crate::log::{LiveLog, Next, Opened};
use crate::options::{SourceOptions, Start};
use crate::position::{Mark, Position, Resume, SourceItem};
use crate::transaction::Assembler;
use crate::{Dialect, Error, Lineage, Result, Schemas};
use futures::stream::{Stream, try_unfold};
use std::path::Path;
use std::sync::Arc;
#[cfg(feature = "server")]
use url::Url;

/// A binlog that is being read: transactions in, [`SourceItem`]s out.
///
/// # Order
/// As in the log. The rows of one transaction and one table are one event; the tables of a transaction follow each
/// other in the order they were first touched, all with the same commit-ts. A large transaction comes as several such
/// stretches of the log, [one after the other](SourceOptions::transaction_memory), so a table's rows may be several events. DDLs and barriers have commit-ts of
/// their own. A [`Mark`] ends every transaction and statement.
#[derive(Debug)]
pub struct Binlog {
    log: Log,
    assembler: Assembler,
    start: Mark,
    /// Whether somebody named the place to start at, and nothing of the log has shown yet that it is a good one.
    given: bool,
    failed: bool,
}

#[derive(Debug)]
enum Log {
    File(Box<FileLog>),
    #[cfg(feature = "server")]
    Live(Box<LiveLog>),
}

impl Binlog {
    /// Opens one binlog file, as the server wrote it or as it was copied from there.
    ///
    /// The file is read to its end and not followed. `resume` continues in the *same* file; a copy that has grown
    /// since counts as the same. For a log of many files, connect to its server.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::NotABinlog`], [`Error::Torn`] if not even the first event is whole,
    /// and [`Error::OtherLog`] if the saved position is of another file, be it of the same name.
    pub async fn open_file(
        path: impl AsRef<Path>,
        options: SourceOptions,
        resume: Option<Resume>,
    ) -> Result<Self> {
        let start = resume.map_or(Start::Earliest, |resume| Start::Resume(Box::new(resume)));
        Self::open_file_at(path, options, start).await
    }

    /// The same, beginning where `start` says.
    ///
    /// # Errors
    /// As for [`open_file`](Self::open_file), and [`Error::Config`] if the start is no place in this file.
    pub async fn open_file_at(path: impl AsRef<Path>, options: SourceOptions, start: Start) -> Result<Self> {
        let path = path.as_ref();
        let (mut log, description) = FileLog::open(path, options.max_transaction_bytes).await?;
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let given = matches!(start, Start::At(_));
        let resume = match start {
            Start::Now => {
                return Err(Error::Config(format!(
                    "{file} is a file and is read to its end: it has no now to start at; use earliest, FILE:OFFSET, gtid:SET or time:MOMENT"
                )));
            }
            Start::Resume(mut resume) => {
                if resume.position.file != file {
                    let saved = format!("a position in {}", resume.position.file);
                    return Err(Error::other_log(&resume.position, Broken { saved, found: file }));
                }
                log.resume(&resume.position, &description).await?;
                resume.position.lineage.log = Some(description.log_identity());
                *resume
            }
            Start::Earliest | Start::At(_) | Start::Behind(_) | Start::Since(_) => {
                let beginning = log.offset();
                let created = u64::from(description.timestamp) * 1_000;
                let charset = server_charset(&mut log).await;
                let schemas = charset.map_or_else(Schemas::default, Schemas::with_server_charset);
                let mut schemas = schemas.in_lower_case(options.lower_case_names);
                if let Some(script) = &options.given_tables {
                    let dialect = Dialect { mariadb: is_of_mariadb(&description), ..Dialect::default() };
                    let followed = schemas.follow_script(script, dialect);
                    followed.map_err(|reason| Error::Config(format!("the given tables: {reason}")))?;
                }
                let (mut gtids, mut known) = (None, None);
                let offset = match start {
                    Start::At(place) => log.check_place(&place, &file).await?.max(beginning),
                    Start::Behind(_) | Start::Since(_) => {
                        log.seek(beginning).await?;
                        let place = log.search(&start, file.clone(), description.log_identity()).await?;
                        (gtids, known) = (place.gtids, place.known);
                        place.offset.max(beginning)
                    }
                    Start::Now | Start::Earliest | Start::Resume(_) => beginning,
                };
                log.seek(offset).await?;
                let log = Some(description.log_identity());
                let lineage = Lineage { log, gtids, ..Lineage::default() };
                let mut resume = Resume::fresh(file, offset, lineage, (options.above, created), schemas);
                resume.position.known = known.map(Arc::new);
                resume
            }
        };
        let mut source = Self::new(Log::File(Box::new(log)), resume, &options);
        source.given = given;
        source.assembler.push(&description)?;
        Ok(source)
    }

    /// Connects to a server at `mysql://user[:password]@host[:port][?name=value&…]` and checks that it logs whole rows.
    ///
    /// | name | value |
    /// |---|---|
    /// | `ssl-mode` | `disabled`, `preferred` (the default), `required`, `verify-ca` or `verify-identity` |
    /// | `ssl-ca` | a PEM file with the CAs that are trusted; without it, the public ones are |
    /// | `ssl-cert`, `ssl-key` | PEM files with our certificate and its key, for accounts that demand one |
    /// | `socket` | a Unix socket; the host is then `localhost`, or empty where there is no user |
    /// | `password-file` | a file with the password in its first line |
    /// | `server-id` | our number among the server's replicas |
    ///
    /// All values are percent-encoded. Files are read once, here.
    ///
    /// `preferred` takes TLS where it comes about, and otherwise, with a warning if the server has a TLS that we do not
    /// speak, goes on without. The modes after it never do. `preferred` and `required` verify no certificate, `verify-ca`
    /// verifies who signed it, and `verify-identity` also whether it is for the host. TLS is 1.3, or 1.2 with ECDHE, which
    /// old servers (MySQL 5.7.22 and 8.0.15, for two) do not have. Over a socket no TLS is spoken.
    ///
    /// The password is that of the URL, else that of the password-file, else that of the environment variable
    /// `SPILLWAY_SOURCE_PASSWORD`. Without `server-id` a random one is taken; two readers with one number throw each
    /// other out. The user needs the privileges REPLICATION SLAVE and REPLICATION CLIENT.
    ///
    /// # Errors
    /// [`Error::Config`], [`Error::Server`], [`Error::Purged`] and [`Error::OtherLog`] if a saved position has no log to
    /// go on in any more, [`Error::Unreached`] if the server is not there right now, and [`Error::Unreachable`] if it went
    /// away meanwhile.
    #[cfg(feature = "server")]
    pub async fn connect(url: &Url, options: SourceOptions, start: Start) -> Result<Self> {
        let Opened { log, resume } = LiveLog::open(url, &options, &start).await?;
        let mut source = Self::new(Log::Live(Box::new(log)), resume, &options);
        source.given = matches!(start, Start::At(_));
        Ok(source)
    }

    fn new(log: Log, resume: Resume, options: &SourceOptions) -> Self {
        let assembler = Assembler::new(resume, options);
        Self { start: assembler.mark(), log, assembler, given: false, failed: false }
    }

    /// Where it starts, before the first event. Save it before anything else: a run that begins anew at "now"
    /// would otherwise begin somewhere else.
    pub fn start_mark(&self) -> Mark {
        self.start.clone()
    }

    /// The next item; `None` at the end of a file. A server's log has no end: waits for more, and for a lost server.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: the next call goes on where it stopped.
    ///
    /// # Errors
    /// Every transaction before the error was handed over, of the one with the error at most a part, and no mark.
    /// After an error the source stays failed: open it again, at the last mark.
    pub async fn next(&mut self) -> Result<Option<SourceItem>> {
        if self.failed {
            return Err(Error::Config("this source has failed before; open it again".into()));
        }
        let item = self.advance().await.map_err(|error| self.blamed(error));
        self.given &= !matches!(item, Ok(Some(SourceItem::Mark(_))));
        self.failed = item.is_err();
        item
    }

    /// All items from here on, as a stream. Take [`start_mark`](Self::start_mark) before, if it is wanted.
    ///
    /// # Order
    /// That of [`next`](Self::next). Nothing is read ahead: the log is read when the stream is polled, and a slow
    /// reader holds it up.
    ///
    /// # End
    /// After the last item of a file, and after the first error, which is then its last item. Polled again, it stays at
    /// its end. The stream of a server has no end but an error.
    ///
    /// # Cancel safety
    /// A future that waits for the next item can be dropped: what is read meanwhile stays with the stream. Dropping the
    /// stream drops the log; a new one goes on at the last mark.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    ///
    /// # Example
    /// ```
    /// use change_event::ChangeEvent;
    /// use source_mysql::{Binlog, SourceItem, SourceOptions};
    /// use std::pin::pin;
    /// use tokio_stream::StreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> source_mysql::Result<()> {
    /// let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop.binlog");
    /// let log = Binlog::open_file(file, SourceOptions::default(), None).await?;
    /// let statements = log.into_stream().filter_map(|item| match item {
    ///     Ok(SourceItem::Event(ChangeEvent::Ddl(statement))) => Some(Ok(statement.commit_ts)),
    ///     Ok(SourceItem::Event(_) | SourceItem::Parked(_) | SourceItem::Mark(_)) => None,
    ///     Err(error) => Some(Err(error)),
    /// });
    /// let mut first_three = pin!(statements.take(3));
    /// let mut last = None;
    /// while let Some(commit_ts) = first_three.try_next().await? {
    ///     assert!(last < Some(commit_ts), "statements come in the order of the log");
    ///     last = Some(commit_ts);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_stream(self) -> impl Stream<Item = Result<SourceItem>> + Send {
        try_unfold(self, |mut log| async move { Ok(log.next().await?.map(|item| (item, log))) })
    }

    async fn advance(&mut self) -> Result<Option<SourceItem>> {
        loop {
            if self.assembler.is_unsettled() {
                self.assembler.settle().await?;
            }
            #[cfg(feature = "server")]
            self.ask_for_tables().await?;
            if let Some(item) = self.assembler.pop()? {
                return Ok(Some(item));
            }
            if self.assembler.is_block_due() {
                continue;
            }
            match &mut self.log {
                Log::File(file) => match file.next().await? {
                    Some(event) => self.assembler.push(&event)?,
                    None => return self.end_of_file(),
                },
                #[cfg(feature = "server")]
                Log::Live(live) => match live.next(self.assembler.position()).await? {
                    Next::Event(event) => self.assembler.push(&event)?,
                    Next::File(file, offset, log) => self.assembler.enter(file, offset, log),
                    Next::Restarted => self.assembler.restart(),
                    Next::Moved(position) => self.assembler.move_to(*position),
                },
            }
        }
    }

    /// Asks the server for the tables that the last event left unknown. Cancel safe: what has no answer is asked again.
    #[cfg(feature = "server")]
    async fn ask_for_tables(&mut self) -> Result<()> {
        let Log::Live(live) = &mut self.log else { return Ok(()) };
        while let Some(unknown) = self.assembler.unknown() {
            let Mark { position, schemas, .. } = self.assembler.mark();
            let found = live.create_table(&unknown.name, &position, &schemas).await?;
            self.assembler.learn(found);
        }
        Ok(())
    }

    /// What makes no sense right after a place that somebody named says that it was the wrong place.
    fn blamed(&self, error: Error) -> Error {
        match error {
            Error::Corrupt { .. } if self.given => {
                let Position { file, offset, .. } = &self.start.position;
                Error::Config(format!(
                    "the start at {file}:{offset} is within a transaction; take an offset where one begins"
                ))
            }
            other => other,
        }
    }

    /// A file may end between two transactions only.
    fn end_of_file(&self) -> Result<Option<SourceItem>> {
        match self.assembler.unfinished() {
            None => Ok(None),
            Some(offset) => Err(Error::Torn { file: self.assembler.position().file.clone(), offset }),
        }
    }
}

/// Whether a file's first event says that a MariaDB wrote it.
fn is_of_mariadb(description: &LogEvent) -> bool {
    format_of(&description.body).is_ok_and(|format| format.server.flavor == Flavor::MariaDb)
}

/// The charset that the server of a file makes databases with: its first statement says so. Statements are looked
/// for near the beginning only, and what is wrong with the file is left to the one who reads it.
async fn server_charset(log: &mut FileLog) -> Option<&'static str> {
    const NEAR: usize = 64;
    for _ in 0..NEAR {
        let event = log.next().await.ok()??;
        if let Kind::Query { .. } = event.kind {
            return Head::read(&event.body).ok()?.server_charset;
        }
    }
    None
}
