//! A point on a MySQL where no lock may be taken.
//!
//! A MySQL writes a transaction into its log first and commits it in InnoDB then. So what the log has up to its end may not
//! be seen yet by readers that begin now. Two things are certain:
//!
//! * with GTIDs, a transaction's own is *owned* from before it is written to the log until it has committed. When
//!   all that were owned after the end was read are owned no more, everything up to that end has committed;
//! * a log file is begun only when everything in the files before it has committed.
//!
//! So the log goes on at that end, or at the beginning of its file, and readers that begin then have seen all that is
//! before it. They have seen some of what comes behind, too, which comes again.

use super::point::{Point, begin_all, prepared_transactions};
use crate::Error;
use crate::log::server::checks;
use crate::log::server::{LogEnd, Server, Trouble};
use crate::options::LogPlace;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::sleep;

/// Where the first event of every file begins.
const FIRST_EVENT: u64 = 4;

/// How often, and for how long, transactions under way are waited for: half a minute.
const ASK_EVERY: Duration = Duration::from_millis(20);
const ASK_TIMES: usize = 1_500;

/// Finds a place before the readers, and begins them.
pub(super) async fn find(mut readers: Vec<Conn>, server: &Server) -> Result<Point, Trouble> {
    let asker = &mut readers[0];
    let before = prepared_transactions(asker, server).await?;
    let LogEnd { file, offset, .. } = checks::log_end(asker, &server.shown).await?;
    if before.max(prepared_transactions(asker, server).await?) > 0 {
        return Err(Trouble::Fatal(Error::Server(format!(
            "{} has prepared XA transactions (XA RECOVER), whose rows are behind the point; end them and start again",
            server.shown
        ))));
    }
    let mode: Option<String> = ask(asker, server, "SELECT CAST(@@GLOBAL.gtid_mode AS CHAR)").await?;
    let place = if mode.as_deref() == Some("ON") {
        wait_for_owned(asker, server).await?;
        LogPlace { file, offset }
    } else {
        LogPlace { file, offset: FIRST_EVENT }
    };
    begin_all(&mut readers, server).await?;
    Ok(Point { readers, place, gtids: None, is_exact: false })
}

async fn ask(conn: &mut Conn, server: &Server, sql: &str) -> Result<Option<String>, Trouble> {
    conn.query_first(sql).await.map_err(|e| Trouble::of(e, &server.shown))
}

/// Waits until no transaction is under way that was under way when it was called.
async fn wait_for_owned(conn: &mut Conn, server: &Server) -> Result<(), Trouble> {
    let mut waited_for: Option<HashSet<String>> = None;
    for _ in 0..ASK_TIMES {
        let owned = ask(conn, server, "SELECT @@GLOBAL.gtid_owned").await?.unwrap_or_default();
        let owned: HashSet<String> = gtids_of(&owned);
        let left = match waited_for {
            None => owned,
            Some(before) => before.intersection(&owned).cloned().collect(),
        };
        if left.is_empty() {
            return Ok(());
        }
        waited_for = Some(left);
        sleep(ASK_EVERY).await;
    }
    Err(Trouble::Fatal(Error::Server(format!(
        "{} has transactions that are under way for more than half a minute (gtid_owned); start again later",
        server.shown
    ))))
}

/// `uuid:1#7:2#8,\nuuid:…`: numbers with the threads that own them.
fn gtids_of(owned: &str) -> HashSet<String> {
    let of_uuid = |part: &str| {
        let mut fields = part.trim().split(':');
        let uuid = fields.next().unwrap_or_default().to_owned();
        fields.map(|field| format!("{uuid}:{field}")).collect::<Vec<_>>()
    };
    owned.split(',').flat_map(of_uuid).collect()
}

#[cfg(test)]
mod tests {
    use super::gtids_of;

    #[test]
    fn owned_gtids_are_told_one_by_one() {
        let owned = gtids_of("3e11fa47:1#5:7#6,\n3e11fa48:2#9");
        let mut owned: Vec<_> = owned.iter().map(String::as_str).collect();
        owned.sort_unstable();
        assert_eq!(owned, ["3e11fa47:1#5", "3e11fa47:7#6", "3e11fa48:2#9"]);
        assert!(gtids_of("").is_empty());
    }
}
