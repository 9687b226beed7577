//! What a GTID event says of the transaction or statement behind it.
//!
//! ```text
//! MySQL    a transaction or a statement follows; its first statement says which
//! MariaDB  0            8        12      13
//!          sequence no. | domain | flags | commit id? | XA's id? | more flags? …
//! ```

use crate::decode::{Cursor, Fault};

/// What follows a GTID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Announced {
    /// A transaction or a statement.
    Either,
    /// A transaction.
    Transaction,
    /// The beginning of an ALTER TABLE, or its end without success (`binlog_alter_two_phase`): the statement is
    /// there, but has no effect. Its successful end is a statement like any other.
    WithoutEffect,
}

/// The statement behind it commits by itself.
const STANDALONE: u8 = 1;
const HAS_COMMIT_ID: u8 = 2;
const HAS_XA: u8 = 64 | 128;
/// Among the further flags: an ALTER begins, and an ALTER is rolled back.
const START_ALTER: u8 = 2;
const ROLLBACK_ALTER: u8 = 8;

impl Announced {
    /// Reads MariaDB's.
    pub(crate) fn by_mariadb(body: &[u8]) -> Result<Self, Fault> {
        let mut cursor = Cursor::new(body);
        let _sequence_and_domain = cursor.take(12)?;
        let flags = cursor.u8()?;
        if flags & STANDALONE == 0 {
            return Ok(Self::Transaction);
        }
        // Servers before 10.8 know no further flags, and fill a short event up with zeros.
        let more = more_flags(cursor, flags).unwrap_or(0);
        Ok(if more & (START_ALTER | ROLLBACK_ALTER) != 0 { Self::WithoutEffect } else { Self::Either })
    }
}

fn more_flags(mut cursor: Cursor<'_>, flags: u8) -> Result<u8, Fault> {
    if flags & HAS_COMMIT_ID != 0 {
        cursor.take(8)?;
    }
    if flags & HAS_XA != 0 {
        let _format = cursor.u32()?;
        let (transaction, branch) = (cursor.u8()?, cursor.u8()?);
        cursor.take(usize::from(transaction) + usize::from(branch))?;
    }
    cursor.u8()
}

#[cfg(test)]
mod tests {
    use super::Announced;

    /// As a server of version 10.11 writes them.
    #[test]
    fn only_the_successful_end_of_an_alter_has_an_effect() {
        let body = |flags: u8, more: &[u8]| {
            let mut body = vec![5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, flags];
            body.extend(more);
            body
        };
        for (flags, more, expected) in [
            (0x29, &[0, 0, 0, 0, 0, 0][..], Announced::Either),
            (0x29, &[2, 0, 0, 0, 0, 0], Announced::WithoutEffect),
            (0x29, &[4, 5, 0, 0, 0, 0, 0, 0, 0], Announced::Either),
            (0x29, &[8, 8, 0, 0, 0, 0, 0, 0, 0], Announced::WithoutEffect),
            (0x2b, &[7, 7, 7, 7, 7, 7, 7, 7, 2], Announced::WithoutEffect),
            (0x2b, &[2, 2, 2, 2, 2, 2, 2, 2], Announced::Either),
            (0x08, &[2, 0, 0, 0, 0, 0], Announced::Transaction),
        ] {
            assert_eq!(Announced::by_mariadb(&body(flags, more)), Ok(expected), "{flags:x} {more:?}");
        }
        assert!(Announced::by_mariadb(&[0; 12]).is_err());
    }
}
