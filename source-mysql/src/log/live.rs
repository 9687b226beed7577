//! A server's log, across reconnects.
//!
//! ```text
//!  streaming ──connection breaks──► waiting (0.1 s, doubling to 10 s) ──connected──► streaming
//!                                      └── give-up-after is over ──► Unreachable, with the first error
//! ```
//! After a reconnect the log goes on at the position the caller gives: the end of the last whole transaction.

use super::checks;
use super::connection::{Connection, Next, log_in};
use super::kind::Kind;
use super::server::Server;
use super::trouble::Trouble;
use crate::options::{SourceOptions, Start};
use crate::{Error, Position, Result, Resume};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const MAX_DELAY: Duration = Duration::from_secs(10);

/// A server's log that is being read.
pub(crate) struct LiveLog {
    server: Server,
    options: SourceOptions,
    /// None while the server is lost.
    connection: Option<Connection>,
    lost: Option<Lost>,
}

/// A fresh log, where it begins, and the tables there.
pub(crate) struct Opened {
    pub(crate) log: LiveLog,
    pub(crate) resume: Resume,
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
    /// Connects, checks the server and begins to stream. Does not wait for a server that is not there.
    pub(crate) async fn open(url: &url::Url, options: &SourceOptions, start: &Start) -> Result<Opened> {
        let mut log =
            Self { server: Server::from_url(url)?, options: options.clone(), connection: None, lost: None };
        let begun = log.begin(start).await;
        let resume = begun.map_err(|trouble| log.give_up(trouble, Duration::ZERO))?;
        Ok(Opened { log, resume })
    }

    async fn begin(&mut self, start: &Start) -> Result<Resume, Trouble> {
        let mut conn = log_in(&self.server, self.options.heartbeat).await?;
        let shown = &self.server.shown;
        let (file, offset, clock) = match start {
            Start::Now => {
                let (file, offset) = checks::current_position(&mut conn, shown).await?;
                (file, offset, Some(checks::clock_millis(&mut conn, shown).await?))
            }
            Start::Earliest => {
                let files = checks::log_files(&mut conn, shown).await?;
                let no_logs = || Trouble::Fatal(Error::Server(format!("{shown} has no log files")));
                let (file, _) = files.into_iter().next().ok_or_else(no_logs)?;
                (file, 4, None)
            }
            Start::Resume(resume) => {
                let (file, offset) = (&resume.position.file, resume.position.offset);
                let connection = Connection::stream(conn, &self.server, &self.options, file, offset).await?;
                self.connection = Some(connection);
                return Ok(Resume::clone(resume));
            }
        };
        let charset = checks::server_charset(&mut conn, shown).await?;
        let mut connection = Connection::stream(conn, &self.server, &self.options, &file, offset).await?;
        let clock = match clock {
            Some(clock) => clock,
            None => file_created(&mut connection).await?,
        };
        self.connection = Some(connection);
        Ok(Resume::fresh(file, offset, clock, charset.as_deref()))
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
                Err(trouble) => self.note(trouble)?,
            }
        }
    }

    /// Begins or goes on to wait, unless there is nothing to wait for.
    fn note(&mut self, trouble: Trouble) -> Result<()> {
        let Trouble::Lost(why) = trouble else {
            return Err(self.give_up(trouble, Duration::ZERO));
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
            return Err(self.give_up(Trouble::Lost(first), away));
        }
        self.lost = Some(Lost { since, first, retry_at: now + delay, delay });
        Ok(())
    }

    fn give_up(&self, trouble: Trouble, away: Duration) -> Error {
        match trouble {
            Trouble::Fatal(error) => error,
            Trouble::Lost(first) => {
                Error::Unreachable { server: self.server.shown.clone(), seconds: away.as_secs(), first }
            }
        }
    }

    async fn reconnect(&mut self, resume: &Position) -> Result<Next, Trouble> {
        if let Some(lost) = &self.lost {
            sleep_until(lost.retry_at).await;
        }
        let conn = log_in(&self.server, self.options.heartbeat).await?;
        let (file, offset) = (&resume.file, resume.offset);
        let mut connection = Connection::stream(conn, &self.server, &self.options, file, offset).await?;
        // Only an event proves that the server is well, so the clock of `lost` runs until then. It is the format
        // description: nothing else is passed on before that.
        if let Next::Event(first) = connection.next().await? {
            connection.put_back(first);
        }
        tracing::info!(server = %self.server.shown, "found the server again");
        self.connection = Some(connection);
        self.lost = None;
        Ok(Next::Restarted)
    }
}

/// Reads up to the first file's format description, which says when the file was begun.
async fn file_created(connection: &mut Connection) -> Result<u64, Trouble> {
    loop {
        if let Next::Event(event) = connection.next().await?
            && event.kind == Kind::FormatDescription
        {
            let created = u64::from(event.timestamp) * 1_000;
            connection.put_back(event);
            return Ok(created);
        }
    }
}
