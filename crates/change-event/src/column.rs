//! One column of a table.

use serde::{Deserialize, Serialize};

/// The MySQL type of a column, without length, sign or charset.
///
/// `Char`, `VarChar`, `VarString` and the text family stand for their binary twins too (`BINARY`, `VARBINARY`,
/// `BLOB`…): the [charset](Column::charset) `binary` tells them apart, as it does inside MySQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ColumnKind {
    TinyInt,
    SmallInt,
    MediumInt,
    Int,
    BigInt,
    Float,
    Double,
    Decimal,
    Bit,
    Year,
    Date,
    DateTime,
    Timestamp,
    Time,
    Char,
    VarChar,
    VarString,
    TinyText,
    Text,
    MediumText,
    LongText,
    Enum,
    Set,
    Json,
    Vector,
    Geometry,
    /// Not told. So are the columns of views, which have no rows of their own.
    Unspecified,
}

/// Whether a column's value is computed from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generated {
    /// A plain column.
    #[default]
    No,
    /// Computed when read. Not part of encoded rows, but part of schema files.
    Virtual,
    /// Computed when written. Encoded like a plain column.
    Stored,
}

/// A column's default, as its statement wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DefaultValue {
    /// A number that a schema file shows as a JSON number.
    Int(i64),
    /// Anything else: the text of the literal or the expression.
    Text(String),
}

/// One column: name, type and everything a schema file or an encoder asks about it.
///
/// Its serde form leaves out what is as in [`Column::new`]: thousands of tables are stored with a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Position-independent id; unique within the table.
    pub id: i64,
    /// The name in its original case.
    pub name: String,
    /// The type.
    pub kind: ColumnKind,
    /// `UNSIGNED`.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub unsigned: bool,
    /// `ZEROFILL`.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub zerofill: bool,
    /// Display length, characters, bytes or digits, as the type has it. `None`: not said; the type's default counts.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub length: Option<u32>,
    /// Digits after the point, or fractional-second digits. `None`: not said.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub decimals: Option<u32>,
    /// The charset of string types in lower case (`utf8mb4`, `latin1`, `binary`…); `None` for the others.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub charset: Option<String>,
    /// The members of an `ENUM` or a `SET`, in order.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub members: Vec<String>,
    /// Whether NULL is allowed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub nullable: bool,
    /// Part of the primary key.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub primary_key: bool,
    /// Part of a unique key, the primary key included: an UPDATE that changes it may be [split](crate::UpdateForm).
    #[serde(default, skip_serializing_if = "is_usual")]
    pub unique_key: bool,
    /// Part of the handle key, which tells a row from all others with the fewest columns: the primary key, or without one
    /// a unique key that allows no NULL.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub handle_key: bool,
    /// Virtual, stored or plain.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub generated: Generated,
    /// The default, if it has one that is not NULL.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub default: Option<DefaultValue>,
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_yes(value: &bool) -> bool {
    *value
}

impl Column {
    /// A nullable plain column with nothing else said.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            id: 0,
            name: name.into(),
            kind,
            unsigned: false,
            zerofill: false,
            length: None,
            decimals: None,
            charset: None,
            members: Vec::new(),
            nullable: true,
            primary_key: false,
            unique_key: false,
            handle_key: false,
            generated: Generated::No,
            default: None,
        }
    }

    /// Whether the bytes are bytes and not text: the charset is `binary`.
    pub fn is_binary(&self) -> bool {
        self.kind.is_string() && self.charset.as_deref() == Some("binary")
    }

    /// The length, or the default length of the type (`output-format` 2.8).
    pub fn length_or_default(&self) -> Option<u32> {
        self.length.or_else(|| self.kind.default_length())
    }

    /// The lower-case type name (`varbinary`, `mediumtext`, `int`), without sign and length.
    pub fn type_name(&self) -> &'static str {
        use ColumnKind::*;
        let binary = self.is_binary();
        match self.kind {
            TinyInt => "tinyint",
            SmallInt => "smallint",
            MediumInt => "mediumint",
            Int => "int",
            BigInt => "bigint",
            Float => "float",
            Double => "double",
            Decimal => "decimal",
            Bit => "bit",
            Year => "year",
            Date => "date",
            DateTime => "datetime",
            Timestamp => "timestamp",
            Time => "time",
            Char if binary => "binary",
            Char => "char",
            VarChar if binary => "varbinary",
            VarChar => "varchar",
            VarString => "var_string",
            TinyText if binary => "tinyblob",
            TinyText => "tinytext",
            Text if binary => "blob",
            Text => "text",
            MediumText if binary => "mediumblob",
            MediumText => "mediumtext",
            LongText if binary => "longblob",
            LongText => "longtext",
            Enum => "enum",
            Set => "set",
            Json => "json",
            Vector => "vector",
            Geometry => "geometry",
            Unspecified => "unspecified",
        }
    }
}

impl ColumnKind {
    /// Whether a charset decides between text and bytes.
    pub fn is_string(self) -> bool {
        use ColumnKind::*;
        matches!(self, Char | VarChar | VarString | TinyText | Text | MediumText | LongText)
    }

    /// Whether it is one of the five integer types.
    pub fn is_integer(self) -> bool {
        use ColumnKind::*;
        matches!(self, TinyInt | SmallInt | MediumInt | Int | BigInt)
    }

    /// The default length of the type (`output-format` 2.8); `None` where the format has none.
    pub fn default_length(self) -> Option<u32> {
        use ColumnKind::*;
        match self {
            Bit | Char => Some(1),
            TinyInt | Year => Some(4),
            SmallInt => Some(6),
            MediumInt => Some(9),
            Int => Some(11),
            BigInt => Some(20),
            Double => Some(22),
            Float => Some(12),
            Decimal | Time | Date => Some(10),
            DateTime | Timestamp => Some(19),
            VarChar | VarString => Some(5),
            TinyText => Some(255),
            Text => Some(65_535),
            MediumText => Some(16_777_215),
            LongText | Json => Some(u32::MAX),
            Enum | Set | Vector | Geometry | Unspecified => None,
        }
    }

    /// The default number of decimals of the type; `None` where it is unspecified.
    pub fn default_decimals(self) -> Option<u32> {
        use ColumnKind::*;
        match self {
            Float | Double => None,
            _ => Some(0),
        }
    }
}
