//! Columns as the log shows them: each physical type joined with its share of the metadata.

use super::Fault;
use super::charset::Charset;
use super::collation::{charset_of, max_bytes_per_char};
use super::metadata::{Collations, Metadata};
use super::physical::{Flavor, Physical};
use super::value::Wire;
use change_event::{Column, ColumnKind};

/// How many columns of each family came before: where a column's share of the metadata is.
#[derive(Default)]
struct Dealt {
    flavor: Flavor,
    signed: usize,
    text: usize,
    with_members: usize,
    sets: usize,
    enums: usize,
}

/// The columns of a table, and how their values are stored. There are as many names as types.
pub(crate) fn columns(
    physical: &[Physical],
    metadata: &Metadata<'_>,
    nullable: &[u8],
    flavor: Flavor,
) -> Result<(Vec<Column>, Vec<Wire>), Fault> {
    let mut dealt = Dealt { flavor, ..Dealt::default() };
    let mut columns = Vec::with_capacity(physical.len());
    let mut wires = Vec::with_capacity(physical.len());
    for (i, (&physical, &name)) in physical.iter().zip(&metadata.names).enumerate() {
        let mut column = Column::new(String::from_utf8_lossy(name), ColumnKind::Int);
        column.id = i as i64 + 1;
        column.nullable = nullable[i / 8] & (1 << (i % 8)) != 0;
        column.primary_key = metadata.primary_key.contains(&(i as u64));
        column.unique_key = column.primary_key;
        let wire = dealt.column(physical, metadata, &mut column).map_err(|fault| match fault {
            Fault::Unsupported(what) => Fault::unsupported(format!("column {}: {what}", column.name)),
            corrupt @ Fault::Corrupt(_) => corrupt,
        })?;
        columns.push(column);
        wires.push(wire);
    }
    Ok((columns, wires))
}

impl Dealt {
    /// Fills in the type of one column.
    fn column(
        &mut self,
        physical: Physical,
        metadata: &Metadata<'_>,
        column: &mut Column,
    ) -> Result<Wire, Fault> {
        if physical.has_sign() {
            column.unsigned = metadata.is_unsigned(self.signed) && physical != Physical::Year;
            self.signed += 1;
        }
        if physical.has_charset(self.flavor) {
            self.text += 1;
        }
        if physical.is_text() {
            let charset = charset(&metadata.text, self.text - 1)?;
            column.charset = Some(charset.to_owned());
            return text(physical, charset, column);
        }
        if physical.has_members() {
            return self.with_members(physical, metadata, column);
        }
        let unsigned = column.unsigned;
        let (kind, wire) = match physical {
            Physical::Int(bytes) => {
                let kind = match bytes {
                    1 => ColumnKind::TinyInt,
                    2 => ColumnKind::SmallInt,
                    3 => ColumnKind::MediumInt,
                    4 => ColumnKind::Int,
                    _ => ColumnKind::BigInt,
                };
                (kind, if unsigned { Wire::UInt(bytes) } else { Wire::Int(bytes) })
            }
            Physical::Float => (ColumnKind::Float, Wire::Float),
            Physical::Double => (ColumnKind::Double, Wire::Double),
            Physical::Decimal { precision, scale } => {
                column.length = Some(u32::from(precision));
                column.decimals = Some(u32::from(scale));
                (ColumnKind::Decimal, Wire::Decimal { precision, scale })
            }
            Physical::Year => (ColumnKind::Year, Wire::Year),
            Physical::Bit(bits) => {
                column.length = Some(u32::from(bits));
                (ColumnKind::Bit, Wire::Bit(bits.div_ceil(8) as u8))
            }
            Physical::Date => (ColumnKind::Date, Wire::Date),
            Physical::OldTime => (ColumnKind::Time, Wire::OldTime),
            Physical::OldDateTime => (ColumnKind::DateTime, Wire::OldDateTime),
            Physical::OldTimestamp => (ColumnKind::Timestamp, Wire::OldTimestamp),
            Physical::Time(fsp) => (fraction(column, ColumnKind::Time, fsp), Wire::Time(fsp)),
            Physical::DateTime(fsp) => (fraction(column, ColumnKind::DateTime, fsp), Wire::DateTime(fsp)),
            Physical::Timestamp(fsp) => (fraction(column, ColumnKind::Timestamp, fsp), Wire::Timestamp(fsp)),
            Physical::Json(prefix) => (ColumnKind::Json, Wire::Json(prefix)),
            Physical::Geometry(prefix) => (ColumnKind::Geometry, Wire::Bytes(prefix)),
            Physical::Vector(prefix) => (ColumnKind::Vector, Wire::Vector(prefix)),
            Physical::Char(_)
            | Physical::VarChar(_)
            | Physical::Blob(_)
            | Physical::Enum(_)
            | Physical::Set(_) => {
                unreachable!("text, enums and sets were dealt with above")
            }
        };
        column.kind = kind;
        Ok(wire)
    }

    fn with_members(
        &mut self,
        physical: Physical,
        metadata: &Metadata<'_>,
        column: &mut Column,
    ) -> Result<Wire, Fault> {
        let name = charset(&metadata.members, self.with_members)?;
        let charset = Charset::named(name)?;
        self.with_members += 1;
        let (kind, wire, members) = match physical {
            Physical::Enum(bytes) => {
                self.enums += 1;
                (ColumnKind::Enum, Wire::Enum(bytes), metadata.enums.get(self.enums - 1))
            }
            Physical::Set(bytes) => {
                self.sets += 1;
                (ColumnKind::Set, Wire::Set(bytes), metadata.sets.get(self.sets - 1))
            }
            _ => unreachable!("only enums and sets have members"),
        };
        let members = members.ok_or_else(|| Fault::corrupt("an ENUM or SET has no members"))?;
        column.kind = kind;
        column.charset = Some(name.to_owned());
        column.members = members.iter().map(|m| charset.to_text(m)).collect();
        Ok(wire)
    }
}

/// CHAR, VARCHAR, the texts and their binary twins. Lengths are characters; the log has bytes.
fn text(physical: Physical, name: &str, column: &mut Column) -> Result<Wire, Fault> {
    let binary = name == "binary";
    let charset = Charset::named(name)?;
    let characters = |bytes: u16| Some(u32::from(bytes) / max_bytes_per_char(name));
    let prefix_of = |bytes: u16| if bytes > 255 { 2 } else { 1 };
    let prefix = match physical {
        Physical::Char(bytes) => {
            column.kind = ColumnKind::Char;
            column.length = characters(bytes);
            if binary {
                return Ok(Wire::Padded { prefix: prefix_of(bytes), width: bytes });
            }
            prefix_of(bytes)
        }
        Physical::VarChar(bytes) => {
            column.kind = ColumnKind::VarChar;
            column.length = characters(bytes);
            prefix_of(bytes)
        }
        Physical::Blob(prefix) => {
            column.kind = match prefix {
                1 => ColumnKind::TinyText,
                2 => ColumnKind::Text,
                3 => ColumnKind::MediumText,
                _ => ColumnKind::LongText,
            };
            prefix
        }
        _ => unreachable!("only text types are text"),
    };
    Ok(if binary { Wire::Bytes(prefix) } else { Wire::Text { prefix, charset } })
}

fn charset(collations: &Collations, index: usize) -> Result<&'static str, Fault> {
    let collation = collations.of(index).ok_or_else(|| {
        Fault::unsupported("the log has no charset for it; SET GLOBAL binlog_row_metadata=FULL")
    })?;
    charset_of(collation).ok_or_else(|| Fault::unsupported(format!("collation {collation} is unknown")))
}

/// Sets the fractional digits, if there are any, and passes the kind on.
fn fraction(column: &mut Column, kind: ColumnKind, fsp: u8) -> ColumnKind {
    column.decimals = (fsp > 0).then_some(u32::from(fsp));
    kind
}
