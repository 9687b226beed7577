//! Statements that touch no table: what stands beside the tables, and what only looks like a change of them.

use super::super::case::Servers::MariaDb;
use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "views",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         CREATE VIEW w AS SELECT id, v FROM t
         INSERT INTO w VALUES (2, 2)
         CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW w AS SELECT * FROM t WHERE id > 1
         ALTER VIEW w AS SELECT id FROM t
         INSERT INTO t VALUES (3, 3)
         CREATE VIEW {b}.x (a) AS SELECT id FROM {a}.t
         DROP VIEW w
         DROP VIEW IF EXISTS nothing, {b}.x
         UPDATE t SET v = 9
         CREATE VIEW y AS SELECT * FROM t
         DROP VIEW y
         CREATE TABLE y (id INT PRIMARY KEY)
         INSERT INTO y VALUES (1)",
    ),
    case(
        "views_of_mariadb",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE VIEW IF NOT EXISTS w AS SELECT * FROM t
         CREATE VIEW IF NOT EXISTS w AS SELECT id FROM t
         INSERT INTO t VALUES (1, 1)
         DROP VIEW IF EXISTS w",
    )
    .on(MariaDb),
    case(
        "views_under_statements_about_tables",
        "CREATE TABLE t (id INT PRIMARY KEY)
         CREATE VIEW v AS SELECT * FROM t
         DROP TABLE IF EXISTS v
         CREATE TABLE IF NOT EXISTS v (a INT)
         RENAME TABLE v TO w
         INSERT INTO t VALUES (1)
         mariadb: CREATE VIEW IF NOT EXISTS t AS SELECT 1
         mariadb: DROP VIEW IF EXISTS t
         mariadb: DROP SEQUENCE IF EXISTS t, w
         INSERT INTO t VALUES (2)
         ALTER TABLE t ADD x INT
         INSERT INTO t VALUES (3, 3)
         DROP VIEW w
         CREATE TABLE w (id INT PRIMARY KEY)
         INSERT INTO w VALUES (1)",
    )
    .writes(&[3, 5, 3]),
    case(
        "a_sequence_in_place_of_a_table",
        "CREATE TABLE t (id INT PRIMARY KEY)
         INSERT INTO t VALUES (1)
         CREATE OR REPLACE SEQUENCE t
         DROP VIEW IF EXISTS t
         CREATE TABLE u (id INT PRIMARY KEY)
         INSERT INTO u VALUES (NEXTVAL(t))
         CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (2, 2)",
    )
    .on(MariaDb)
    .writes(&[3, 4, 3, 3]),
    case(
        "routines",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         CREATE PROCEDURE p() START TRANSACTION
         INSERT INTO t VALUES (2, 2)
         CREATE PROCEDURE q() BEGIN DROP TABLE t; CREATE TABLE t (x INT); END
         CREATE PROCEDURE r() COMMIT
         CREATE PROCEDURE s() ROLLBACK
         UPDATE t SET v = 3 WHERE id = 1
         CREATE FUNCTION f() RETURNS INT DETERMINISTIC NO SQL RETURN 5
         ALTER PROCEDURE p COMMENT 'ALTER TABLE t ADD c INT'
         INSERT INTO t VALUES (3, f())
         DROP PROCEDURE p
         DROP PROCEDURE IF EXISTS nothing
         DROP FUNCTION f
         ALTER TABLE t ADD w INT
         UPDATE t SET w = 4",
    ),
    case(
        "routines_that_change_tables",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (1, 1); ALTER TABLE t ADD w INT; UPDATE t SET w = 2; CREATE TABLE u LIKE t; INSERT INTO u SELECT * FROM t; RENAME TABLE u TO x; END
         CALL p()
         INSERT INTO x VALUES (5, 5, 5)",
    ),
    case(
        "triggers",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20))
         CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO log (what) VALUES (CONCAT('t', NEW.id))
         INSERT INTO t VALUES (1, 1), (2, 2)
         DROP TRIGGER tr
         INSERT INTO t VALUES (3, 3)
         ALTER TABLE log ADD x INT",
    ),
    case(
        "events_and_users",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         CREATE EVENT e ON SCHEDULE EVERY 1 YEAR STARTS '2038-01-01 00:00:00' DO DELETE FROM t
         ALTER EVENT e COMMENT 'x'
         ALTER EVENT e RENAME TO f
         DROP EVENT f
         CREATE USER 'someone'@'localhost' IDENTIFIED BY 'x'
         GRANT ALL ON {a}.* TO 'someone'@'localhost'
         RENAME USER 'someone'@'localhost' TO 'another'@'localhost'
         REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'another'@'localhost'
         DROP USER 'another'@'localhost'
         ANALYZE TABLE t
         OPTIMIZE TABLE t
         CHECK TABLE t
         FLUSH TABLES t
         LOCK TABLES t WRITE
         INSERT INTO t VALUES (2, 2)
         ALTER TABLE t ADD w INT
         UNLOCK TABLES
         UPDATE t SET w = 3",
    ),
    case(
        "sequences",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE SEQUENCE s START WITH 5 CACHE 3
         INSERT INTO t VALUES (NEXTVAL(s), 1), (NEXTVAL(s), 2)
         ALTER SEQUENCE s INCREMENT BY 10
         INSERT INTO t VALUES (NEXT VALUE FOR s, 3)
         CREATE OR REPLACE SEQUENCE s
         INSERT INTO t SELECT 100 + NEXTVAL(s), 4
         DROP SEQUENCE s
         CREATE SEQUENCE IF NOT EXISTS s
         DROP TABLE s
         CREATE SEQUENCE q
         DROP SEQUENCE IF EXISTS nothing, q
         CREATE TABLE q (id INT PRIMARY KEY)
         INSERT INTO q VALUES (1)",
    )
    .on(MariaDb),
];
