//! One connection that reads chunk after chunk.

use super::jobs::{Job, Jobs, Table};
use super::key;
use super::progress::CopyProgress;
use super::select::Select;
use crate::Error;
use crate::decode::{Fault, Zone};
use crate::log::server::checks;
use crate::log::server::{LogEnd, Server, Trouble, is_held};
use change_event::{CommitTs, Op, RowEvent, RowsBuilder, TableName};
use futures::StreamExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error as ClientError, Row};
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// A row event is handed on when it has so many bytes.
const EVENT_BYTES: usize = 256 << 10;

/// The collation of what is no text.
const BINARY: u16 = 63;

/// What InnoDB and servers say of a table that is not any more what it was at the point: its definition changed, it or its
/// database or a column is not there, a statement is about to change it or has changed it since it was prepared.
const MOVED: [u16; 7] = [1412, 1146, 1049, 1054, 1176, 1684, 1615];

/// A table that is through, and where the log ended then.
pub(super) type Through = (TableName, LogEnd);

/// Reads what is to be read, beside others.
pub(super) struct Reader {
    pub(super) conn: Conn,
    pub(super) server: Server,
    pub(super) jobs: Arc<Jobs>,
    pub(super) rows: Sender<RowEvent>,
    pub(super) progress: Arc<CopyProgress>,
    pub(super) zone: Zone,
    pub(super) commit_ts: CommitTs,
}

/// Nobody wants the rows any more.
struct Unwanted;

impl Reader {
    /// Reads until there is nothing left. Gives the tables that came to their end here.
    pub(super) async fn run(mut self) -> Result<Vec<Through>, Trouble> {
        let mut through = Vec::new();
        while let Some(job) = self.jobs.take().await {
            let table = job.table.clone();
            // On an error, everything ends: the others need not know that this job has.
            let read = self.read(job).await?;
            self.jobs.ends();
            if read.is_err() {
                return Ok(through);
            }
            if table.closes_one() {
                let end = checks::log_end(&mut self.conn, &self.server.shown).await?;
                through.push((table.schema.name.clone(), end));
                self.progress.table_is_through();
            }
        }
        Ok(through)
    }

    /// Reads one chunk. Its table is held against statements for so long.
    async fn read(&mut self, job: Job) -> Result<Result<(), Unwanted>, Trouble> {
        let name = &job.table.schema.name.clone();
        self.run_statement("SAVEPOINT chunk", name).await?;
        let read = self.read_held(job).await?;
        // Locks that were taken since are let go, and the transaction sees what it saw.
        self.run_statement("ROLLBACK TO SAVEPOINT chunk", name).await?;
        Ok(read)
    }

    async fn read_held(&mut self, job: Job) -> Result<Result<(), Unwanted>, Trouble> {
        let Job { table, select, after } = job;
        let name = &table.schema.name;
        let select = match select {
            Some(select) => select,
            None => {
                let key = key::of_table(&mut self.conn, &self.server, &table.schema).await?;
                Arc::new(Select::new(&table.schema, key))
            }
        };
        let mut up_to = None;
        if let Some((key, sql)) = select.key().zip(select.end_of_chunk(after.as_ref(), table.chunk)) {
            let row: Option<Row> =
                self.conn.query_first(sql).await.map_err(|e| judge(e, &self.server, name))?;
            up_to = row.map(|row| {
                key.place(&row).ok_or_else(|| fatal(name, &Fault::corrupt("its key cannot be read")))
            });
        }
        let up_to = up_to.transpose()?;
        if let Some(place) = &up_to {
            table.opens_another();
            let (table, select) = (table.clone(), select.clone());
            self.jobs.give_back(Job { table, select: Some(select), after: Some(place.clone()) });
        }
        let sql = select.rows(after.as_ref(), up_to.as_ref());
        self.stream(&table, &sql).await
    }

    /// Hands on the rows that a statement gives.
    async fn stream(&mut self, table: &Table, sql: &str) -> Result<Result<(), Unwanted>, Trouble> {
        let name = &table.schema.name;
        let judged = |error| judge(error, &self.server, name);
        // Prepared: only the binary form of an answer has all digits of a FLOAT.
        let statement = self.conn.prep(sql).await.map_err(judged)?;
        let mut answer = self.conn.exec_iter(&statement, ()).await.map_err(judged)?;
        let Some(mut sent) = answer.stream::<Row>().await.map_err(judged)? else {
            return Err(fatal(name, &Fault::corrupt("the server sent no rows for it")));
        };
        let mut gathered = Gathered::new(table);
        while let Some(row) = sent.next().await {
            let row = row.map_err(judged)?;
            gathered.add(&row, &self.zone).map_err(|fault| fatal(name, &fault))?;
            if gathered.rows.bytes() >= EVENT_BYTES {
                let full = std::mem::replace(&mut gathered, Gathered::new(table));
                if full.hand_on(self.commit_ts, &self.rows, &self.progress).await.is_err() {
                    return Ok(Err(Unwanted));
                }
            }
        }
        drop(sent);
        drop(answer);
        self.conn.close(statement).await.map_err(judged)?;
        Ok(gathered.hand_on(self.commit_ts, &self.rows, &self.progress).await)
    }

    async fn run_statement(&mut self, sql: &str, table: &TableName) -> Result<(), Trouble> {
        self.conn.query_drop(sql).await.map_err(|e| judge(e, &self.server, table))
    }
}

/// Rows on their way into an event.
struct Gathered<'t> {
    table: &'t Table,
    rows: RowsBuilder,
    room: Vec<u8>,
}

impl<'t> Gathered<'t> {
    fn new(table: &'t Table) -> Self {
        Self { table, rows: RowsBuilder::new(table.cells.len()), room: Vec::new() }
    }

    fn add(&mut self, sent: &Row, zone: &Zone) -> Result<(), Fault> {
        let mut row = self.rows.row(Op::Insert);
        for (i, cell) in self.table.cells.iter().enumerate() {
            let value = sent.as_ref(i).ok_or_else(|| Fault::corrupt("the server sent too few columns"))?;
            let is_text = cell.may_be_text() && sent.columns_ref()[i].character_set() != BINARY;
            cell.write(value, is_text, zone, &mut self.room, &mut row)?;
        }
        Ok(row.finish()?)
    }

    async fn hand_on(
        self,
        commit_ts: CommitTs,
        to: &Sender<RowEvent>,
        progress: &CopyProgress,
    ) -> Result<(), Unwanted> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let (rows, bytes) = (self.rows.len() as u64, self.rows.bytes() as u64);
        let event = RowEvent { table: self.table.schema.clone(), commit_ts, rows: self.rows.build() };
        to.send(event).await.map_err(|_| Unwanted)?;
        progress.add(rows, bytes);
        Ok(())
    }
}

fn fatal(table: &TableName, fault: &Fault) -> Trouble {
    Trouble::Fatal(Error::Server(format!("table {table} cannot be copied: {}", fault.what())))
}

/// What an error means that the server has for a statement about a table.
pub(super) fn judge(error: ClientError, server: &Server, table: &TableName) -> Trouble {
    match error {
        ClientError::Server(error) if MOVED.contains(&error.code) || is_held(error.code) => {
            Trouble::Fatal(Error::Moved(format!("table {table} changed: {}", error.message)))
        }
        ClientError::Server(error) if matches!(error.code, 1142 | 1143) => {
            Trouble::Fatal(Error::Server(format!(
                "{} does not let the user read table {table}; GRANT SELECT on it, or leave it out by a rule of the filter: {}",
                server.shown, error.message
            )))
        }
        other => Trouble::of(other, &server.shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mysql_async::ServerError;
    use url::Url;

    #[test]
    fn what_a_statement_of_others_does_to_a_table_makes_the_copy_start_anew() {
        let url = Url::parse("mysql://db").unwrap();
        let server = Server::from_url(&url).unwrap();
        let judged = |code| {
            let error = ServerError { code, message: "m".into(), state: "HY000".into() };
            judge(ClientError::Server(error), &server, &TableName::new("d", "t"))
        };
        // Its definition changed, it is gone, it is held, its holder and the reader waited for each other.
        for code in [1412, 1146, 1684, 1615, 1205, 1213] {
            assert!(matches!(judged(code), Trouble::Fatal(Error::Moved(_))), "{code}");
        }
        assert!(matches!(judged(1142), Trouble::Fatal(Error::Server(_))), "a missing grant stays missing");
        assert!(matches!(judged(1317), Trouble::Lost(_)), "a killed statement");
    }
}
