//! Whether the log that a silent connection follows is still there.
//!
//! After RESET MASTER a server goes on to send heartbeats of the old log, for as long as nobody writes to the new one.
//! So a connection that has nothing to say is not believed: every two seconds the server is asked, over a connection
//! beside it, where its log ends. An end before the place that was reached already says that it was reset.
//!
//! While events come nothing is asked: servers end the stream when they find their log gone.

use super::address::Server;
use super::checks::{self, LogEnd};
use super::connection::log_in;
use futures::FutureExt;
use futures::future::BoxFuture;
use mysql_async::Conn;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

const EVERY: Duration = Duration::from_secs(2);

/// How long an answer is waited for. None is no reason to stop: the connection that is watched will tell.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks now and then where the log ends.
pub(super) struct Watch {
    server: Server,
    heartbeat: Duration,
    state: State,
}

enum State {
    Waiting(Option<Conn>, Instant),
    /// Since the connection was at this place.
    Asking((String, u64), BoxFuture<'static, (Option<Conn>, Option<LogEnd>)>),
}

impl Watch {
    pub(super) fn new(server: &Server, heartbeat: Duration) -> Self {
        let state = State::Waiting(None, Instant::now() + EVERY);
        Self { server: server.clone(), heartbeat, state }
    }

    /// Waits until the log is found to end before the place that was reached; says where. Cancel safe.
    pub(super) async fn reset(&mut self, file: &str, offset: u64) -> String {
        loop {
            match &mut self.state {
                State::Waiting(conn, until) => {
                    sleep_until(*until).await;
                    let asking = ask(conn.take(), self.server.clone(), self.heartbeat).boxed();
                    self.state = State::Asking((file.to_owned(), offset), asking);
                }
                State::Asking((file, offset), asking) => {
                    let (conn, end) = asking.await;
                    let before = end.filter(|end| is_before((&end.file, end.offset), (file, *offset)));
                    self.state = State::Waiting(conn, Instant::now() + EVERY);
                    if let Some(end) = before {
                        return format!(
                            "its log ends at {}:{} now, before what was read",
                            end.file, end.offset
                        );
                    }
                }
            }
        }
    }
}

async fn ask(conn: Option<Conn>, server: Server, heartbeat: Duration) -> (Option<Conn>, Option<LogEnd>) {
    let asked = async {
        let mut conn = match conn {
            Some(conn) => conn,
            None => log_in(&server, heartbeat).await.ok()?,
        };
        let end = checks::log_end(&mut conn, &server.shown).await.ok()?;
        Some((conn, end))
    };
    timeout(PATIENCE, asked).await.ok().flatten().map_or((None, None), |(conn, end)| (Some(conn), Some(end)))
}

/// Whether a place comes before another one. False for files that are named in another way.
pub(crate) fn is_before(one: (&str, u64), other: (&str, u64)) -> bool {
    match (number(one.0), number(other.0)) {
        (Some((base, number)), Some((same, limit))) if base == same => (number, one.1) < (limit, other.1),
        _ => false,
    }
}

/// A log file's name without its number, and the number.
fn number(file: &str) -> Option<(&str, u64)> {
    let (base, number) = file.rsplit_once('.')?;
    Some((base, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::is_before;

    #[test]
    fn places_are_compared_by_number_and_offset() {
        for (one, other, before) in [
            (("binlog.000001", 325), ("binlog.000001", 2_142), true),
            (("binlog.000001", 2_142), ("binlog.000001", 2_142), false),
            (("binlog.000002", 4), ("binlog.000001", 2_142), false),
            (("binlog.999999", 4), ("binlog.1000000", 4), true),
            (("other.000001", 4), ("binlog.000002", 4), false),
            (("binlog", 4), ("binlog.000002", 4), false),
        ] {
            assert_eq!(is_before(one, other), before, "{one:?} {other:?}");
        }
    }
}
