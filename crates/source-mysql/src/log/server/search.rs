//! A place in a server's log: the file is found by how its files begin, the rest by going over the events from there.

use super::address::Server;
use super::checks::LogEnd;
use super::connection::{Connection, Next, log_in};
use super::trouble::Trouble;
use super::watch::is_before;
use crate::gtids::Gtids;
use crate::lineage::LogIdentity;
use crate::log::kind::Kind;
use crate::log::search::{FIRST_EVENT, Miss, Search};
use crate::options::SourceOptions;

/// How a log file begins.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) log: LogIdentity,
    /// Everything executed in the files before it, where it says so.
    pub(super) before: Option<Gtids>,
}

/// Reads a server's log beside the source: two readers with one number throw each other out.
pub(super) struct Searcher<'a> {
    pub(super) server: &'a Server,
    pub(super) options: &'a SourceOptions,
    /// The files, oldest first.
    pub(super) files: &'a [(String, u64)],
    /// As far as is looked.
    pub(super) end: &'a LogEnd,
}

impl Searcher<'_> {
    async fn read(&self, file: &str) -> Result<(Connection, LogIdentity), Trouble> {
        let beside = self.server.beside();
        let conn = log_in(&beside, self.options.heartbeat).await?;
        let (log, description) =
            Connection::stream_to_end(conn, &beside, self.options, file, FIRST_EVENT).await?;
        Ok((log, description.log_identity()))
    }

    /// How a file begins.
    pub(super) async fn head(&self, file: &str) -> Result<Head, Trouble> {
        let (mut connection, log) = self.read(file).await?;
        while !has_reached(&connection, self.end) {
            match connection.next().await? {
                Next::Event(event) => match event.kind {
                    Kind::GtidsBefore(flavor) => {
                        return Ok(Head { log, before: Gtids::of_list(flavor, &event.body) });
                    }
                    Kind::FormatDescription | Kind::Rotate | Kind::Checkpoint | Kind::Other => {}
                    _ => break,
                },
                Next::File(..) | Next::Restarted | Next::Moved(_) => break,
            }
        }
        Ok(Head { log, before: None })
    }

    /// The last file whose beginning has a property that, if at all, a first part of the files has. And its beginning.
    pub(super) async fn last_file(
        &self,
        has: impl Fn(&Head) -> bool,
    ) -> Result<Option<(&str, Head)>, Trouble> {
        let (mut from, mut to) = (0, self.files.len());
        let mut last = None;
        while from < to {
            let middle = from.midpoint(to);
            let (file, _) = &self.files[middle];
            let head = self.head(file).await?;
            match has(&head) {
                true => {
                    last = Some((file.as_str(), head));
                    from = middle + 1;
                }
                false => to = middle,
            }
        }
        Ok(last)
    }

    /// Goes over the log from a file on, until enough is seen or its end comes.
    pub(super) async fn go_over(
        &self,
        file: &str,
        search: &mut impl Search,
    ) -> Result<Result<(), Miss>, Trouble> {
        let (mut connection, _) = self.read(file).await?;
        while !has_reached(&connection, self.end) {
            match connection.next().await? {
                Next::Event(event) => match search.see(&event) {
                    Ok(false) => {}
                    Ok(true) => return Ok(Ok(())),
                    Err(miss) => return Ok(Err(miss)),
                },
                Next::File(file, _, log) => search.enter(file, log),
                Next::Restarted | Next::Moved(_) => {}
            }
        }
        Ok(Ok(()))
    }
}

/// Whether everything up to the end was seen. Never for files that are named in another way.
pub(super) fn has_reached(log: &Connection, end: &LogEnd) -> bool {
    let (end, here) = ((end.file.as_str(), end.offset), log.place());
    !log.has_ahead() && (here == end || is_before(end, here))
}
