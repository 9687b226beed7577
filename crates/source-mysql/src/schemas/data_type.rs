//! A column's type as a statement writes it: every name a type goes by, and its parentheses.

use super::charset::{bytes_per_character, canonical};
use super::cursor::Cursor;
use super::refusal::Refusal;
use super::type_name::expect_type_name;
use crate::sql::LexemeKind;
use change_event::ColumnKind;

/// The most bytes of a VARCHAR: a row's 65,535 without the length before the bytes and the null bits.
const LONGEST_VARCHAR: u64 = 65_532;

/// A type with everything its name and parentheses say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DataType {
    pub(super) kind: ColumnKind,
    pub(super) length: Option<u32>,
    pub(super) decimals: Option<u32>,
    pub(super) unsigned: bool,
    pub(super) zerofill: bool,
    /// The charset that the type itself or an attribute names; `None`: the table's.
    pub(super) charset: Option<String>,
    pub(super) members: Vec<String>,
    /// `SERIAL`: also `UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE`.
    pub(super) serial: bool,
}

impl DataType {
    fn new(kind: ColumnKind) -> Self {
        Self {
            kind,
            length: None,
            decimals: None,
            unsigned: false,
            zerofill: false,
            charset: None,
            members: Vec::new(),
            serial: false,
        }
    }

    fn binary(kind: ColumnKind) -> Self {
        Self { charset: Some("binary".into()), ..Self::new(kind) }
    }

    fn with_charset(mut self, charset: &str) -> Self {
        self.charset = Some(canonical(charset));
        self
    }

    fn with_length(mut self, length: u32) -> Self {
        self.length = Some(length);
        self
    }

    /// The type in a table whose default charset is `table_charset`: charset and fixed lengths filled in.
    pub(super) fn resolve(mut self, table_charset: &str) -> Self {
        let charset = self.charset.take().unwrap_or_else(|| table_charset.to_owned());
        if !self.kind.is_string() {
            if charset != "binary" {
                self.members
                    .iter_mut()
                    .for_each(|member| member.truncate(member.trim_end_matches(' ').len()));
            }
            return self;
        }
        if let Some(length) = self.length {
            let bytes = u64::from(length) * u64::from(bytes_per_character(&charset));
            // `TEXT(n)` is the smallest that holds n characters; a lenient server makes text of a VARCHAR that
            // no row can hold.
            if self.kind == ColumnKind::Text || (self.kind == ColumnKind::VarChar && bytes > LONGEST_VARCHAR)
            {
                self.kind = smallest_text(bytes);
            }
        }
        if is_blob(self.kind) {
            self.length = self.kind.default_length();
        }
        self.charset = Some(charset);
        self
    }
}

/// Whether the length is fixed by the type: the text and blob family.
pub(super) fn is_blob(kind: ColumnKind) -> bool {
    use ColumnKind::*;
    matches!(kind, TinyText | Text | MediumText | LongText)
}

/// The smallest text type that holds so many bytes: what a server makes of `TEXT(n)`.
pub(super) fn smallest_text(bytes: u64) -> ColumnKind {
    match bytes {
        0..=255 => ColumnKind::TinyText,
        256..=65_535 => ColumnKind::Text,
        65_536..=16_777_215 => ColumnKind::MediumText,
        16_777_216.. => ColumnKind::LongText,
    }
}

/// Reads a type's name and its parentheses.
pub(super) fn expect_type(cursor: &mut Cursor<'_>) -> Result<DataType, Refusal> {
    use ColumnKind::*;
    let unknown = cursor.unexpected("a column type");
    let data_type = match expect_type_name(cursor)?.as_str() {
        "TINYINT" | "INT1" => sized(cursor, TinyInt)?,
        "BOOL" | "BOOLEAN" => DataType::new(TinyInt).with_length(1),
        "SMALLINT" | "INT2" => sized(cursor, SmallInt)?,
        "MEDIUMINT" | "MIDDLEINT" | "INT3" => sized(cursor, MediumInt)?,
        "INT" | "INTEGER" | "INT4" => sized(cursor, Int)?,
        "BIGINT" | "INT8" => sized(cursor, BigInt)?,
        "SERIAL" => DataType { unsigned: true, serial: true, ..DataType::new(BigInt) },
        "DECIMAL" | "DEC" | "NUMERIC" | "FIXED" => decimal(cursor)?,
        "FLOAT" | "FLOAT4" => float(cursor)?,
        "FLOAT8" | "REAL" => digits(cursor, Double)?,
        "DOUBLE" => {
            cursor.take_word("PRECISION");
            digits(cursor, Double)?
        }
        "BIT" => bits(sized(cursor, Bit)?),
        "YEAR" | "SQL_TSI_YEAR" => sized(cursor, Year)?,
        "DATE" => DataType::new(Date),
        "DATETIME" => fractional(cursor, DateTime)?,
        "TIMESTAMP" => fractional(cursor, Timestamp)?,
        "TIME" => fractional(cursor, Time)?,
        "CHAR" | "CHARACTER" => character(cursor)?,
        "NCHAR" => character(cursor)?.with_charset("utf8mb3"),
        "NVARCHAR" => sized(cursor, VarChar)?.with_charset("utf8mb3"),
        "NATIONAL" => {
            let data_type = if cursor.take_one_of(&["CHAR", "CHARACTER"]) {
                character(cursor)?
            } else if cursor.take_one_of(&["VARCHAR", "VARCHARACTER"]) {
                sized(cursor, VarChar)?
            } else {
                return Err(unknown);
            };
            data_type.with_charset("utf8mb3")
        }
        "VARCHAR" | "VARCHARACTER" => sized(cursor, VarChar)?,
        "BINARY" => or_one(binary(cursor, Char)?),
        "VARBINARY" => binary(cursor, VarChar)?,
        "TINYTEXT" => DataType::new(TinyText),
        "TEXT" => text(cursor)?,
        "MEDIUMTEXT" => DataType::new(MediumText),
        "LONGTEXT" => DataType::new(LongText),
        "TINYBLOB" => DataType::binary(TinyText),
        "BLOB" => text(cursor)?.with_charset("binary"),
        "MEDIUMBLOB" => DataType::binary(MediumText),
        "LONGBLOB" => DataType::binary(LongText),
        "LONG" => long(cursor),
        "ENUM" => members(cursor, Enum)?,
        "SET" => members(cursor, Set)?,
        "JSON" => DataType::new(Json),
        "VECTOR" => sized(cursor, Vector)?,
        "GEOMETRY" | "POINT" | "LINESTRING" | "POLYGON" | "MULTIPOINT" | "MULTILINESTRING"
        | "MULTIPOLYGON" | "GEOMETRYCOLLECTION" | "GEOMCOLLECTION" => DataType::new(Geometry),
        // MariaDB's plug-in types travel in the log as the bytes they are stored in.
        "UUID" | "INET6" => DataType::binary(Char).with_length(16),
        "INET4" => DataType::binary(Char).with_length(4),
        _ => return Err(unknown),
    };
    Ok(data_type)
}

/// `(n)`, if it is there.
fn sized(cursor: &mut Cursor<'_>, kind: ColumnKind) -> Result<DataType, Refusal> {
    let mut data_type = DataType::new(kind);
    if cursor.take_symbol('(') {
        data_type.length = Some(cursor.expect_length()?);
        cursor.expect_symbol(')')?;
    }
    Ok(data_type)
}

fn binary(cursor: &mut Cursor<'_>, kind: ColumnKind) -> Result<DataType, Refusal> {
    Ok(sized(cursor, kind)?.with_charset("binary"))
}

/// `TEXT(0)` is no shorter than any other on MariaDB. On MySQL it is, since 8.0.
fn text(cursor: &mut Cursor<'_>) -> Result<DataType, Refusal> {
    let mut data_type = sized(cursor, ColumnKind::Text)?;
    data_type.length = data_type.length.filter(|length| *length > 0 || !cursor.dialect().mariadb);
    Ok(data_type)
}

/// Types that are one wide when nothing is said.
fn or_one(mut data_type: DataType) -> DataType {
    data_type.length = data_type.length.or(Some(1));
    data_type
}

/// `BIT(0)` is `BIT(1)`, too.
fn bits(mut data_type: DataType) -> DataType {
    data_type.length = data_type.length.filter(|bits| *bits > 0);
    or_one(data_type)
}

/// `(m, d)` or `(m)`, if it is there.
fn digits(cursor: &mut Cursor<'_>, kind: ColumnKind) -> Result<DataType, Refusal> {
    let mut data_type = DataType::new(kind);
    if cursor.take_symbol('(') {
        data_type.length = Some(cursor.expect_length()?);
        if cursor.take_symbol(',') {
            data_type.decimals = Some(cursor.expect_length()?);
        }
        cursor.expect_symbol(')')?;
    }
    Ok(data_type)
}

/// Ten digits and none after the point, where nothing is said; `DECIMAL(0)` means ten as well.
fn decimal(cursor: &mut Cursor<'_>) -> Result<DataType, Refusal> {
    let mut data_type = digits(cursor, ColumnKind::Decimal)?;
    data_type.length = data_type.length.filter(|length| *length > 0).or(Some(10));
    data_type.decimals = data_type.decimals.or(Some(0));
    Ok(data_type)
}

/// `FLOAT(p)` is no width: it picks the smallest of the two types that has `p` bits.
fn float(cursor: &mut Cursor<'_>) -> Result<DataType, Refusal> {
    let data_type = digits(cursor, ColumnKind::Float)?;
    Ok(match (data_type.length, data_type.decimals) {
        (Some(25..), None) => DataType::new(ColumnKind::Double),
        (Some(_), None) => DataType::new(ColumnKind::Float),
        _ => data_type,
    })
}

/// `(fsp)`, if it is there.
fn fractional(cursor: &mut Cursor<'_>, kind: ColumnKind) -> Result<DataType, Refusal> {
    let mut data_type = sized(cursor, kind)?;
    data_type.decimals = data_type.length.take();
    Ok(data_type)
}

/// What may follow `CHAR`: `VARYING` and a length.
fn character(cursor: &mut Cursor<'_>) -> Result<DataType, Refusal> {
    if cursor.take_one_of(&["VARYING", "VARCHAR", "VARCHARACTER"]) {
        return sized(cursor, ColumnKind::VarChar);
    }
    Ok(or_one(sized(cursor, ColumnKind::Char)?))
}

/// `LONG`, `LONG VARCHAR` and their kin are `MEDIUMTEXT`, `LONG VARBINARY` is `MEDIUMBLOB`.
fn long(cursor: &mut Cursor<'_>) -> DataType {
    if cursor.take_one_of(&["VARBINARY", "BYTE"]) {
        return DataType::binary(ColumnKind::MediumText);
    }
    if cursor.take_one_of(&["CHAR", "CHARACTER"]) {
        cursor.take_word("VARYING");
    } else {
        cursor.take_one_of(&["VARCHAR", "VARCHARACTER"]);
    }
    DataType::new(ColumnKind::MediumText)
}

/// The members of an `ENUM` or a `SET`. Their trailing blanks go once the charset is known: not where it is
/// `binary`.
fn members(cursor: &mut Cursor<'_>, kind: ColumnKind) -> Result<DataType, Refusal> {
    let mut data_type = DataType::new(kind);
    cursor.expect_symbol('(')?;
    loop {
        data_type.members.push(member(cursor)?);
        if !cursor.take_symbol(',') {
            break;
        }
    }
    cursor.expect_symbol(')')?;
    Ok(data_type)
}

fn member(cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
    let text = match cursor.peek(0) {
        Some(LexemeKind::Text(text) | LexemeKind::DoubleQuoted(text)) => text.clone(),
        Some(LexemeKind::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        _ => return Err(cursor.unexpected("a member")),
    };
    cursor.next();
    Ok(text)
}
