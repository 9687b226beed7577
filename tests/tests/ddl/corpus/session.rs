//! Statements that mean something else in another session: `sql_mode`, comments, settings for one statement.
//!
//! Not here, because their texts are not rewritten: `PIPES_AS_CONCAT` in an expression, what only a lenient or an Oracle
//! mode takes (`VARCHAR(70000)`, zero dates, `NUMBER`), and a database that takes its collation from its session.

use super::super::case::Servers::MariaDb;
use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "ansi_quotes",
        r#"SET sql_mode = 'ANSI_QUOTES'
         CREATE TABLE "t" ("id" INT PRIMARY KEY, "a b" VARCHAR(10) DEFAULT 'x"y', v INT COMMENT '"v"')
         INSERT INTO "t" (id) VALUES (1)
         ALTER TABLE "t" ADD COLUMN "c""d" INT, MODIFY "v" BIGINT
         CREATE INDEX "by v" ON "t" ("v")
         INSERT INTO t VALUES (2, 'b', 3, 4)
         RENAME TABLE "t" TO "u"
         UPDATE u SET v = 9
         CREATE TABLE "like" LIKE "u"
         INSERT INTO "like" VALUES (3, 'c', 5, 6)
         ALTER TABLE "like" RENAME TO {b}."l"
         TRUNCATE TABLE "u"
         CREATE TABLE "gone" (id INT)
         DROP TABLE "gone"
         CREATE DATABASE "{c}"
         CREATE TABLE "{c}"."t" (id INT PRIMARY KEY)
         INSERT INTO "{c}"."t" VALUES (1)"#,
    ),
    case(
        "ansi_quotes_dropped_database",
        r#"SET sql_mode = 'ANSI_QUOTES'
         CREATE DATABASE "{c}"
         CREATE TABLE "{c}".t (id INT)
         ALTER DATABASE "{c}" CHARACTER SET latin1
         DROP DATABASE "{c}""#,
    ),
    case(
        "no_backslash_escapes",
        r"SET sql_mode = 'NO_BACKSLASH_ESCAPES'
         CREATE TABLE t (id INT PRIMARY KEY, p VARCHAR(30) DEFAULT 'C:\new\table' COMMENT 'a\b')
         INSERT INTO t (id) VALUES (1)
         ALTER TABLE t ADD q VARCHAR(9) DEFAULT '\', ADD e ENUM('a\', 'b') DEFAULT 'a\'
         INSERT INTO t (id, p) VALUES (2, '\x')
         ALTER TABLE t COMMENT 'ends with \'
         UPDATE t SET q = 'z' WHERE id = 1",
    ),
    case(
        "ansi_quotes_and_no_backslash_escapes",
        r#"SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'
         CREATE TABLE "a\b" ("id" INT PRIMARY KEY, "c\" VARCHAR(30) DEFAULT '"\n"')
         INSERT INTO "a\b" (id) VALUES (1)
         ALTER TABLE "a\b" ADD "d" VARCHAR(5) DEFAULT '\'
         UPDATE "a\b" SET "d" = 'x'"#,
    ),
    case(
        "real_as_float",
        "SET sql_mode = 'REAL_AS_FLOAT'
         CREATE TABLE t (id INT PRIMARY KEY, r REAL)
         INSERT INTO t VALUES (1, 0.1)
         ALTER TABLE t ADD s REAL DEFAULT 0.3
         INSERT INTO t VALUES (2, 1.5, 2.5)",
    ),
    case(
        "executable_comments",
        "/* app */ CREATE TABLE /*!32312 IF NOT EXISTS */ t (id INT PRIMARY KEY /*!40000 , v INT */ /*!99999 , never INT */) /*!40100 DEFAULT CHARSET=latin1 */
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t /*!50000 ADD w INT */
         INSERT INTO t VALUES (2, 2, 2) # a comment
         ALTER TABLE t ADD x INT -- and a last one, RENAME TO u
         ALTER TABLE t /* RENAME TO u */ ADD⏎-- DROP COLUMN v,⏎y INT # , z INT
         UPDATE t SET x = 5, y = 6
         /*!40000 ALTER TABLE t RENAME TO renamed */
         INSERT INTO renamed VALUES (3, 3, 3, 3, 3)
         /*!40000 RENAME TABLE renamed TO again */
         UPDATE again SET v = 9
         CREATE TABLE gone (id INT)
         /*!40000 DROP TABLE gone */",
    ),
    case(
        "executable_comments_of_mariadb",
        "CREATE TABLE t (id INT PRIMARY KEY /*M!100000 , v INT */ /*M!999999 , never INT */ /*!50701 , mysql_only INT */)
         INSERT INTO t (id, v) VALUES (1, 1)
         ALTER TABLE t /*M! ADD w INT */
         UPDATE t SET w = 2",
    )
    .on(MariaDb),
    case(
        "executable_comments_around_what_is_left_out",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t ADD w INT, RENAME /*!50000 TO u */ /*!99999 x */
         INSERT INTO u VALUES (2, 2, 2)
         ALTER TABLE /*!50000 {a}.*/u /*!50000 RENAME x, ADD */ z INT
         UPDATE x SET z = 3
         mariadb: CREATE /*M! OR REPLACE */ TABLE x (id INT PRIMARY KEY /*!80000 INVISIBLE */, v INT)
         mariadb: INSERT INTO x VALUES (3, 3)
         ALTER TABLE x /*!50000 ADD c INT /*!99999 , ADD d INT /* e */ */ , ADD f INT */",
    ),
    case(
        "ignore_space",
        "SET sql_mode = 'IGNORE_SPACE'
         CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9), w VARCHAR(9) AS (SUBSTR (v, 1, 2)) STORED)
         INSERT INTO t (id, v) VALUES (1, ' abc ')
         ALTER TABLE t ADD x VARCHAR(9) AS (MID⏎ (v, 2)) STORED
         INSERT INTO t (id, v) VALUES (2, ' d')",
    ),
    case(
        "empty_string_is_null",
        "SET sql_mode = 'EMPTY_STRING_IS_NULL'
         CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9) DEFAULT '', e ENUM('a', '') DEFAULT 'a' COMMENT '')
         INSERT INTO t (id) VALUES (1)
         ALTER TABLE t ALTER e SET DEFAULT ''",
    )
    .on(MariaDb),
    case(
        "set_statement",
        "SET STATEMENT lock_wait_timeout = 5 FOR CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         SET STATEMENT lock_wait_timeout = 5, max_statement_time = 60 FOR ALTER TABLE t ADD w INT
         UPDATE t SET w = 2
         SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR ALTER TABLE t ADD x INT
         SET STATEMENT lock_wait_timeout = 5 FOR RENAME TABLE t TO u
         INSERT INTO u VALUES (2, 2, 2, 2)
         SET STATEMENT lock_wait_timeout = 5 FOR ALTER TABLE u RENAME TO w
         UPDATE w SET v = 7
         SET STATEMENT lock_wait_timeout = 5 FOR CREATE TABLE gone (id INT)
         SET STATEMENT lock_wait_timeout = 5 FOR DROP TABLE gone",
    )
    .on(MariaDb),
    case(
        "names_in_another_charset",
        "SET NAMES latin1
         CREATE TABLE `tä` (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb4 DEFAULT 'ü' COMMENT 'é')
         INSERT INTO `tä` (id) VALUES (1)
         ALTER TABLE `tä` ADD `ö` INT DEFAULT 3
         RENAME TABLE `tä` TO `tö`
         UPDATE `tö` SET `ö` = 5",
    ),
];
