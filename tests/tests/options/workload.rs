//! The tables, and what is done to them: every kind of change, of key and of DDL, among rows that are hard to spell.

use std::collections::BTreeSet;
use tests::Database;
use tests::consumer::TableKey;

/// The database.
pub const DATABASE: &str = "opt";

/// What makes the database, for a reader that is told of no databases.
pub const CREATE_DATABASE: &str = "CREATE DATABASE opt DEFAULT CHARACTER SET utf8mb4";

/// Nothing of a test's server need survive it.
pub const OPTIONS: [&str; 2] = ["--sync-binlog=0", "--innodb-flush-log-at-trx-commit=0"];

/// Which columns are written, where selectors are set.
pub const SELECTORS: &str = "
[[sink.column-selectors]]
matcher = ['opt.types']
columns = ['*', '!SECRET', '!bo*']
[[sink.column-selectors]]
matcher = ['opt.keyl*']
columns = ['a']
";

/// The partitioned table.
pub const PARTED: &str = "parted";

/// The columns that tell the rows of a table apart, of tables that have such ones without a primary key.
pub const UNIQUE_HANDLE: (&str, &[&str]) = ("only_uk", &["u"]);

/// Some columns of `types`: by name alone, and in full.
pub const TYPES: [(&str, &str, &str); 8] = [
    ("id", "int", "int(11)"),
    ("tiny", "tinyint unsigned", "tinyint(4) unsigned"),
    ("price", "decimal", "decimal(10,3)"),
    ("name", "varchar", "varchar(40)"),
    ("code", "varbinary", "varbinary(20)"),
    ("kind", "enum", "enum('a,','b','c')"),
    ("bits", "bit", "bit(9)"),
    ("at", "datetime", "datetime(3)"),
];

/// A table, and how many UPDATEs of its rows there are, by what they change.
pub struct Updates {
    pub table: &'static str,
    pub has_primary_key: bool,
    pub primary: usize,
    /// Another unique key, and not the primary one.
    pub unique: usize,
    pub other: usize,
}

pub const UPDATES: [Updates; 3] = [
    Updates { table: "uk_pk", has_primary_key: true, primary: 5, unique: 3, other: 2 },
    Updates { table: "only_uk", has_primary_key: false, primary: 0, unique: 1, other: 1 },
    Updates { table: "keyless", has_primary_key: false, primary: 0, unique: 0, other: 2 },
];

/// Columns that schema files have and rows do not.
pub fn left_out(selectors: bool) -> BTreeSet<(TableKey, String)> {
    let mut columns = vec![("types", "twice")];
    if selectors {
        columns.extend([("types", "secret"), ("types", "body"), ("keyless", "v")]);
    }
    let column = |(table, column): (&str, &str)| (TableKey::new(DATABASE, table), column.to_owned());
    columns.into_iter().map(column).collect()
}

/// Does everything, on a server without the database.
pub async fn run(server: &Database) {
    let mut session = server.pool().get_conn().await.unwrap();
    for statement in statements() {
        let done = mysql_async::prelude::Queryable::query_drop(&mut session, &statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

fn statements() -> Vec<String> {
    let head = [CREATE_DATABASE, "USE opt", "SET NAMES utf8mb4", "SET time_zone = '+03:00'"];
    let many = (100..160).map(|id| format!("({id}, 'row {id}', {})", id % 7)).collect::<Vec<_>>().join(", ");
    let many = format!("INSERT INTO changed (id, b, a) VALUES {many}");
    let statements = head.iter().chain(CREATED).chain(CHANGED).map(|text| (*text).to_owned());
    statements.chain([many]).chain(ALTERED.iter().map(|text| (*text).to_owned())).collect()
}

const CREATED: &[&str] = &[
    "CREATE TABLE types (id INT PRIMARY KEY, tiny TINYINT UNSIGNED, small SMALLINT, big BIGINT UNSIGNED, \
     price DECIMAL(10,3), ratio FLOAT, exact DOUBLE, name VARCHAR(40), code VARBINARY(20), note TEXT, body BLOB, \
     kind ENUM('a,','b','c'), tags SET('x','y','z'), bits BIT(9), day DATE, at DATETIME(3), ts TIMESTAMP(2) NULL, \
     span TIME(2), y YEAR, secret VARCHAR(20), twice INT AS (id * 2) VIRTUAL, thrice INT AS (id * 3) STORED)",
    "CREATE TABLE uk_pk (id INT PRIMARY KEY, u INT, v INT, UNIQUE (u))",
    "CREATE TABLE only_uk (u INT NOT NULL, v VARCHAR(9), UNIQUE (u))",
    // Its unique key may have a NULL, so it tells no rows apart.
    "CREATE TABLE half_uk (u INT, w INT NOT NULL, v INT, UNIQUE (u, w))",
    "CREATE TABLE keyless (a INT, v INT)",
    "CREATE TABLE parted (id INT, region INT, v VARCHAR(20), PRIMARY KEY (id, region)) PARTITION BY RANGE (region) \
     (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))",
    "CREATE TABLE changed (id INT PRIMARY KEY, a INT, b VARCHAR(20))",
    "CREATE TABLE before_move (id INT PRIMARY KEY, v INT)",
    "CREATE TABLE again (id INT PRIMARY KEY, v INT)",
];

const CHANGED: &[&str] = &[
    // Everything that a spelling may get wrong, and NULL everywhere.
    r#"INSERT INTO types (id, tiny, small, big, price, ratio, exact, name, code, note, body, kind, tags, bits, day, at, ts, span, y, secret) VALUES
     (1, 255, -32768, 18446744073709551615, -1234567.891, 3.25, 1e-7, 'a,b"c', X'00FF', 'first\r\nsecond', X'0D0A5C', 'a,', 'x,z', b'101010101', '2024-02-29', '2024-02-29 23:59:59.999', '2024-02-29 23:59:59.99', '-838:59:59.00', 2024, 'hidden'),
     (2, 127, 0, 0, 0, 0, 0, '', '', '', '', 'b', '', 0, '1000-01-01', '1000-01-01 00:00:00', '1970-01-02 00:00:00', '00:00:00', 1901, ''),
     (3, 128, 32767, 1, 0.001, 16777216, 1234567.5, 'tab\there', ' ', '\\N', '\\N', 'c', 'x,y,z', b'111111111', '9999-12-31', '9999-12-31 23:59:59.001', '2037-01-01 00:00:00', '838:59:59.00', 2155, '***'),
     (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
     (5, 1, 1, 1, 1, 1, 1, '你好 ''quoted'' ***', 'back\\slash', '<b>&</b>', 'x', 'a,', 'y', 1, '2024-01-01', '2024-01-01', '2024-01-01', '12:34:56.78', 2000, 'é')"#,
    "UPDATE types SET name = 'other', secret = 'also' WHERE id IN (1, 4)",
    "UPDATE types SET secret = 'alone' WHERE id = 2",
    "UPDATE types SET price = NULL, tiny = NULL, body = NULL WHERE id = 3",
    "UPDATE types SET id = 50 WHERE id = 5",
    "DELETE FROM types WHERE id = 2",
    "INSERT INTO uk_pk VALUES (1, 1, 0), (2, 2, 0), (3, 3, 0), (4, 4, 0), (5, 5, 0), (6, 6, 0)",
    "UPDATE uk_pk SET v = v + 1 WHERE id IN (1, 2)",
    "UPDATE uk_pk SET u = u + 100 WHERE id IN (3, 4, 5)",
    "UPDATE uk_pk SET id = 106 WHERE id = 6",
    // Two rows trade their keys through a third one, and then one of them goes.
    "BEGIN",
    "UPDATE uk_pk SET id = -1 WHERE id = 1",
    "UPDATE uk_pk SET id = 1 WHERE id = 2",
    "UPDATE uk_pk SET id = 2 WHERE id = -1",
    "DELETE FROM uk_pk WHERE id = 2",
    "COMMIT",
    "UPDATE uk_pk SET id = 7, u = 7 WHERE id = 3",
    "INSERT INTO only_uk VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
    "UPDATE only_uk SET v = 'z' WHERE u = 1",
    "UPDATE only_uk SET u = 12 WHERE u = 2",
    "DELETE FROM only_uk WHERE u = 3",
    "INSERT INTO half_uk VALUES (NULL, 1, 1), (NULL, 1, 2), (5, 1, 3), (6, 2, 4)",
    "DELETE FROM half_uk WHERE v IN (2, 3)",
    "UPDATE half_uk SET v = 9 WHERE v = 1",
    "INSERT INTO keyless VALUES (1, 1), (1, 1), (2, 1), (NULL, 3)",
    "UPDATE keyless SET v = 5 WHERE a = 1 LIMIT 1",
    "UPDATE keyless SET a = 3 WHERE a = 2",
    "DELETE FROM keyless WHERE a IS NULL",
    // One transaction in both partitions, and rows that go from one to the other and back.
    "BEGIN",
    "INSERT INTO parted VALUES (1, 1, 'one'), (2, 11, 'two'), (3, 2, 'three'), (4, 12, 'four')",
    "UPDATE parted SET region = region + 10, v = 'moved' WHERE region < 10",
    "UPDATE parted SET region = 5 WHERE id = 1",
    "DELETE FROM parted WHERE id = 4",
    "COMMIT",
    "INSERT INTO before_move VALUES (1, 1), (2, 2), (3, 3)",
    "INSERT INTO again VALUES (1, 1)",
];

const ALTERED: &[&str] = &[
    "ALTER TABLE changed ADD COLUMN c INT NOT NULL DEFAULT 7 AFTER id, ADD COLUMN gone INT",
    "UPDATE changed SET c = 8, gone = 1 WHERE id % 2 = 0",
    "ALTER TABLE changed DROP COLUMN gone",
    "DELETE FROM changed WHERE id % 5 = 0",
    "ALTER TABLE changed CHANGE COLUMN a renamed BIGINT",
    "UPDATE changed SET renamed = 1, id = id + 1000 WHERE id % 3 = 0",
    "ALTER TABLE parted ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))",
    "INSERT INTO parted VALUES (5, 21, 'five'), (6, 22, 'six')",
    "UPDATE parted SET region = 25 WHERE id IN (2, 5)",
    "DELETE FROM parted WHERE id = 6",
    "RENAME TABLE before_move TO moved",
    "UPDATE moved SET v = 20 WHERE id = 2",
    "DELETE FROM moved WHERE id = 1",
    "DROP TABLE again",
    "CREATE TABLE again (id INT PRIMARY KEY, other VARCHAR(9))",
    "INSERT INTO again VALUES (1, 'anew'), (2, 'too')",
    "UPDATE again SET other = 'later' WHERE id = 1",
    "TRUNCATE TABLE uk_pk",
    "INSERT INTO uk_pk VALUES (1, 1, 1), (9, 9, 9)",
];
