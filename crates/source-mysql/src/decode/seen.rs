//! Columns as the log shows them: each physical type joined with its share of the metadata, and with what a statement
//! said of the column where the log is silent.

use super::Fault;
use super::charset::Charset;
use super::collation::charset_of;
use super::fits::fits;
use super::hidden::Hidden;
use super::metadata::Collations;
use super::physical::Physical;
use super::signs;
use super::stored::{lengths, wire};
use super::table_map::TableMap;
use super::value::Wire;
use crate::schemas::Shape;
use change_event::{Column, ColumnKind};

/// The columns of a table, and how the values of every column in the log are stored.
pub(crate) fn columns(
    map: &TableMap<'_>,
    shape: Option<&Shape<'_>>,
    hidden: Option<&Hidden>,
) -> Result<(Vec<Column>, Vec<Wire>), Fault> {
    let declared = declared(map, shape, hidden)?;
    let signs = match map.metadata.signs {
        [] => vec![None; map.physical.len()],
        _ => signs::unsigned(map, &declared)?,
    };
    let mut dealt = Dealt::default();
    let mut columns = Vec::with_capacity(map.physical.len());
    let mut wires = Vec::with_capacity(map.physical.len());
    for (i, &physical) in map.physical.iter().enumerate() {
        let share = dealt.share(map, physical);
        if hidden.is_some_and(|hidden| !hidden.shown[i]) {
            wires.push(wire(physical, false, Charset::Utf8, true));
            continue;
        }
        let facts = Facts { map, physical, index: i, declared: declared[i], unsigned: signs[i], share };
        let (column, wire) = facts.column().map_err(|fault| match fault {
            Fault::Unsupported(what) => Fault::unsupported(format!("column {}: {what}", facts.name())),
            other @ (Fault::Corrupt(_) | Fault::Elsewhere(_)) => other,
        })?;
        columns.push(column);
        wires.push(wire);
    }
    Ok((columns, wires))
}

/// Each column of the log as the statements have it: by its name, or one after the other where there are no names.
fn declared<'s>(
    map: &TableMap<'_>,
    shape: Option<&Shape<'s>>,
    hidden: Option<&Hidden>,
) -> Result<Vec<Option<&'s Column>>, Fault> {
    let count = map.physical.len();
    let by_name = |name: &[u8]| shape?.columns.iter().find(|column| column.name.as_bytes() == name);
    if map.has_names() {
        return Ok(map.metadata.names.iter().map(|name| by_name(name)).collect());
    }
    let shape = shape.ok_or_else(|| nameless(map))?;
    let shown = |i: usize| hidden.is_none_or(|hidden| hidden.shown[i]);
    let expected = (0..count).filter(|i| shown(*i)).count();
    if expected != shape.columns.len() {
        return Err(Fault::unsupported(format!(
            "its statements gave it {} columns, its rows {expected}{}",
            shape.columns.len(),
            advice(map)
        )));
    }
    let mut next = shape.columns.iter();
    Ok((0..count).map(|i| if shown(i) { next.next() } else { None }).collect())
}

fn nameless(map: &TableMap<'_>) -> Fault {
    let set = if map.server.can_log_names() {
        ", or from its next rows on with binlog_row_metadata=FULL on the server"
    } else {
        ""
    };
    Fault::unsupported(format!(
        "the log has no column names, its CREATE TABLE is not in what was read, and no server told what it looked like \
         here; it can be read with --schema and a file that has its CREATE TABLE, with --start earliest if the log \
         reaches back to that, by a user with SELECT on it{set}"
    ))
}

fn advice(map: &TableMap<'_>) -> &'static str {
    if map.server.can_log_names() {
        " (after SET GLOBAL binlog_row_metadata=FULL on the server the log itself tells, from then on)"
    } else {
        ""
    }
}

/// How many columns of each family came before: where a column's share of the metadata is.
#[derive(Clone, Copy, Default)]
struct Dealt {
    text: usize,
    with_members: usize,
    sets: usize,
    enums: usize,
}

impl Dealt {
    /// The counts before this column, which is counted.
    fn share(&mut self, map: &TableMap<'_>, physical: Physical) -> Self {
        let share = *self;
        self.text += usize::from(physical.has_charset(map.server.flavor));
        self.with_members += usize::from(physical.has_members());
        self.sets += usize::from(matches!(physical, Physical::Set(_)));
        self.enums += usize::from(matches!(physical, Physical::Enum(_)));
        share
    }
}

/// What is known of one column.
struct Facts<'m> {
    map: &'m TableMap<'m>,
    physical: Physical,
    index: usize,
    declared: Option<&'m Column>,
    /// As the log has it.
    unsigned: Option<bool>,
    share: Dealt,
}

impl<'m> Facts<'m> {
    fn name(&self) -> String {
        match (self.map.metadata.names.get(self.index), self.declared) {
            (Some(name), _) => String::from_utf8_lossy(name).into_owned(),
            (None, Some(declared)) => declared.name.clone(),
            (None, None) => format!("number {}", self.index + 1),
        }
    }

    fn column(&self) -> Result<(Column, Wire), Fault> {
        let unsigned = self.unsigned()?;
        let charset = self.charset()?;
        let mut column = match self.declared {
            Some(declared) if !self.map.has_names() => self.as_declared(declared, charset)?,
            _ => self.as_seen(charset),
        };
        column.unsigned = unsigned;
        column.nullable = self.map.is_nullable(self.index);
        if let Some(charset) = charset.filter(|_| self.physical.is_text()) {
            column.charset = Some(charset.to_owned());
        }
        if self.physical.has_members() {
            column.members = self.members(charset)?;
            column.charset = charset.map(str::to_owned);
        }
        let text = if self.physical.is_text() {
            Charset::named(charset.unwrap_or("binary"))?
        } else {
            Charset::Utf8
        };
        Ok((column, wire(self.physical, unsigned, text, charset == Some("binary"))))
    }

    fn unsigned(&self) -> Result<bool, Fault> {
        if !self.physical.has_sign() || self.physical == Physical::Year {
            return Ok(false);
        }
        let declared = self.declared.map(|column| column.unsigned);
        self.unsigned.or(declared).ok_or_else(|| Fault::corrupt("the log has no sign for a number"))
    }

    /// Of text, and of members. What they are in a statement is UTF-8 already.
    fn charset(&self) -> Result<Option<&'m str>, Fault> {
        let metadata = &self.map.metadata;
        let number = |collations: &Collations, index| {
            let number = collations.of(index);
            number.map(|number| {
                charset_of(number).ok_or_else(|| Fault::unsupported(format!("collation {number} is unknown")))
            })
        };
        if self.physical.has_members() {
            return number(&metadata.members, self.share.with_members).transpose();
        }
        if !self.physical.is_text() {
            return Ok(None);
        }
        if let Some(charset) = number(&metadata.text, self.share.text) {
            return charset.map(Some);
        }
        let of_kind = self.declared.and_then(|column| match column.kind {
            ColumnKind::Json => Some("utf8mb4"),
            ColumnKind::Vector => Some("binary"),
            _ => column.charset.as_deref(),
        });
        let charset = of_kind.ok_or_else(|| {
            Fault::unsupported("the log has no charset for it (SET GLOBAL binlog_row_metadata=FULL on the server avoids it from then on)")
        })?;
        Ok(Some(charset))
    }

    fn members(&self, charset: Option<&str>) -> Result<Vec<String>, Fault> {
        let (members, index, kind) = match self.physical {
            Physical::Enum(_) => (&self.map.metadata.enums, self.share.enums, ColumnKind::Enum),
            _ => (&self.map.metadata.sets, self.share.sets, ColumnKind::Set),
        };
        let declared = self.declared.filter(|column| column.kind == kind);
        match (members.get(index), charset, declared) {
            (Some(members), Some(charset), _) => {
                let charset = Charset::named(charset)?;
                Ok(members.iter().map(|member| charset.to_text(member)).collect())
            }
            (None, _, Some(declared)) => Ok(declared.members.clone()),
            _ => Err(Fault::corrupt("an ENUM or SET has no members")),
        }
    }

    /// The column of the statement, if it can be this one.
    fn as_declared(&self, declared: &Column, charset: Option<&str>) -> Result<Column, Fault> {
        if fits(declared, self.physical, charset) {
            return Ok(declared.clone());
        }
        let (kind, physical) = (Described(declared), self.physical);
        Err(Fault::unsupported(format!(
            "its statements made it a {kind}, its rows hold {physical}{}",
            advice(self.map)
        )))
    }

    /// The column by its physical type.
    fn as_seen(&self, charset: Option<&str>) -> Column {
        let mut column = Column::new(self.name(), ColumnKind::Int);
        column.id = self.index as i64 + 1;
        column.primary_key = self.map.metadata.primary_key.contains(&(self.index as u64));
        column.unique_key = column.primary_key;
        column.kind = match self.physical {
            Physical::Int(1) => ColumnKind::TinyInt,
            Physical::Int(2) => ColumnKind::SmallInt,
            Physical::Int(3) => ColumnKind::MediumInt,
            Physical::Int(4) => ColumnKind::Int,
            Physical::Int(_) => ColumnKind::BigInt,
            Physical::Float => ColumnKind::Float,
            Physical::Double => ColumnKind::Double,
            Physical::Decimal { .. } => ColumnKind::Decimal,
            Physical::Year => ColumnKind::Year,
            Physical::Bit(_) => ColumnKind::Bit,
            Physical::Date => ColumnKind::Date,
            Physical::OldTime | Physical::Time(_) => ColumnKind::Time,
            Physical::OldDateTime | Physical::DateTime(_) => ColumnKind::DateTime,
            Physical::OldTimestamp | Physical::Timestamp(_) => ColumnKind::Timestamp,
            Physical::Char(_) => ColumnKind::Char,
            Physical::VarChar(_) => ColumnKind::VarChar,
            Physical::Blob(1) => ColumnKind::TinyText,
            Physical::Blob(2) => ColumnKind::Text,
            Physical::Blob(3) => ColumnKind::MediumText,
            Physical::Blob(_) => ColumnKind::LongText,
            Physical::Json(_) => ColumnKind::Json,
            Physical::Geometry(_) => ColumnKind::Geometry,
            Physical::Vector(_) => ColumnKind::Vector,
            Physical::Enum(_) => ColumnKind::Enum,
            Physical::Set(_) => ColumnKind::Set,
        };
        (column.length, column.decimals) = lengths(self.physical, charset);
        column
    }
}

/// A declared type in words.
struct Described<'a>(&'a Column);

impl std::fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let column = self.0;
        f.write_str(column.type_name())?;
        match (column.length, column.decimals) {
            (Some(length), Some(digits)) => write!(f, "({length},{digits})")?,
            (Some(number), None) | (None, Some(number)) => write!(f, "({number})")?,
            (None, None) => {}
        }
        match &column.charset {
            Some(charset) if charset != "binary" => write!(f, " in {charset}"),
            _ => Ok(()),
        }
    }
}
