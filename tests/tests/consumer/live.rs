//! Rebuilt tables are compared with a real server's, type by type.

use crate::hand_made::{HandMade, column, options, schema_file};
use tests::MariaDb;
use tests::consumer::{
    ColumnDef, Difference, Format, Options, Replayed, Table, TableKey, TableRows, compare_databases,
    compare_table,
};

/// Every type, a value of it in SQL, and the same in CSV and in canal-json, quotes and escapes aside.
const TYPES: [(&str, &str, &str, &str, &str); 26] = [
    ("TINYINT", "TINYINT", "-128", "-128", "-128"),
    (
        "BIGINT UNSIGNED",
        "BIGINT UNSIGNED",
        "18446744073709551615",
        "18446744073709551615",
        "18446744073709551615",
    ),
    ("FLOAT", "FLOAT", "1234567.5", "1.2345675e+06", "1234567.5"),
    ("FLOAT", "FLOAT", "-0e0", "-0", "-0"),
    ("DOUBLE", "DOUBLE", "1e-5", "1e-05", "0.00001"),
    ("DOUBLE", "DOUBLE", "1.7976931348623157e308", "1.7976931348623157e+308", "1.7976931348623157e308"),
    ("DECIMAL", "DECIMAL(13,7)", "129012.123", "129012.1230000", "129012.1230000"),
    ("BIT", "BIT(24)", "683", "683", "683"),
    ("BIT", "BIT(64)", "18446744073709551615", "18446744073709551615", "18446744073709551615"),
    ("YEAR", "YEAR", "0", "0", "0"),
    ("DATE", "DATE", "'2000-01-01'", "2000-01-01", "2000-01-01"),
    ("DATETIME", "DATETIME", "'2015-12-20 23:58:58'", "2015-12-20 23:58:58", "2015-12-20 23:58:58"),
    (
        "DATETIME",
        "DATETIME(4)",
        "'2015-12-20 23:58:58.5'",
        "2015-12-20 23:58:58.5000",
        "2015-12-20 23:58:58.5000",
    ),
    (
        "TIMESTAMP",
        "TIMESTAMP(1) NULL",
        "'1973-12-30 15:30:00'",
        "1973-12-30 13:30:00.0",
        "1973-12-30 13:30:00.0",
    ),
    ("TIME", "TIME(2)", "'-838:59:59'", "-838:59:59.00", "-838:59:59.00"),
    ("CHAR", "CHAR(9)", "'hello  '", "hello", "hello"),
    ("VARCHAR", "VARCHAR(9) CHARACTER SET latin1", "'gr\u{fc}\u{df}'", "gr\u{fc}\u{df}", "gr\u{fc}\u{df}"),
    ("TEXT", "TEXT CHARACTER SET utf8mb4", "'\u{4f60}\u{1f600}'", "\u{4f60}\u{1f600}", "\u{4f60}\u{1f600}"),
    ("LONGTEXT", "LONGTEXT", "''", "", ""),
    ("BINARY", "BINARY(3)", "'a'", "YQAA", "610000"),
    ("VARBINARY", "VARBINARY(20)", "x'68656c6c6f20776f726c64'", "aGVsbG8gd29ybGQ=", "68656c6c6f20776f726c64"),
    ("BLOB", "BLOB", "REPEAT('x', 60)", BASE64_60, HEX_60),
    ("ENUM", "ENUM('a,','b')", "'a,'", "a,", "1"),
    ("SET", "SET('a','b','c','d')", "'a,d'", "a,d", "9"),
    (
        "JSON",
        "JSON",
        "'{\"b\":[1,2.50],\"a\":null}'",
        "{\"a\": null, \"b\": [1, 2.5]}",
        "{\"a\":null,\"b\":[1,2.5]}",
    ),
    ("INT", "INT", "NULL", "", ""),
];

/// Sixty times `x`: longer than the lines that MariaDB breaks base64 into.
const BASE64_60: &str = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4";
const HEX_60: &str = "787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878";

fn key() -> TableKey {
    TableKey::new("d", "t")
}

/// The table of all types, as one of the formats spells it.
fn all_types(format: &Format) -> Table {
    let mut columns: Vec<ColumnDef> = vec![column("id INT*")];
    let mut values = vec![Some("1".to_owned())];
    for (at, (type_name, _, sql, csv, canal)) in TYPES.iter().enumerate() {
        columns.push(column(&format!("c{at} {type_name}")));
        let text = if *format == Format::CanalJson { canal } else { csv };
        values.push((*sql != "NULL").then(|| (*text).to_owned()));
    }
    let mut table = Table::new(columns);
    table.rows = TableRows::Keyed([("1".to_owned(), values)].into());
    table
}

#[tokio::test]
async fn every_type_compares_equal_to_itself_and_unequal_to_another_value() {
    let mariadb = MariaDb::start_with(&["--default-time-zone=+02:00"]).await.unwrap();
    mariadb.query("CREATE DATABASE d").await.unwrap();
    let definitions: Vec<String> =
        TYPES.iter().enumerate().map(|(at, (_, sql_type, ..))| format!("c{at} {sql_type}")).collect();
    let create = format!("CREATE TABLE d.t (id INT PRIMARY KEY, {})", definitions.join(", "));
    mariadb.query(create).await.unwrap();
    let values: Vec<&str> = TYPES.iter().map(|(_, _, sql, ..)| *sql).collect();
    mariadb.query(format!("INSERT INTO d.t VALUES (1, {})", values.join(", "))).await.unwrap();

    for format in [options().format, Format::CanalJson] {
        let options = Options { format, ..options() };
        let right = all_types(&options.format);
        compare_table(&mariadb.pool(), &key(), &right, &options).await.unwrap();
        for at in 0..TYPES.len() {
            let mut wrong = right.clone();
            let TableRows::Keyed(rows) = &mut wrong.rows else { panic!("it has a key") };
            let value = &mut rows.get_mut("1").unwrap()[at + 1];
            *value = Some(value.as_ref().map_or("7".to_owned(), |text| format!("1{text}")));
            let compared = compare_table(&mariadb.pool(), &key(), &wrong, &options).await;
            let difference = compared.expect_err(&format!("c{at} was changed")).to_string();
            assert!(difference.contains(&format!("c{at} ")), "{difference}");
        }
    }
}

/// A bucket with one table of two rows, rebuilt.
async fn replayed(columns: &[&str]) -> Replayed {
    let mut made = HandMade::default();
    made.schema(&schema_file("d.t", 5, (3, "CREATE TABLE t"), columns)).data(
        "d/t/5",
        &["\"I\",\"t\",\"d\",6,1,\"a\"\n\"I\",\"t\",\"d\",6,2,\\N\n\"I\",\"t\",\"d\",6,2,\\N\n"],
    );
    made.read(&options()).await.unwrap().replay().unwrap()
}

#[tokio::test]
async fn a_difference_says_which_row_where() {
    let mariadb = MariaDb::start().await.unwrap();
    let sql = async |statement: &str| drop(mariadb.query(statement).await.unwrap());
    let difference = async |replayed: &Replayed| {
        let compared = compare_databases(&mariadb.pool(), &["d"], replayed, &options()).await;
        compared.map_err(|difference| difference.to_string())
    };
    sql("CREATE DATABASE d").await;
    let keyed = replayed(&["id INT*", "name VARCHAR"]).await;
    assert_eq!(
        difference(&keyed).await.unwrap_err(),
        "other tables: only the bucket has [\"d.t\"], only the server has []"
    );
    sql("CREATE TABLE d.t (id INT PRIMARY KEY, name VARCHAR(9))").await;
    sql("INSERT INTO d.t VALUES (1, 'a'), (2, NULL)").await;
    difference(&keyed).await.unwrap();
    sql("UPDATE d.t SET name = '' WHERE id = 2").await;
    sql("UPDATE d.t SET id = 3 WHERE id = 1").await;
    assert_eq!(
        difference(&keyed).await.unwrap_err(),
        "d.t: 3 of its rows differ\n  row 1: only in the bucket: [Some(\"1\"), Some(\"a\")]\n  \
         row 2: name is None in the bucket, Some(\"\") on the server\n  \
         row 3: only on the server: [Some(\"3\"), Some(\"a\")]"
    );
    sql("ALTER TABLE d.t ADD COLUMN n INT").await;
    let other_columns = compare_table(&mariadb.pool(), &key(), &keyed.tables[&key()], &options()).await;
    assert!(matches!(other_columns, Err(Difference::Columns { .. })));

    let keyless = replayed(&["id INT", "name VARCHAR"]).await;
    sql("CREATE OR REPLACE TABLE d.t (id INT, name VARCHAR(9))").await;
    sql("INSERT INTO d.t VALUES (1, 'a'), (2, NULL), (2, NULL)").await;
    difference(&keyless).await.unwrap();
    sql("DELETE FROM d.t WHERE id = 2 LIMIT 1").await;
    assert_eq!(
        difference(&keyless).await.unwrap_err(),
        "d.t: 1 of its rows differ\n  row [Some(\"2\"), None]: 2 times in the bucket, 1 on the server"
    );
}
