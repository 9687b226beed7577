//! The optional metadata of a table map: what `binlog_row_metadata=FULL` adds.
//!
//! It is a list of (type byte, length, body). Most bodies list something for the columns of one family only, in
//! column order; this reads them, [`table_map`](super::table_map) deals them out.

use super::Fault;
use super::cursor::Cursor;

/// Everything we use of it. Fields of other kinds are skipped.
#[derive(Debug, Default)]
pub(crate) struct Metadata<'a> {
    /// A bit per column with a sign, highest first; set for UNSIGNED. [`signs`](super::signs) reads them.
    pub(crate) signs: &'a [u8],
    /// Collations of text columns.
    pub(crate) text: Collations,
    /// Collations of ENUM and SET columns.
    pub(crate) members: Collations,
    /// Every column's name.
    pub(crate) names: Vec<&'a [u8]>,
    /// The members of each SET column.
    pub(crate) sets: Vec<Vec<&'a [u8]>>,
    /// The members of each ENUM column.
    pub(crate) enums: Vec<Vec<&'a [u8]>>,
    /// Positions of the primary key's columns.
    pub(crate) primary_key: Vec<u64>,
}

/// Collations of one family of columns: a default with exceptions, or one each.
#[derive(Debug, Default)]
pub(crate) struct Collations {
    default: Option<u64>,
    exceptions: Vec<(u64, u64)>,
    each: Vec<u64>,
}

impl Collations {
    /// The collation of the family's column number `index`.
    pub(crate) fn of(&self, index: usize) -> Option<u64> {
        let exception = self.exceptions.iter().find(|(i, _)| *i == index as u64);
        match (self.each.get(index), exception) {
            (Some(&collation), _) | (None, Some(&(_, collation))) => Some(collation),
            (None, None) => self.default,
        }
    }
}

impl<'a> Metadata<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut metadata = Self::default();
        let mut fields = Cursor::new(bytes);
        while !fields.is_empty() {
            let kind = fields.u8()?;
            metadata.field(kind, Cursor::new(fields.counted()?))?;
        }
        Ok(metadata)
    }

    fn field(&mut self, kind: u8, mut body: Cursor<'a>) -> Result<(), Fault> {
        match kind {
            1 => self.signs = body.rest(),
            2 => self.text.read_default(&mut body)?,
            3 => self.text.each = all(&mut body, Cursor::length)?,
            4 => self.names = all(&mut body, Cursor::counted)?,
            5 => self.sets = all(&mut body, members)?,
            6 => self.enums = all(&mut body, members)?,
            8 => self.primary_key = all(&mut body, Cursor::length)?,
            // With a prefix length after each position; a key over a prefix is a key all the same.
            9 => self.primary_key = all(&mut body, |c| c.length().and_then(|at| c.length().map(|_| at)))?,
            10 => self.members.read_default(&mut body)?,
            11 => self.members.each = all(&mut body, Cursor::length)?,
            // 7 geometry types, 12 visibility, 13 vector dimensions, and what may come: nothing we need.
            _ => {}
        }
        Ok(())
    }
}

impl Collations {
    fn read_default(&mut self, body: &mut Cursor<'_>) -> Result<(), Fault> {
        self.default = Some(body.length()?);
        self.exceptions = all(body, |c| Ok((c.length()?, c.length()?)))?;
        Ok(())
    }
}

fn members<'a>(body: &mut Cursor<'a>) -> Result<Vec<&'a [u8]>, Fault> {
    let count = body.length()?;
    (0..count).map(|_| body.counted()).collect()
}

fn all<'a, T>(
    body: &mut Cursor<'a>,
    mut read: impl FnMut(&mut Cursor<'a>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut items = Vec::new();
    while !body.is_empty() {
        items.push(read(body)?);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_collation_has_exceptions() {
        let metadata = Metadata::read(&[2, 3, 45, 1, 8]).unwrap();
        assert_eq!([0, 1, 2].map(|i| metadata.text.of(i)), [Some(45), Some(8), Some(45)]);
        assert_eq!(metadata.members.of(0), None);
    }

    #[test]
    fn unknown_fields_are_skipped_and_short_ones_are_errors() {
        let metadata = Metadata::read(&[99, 1, 0, 4, 2, 1, b'a']).unwrap();
        assert_eq!(metadata.names, [b"a"]);
        assert!(Metadata::read(&[4, 9, 1]).is_err());
        assert!(Metadata::read(&[6, 2, 3, 1]).is_err());
    }
}
