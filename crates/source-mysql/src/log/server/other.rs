//! A saved position in the log of another server: a replica of the one it was saved of, or what took over from it.
//!
//! ```text
//!  saved     GTIDs up to the position │ how the last transaction looked
//!  found     the newest file that begins within them and before that transaction; the place in it behind them
//! ```
//! | | MySQL | MariaDB |
//! |---|---|---|
//! | everything saved is in its log | `gtid_executed` has all GTIDs | the last transaction of each domain comes, with its server |
//! | nothing else is gone | the saved GTIDs have all of `gtid_purged` | the file begins within the saved ones |
//! | it is the same history | ids have the server's UUID; the last transaction, if it is there, looks the same | the last transaction looks the same: when it happened, and how its rows begin |
//!
//! A replica that is still behind the position is waited for, as a lost server is.

use super::address::Server;
use super::checks;
use super::search::{Head, Searcher};
use super::trouble::Trouble;
use crate::gtids::Gtids;
use crate::lineage::{Broken, Lineage, ServerIdentity};
use crate::log::search::{Behind, Miss, Place};
use crate::options::SourceOptions;
use crate::{Error, Position};
use mysql_async::Conn;
use std::sync::Arc;

/// Finds it.
pub(super) async fn find(
    conn: &mut Conn,
    server: &Server,
    options: &SourceOptions,
    position: &Position,
    identity: &ServerIdentity,
) -> Result<Position, Trouble> {
    let lineage = &position.lineage;
    let refuse = |saved: String, found: String| {
        Error::other_log(
            position,
            Broken::new(format!("{}{saved}", lineage.server), format!("{identity}{found}")),
        )
    };
    let fatal = |saved: &str, found: &str| Trouble::Fatal(refuse(saved.to_owned(), found.to_owned()));
    let Some(gtids) = lineage.gtids.as_ref().filter(|gtids| !gtids.is_empty()) else {
        return Err(fatal(", without GTIDs by which another server's log could be followed", ""));
    };
    if gtids.are_mysqls() != identity.uuid.is_some() {
        return Err(fatal("", ""));
    }
    if position.handed_over.is_some() {
        let why = ", where a prepared XA transaction must be read again, which only its own log allows";
        return Err(fatal(why, ""));
    }
    if gtids.are_mysqls() {
        let (executed, purged) = checks::executed(conn, &server.shown).await?;
        let has = |what: &str, gtids: &Gtids| format!(", which has {what} {gtids}");
        let saved = format!(" up to the GTIDs {gtids}");
        if !gtids.contain_all(&purged) {
            return Err(Trouble::Fatal(refuse(saved, has("purged", &purged))));
        }
        if !executed.contain_all(gtids) {
            let error = refuse(saved, has("only", &executed));
            let related = executed.are_related(gtids);
            return Err(if related { Trouble::Behind(error) } else { Trouble::Fatal(error) });
        }
    }
    let place = search(conn, server, options, lineage, gtids).await?.map_err(|miss| match miss {
        Miss::Purged(before) => {
            let saved = format!(" up to the GTIDs {gtids}");
            Trouble::Fatal(refuse(saved, format!(", whose log begins behind {before}")))
        }
        Miss::NotYet(missing) => {
            Trouble::Behind(refuse(format!(" with {missing}"), ", whose log does not have it".to_owned()))
        }
        Miss::Other(saved, found) => {
            Trouble::Fatal(refuse(format!(" with {saved}"), format!(" with {found}")))
        }
    })?;
    tracing::warn!(
        from = %format_args!("{} at {}:{}", lineage.server, position.file, position.offset),
        to = %format_args!("{identity} at {}:{}", place.file, place.offset),
        "another server with the same history: going on in its log"
    );
    let lineage = Lineage {
        server: Arc::new(identity.clone()),
        log: place.log,
        last_event: place.last_event,
        gtids: place.gtids,
        last_transaction: lineage.last_transaction.clone(),
    };
    Ok(Position {
        file: place.file,
        offset: place.offset,
        known: place.known.map(Arc::new),
        // They are among the GTIDs.
        ended: Arc::default(),
        lineage,
        ..position.clone()
    })
}

/// The place behind the saved GTIDs, if the log has their history.
async fn search(
    conn: &mut Conn,
    server: &Server,
    options: &SourceOptions,
    lineage: &Lineage,
    gtids: &Gtids,
) -> Result<Result<Place, Miss>, Trouble> {
    let files = checks::log_files(conn, &server.shown).await?;
    let end = checks::log_end(conn, &server.shown).await?;
    let searcher = Searcher { server, options, files: &files, end: &end };
    let is_within = |head: &Head| head.before.as_ref().is_some_and(|before| gtids.contain_all(before));
    let proof = lineage.last_transaction.as_deref().copied().filter(|looks| gtids.contains(looks.gtid));
    let is_before = |head: &Head| {
        is_within(head)
            && proof
                .is_none_or(|looks| head.before.as_ref().is_some_and(|before| !before.contains(looks.gtid)))
    };
    let (mut proof, mut begin) = (proof, searcher.last_file(is_before).await?);
    if begin.is_none() && gtids.are_mysqls() {
        // The last transaction is purged there: its id, with the UUID of the server that made it, must do.
        proof = None;
        begin = searcher.last_file(is_within).await?;
    }
    let Some((file, head)) = begin else {
        let first = match files.first() {
            Some((first, _)) => searcher.head(first).await?.before,
            None => None,
        };
        return Ok(Err(Miss::Purged(first.unwrap_or_default())));
    };
    let mut behind = Behind::new(gtids.clone(), proof, file.to_owned(), head.log);
    if let Err(miss) = searcher.go_over(file, &mut behind).await? {
        return Ok(Err(miss));
    }
    let place = match behind.end() {
        Ok(place) => place,
        Err(miss) => return Ok(Err(miss)),
    };
    if !gtids.are_mysqls() && !behind.is_proved() {
        let saved = match proof {
            Some(looks) => looks.to_string(),
            None => format!("the GTIDs {gtids}, and nothing that tells their history from another one"),
        };
        return Ok(Err(Miss::Other(saved, "no such transaction".to_owned())));
    }
    Ok(Ok(place))
}
