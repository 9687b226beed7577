//! Where the log is begun without a saved position.

use super::address::Server;
use super::checks::{self, LogEnd};
use super::search::Searcher;
use super::trouble::Trouble;
use crate::log::search::{Behind, Miss, Place, Since};
use crate::options::{LogPlace, SourceOptions};
use crate::{Error, Gtids};
use jiff::Timestamp;
use mysql_async::Conn;

const WAYS_ON: &str = "begin at what is there (--start earliest), with --accept-gap or into a new prefix";

/// A place in the log to begin at.
pub(super) struct Begun {
    pub(super) place: LogPlace,
    /// The server's clock there, if it is the end of the log.
    pub(super) clock: Option<u64>,
    pub(super) gtids: Option<Gtids>,
    /// What comes behind the place, and is passed over: it was named as what is there already.
    pub(super) known: Option<Gtids>,
}

impl Begun {
    /// Begins at a place of which nothing more is known.
    pub(super) fn at(place: LogPlace) -> Self {
        Self { place, clock: None, gtids: None, known: None }
    }

    /// Begins at a later end of the log.
    pub(super) fn move_to(&mut self, end: LogEnd) {
        self.place = LogPlace { file: end.file, offset: end.offset };
        self.gtids = proved(end.gtids);
    }

    fn found(place: Place) -> Self {
        let Place { file, offset, gtids, known, .. } = place;
        Self { place: LogPlace { file, offset }, clock: None, gtids, known }
    }
}

/// What is executed at the end of the log, where the server's word for it can be taken. MySQL tells its set, and where
/// its log ends a moment later: what commits in between is in the log and not in the set, and would come a second time after
/// a fail-over. The next log file begins with the right one.
pub(super) fn proved(gtids: Option<Gtids>) -> Option<Gtids> {
    gtids.filter(|gtids| !gtids.are_mysqls())
}

/// Right behind a set of GTIDs.
pub(super) async fn behind(
    conn: &mut Conn,
    server: &Server,
    options: &SourceOptions,
    files: &[(String, u64)],
    gtids: &Gtids,
) -> Result<Begun, Trouble> {
    let shown = &server.shown;
    let refused = |why: String| Trouble::Fatal(Error::Config(format!("{shown} {why}")));
    let purged = |there: &Gtids| {
        refused(format!(
            "no longer has everything behind --start gtid:{gtids}: what it has begins behind {there}; {WAYS_ON}"
        ))
    };
    let never = |there: String| {
        refused(format!(
            "does not have everything of --start gtid:{gtids}: {there}; name GTIDs that it has, or {WAYS_ON}"
        ))
    };
    if gtids.are_mysqls() {
        let (executed, gone) = checks::executed(conn, shown).await?;
        if !executed.contain_all(gtids) {
            return Err(never(format!("it has executed {executed}")));
        }
        if !gtids.contain_all(&gone) {
            return Err(purged(&gone));
        }
    }
    let end = checks::log_end(conn, shown).await?;
    let searcher = Searcher { server, options, files, end: &end };
    let begin = searcher
        .last_file(|head| head.before.as_ref().is_some_and(|before| gtids.contain_all(before)))
        .await?;
    let Some((file, head)) = begin else {
        let first = match files.first() {
            Some((first, _)) => searcher.head(first).await?.before,
            None => None,
        };
        return Err(purged(&first.unwrap_or_default()));
    };
    let mut search = Behind::new(gtids.clone(), None, file.to_owned(), head.log);
    let found = match searcher.go_over(file, &mut search).await? {
        Ok(()) => search.end(),
        Err(miss) => Err(miss),
    };
    found.map(Begun::found).map_err(|miss| match miss {
        Miss::Purged(before) => purged(&before),
        Miss::NotYet(missing) => never(format!("its log ends without {missing}")),
        Miss::Other(_, found) => never(format!("it has {found}")),
    })
}

/// At the first transaction at or after a moment.
pub(super) async fn since(
    conn: &mut Conn,
    server: &Server,
    options: &SourceOptions,
    files: &[(String, u64)],
    moment: Timestamp,
) -> Result<Begun, Trouble> {
    let shown = &server.shown;
    let end = checks::log_end(conn, shown).await?;
    let searcher = Searcher { server, options, files, end: &end };
    let seconds = Since::seconds(moment);
    let begin = searcher.last_file(|head| head.log.created < seconds).await?;
    let Some((file, head)) = begin else {
        return Err(Trouble::Fatal(Error::Config(format!(
            "the log of {shown} begins after --start time:{moment}; {WAYS_ON}"
        ))));
    };
    let mut search = Since::new(seconds, file.to_owned(), head.log);
    // It misses nothing: the end of the log is a place as well.
    let _found = searcher.go_over(file, &mut search).await?;
    Ok(Begun::found(search.end()))
}
