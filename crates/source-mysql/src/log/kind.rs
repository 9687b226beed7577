//! The kinds of events, as far as they differ to us.

use crate::decode::Flavor;
use change_event::Op;

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A statement; MariaDB may compress it.
    Query { compressed: bool },
    /// The next file's name.
    Rotate,
    /// The first event of a file: version, checksums.
    FormatDescription,
    /// The commit of a transaction.
    Xid,
    /// Columns of the rows to come.
    TableMap,
    /// Rows; the second version has extra data in its head.
    Rows { op: Op, extra: bool, compressed: bool },
    /// MySQL's GTID: a transaction or a statement follows. One with a tag is written in another way.
    Gtid { tagged: bool },
    /// MariaDB's GTID: it begins a transaction or announces a statement.
    MariaGtid,
    /// The GTIDs of all files before this one.
    GtidsBefore(Flavor),
    /// An XA transaction was prepared, or committed in one phase.
    XaPrepare,
    /// MySQL's compressed transaction: events in an event.
    TransactionPayload,
    /// Nothing that we could go on after; says what to do about it.
    Refused(&'static str),
    /// Nothing that concerns us: heartbeats, annotations, checkpoints, whatever may come.
    Other,
}

impl Kind {
    pub(crate) fn of(code: u8) -> Self {
        let rows = |op, extra, compressed| Self::Rows { op, extra, compressed };
        match code {
            2 => Self::Query { compressed: false },
            4 => Self::Rotate,
            15 => Self::FormatDescription,
            16 => Self::Xid,
            19 => Self::TableMap,
            23 => rows(Op::Insert, false, false),
            24 => rows(Op::Update, false, false),
            25 => rows(Op::Delete, false, false),
            30 => rows(Op::Insert, true, false),
            31 => rows(Op::Update, true, false),
            32 => rows(Op::Delete, true, false),
            33 | 34 => Self::Gtid { tagged: false },
            42 => Self::Gtid { tagged: true },
            35 => Self::GtidsBefore(Flavor::MySql),
            163 => Self::GtidsBefore(Flavor::MariaDb),
            38 => Self::XaPrepare,
            40 => Self::TransactionPayload,
            162 => Self::MariaGtid,
            165 => Self::Query { compressed: true },
            166 => rows(Op::Insert, false, true),
            167 => rows(Op::Update, false, true),
            168 => rows(Op::Delete, false, true),
            169 => rows(Op::Insert, true, true),
            170 => rows(Op::Update, true, true),
            171 => rows(Op::Delete, true, true),
            18 => Self::Refused(
                "LOAD DATA was logged as a statement; SET GLOBAL binlog_format=ROW on the server",
            ),
            20..=22 => {
                Self::Refused("the rows are of a pre-release format; use a server of version 5.5 or later")
            }
            26 => Self::Refused(
                "the server reports that events were lost here; write to a new prefix, with a --start behind this",
            ),
            39 => {
                Self::Refused("a JSON value is partial; SET GLOBAL binlog_row_value_options='' on the server")
            }
            164 => Self::Refused("the log is encrypted; read it from the server, or with encrypt_binlog=OFF"),
            _ => Self::Other,
        }
    }
}
