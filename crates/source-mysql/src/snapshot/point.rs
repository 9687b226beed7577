//! Readers that all see the tables as they are at one point of the log.

use super::options::{SnapshotLock, SnapshotOptions};
use super::unlocked;
use crate::log::server::checks;
use crate::log::server::{Server, Trouble, is_held, log_in};
use crate::options::{LogPlace, SourceOptions};
use crate::{Error, Gtids};
use futures::future::try_join_all;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error as ClientError, Row};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// So often readers are begun all over again until they agree.
const AGREEMENTS: usize = 20;

/// So often the lock is tried: each try makes writers wait for two seconds at most.
const LOCKS: usize = 30;
const BETWEEN_LOCKS: Duration = Duration::from_secs(2);

/// A server refuses with these what needs a privilege.
const DENIED: [u16; 4] = [1044, 1045, 1142, 1227];

/// What the rows of all readers are read in. What a server or its operator has set must not change what is read, or end
/// a reader that waits for the sink.
const SESSION: [&str; 3] = [
    "SET SESSION sql_mode='', time_zone='+00:00', character_set_results=NULL, lock_wait_timeout=5, \
     net_write_timeout=86400, wait_timeout=2147483",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "SET SESSION autocommit=1",
];

/// Settings that only some servers have.
const LIMITS: [&str; 3] = [
    "SET SESSION max_execution_time=0",
    "SET SESSION max_statement_time=0",
    "SET SESSION idle_readonly_transaction_timeout=0, idle_transaction_timeout=0",
];

/// A MariaDB lets a table go at `ROLLBACK TO SAVEPOINT` only in a session that logs nothing. These only read.
const NO_LOG: &str = "/*M! SET SESSION sql_log_bin=0 */";

/// A point of the log, and readers that see the tables as they are there.
pub(super) struct Point {
    pub(super) readers: Vec<Conn>,
    pub(super) place: LogPlace,
    pub(super) gtids: Option<Gtids>,
    /// Whether the readers are exactly there. If not, they see a little more than the log up to there.
    pub(super) is_exact: bool,
}

/// A connection whose session is fit to read.
pub(super) async fn connect(server: &Server, options: &SourceOptions) -> Result<Conn, Trouble> {
    let mut conn = log_in(server, options.heartbeat).await?;
    for statement in SESSION {
        conn.query_drop(statement).await.map_err(|e| Trouble::of(e, &server.shown))?;
    }
    for statement in LIMITS {
        match conn.query_drop(statement).await {
            Ok(()) | Err(ClientError::Server(_)) => {}
            Err(error) => return Err(Trouble::of(error, &server.shown)),
        }
    }
    Ok(conn)
}

/// Finds a point.
pub(super) async fn find(
    server: &Server,
    options: &SourceOptions,
    how: &SnapshotOptions,
) -> Result<Point, Trouble> {
    let readers = (0..how.readers.max(1)).map(|_| connect(server, options));
    let mut readers = try_join_all(readers).await?;
    let lets_go = try_join_all(readers.iter_mut().map(|conn| let_tables_go(conn, server))).await?;
    if lets_go.contains(&false) {
        tracing::warn!(
            "a statement on a table that was read waits until the copy ends, and others wait behind it; GRANT BINLOG ADMIN \
             (SUPER before MariaDB 10.5) ON *.* to the user, so that the server lets tables go"
        );
    }
    if tells_its_place(&mut readers[0], server).await? {
        return agree(readers, server, how).await;
    }
    match how.lock {
        SnapshotLock::Global => under_lock(readers, server, options).await,
        SnapshotLock::None => unlocked::find(readers, server).await,
    }
}

/// Whether the server will let a table go when a chunk of it is read.
async fn let_tables_go(conn: &mut Conn, server: &Server) -> Result<bool, Trouble> {
    match conn.query_drop(NO_LOG).await {
        Ok(()) => Ok(true),
        Err(ClientError::Server(_)) => Ok(false),
        Err(error) => Err(Trouble::of(error, &server.shown)),
    }
}

pub(super) async fn begin(conn: &mut Conn, server: &Server) -> Result<(), Trouble> {
    let begun = conn.query_drop("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").await;
    begun.map_err(|e| Trouble::of(e, &server.shown))
}

pub(super) async fn begin_all(readers: &mut [Conn], server: &Server) -> Result<(), Trouble> {
    try_join_all(readers.iter_mut().map(|conn| begin(conn, server))).await.map(drop)
}

/// The place in the log that a transaction sees the tables at, if the server says so.
async fn place_of(conn: &mut Conn, server: &Server) -> Result<Option<LogPlace>, Trouble> {
    let status: Vec<(String, String)> = conn
        .query("SHOW SESSION STATUS LIKE 'binlog_snapshot_%'")
        .await
        .map_err(|e| Trouble::of(e, &server.shown))?;
    let named =
        |name: &str| status.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v);
    let (file, offset) = (named("binlog_snapshot_file"), named("binlog_snapshot_position"));
    Ok(file
        .filter(|file| !file.is_empty())
        .zip(offset)
        .and_then(|(file, offset)| Some(LogPlace { file: file.clone(), offset: offset.parse().ok()? })))
}

async fn tells_its_place(conn: &mut Conn, server: &Server) -> Result<bool, Trouble> {
    begin(conn, server).await?;
    let place = place_of(conn, server).await?;
    conn.query_drop("ROLLBACK").await.map_err(|e| Trouble::of(e, &server.shown))?;
    Ok(place.is_some())
}

/// Begins all readers again and again until no transaction committed between them. One alone agrees with itself.
async fn agree(mut readers: Vec<Conn>, server: &Server, how: &SnapshotOptions) -> Result<Point, Trouble> {
    let mut waits = 0;
    for attempt in 1.. {
        // One that is prepared before the point may be committed before the second look, or be prepared after the first.
        let before = prepared_transactions(&mut readers[0], server).await?;
        begin_all(&mut readers, server).await?;
        let prepared = before.max(prepared_transactions(&mut readers[0], server).await?);
        let places = try_join_all(readers.iter_mut().map(|conn| place_of(conn, server))).await?;
        let place =
            places[0].clone().filter(|_| prepared == 0 && places.iter().all(|place| *place == places[0]));
        if let Some(place) = place {
            let gtids = checks::gtids_at(&mut readers[0], &place.file, place.offset).await;
            return Ok(Point { readers, place, gtids, is_exact: true });
        }
        for conn in &mut readers {
            conn.query_drop("ROLLBACK").await.map_err(|e| Trouble::of(e, &server.shown))?;
        }
        if prepared > 0 {
            waits += 1;
            if waits == LOCKS {
                return Err(no_moment(server, &are_prepared(prepared)));
            }
            sleep(BETWEEN_LOCKS).await;
        } else if attempt % AGREEMENTS == 0 {
            // A server that is written to without a pause. With fewer it is easier.
            readers.truncate(readers.len().div_ceil(2));
            let (asked, readers) = (how.readers, readers.len());
            tracing::info!(asked, readers, "the server commits too fast for all readers to agree on a point");
        }
    }
    unreachable!("a single reader agrees with itself")
}

/// Begins all readers while nothing can commit.
async fn under_lock(
    mut readers: Vec<Conn>,
    server: &Server,
    options: &SourceOptions,
) -> Result<Point, Trouble> {
    let mut locker = log_in(server, options.heartbeat).await?;
    let of = |error| Trouble::of(error, &server.shown);
    locker.query_drop("SET SESSION lock_wait_timeout=2").await.map_err(of)?;
    let mut why = String::new();
    for _ in 0..LOCKS {
        let asked = locker.query_drop("FLUSH TABLES WITH READ LOCK").await;
        let locked = Instant::now();
        match asked {
            Ok(()) => {}
            Err(ClientError::Server(error)) if is_held(error.code) => {
                tracing::info!(%error, "a statement holds a table; the lock is tried again");
                why = "a statement holds a table".to_owned();
                sleep(BETWEEN_LOCKS).await;
                continue;
            }
            Err(ClientError::Server(error)) if DENIED.contains(&error.code) => {
                return Err(denied(server, &error));
            }
            Err(error) => return Err(of(error)),
        }
        // Dropped on an error, the connection ends, and with it the lock.
        let prepared = prepared_transactions(&mut locker, server).await?;
        if prepared == 0 {
            begin_all(&mut readers, server).await?;
        }
        let end = checks::log_end(&mut locker, &server.shown).await?;
        locker.query_drop("UNLOCK TABLES").await.map_err(of)?;
        let millis = u64::try_from(locked.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(millis, "the lock was held");
        if prepared == 0 {
            let place = LogPlace { file: end.file, offset: end.offset };
            return Ok(Point { readers, place, gtids: end.gtids, is_exact: true });
        }
        why = are_prepared(prepared);
        sleep(BETWEEN_LOCKS).await;
    }
    Err(no_moment(server, &why))
}

fn are_prepared(count: usize) -> String {
    format!("{count} XA transactions are prepared (XA RECOVER), whose rows would be missing")
}

fn no_moment(server: &Server, why: &str) -> Trouble {
    Trouble::Fatal(Error::Server(format!(
        "{} gives no moment to copy its tables at: {why}; end that and start again",
        server.shown
    )))
}

/// How many XA transactions wait for their second phase: their rows stand in the log already, and in no table yet. 0 if
/// the user may not know.
pub(super) async fn prepared_transactions(conn: &mut Conn, server: &Server) -> Result<usize, Trouble> {
    match conn.query::<Row, _>("XA RECOVER").await {
        Ok(rows) => Ok(rows.len()),
        Err(ClientError::Server(error)) => {
            tracing::debug!(%error, "not known: whether XA transactions are prepared");
            Ok(0)
        }
        Err(error) => Err(Trouble::of(error, &server.shown)),
    }
}

fn denied(server: &Server, error: &mysql_async::ServerError) -> Trouble {
    Trouble::Fatal(Error::Server(format!(
        "{} denies the lock of some milliseconds that a copy of its tables begins with; GRANT RELOAD ON *.* to the user, or \
         do without by --snapshot-lock none: {}",
        server.shown, error.message
    )))
}
