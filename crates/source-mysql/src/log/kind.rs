//! The kinds of events, as far as they differ to us.

use super::refused;
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
    /// A part of the file that a LOAD DATA was logged with.
    LoadBlock { code: u8 },
    /// That LOAD DATA, as a statement.
    LoadQuery,
    /// Nothing can be made of it, for the [reason](super::refused) of its type.
    Refused(u8),
    /// The rest of the file cannot be read: it is encrypted. Says what to do about it. A server sends the rest in the clear, so
    /// there it says nothing.
    Unreadable(&'static str),
    /// MariaDB says from which file it would recover: whenever it comes to that, so also behind all that was written.
    Checkpoint,
    /// Nothing that concerns us: heartbeats, annotations, whatever may come.
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
            161 => Self::Checkpoint,
            162 => Self::MariaGtid,
            165 => Self::Query { compressed: true },
            166 => rows(Op::Insert, false, true),
            167 => rows(Op::Update, false, true),
            168 => rows(Op::Delete, false, true),
            169 => rows(Op::Insert, true, true),
            170 => rows(Op::Update, true, true),
            171 => rows(Op::Delete, true, true),
            9 | 17 => Self::LoadBlock { code },
            18 => Self::LoadQuery,
            164 => {
                Self::Unreadable("the log is encrypted; read it from its server, which sends it in the clear")
            }
            code if refused::is_refused(code) => Self::Refused(code),
            _ => Self::Other,
        }
    }

    /// The type code of an event of this kind, once it is unpacked; 0 where nobody asks for it.
    pub(crate) fn plain_code(self) -> u8 {
        match self {
            Self::Query { .. } => 2,
            Self::Rows { op, extra, .. } => {
                let first = if extra { 30 } else { 23 };
                first
                    + match op {
                        Op::Insert => 0,
                        Op::Update => 1,
                        Op::Delete => 2,
                    }
            }
            Self::LoadQuery => 18,
            Self::LoadBlock { code } | Self::Refused(code) => code,
            Self::Rotate
            | Self::FormatDescription
            | Self::Xid
            | Self::TableMap
            | Self::Gtid { .. }
            | Self::MariaGtid
            | Self::GtidsBefore(_)
            | Self::XaPrepare
            | Self::TransactionPayload
            | Self::Unreadable(_)
            | Self::Checkpoint
            | Self::Other => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn the_code_of_what_can_be_parked_is_the_one_it_came_with() {
        for code in [2, 9, 17, 18, 20, 23, 24, 25, 26, 30, 31, 32, 39] {
            assert_eq!(Kind::of(code).plain_code(), code);
        }
        for (compressed, code) in [(165, 2), (166, 23), (170, 31)] {
            assert_eq!(Kind::of(compressed).plain_code(), code, "it is unpacked");
        }
    }
}
