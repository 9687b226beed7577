//! DROP TABLE, TRUNCATE, CREATE INDEX and DROP INDEX.

use super::super::case::Servers::{MariaDb, MySql8};
use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "drop_one",
        "CREATE TABLE a (id INT PRIMARY KEY)
         CREATE TABLE b (id INT PRIMARY KEY)
         INSERT INTO a VALUES (1)
         INSERT INTO b VALUES (1)
         DROP TABLE a
         USE {b}
         DROP TABLE {a}.b
         CREATE TABLE {a}.a (v TEXT)
         INSERT INTO {a}.a VALUES ('again')",
    )
    .writes(&[3, 3, 4, 4, 3]),
    case(
        "drop_several",
        "CREATE TABLE a (id INT PRIMARY KEY)
         CREATE TABLE b (id INT PRIMARY KEY)
         CREATE TABLE {b}.c (id INT PRIMARY KEY)
         CREATE TABLE kept (id INT PRIMARY KEY)
         INSERT INTO a VALUES (1)
         DROP TABLES b, {b}.c, a
         INSERT INTO kept VALUES (1)
         CREATE TABLE a (v TEXT)
         INSERT INTO a VALUES ('again')",
    )
    .writes(&[3, 3, 3, 3, 4, 4, 4, 3]),
    case(
        "drop_if_exists",
        "DROP TABLE IF EXISTS nothing
         CREATE TABLE a (id INT PRIMARY KEY)
         INSERT INTO a VALUES (1)
         DROP TABLE IF EXISTS a
         DROP TABLE IF EXISTS a
         CREATE TABLE b (id INT PRIMARY KEY)
         DROP TABLE IF EXISTS nothing, b, {b}.nothing
         CREATE TABLE a (v TEXT)
         INSERT INTO a VALUES ('again')",
    )
    .writes(&[3, 4, 3, 4, 3]),
    // MySQL 8 does nothing then. Others drop what is there, and log all of the names.
    case(
        "drop_several_of_which_some_are_missing",
        "CREATE TABLE a (id INT PRIMARY KEY)
         CREATE TABLE b (id INT PRIMARY KEY)
         CREATE VIEW v AS SELECT * FROM b
         INSERT INTO a VALUES (1)
         refused: DROP TABLE a, nothing
         refused: DROP TABLE {b}.nothing, b, v
         CREATE TABLE c (id INT PRIMARY KEY)
         INSERT INTO c VALUES (1)",
    ),
    case(
        "drop_in_other_words",
        "CREATE TABLE a (id INT PRIMARY KEY)
         CREATE TABLE b (id INT PRIMARY KEY)
         CREATE TABLE c (id INT PRIMARY KEY)
         DROP TABLE a RESTRICT
         DROP TABLE IF EXISTS b CASCADE
         mariadb: DROP TABLE c WAIT 5
         mysql: DROP TABLE c
         mariadb: CREATE TABLE d (id INT)
         mariadb: DROP TABLE /*! IF EXISTS */ d NOWAIT
         CREATE TABLE e (id INT)
         INSERT INTO e VALUES (1)",
    ),
    case(
        "drop_a_parent_and_its_child",
        "CREATE TABLE p (id INT PRIMARY KEY)
         CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id))
         INSERT INTO p VALUES (1)
         INSERT INTO c VALUES (1, 1)
         DROP TABLE c, p
         CREATE TABLE p (id BIGINT PRIMARY KEY)
         INSERT INTO p VALUES (2)",
    ),
    case(
        "drop_a_view_as_if_it_were_a_table",
        "CREATE TABLE t (id INT PRIMARY KEY)
         CREATE VIEW v AS SELECT * FROM t
         INSERT INTO t VALUES (1)
         DROP TABLE IF EXISTS v
         INSERT INTO t VALUES (2)
         DROP VIEW v
         CREATE TABLE v (id INT)
         INSERT INTO v VALUES (3)",
    )
    .on(MariaDb)
    .writes(&[3, 21, 24, 3]),
    case(
        "truncate",
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)
         INSERT INTO t (v) VALUES (1), (2)
         TRUNCATE TABLE t
         INSERT INTO t (v) VALUES (3)
         USE {b}
         TRUNCATE {a}.t
         INSERT INTO {a}.t (v) VALUES (4), (5)
         UPDATE {a}.t SET v = 6 WHERE id = 1
         CREATE TABLE m (id INT PRIMARY KEY) ENGINE = MyISAM
         INSERT INTO m VALUES (1)
         TRUNCATE m
         INSERT INTO m VALUES (2)
         mariadb: TRUNCATE TABLE m WAIT 5
         mariadb: INSERT INTO m VALUES (3)",
    ),
    case(
        "truncate_and_alter",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         TRUNCATE TABLE t
         ALTER TABLE t ADD w INT
         INSERT INTO t VALUES (1, 1, 1)
         TRUNCATE TABLE t
         TRUNCATE TABLE t
         ALTER TABLE t DROP w
         INSERT INTO t VALUES (2, 2)",
    )
    .writes(&[3, 11, 5, 11, 11, 6]),
    case(
        "indexes",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(20), c TEXT)
         INSERT INTO t VALUES (1, 1, 'b', 'c')
         CREATE INDEX by_a ON t (a)
         CREATE UNIQUE INDEX by_b USING BTREE ON t (b(10), a) COMMENT 'it''s'
         CREATE FULLTEXT INDEX words ON t (c)
         INSERT INTO t VALUES (2, 2, 'b', 'c')
         DROP INDEX by_a ON t
         USE {b}
         CREATE INDEX `by a` ON {a}.t (a, id) ALGORITHM = INPLACE LOCK = NONE
         UPDATE {a}.t SET a = 5 WHERE id = 1
         DROP INDEX words ON {a}.t
         mysql: DROP INDEX `by a` ON {a}.t ALGORITHM = INPLACE
         mariadb: DROP INDEX `by a` ON {a}.t
         DELETE FROM {a}.t WHERE id = 1",
    ),
    case(
        "indexes_of_mariadb",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT)
         CREATE INDEX IF NOT EXISTS by_a ON t (a)
         CREATE INDEX IF NOT EXISTS by_a ON t (a, id)
         INSERT INTO t VALUES (1, 1)
         CREATE OR REPLACE UNIQUE INDEX by_a ON t (a, id)
         DROP INDEX IF EXISTS by_a ON t
         DROP INDEX IF EXISTS by_a ON t
         CREATE INDEX again ON t (a) WAIT 5
         UPDATE t SET a = 2",
    )
    .on(MariaDb),
    case(
        "indexes_of_mysql",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)
         CREATE INDEX sum ON t ((a + b), a DESC)
         INSERT INTO t VALUES (1, 1, 1)
         DROP INDEX sum ON t
         DROP INDEX `PRIMARY` ON t
         UPDATE t SET a = 2",
    )
    .on(MySql8),
    case(
        "drop_the_primary_key_as_an_index",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT)
         INSERT INTO t VALUES (1, 1), (2, 2)
         DROP INDEX `PRIMARY` ON t
         UPDATE t SET a = 3 WHERE id = 1
         CREATE UNIQUE INDEX u ON t (id)
         DELETE FROM t WHERE id = 2",
    ),
];
