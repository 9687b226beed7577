//! What is kept of an event that was passed over, besides its bytes.

use crate::parked::{Parked, ParkedBody, ParkedStatement, PassedBy};
use bytes::Bytes;
use change_event::{CommitTs, TableName};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Deserialize, Serialize)]
struct Said<'a> {
    file: Cow<'a, str>,
    /// Where it begins and ends, and its number within a compressed transaction.
    place: (u64, u64, u32),
    log_created: u32,
    gtid: Option<Cow<'a, str>>,
    table: Option<Cow<'a, TableName>>,
    reason: Cow<'a, str>,
    by_operator: bool,
    statement: Option<(Cow<'a, str>, Cow<'a, str>)>,
    /// Type, timestamp and server id.
    header: (u8, u32, u32),
}

/// All but its body and its table map. The commit-ts is not known yet.
pub(super) fn said_of(parked: &Parked) -> Vec<u8> {
    let statement = parked.statement.as_ref();
    let said = Said {
        file: (&parked.file).into(),
        place: (parked.offset, parked.end, parked.inner),
        log_created: parked.log_created,
        gtid: parked.gtid.as_ref().map(Into::into),
        table: parked.table.as_ref().map(Cow::Borrowed),
        reason: (&parked.reason).into(),
        by_operator: parked.by == PassedBy::Operator,
        statement: statement.map(|statement| ((&statement.database).into(), (&statement.sql).into())),
        header: (parked.kind, parked.timestamp, parked.server_id),
    };
    serde_json::to_vec(&said).expect("texts and numbers are JSON")
}

/// The whole of it; `None` if it is damaged.
pub(super) fn read(said: &[u8], [head, rest]: [Bytes; 2], table_map: Option<Bytes>) -> Option<Parked> {
    let Said { file, place, log_created, gtid, table, reason, by_operator, statement, header } =
        serde_json::from_slice(said).ok()?;
    Some(Parked {
        version: Parked::VERSION,
        file: file.into_owned(),
        offset: place.0,
        end: place.1,
        inner: place.2,
        log_created,
        gtid: gtid.map(Cow::into_owned),
        commit_ts: CommitTs::default(),
        table: table.map(Cow::into_owned),
        reason: reason.into_owned(),
        by: if by_operator { PassedBy::Operator } else { PassedBy::Policy },
        statement: statement.map(|(database, sql)| ParkedStatement {
            database: database.into_owned(),
            sql: sql.into_owned(),
        }),
        kind: header.0,
        timestamp: header.1,
        server_id: header.2,
        body: ParkedBody(head, rest),
        table_map,
    })
}
