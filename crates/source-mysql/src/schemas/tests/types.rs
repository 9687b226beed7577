//! The column that each type makes. The lengths and charsets are those that MariaDB's table maps show.

use super::Log;
use crate::schemas::Applied;
use crate::sql::Dialect;
use change_event::{Column, ColumnKind, CommitTs, DefaultValue, Generated};
use proptest::prelude::*;

/// A column in short: `type(length,decimals) unsigned zerofill charset 'members' not-null`.
fn short(column: &Column) -> String {
    let mut text = column.type_name().to_owned();
    match (column.length, column.decimals) {
        (Some(length), Some(decimals)) => text += &format!("({length},{decimals})"),
        (Some(length), None) => text += &format!("({length})"),
        (None, Some(decimals)) => text += &format!(".{decimals}"),
        (None, None) => {}
    }
    let marks = [
        (column.unsigned, " unsigned".to_owned()),
        (column.zerofill, " zerofill".to_owned()),
        (column.charset.is_some(), format!(" {}", column.charset.clone().unwrap_or_default())),
        (!column.members.is_empty(), format!(" {:?}", column.members)),
        (!column.nullable, " not null".to_owned()),
    ];
    marks.into_iter().filter(|(is_so, _)| *is_so).for_each(|(_, mark)| text += &mark);
    text
}

fn made_by(definition: &str) -> Column {
    let log = Log::of(&[&format!("CREATE TABLE t (c {definition})")]);
    log.column("t", "c").clone()
}

const TYPES: &[(&str, &str)] = &[
    ("TINYINT", "tinyint"),
    ("TINYINT(1)", "tinyint(1)"),
    ("BOOL", "tinyint(1)"),
    ("BOOLEAN NOT NULL", "tinyint(1) not null"),
    ("INT1", "tinyint"),
    ("SMALLINT(5) UNSIGNED", "smallint(5) unsigned"),
    ("INT2", "smallint"),
    ("MEDIUMINT SIGNED", "mediumint"),
    ("MIDDLEINT", "mediumint"),
    ("INT3", "mediumint"),
    ("INT", "int"),
    ("int(11)", "int(11)"),
    ("INTEGER UNSIGNED NOT NULL", "int unsigned not null"),
    ("INT4 ZEROFILL", "int unsigned zerofill"),
    ("INT(8) UNSIGNED ZEROFILL", "int(8) unsigned zerofill"),
    ("BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE", "bigint(20) unsigned not null"),
    ("INT8", "bigint"),
    ("INT NULL AUTO_INCREMENT", "int not null"),
    ("INT AUTO_INCREMENT NULL", "int"),
    ("SERIAL", "bigint unsigned not null"),
    ("BIGINT SERIAL DEFAULT VALUE", "bigint not null"),
    ("DECIMAL", "decimal(10,0)"),
    ("DEC(7)", "decimal(7,0)"),
    ("DECIMAL(19.5)", "decimal(19,0)"),
    ("DECIMAL(19.)", "decimal(19,0)"),
    ("DECIMAL(.5)", "decimal(10,0)"),
    ("NUMERIC(12, 4) UNSIGNED", "decimal(12,4) unsigned"),
    ("FIXED(7,2)", "decimal(7,2)"),
    ("FLOAT", "float"),
    ("FLOAT(10)", "float"),
    ("FLOAT(24)", "float"),
    ("FLOAT(25)", "double"),
    ("FLOAT(30.2)", "double"),
    ("FLOAT(7,3) UNSIGNED", "float(7,3) unsigned"),
    ("FLOAT4", "float"),
    ("FLOAT8", "double"),
    ("DOUBLE", "double"),
    ("DOUBLE PRECISION", "double"),
    ("REAL(8,2)", "double(8,2)"),
    ("BIT", "bit(1)"),
    ("BIT(12)", "bit(12)"),
    ("YEAR", "year"),
    ("YEAR(4)", "year(4)"),
    ("DATE", "date"),
    ("DATETIME", "datetime"),
    ("DATETIME(2)", "datetime.2"),
    ("TIMESTAMP NULL", "timestamp"),
    (
        "TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)",
        "timestamp.3 not null",
    ),
    ("TIME(6)", "time.6"),
    ("CHAR", "char(1) utf8mb4"),
    ("CHARACTER(3)", "char(3) utf8mb4"),
    ("CHAR(10) CHARACTER SET latin1", "char(10) latin1"),
    ("CHAR(10) CHARSET utf8 COLLATE utf8_bin", "char(10) utf8mb3"),
    ("CHAR(4) BYTE", "binary(4) binary"),
    ("CHAR(3) ASCII", "char(3) latin1"),
    ("CHAR(3) UNICODE", "char(3) ucs2"),
    ("CHAR(3) BINARY", "char(3) utf8mb4"),
    ("NCHAR(5)", "char(5) utf8mb3"),
    ("NATIONAL CHAR(5)", "char(5) utf8mb3"),
    ("NATIONAL CHARACTER VARYING(7)", "varchar(7) utf8mb3"),
    ("NATIONAL VARCHAR(7)", "varchar(7) utf8mb3"),
    ("NVARCHAR(5)", "varchar(5) utf8mb3"),
    ("NCHAR VARCHAR(6)", "varchar(6) utf8mb3"),
    ("VARCHAR(10.7)", "varchar(10) utf8mb4"),
    ("VARCHAR(255)", "varchar(255) utf8mb4"),
    ("CHARACTER VARYING(9)", "varchar(9) utf8mb4"),
    ("VARCHAR(3) COLLATE latin1_bin", "varchar(3) latin1"),
    ("VARCHAR(3) COLLATE uca1400_ai_ci", "varchar(3) utf8mb4"),
    ("VARCHAR(3) NOT NULL COLLATE 'latin1_bin'", "varchar(3) latin1 not null"),
    ("VARCHAR(4) CHARACTER SET binary", "varbinary(4) binary"),
    ("VARCHAR(16383)", "varchar(16383) utf8mb4"),
    ("VARCHAR(16384)", "mediumtext(16777215) utf8mb4"),
    ("VARBINARY(70000)", "mediumblob(16777215) binary"),
    ("BINARY", "binary(1) binary"),
    ("BINARY(16) NOT NULL", "binary(16) binary not null"),
    ("VARBINARY(64)", "varbinary(64) binary"),
    ("TINYTEXT", "tinytext(255) utf8mb4"),
    ("TEXT", "text(65535) utf8mb4"),
    ("TEXT CHARACTER SET latin1", "text(65535) latin1"),
    ("TEXT CHARACTER SET binary", "blob(65535) binary"),
    ("TEXT BYTE", "blob(65535) binary"),
    ("TEXT(0)", "tinytext(255) utf8mb4"),
    ("TEXT(1)", "tinytext(255) utf8mb4"),
    ("TEXT(100)", "text(65535) utf8mb4"),
    ("TEXT(100) CHARACTER SET latin1", "tinytext(255) latin1"),
    ("TEXT(20000)", "mediumtext(16777215) utf8mb4"),
    ("MEDIUMTEXT", "mediumtext(16777215) utf8mb4"),
    ("LONGTEXT", "longtext(4294967295) utf8mb4"),
    ("LONG", "mediumtext(16777215) utf8mb4"),
    ("LONG VARCHAR", "mediumtext(16777215) utf8mb4"),
    ("LONG VARBINARY", "mediumblob(16777215) binary"),
    ("TINYBLOB", "tinyblob(255) binary"),
    ("BLOB", "blob(65535) binary"),
    ("BLOB(1)", "tinyblob(255) binary"),
    ("BLOB(70000)", "mediumblob(16777215) binary"),
    ("MEDIUMBLOB", "mediumblob(16777215) binary"),
    ("LONGBLOB", "longblob(4294967295) binary"),
    ("ENUM('a ','b''c',\"d\") CHARACTER SET latin1", r#"enum ["a", "b'c", "d"]"#),
    ("ENUM('a ','b') CHARACTER SET binary", r#"enum ["a ", "b"]"#),
    ("SET('x','y') NOT NULL", r#"set ["x", "y"] not null"#),
    ("JSON", "json"),
    (
        "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`c`))",
        "longtext(4294967295) utf8mb4",
    ),
    ("GEOMETRY", "geometry"),
    ("POINT NOT NULL SRID 4326", "geometry not null"),
    ("MULTIPOLYGON REF_SYSTEM_ID=4326", "geometry"),
    ("VECTOR(3)", "vector(3)"),
    ("UUID", "binary(16) binary"),
    ("INET6 NOT NULL DEFAULT '::'", "binary(16) binary not null"),
    ("INET4", "binary(4) binary"),
];

#[test]
fn every_type_makes_its_column() {
    for (definition, expected) in TYPES {
        assert_eq!(short(&made_by(definition)), *expected, "{definition}");
    }
}

#[test]
fn what_is_behind_the_point_of_a_length_is_left_out() {
    let mut log = Log::default();
    let created = log.change("CREATE TABLE t (a DECIMAL(19.5), b INT(11.2) DEFAULT 1.5, c BIT(.3))");
    assert_eq!(created.query, "CREATE TABLE `d`.`t` (a DECIMAL(19), b INT(11) DEFAULT 1.5, c BIT(0))");
}

#[test]
fn a_type_is_what_the_mode_of_its_session_means_by_its_name() {
    let oracle = Dialect { mariadb: true, oracle: true, ..Dialect::default() };
    let maxdb = Dialect { maxdb: true, ..Dialect::default() };
    let plain = Dialect::default();
    for (dialect, written, alone, column) in [
        (oracle, "VARCHAR2(9)", "VARCHAR(9)", "varchar(9) utf8mb4"),
        (oracle, "NUMBER", "DOUBLE", "double"),
        (oracle, "NUMBER(5)", "DECIMAL(5)", "decimal(5,0)"),
        (oracle, "number (9,2)", "DECIMAL (9,2)", "decimal(9,2)"),
        (oracle, "CLOB", "LONGTEXT", "longtext(4294967295) utf8mb4"),
        (oracle, "RAW(5)", "VARBINARY(5)", "varbinary(5) binary"),
        (oracle, "DATE", "DATETIME", "datetime"),
        (oracle, "BLOB", "LONGBLOB", "longblob(4294967295) binary"),
        (oracle, "BLOB(9)", "BLOB(9)", "tinyblob(255) binary"),
        (oracle, "mariadb_schema.date", "DATE", "date"),
        (plain, "oracle_schema.DATE", "DATETIME", "datetime"),
        (plain, "DATE", "DATE", "date"),
        (Dialect { mariadb: true, ..plain }, "TEXT(0)", "TEXT(0)", "text(65535) utf8mb4"),
        (maxdb, "TIMESTAMP", "DATETIME", "datetime"),
        (Dialect { mariadb: false, ..oracle }, "DATE", "DATE", "date"),
    ] {
        let mut log = Log::default();
        let sql = format!("CREATE TABLE t (c {written})");
        let Applied::Ddl(events) = log.schemas.apply(&sql, "d", dialect, CommitTs(1)) else {
            panic!("{sql}")
        };
        assert_eq!(events[0].changes[0].query, format!("CREATE TABLE `d`.`t` (c {alone})"));
        assert_eq!(short(&log.column("t", "c")), column, "{sql}");
    }
}

#[test]
fn attributes_come_in_any_order_and_change_no_type() {
    let column = made_by(
        "varchar(20) COMMENT 'it''s, (really) here' NOT NULL COLLATE utf8mb4_bin DEFAULT 'x' \
         COLUMN_FORMAT FIXED STORAGE DISK INVISIBLE CHECK (c <> ')') REFERENCES o (id) ON DELETE SET NULL \
         ON UPDATE CASCADE COMPRESSED=zlib `myopt`=5 WITHOUT SYSTEM VERSIONING UNIQUE KEY",
    );
    assert_eq!(short(&column), "varchar(20) utf8mb4 not null");
    assert_eq!(column.default, Some(DefaultValue::Text("x".into())));
    assert!(column.unique_key && !column.primary_key);
}

#[test]
fn generated_columns_say_whether_they_are_stored() {
    for (definition, generated) in [
        ("INT", Generated::No),
        ("INT AS (a + 1)", Generated::Virtual),
        ("INT GENERATED ALWAYS AS (a * (2 + 1)) VIRTUAL NOT NULL", Generated::Virtual),
        ("INT GENERATED ALWAYS AS (a * 2) STORED", Generated::Stored),
        ("VARCHAR(10) AS (concat(a,'x')) PERSISTENT COMMENT 'old'", Generated::Stored),
    ] {
        assert_eq!(made_by(definition).generated, generated, "{definition}");
    }
}

#[test]
fn defaults_are_text_as_tidb_keeps_them() {
    for (definition, expected) in [
        ("INT", None),
        ("INT DEFAULT NULL", None),
        ("INT DEFAULT 7", Some("7")),
        ("INT DEFAULT '010'", Some("10")),
        ("INT DEFAULT -5", Some("-5")),
        ("BIGINT DEFAULT 0x10", Some("16")),
        ("BOOL DEFAULT TRUE", Some("1")),
        ("DECIMAL(10,2) DEFAULT +1.50", Some("1.50")),
        ("CHAR(2) DEFAULT x'4142'", Some("AB")),
        ("CHAR(2) DEFAULT ''", Some("")),
        (r"VARCHAR(9) DEFAULT 'a''b\\c'", Some(r"a'b\c")),
        ("VARCHAR(9) DEFAULT \"q\"", Some("q")),
        ("VARCHAR(9) DEFAULT _utf8mb4'x' 'y'", Some("xy")),
        ("VARCHAR(9) DEFAULT N'n'", Some("n")),
        ("BIT(4) DEFAULT b'101'", Some("\u{5}")),
        ("BIT(4) DEFAULT 5", Some("\u{5}")),
        ("ENUM('a','b') DEFAULT 'b'", Some("b")),
        ("ENUM('a','b') DEFAULT 2", Some("b")),
        ("SET('a','b','c') DEFAULT 5", Some("a,c")),
        ("DATE DEFAULT DATE '2020-01-02'", Some("2020-01-02")),
        ("TIMESTAMP DEFAULT current_timestamp()", Some("CURRENT_TIMESTAMP")),
        ("DATETIME(3) DEFAULT NOW(3)", Some("CURRENT_TIMESTAMP(3)")),
        ("TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP", None),
        ("CHAR(36) DEFAULT uuid()", Some("uuid()")),
        ("CHAR(36) DEFAULT (concat('a', \"b\"))", Some("concat('a', \"b\")")),
        ("INT DEFAULT (1+2)", Some("1+2")),
        ("INT DEFAULT nextval(`d`.`s`)", Some("nextval(`d`.`s`)")),
    ] {
        let expected = expected.map(|text| DefaultValue::Text(text.into()));
        assert_eq!(made_by(definition).default, expected, "{definition}");
    }
}

/// A definition and the column it must make.
fn definitions() -> impl Strategy<Value = (String, Column)> {
    use ColumnKind::*;
    let integer = (
        prop::sample::select(vec![
            ("TINYINT", TinyInt),
            ("SMALLINT", SmallInt),
            ("MEDIUMINT", MediumInt),
            ("INT", Int),
            ("INTEGER", Int),
            ("BIGINT", BigInt),
        ]),
        prop::option::of(1..=20u32),
        any::<bool>(),
    )
        .prop_map(|((name, kind), width, unsigned)| {
            let width_text = width.map(|width| format!("({width})")).unwrap_or_default();
            let sign = if unsigned { " UNSIGNED" } else { "" };
            let column = Column { length: width, unsigned, ..Column::new("", kind) };
            (format!("{name}{width_text}{sign}"), column)
        });
    let decimal = (1..=65u32, 0..=30u32).prop_map(|(length, scale)| {
        let column = Column { length: Some(length), decimals: Some(scale), ..Column::new("", Decimal) };
        (format!("DECIMAL({length}, {scale})"), column)
    });
    let time = (
        prop::sample::select(vec![("DATETIME", DateTime), ("TIMESTAMP", Timestamp), ("TIME", Time)]),
        0..=6u32,
    )
        .prop_map(|((name, kind), fsp)| {
            (format!("{name}({fsp})"), Column { decimals: Some(fsp), ..Column::new("", kind) })
        });
    let text = (
        prop::sample::select(vec![("CHAR", Char), ("VARCHAR", VarChar)]),
        1..=255u32,
        prop::option::of(prop::sample::select(vec!["latin1", "utf8mb4", "gbk", "binary"])),
    )
        .prop_map(|((name, kind), length, charset)| {
            let charset_text = charset.map(|charset| format!(" CHARACTER SET {charset}")).unwrap_or_default();
            let charset = Some(charset.unwrap_or("utf8mb4").to_owned());
            (
                format!("{name}({length}){charset_text}"),
                Column { length: Some(length), charset, ..Column::new("", kind) },
            )
        });
    let members = prop::collection::vec("[a-z',()`\" ]{0,4}[a-z]", 1..5);
    let members = (prop::sample::select(vec![("ENUM", Enum), ("SET", Set)]), members).prop_map(
        |((name, kind), members)| {
            let quoted: Vec<_> =
                members.iter().map(|member| format!("'{}'", member.replace('\'', "''"))).collect();
            (format!("{name}({})", quoted.join(",")), Column { members, ..Column::new("", kind) })
        },
    );
    prop_oneof![integer, decimal, time, text, members]
}

proptest! {
    #[test]
    fn a_table_has_the_columns_it_was_defined_with(
        defined in prop::collection::vec((definitions(), any::<bool>(), "[ -~]{0,12}"), 1..12),
    ) {
        let mut lines = Vec::new();
        let mut expected = Vec::new();
        for (index, ((definition, column), not_null, comment)) in defined.into_iter().enumerate() {
            let name = format!("Col `{index}");
            let null = if not_null { " NOT NULL" } else { "" };
            let comment = comment.replace('\\', "\\\\").replace('\'', "''");
            lines.push(format!("`Col ``{index}` {definition}{null} COMMENT '{comment}'"));
            expected.push(Column { id: index as i64 + 1, name, nullable: !not_null, ..column });
        }
        let log = Log::of(&[&format!("CREATE TABLE `t` (\n  {}\n) ENGINE=InnoDB", lines.join(",\n  "))]);
        prop_assert_eq!(&log.table("t").columns, &expected);
    }
}
