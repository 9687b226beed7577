//! A server's log, across reconnects.
//!
//! ```text
//!  streaming ──connection breaks──► waiting (0.1 s, doubling to 10 s) ──connected──► streaming
//!                                      └── give-up-after is over ──► Unreachable, with the first error
//! ```
//! After a reconnect the log goes on at the position the caller gives: the end of the last whole transaction. It is
//! proved each time that the log is still the one of that position.

use super::address::Server;
use super::asker::Asker;
use super::begin::{self, Begun};
use super::connection::{Connection, Next, log_in};
use super::first_contact::FirstContact;
use super::trouble::Trouble;
use super::{checks, names, shapes};
use crate::log::search::FIRST_EVENT;
use crate::options::{LogPlace, SourceOptions, Start};
use crate::parked::OnUnsupported;
use crate::sql::Dialect;
use crate::{Error, Lineage, Position, Result, Resume, Schemas};
use change_event::{CommitTs, TableName};
use futures::FutureExt;
use futures::future::BoxFuture;
use mysql_async::Conn;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

const BOUNDARIES: &str = "take one of the offsets that SHOW BINLOG EVENTS IN names where a transaction begins, or 4 for the whole file";

const FIRST_DELAY: Duration = Duration::from_millis(100);
const MAX_DELAY: Duration = Duration::from_secs(10);

/// A server's log that is being read.
pub(crate) struct LiveLog {
    server: Server,
    options: SourceOptions,
    /// None while the server is lost.
    connection: Option<Connection>,
    lost: Option<Lost>,
    /// Where the server could not read its log. After RESET MASTER it cannot, and a proof then tells; a second time at
    /// the same place it is damaged.
    doubted: Option<(String, u64)>,
    asking: Option<Question>,
}

/// A fresh log, where it begins, and the tables there.
pub(crate) struct Opened {
    pub(crate) log: LiveLog,
    pub(crate) resume: Resume,
}

fn refused(text: String) -> Trouble {
    Trouble::Fatal(Error::Config(text))
}

/// A table that the server is asked for.
struct Question {
    name: TableName,
    place: LogPlace,
    since: Instant,
    /// The first error, if there was one.
    first: Option<String>,
    delay: Duration,
    answer: BoxFuture<'static, Result<Option<(String, Dialect)>, Trouble>>,
}

/// A server that went away.
struct Lost {
    since: Instant,
    first: String,
    retry_at: Instant,
    delay: Duration,
}

impl std::fmt::Debug for LiveLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveLog")
            .field("server", &self.server)
            .field("connected", &self.connection.is_some())
            .finish_non_exhaustive()
    }
}

impl LiveLog {
    /// Connects, checks the server and begins to stream. Waits for a server that is not there only if the options say so.
    pub(crate) async fn open(url: &url::Url, options: &SourceOptions, start: &Start) -> Result<Opened> {
        let mut log = Self {
            server: Server::from_url(url)?.parking(options.on_unsupported == OnUnsupported::Park),
            options: options.clone(),
            connection: None,
            lost: None,
            doubted: None,
            asking: None,
        };
        let mut contact = FirstContact::new(options.wait_for_source);
        loop {
            match log.begin(start).await {
                Ok(resume) => return Ok(Opened { log, resume }),
                Err(trouble) => contact.wait(trouble, &log.server).await?,
            }
        }
    }

    async fn begin(&mut self, start: &Start) -> Result<Resume, Trouble> {
        match start {
            Start::Resume(resume) => self.resume(resume).await,
            Start::Now | Start::Earliest | Start::At(_) | Start::Behind(_) | Start::Since(_) => {
                self.start_afresh(start).await
            }
        }
    }

    async fn resume(&mut self, resume: &Resume) -> Result<Resume, Trouble> {
        let position = &resume.position;
        if !position.lineage.is_known() {
            let (file, offset) = (&position.file, position.offset);
            tracing::warn!(
                file,
                offset,
                "the saved position is of an older spillway: that the log is still the same cannot be proved; \
                 from here on it is"
            );
        }
        let conn = log_in(&self.server, self.options.heartbeat).await?;
        let (connection, mut found) = Connection::resume(conn, &self.server, &self.options, position).await?;
        if position.lineage.prove_server(&found.lineage.server).is_err() {
            // What an earlier run handed over behind the position comes again in another order. No commit-ts may come again
            // for something else: a reader leaves out what is not above the last one. So all are above the clock that the
            // earlier ones were made by, and above those that were made so at the last move.
            let mut conn = log_in(&self.server, self.options.heartbeat).await?;
            let clock = CommitTs::from_millis(checks::clock_millis(&mut conn, &self.server.shown).await?);
            found.commit_ts = CommitTs(found.commit_ts.max(clock).0 + CommitTs::from_millis(1_000).0);
        }
        self.connection = Some(connection);
        Ok(Resume { position: found, schemas: resume.schemas.clone() })
    }

    async fn start_afresh(&mut self, start: &Start) -> Result<Resume, Trouble> {
        let mut conn = log_in(&self.server, self.options.heartbeat).await?;
        let shown = &self.server.shown.clone();
        let mut begun = self.find(&mut conn, start).await?;
        let mut schemas = names::schemas(&mut conn, shown).await?;
        if let Start::Now = start {
            names::note_others(&mut conn, shown, &mut schemas).await?;
        }
        self.know_tables(&mut conn, start, &mut begun, &mut schemas).await?;
        let Begun { place, clock, mut gtids, known } = begun;
        let LogPlace { file, offset } = &place;
        if gtids.is_none() && *offset > FIRST_EVENT {
            gtids = checks::gtids_at(&mut conn, file, *offset).await;
        }
        let server = Arc::new(checks::identity(&mut conn, shown).await?);
        let (mut connection, description) =
            Connection::stream(conn, &self.server, &self.options, file, *offset).await?;
        let log = description.log_identity();
        // Without a clock: when the file was begun, so that it is the same each time.
        let clock = clock.unwrap_or_else(|| u64::from(log.created) * 1_000);
        connection.put_back(description);
        self.connection = Some(connection);
        let lineage = Lineage { server, log: Some(log), last_event: None, gtids, last_transaction: None };
        let clock = (self.options.above, clock);
        let mut resume = Resume::fresh(place.file, place.offset, lineage, clock, schemas);
        resume.position.known = known.map(Arc::new);
        Ok(resume)
    }

    /// The place that a start means.
    async fn find(&mut self, conn: &mut Conn, start: &Start) -> Result<Begun, Trouble> {
        let shown = &self.server.shown.clone();
        let files = checks::log_files(conn, shown).await?;
        let (Some((first, _)), Some((last, _))) = (files.first(), files.last()) else {
            return Err(Trouble::Fatal(Error::Server(format!("{shown} has no log files"))));
        };
        match start {
            Start::Earliest => {
                let place = LogPlace { file: first.clone(), offset: FIRST_EVENT };
                Ok(Begun::at(place))
            }
            Start::At(place) => {
                let found = files.iter().find(|(name, _)| *name == place.file);
                let (file, end) = found.ok_or_else(|| {
                    refused(format!("{shown} has no log file {}, only {first} to {last}", place.file))
                })?;
                if place.offset > *end {
                    return Err(refused(format!("{file} ends at {end}, before the start at {place}")));
                }
                if place.offset < *end {
                    self.expect_event(place).await?;
                }
                Ok(Begun::at(place.clone()))
            }
            Start::Now | Start::Resume(_) => {
                let end = checks::log_end(conn, shown).await?;
                let clock = Some(checks::clock_millis(conn, shown).await?);
                let place = LogPlace { file: end.file, offset: end.offset };
                Ok(Begun { clock, gtids: begin::proved(end.gtids), ..Begun::at(place) })
            }
            Start::Behind(gtids) => begin::behind(conn, &self.server, &self.options, &files, gtids).await,
            Start::Since(moment) => begin::since(conn, &self.server, &self.options, &files, *moment).await,
        }
    }

    /// Whether an event begins at a place that somebody named.
    async fn expect_event(&mut self, place: &LogPlace) -> Result<(), Trouble> {
        let no_event = |trouble: Trouble| match trouble.is_no_event() {
            true => refused(format!("no event begins at {place}; {BOUNDARIES}")),
            false => trouble,
        };
        let conn = log_in(&self.server, self.options.heartbeat).await?;
        let opened = Connection::stream(conn, &self.server, &self.options, &place.file, place.offset).await;
        let (mut connection, _) = opened.map_err(no_event)?;
        match connection.next().await.map_err(no_event)? {
            Next::Event(_) => Ok(()),
            Next::File(..) | Next::Restarted | Next::Moved(_) => {
                Err(refused(format!("{place} is where the file ends; start at the next one")))
            }
        }
    }

    /// Puts the tables there are at a place into `schemas`, as a script or the server tells. For a start at "now" the place
    /// may become a later one. A log that shows the columns of all its rows needs nobody to tell, where
    /// it would take reading it twice.
    async fn know_tables(
        &mut self,
        conn: &mut Conn,
        start: &Start,
        begun: &mut Begun,
        schemas: &mut Schemas,
    ) -> Result<(), Trouble> {
        let shown = &self.server.shown;
        let may_move = matches!(start, Start::Now);
        if let Some(script) = &self.options.given_tables {
            let dialect = Asker::new(&self.server, &self.options).await?.dialect;
            let followed = schemas.follow_script(script, dialect);
            followed.map_err(|reason| refused(format!("the given tables: {reason}")))?;
        } else if may_move || !checks::shows_columns(conn, shown).await? {
            shapes::read_all(&self.server, &self.options, begun, may_move, schemas).await?;
        }
        Ok(())
    }

    /// The CREATE TABLE of a table as it was at a position, if the server can tell. Waits for a lost server. Cancel safe.
    pub(crate) async fn create_table(
        &mut self,
        name: &TableName,
        at: &Position,
        schemas: &Schemas,
    ) -> Result<Option<(String, Dialect)>> {
        let place = LogPlace { file: at.file.clone(), offset: at.offset };
        let (server, options) = (self.server.clone(), self.options.clone());
        let ask = |delay: Duration| {
            let (server, options) = (server.clone(), options.clone());
            let (place, name, schemas) = (place.clone(), name.clone(), schemas.clone());
            async move {
                sleep(delay).await;
                shapes::read_one(server, options, place, name, schemas).await
            }
            .boxed()
        };
        // What was asked before the caller gave up waiting is still under way.
        let asked = self.asking.take().filter(|asked| (&asked.name, &asked.place) == (name, &place));
        let question = self.asking.insert(asked.unwrap_or_else(|| Question {
            name: name.clone(),
            place: place.clone(),
            since: Instant::now(),
            first: None,
            delay: Duration::ZERO,
            answer: ask(Duration::ZERO),
        }));
        let failed = loop {
            match (&mut question.answer).await {
                Ok(found) => {
                    self.asking = None;
                    return Ok(found);
                }
                Err(Trouble::Lost(why)) => {
                    tracing::warn!(table = %name, error = %why, "cannot ask the server for a table");
                    let first: &String = question.first.get_or_insert(why);
                    if question.since.elapsed() >= options.give_up_after {
                        break Trouble::Lost(first.clone());
                    }
                    question.delay = (question.delay * 2).clamp(FIRST_DELAY, MAX_DELAY);
                    question.answer = ask(question.delay);
                }
                Err(trouble @ (Trouble::Unreadable(_) | Trouble::Behind(_) | Trouble::Fatal(_))) => {
                    break trouble;
                }
            }
        };
        let away = question.since.elapsed();
        self.asking = None;
        Err(self.give_up(failed, away))
    }

    /// The next event. Waits for a lost server. `resume` is where the log goes on if the connection has to be made
    /// anew. Cancel safe.
    pub(crate) async fn next(&mut self, resume: &Position) -> Result<Next> {
        loop {
            let outcome = match &mut self.connection {
                Some(connection) => connection.next().await,
                None => self.reconnect(resume).await,
            };
            match outcome {
                Ok(next) => return Ok(next),
                Err(trouble) => self.note(trouble, resume)?,
            }
        }
    }

    /// Begins or goes on to wait, unless there is nothing to wait for.
    fn note(&mut self, trouble: Trouble, at: &Position) -> Result<()> {
        let (why, at_last) = match trouble {
            Trouble::Lost(why) => (why, None),
            Trouble::Behind(error) => (error.to_string(), Some(error)),
            Trouble::Unreadable(why) if self.doubted != Some((at.file.clone(), at.offset)) => {
                self.doubted = Some((at.file.clone(), at.offset));
                (why, None)
            }
            Trouble::Unreadable(_) | Trouble::Fatal(_) => return Err(self.give_up(trouble, Duration::ZERO)),
        };
        self.connection = None;
        let now = Instant::now();
        tracing::warn!(server = %self.server.shown, error = %why, "lost the server");
        let (since, first, delay) = match self.lost.take() {
            None => (now, why, FIRST_DELAY),
            Some(lost) => (lost.since, lost.first, (lost.delay * 2).min(MAX_DELAY)),
        };
        let away = now.duration_since(since);
        if away >= self.options.give_up_after {
            return Err(at_last.unwrap_or_else(|| self.give_up(Trouble::Lost(first), away)));
        }
        self.lost = Some(Lost { since, first, retry_at: now + delay, delay });
        Ok(())
    }

    fn give_up(&self, trouble: Trouble, away: Duration) -> Error {
        match trouble {
            Trouble::Behind(error) | Trouble::Fatal(error) => error,
            Trouble::Unreadable(why) => {
                Error::Server(format!("{} cannot read its own log: {why}", self.server.shown))
            }
            Trouble::Lost(first) => self.server.away(away, first),
        }
    }

    async fn reconnect(&mut self, resume: &Position) -> Result<Next, Trouble> {
        if let Some(lost) = &self.lost {
            sleep_until(lost.retry_at).await;
        }
        let conn = log_in(&self.server, self.options.heartbeat).await?;
        // Only an event proves that the server is well, so the clock of `lost` runs until then. It is the format
        // description: nothing else is passed on before that.
        let (connection, found) = Connection::resume(conn, &self.server, &self.options, resume).await?;
        tracing::info!(server = %self.server.shown, "found the server again");
        self.connection = Some(connection);
        self.lost = None;
        Ok(match resume.lineage.prove_server(&found.lineage.server) {
            Ok(()) => Next::Restarted,
            Err(_) => Next::Moved(Box::new(found)),
        })
    }
}
