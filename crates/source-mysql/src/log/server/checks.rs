//! Whether a server is set up for us, and which logs it has.

use super::address::Server;
use super::trouble::Trouble;
use crate::decode::ServerVersion;
use crate::lineage::ServerIdentity;
use crate::{Error, Gtids};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error as ClientError, Row};
use std::collections::HashMap;

/// Checks the settings that rows can only be read with. Where what cannot be read is parked, those that sessions may
/// change anyway are only told.
pub(crate) async fn check_settings(conn: &mut Conn, server: &Server) -> Result<(), Trouble> {
    let shown = &server.shown;
    let settings: Vec<(String, String)> = conn
        .query(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN \
             ('log_bin', 'binlog_format', 'binlog_row_image')",
        )
        .await
        .map_err(|e| Trouble::of(e, shown))?;
    let settings: HashMap<String, String> =
        settings.into_iter().map(|(name, value)| (name.to_lowercase(), value.to_uppercase())).collect();
    let refuse = |text: &str| Trouble::Fatal(Error::Server(format!("{shown} {text}")));
    if let Err(text) = can_be_read(&settings) {
        return Err(refuse(text));
    }
    match logs_whole_rows(&settings) {
        Err(text) if server.parks => {
            server.parks_told.call_once(|| {
                tracing::warn!(server = %shown, setting = text, "not all changes are logged as whole rows; the others are parked");
            });
            Ok(())
        }
        Err(text) => Err(refuse(&format!("{text}; or take what can be taken, with --on-unsupported park"))),
        Ok(()) => Ok(()),
    }
}

/// Whether there is a log that we can read.
fn can_be_read(settings: &HashMap<String, String>) -> Result<(), &'static str> {
    if settings.get("log_bin").is_none_or(|value| value != "ON") {
        return Err("has no binary log; start it with --log-bin");
    }
    if !settings.contains_key("binlog_row_image") {
        return Err(
            "is too old to say how it logs rows (it has no binlog_row_image); use MySQL 5.6 or MariaDB 10.1 or later",
        );
    }
    Ok(())
}

/// Whether whole rows are logged, unless a session wants it otherwise.
fn logs_whole_rows(settings: &HashMap<String, String>) -> Result<(), &'static str> {
    let is = |name: &str, wanted: &str| settings.get(name).is_some_and(|value| value == wanted);
    if !is("binlog_format", "ROW") {
        return Err("does not log rows; SET GLOBAL binlog_format=ROW");
    }
    if !is("binlog_row_image", "FULL") {
        return Err("does not log whole rows; SET GLOBAL binlog_row_image=FULL");
    }
    Ok(())
}

/// Whether the log shows the names and all else of the columns of its rows, as of now.
///
/// Not which of them are generated, which one must know to read the log of a newer MariaDB: it leaves them out of some rows.
pub(crate) async fn shows_columns(conn: &mut Conn, server: &str) -> Result<bool, Trouble> {
    let settings: Vec<(String, String)> = conn
        .query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('binlog_row_metadata', 'version')")
        .await
        .map_err(|e| Trouble::of(e, server))?;
    let is = |name: &str, fits: &dyn Fn(&str) -> bool| {
        settings.iter().any(|(known, value)| known.eq_ignore_ascii_case(name) && fits(value))
    };
    let full = is("binlog_row_metadata", &|value| value.eq_ignore_ascii_case("FULL"));
    Ok(full && !is("version", &|version| ServerVersion::of(version).may_leave_out_generated()))
}

/// How the server names itself.
pub(crate) async fn identity(conn: &mut Conn, server: &str) -> Result<ServerIdentity, Trouble> {
    let names: Vec<(String, String)> = conn
        .query(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN \
             ('server_uuid', 'server_id', 'gtid_domain_id', 'server_uid', 'version')",
        )
        .await
        .map_err(|e| Trouble::of(e, server))?;
    let named = |name: &str| {
        let found = names.iter().find(|(known, value)| known.eq_ignore_ascii_case(name) && !value.is_empty());
        found.map(|(_, value)| value.clone())
    };
    let number = |name: &str| named(name).and_then(|value| value.parse().ok());
    Ok(ServerIdentity {
        uuid: named("server_uuid"),
        domain: number("gtid_domain_id"),
        server_id: number("server_id"),
        uid: named("server_uid"),
        version: named("version"),
    })
}

/// Where a server's log ends.
#[derive(Clone, Debug)]
pub(crate) struct LogEnd {
    pub(crate) file: String,
    pub(crate) offset: u64,
    /// Everything executed up to there, where the server says so.
    pub(crate) gtids: Option<Gtids>,
    /// The server leaves statements out of its log (`binlog-do-db`, `binlog-ignore-db`), by the database in use, and rows
    /// by their own.
    pub(crate) leaves_out: bool,
}

/// MariaDB's GTIDs up to a place in its log; `None` where the server does not know such a thing.
pub(crate) async fn gtids_at(conn: &mut Conn, file: &str, offset: u64) -> Option<Gtids> {
    let gtids: Option<Option<String>> =
        conn.exec_first("SELECT BINLOG_GTID_POS(?, ?)", (file, offset)).await.ok()?;
    gtids??.parse().ok()
}

/// What a MySQL server has executed, and what of it is purged from its log.
pub(crate) async fn executed(conn: &mut Conn, server: &str) -> Result<(Gtids, Gtids), Trouble> {
    let both: Option<(String, String)> = conn
        .query_first("SELECT @@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged")
        .await
        .map_err(|e| Trouble::of(e, server))?;
    let (executed, purged) = both.unwrap_or_default();
    let read = |gtids: String| {
        gtids.parse().map_err(|_| {
            Trouble::Fatal(Error::Server(format!(
                "{server} has GTIDs with tags, which are not followed: {gtids}"
            )))
        })
    };
    Ok((read(executed)?, read(purged)?))
}

/// The end of the server's log.
pub(crate) async fn log_end(conn: &mut Conn, server: &str) -> Result<LogEnd, Trouble> {
    let mut status: Result<Option<Row>, ClientError> = conn.query_first("SHOW MASTER STATUS").await;
    // MySQL 8.4 knows only the new name, everything else only the old one.
    if matches!(&status, Err(ClientError::Server(e)) if e.code == 1064) {
        status = conn.query_first("SHOW BINARY LOG STATUS").await;
    }
    status
        .map_err(|e| Trouble::of(e, server))?
        .and_then(|row| {
            let (file, offset) = log_and_number(&row)?;
            // MySQL's fifth column.
            let gtids = row.get_opt::<String, _>(4).and_then(Result::ok).and_then(|gtids| gtids.parse().ok());
            let names = |column| {
                row.get_opt::<String, _>(column).is_some_and(|names| names.is_ok_and(|n| !n.is_empty()))
            };
            Some(LogEnd { file, offset, gtids, leaves_out: names(2) || names(3) })
        })
        .ok_or_else(|| Trouble::Fatal(Error::Server(format!("{server} does not say where its log ends"))))
}

/// The log files the server has, oldest first, with their sizes.
pub(crate) async fn log_files(conn: &mut Conn, server: &str) -> Result<Vec<(String, u64)>, Trouble> {
    let rows: Vec<Row> = conn.query("SHOW BINARY LOGS").await.map_err(|e| Trouble::of(e, server))?;
    Ok(rows.iter().filter_map(log_and_number).collect())
}

/// The first two columns, which are the same in all versions.
fn log_and_number(row: &Row) -> Option<(String, u64)> {
    Some((row.get(0)?, row.get(1)?))
}

/// The server's clock in milliseconds since the epoch.
pub(crate) async fn clock_millis(conn: &mut Conn, server: &str) -> Result<u64, Trouble> {
    let seconds: Option<u64> = conn
        .query_first("SELECT CAST(UNIX_TIMESTAMP() AS UNSIGNED)")
        .await
        .map_err(|e| Trouble::of(e, server))?;
    Ok(seconds.unwrap_or(0) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::{can_be_read, logs_whole_rows};
    use std::collections::HashMap;

    #[test]
    fn every_wrong_setting_says_what_to_do() {
        let good = [("log_bin", "ON"), ("binlog_format", "ROW"), ("binlog_row_image", "FULL")];
        let settings = |pairs: &[(&str, &str)]| -> HashMap<String, String> {
            pairs.iter().map(|&(k, v)| (k.into(), v.into())).collect()
        };
        let judge =
            |settings: HashMap<String, String>| can_be_read(&settings).and(logs_whole_rows(&settings));
        assert_eq!(judge(settings(&good)), Ok(()));
        for (i, advice) in ["--log-bin", "binlog_format=ROW", "row_image=FULL"].into_iter().enumerate() {
            let mut bad = good;
            bad[i].1 = "OTHER";
            let text = judge(settings(&bad)).unwrap_err();
            assert!(text.contains(advice), "{text}");
        }
        let text = judge(settings(&good[..2])).unwrap_err();
        assert!(text.contains("too old") && text.contains("no binlog_row_image"), "{text}");
    }
}
