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
    )
    .writes(&[3, 21, 21, 21, 21, 24, 24, 21, 24, 3]),
    case(
        "views_over_views",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT, w VARCHAR(9))
         CREATE TABLE {b}.t (id INT PRIMARY KEY, x INT)
         INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b')
         INSERT INTO {b}.t VALUES (1, 10)
         CREATE VIEW one (`a b`, c) AS SELECT id, v FROM t WHERE v > 0 WITH CASCADED CHECK OPTION
         CREATE VIEW two AS SELECT o.`a b` AS id, u.x FROM one AS o LEFT JOIN {b}.t u ON u.id = o.c, (SELECT max(v) AS m FROM t) AS g
         CREATE ALGORITHM = TEMPTABLE VIEW three AS SELECT w, count(*) AS n FROM t GROUP BY w UNION ALL SELECT 'x', 1
         USE {b}
         CREATE SQL SECURITY INVOKER VIEW {a}.four AS SELECT t.x, (SELECT max(id) FROM {a}.two) AS m FROM t
         CREATE VIEW five AS SELECT t.x FROM t JOIN {a}.t AS s USING (id) WHERE t.id IN (SELECT x.id FROM t x)
         recent: CREATE VIEW six AS WITH q AS (SELECT id FROM t), r (n) AS (SELECT id FROM q) SELECT q.id, r.n FROM q, r, t
         CREATE VIEW seven AS SELECT EXTRACT(YEAR FROM '2024-01-01') AS y, TRIM(BOTH 'x' FROM w) AS z FROM {a}.t
         INSERT INTO t VALUES (2, 20)
         DROP VIEW {a}.three, {a}.four
         USE {a}
         ALTER TABLE t ADD z INT
         CREATE OR REPLACE VIEW one AS SELECT id AS `a b`, z AS c FROM t
         UPDATE t SET z = 5
         RENAME TABLE two TO twice, t TO moved
         INSERT INTO moved VALUES (3, 3, 'c', 3)",
    ),
    case(
        "a_view_takes_the_name_of_a_table",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE TABLE u (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         INSERT INTO u VALUES (2, 2)
         RENAME TABLE t TO old
         CREATE VIEW t AS SELECT id, v FROM old UNION ALL SELECT id, v FROM u
         UPDATE old SET v = 9
         DROP VIEW t
         CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t SELECT * FROM old
         DROP TABLE t
         CREATE VIEW t AS SELECT id FROM u
         DROP TABLE old
         DROP VIEW t
         CREATE TABLE t LIKE u
         INSERT INTO t VALUES (5, 5)
         CREATE DATABASE {c}
         CREATE VIEW {c}.x AS SELECT v FROM t
         DROP DATABASE {c}
         CREATE DATABASE {c}
         CREATE TABLE {c}.x (id INT)
         INSERT INTO {c}.x VALUES (1)",
    )
    .writes(&[3, 3, 14, 21, 24, 3, 4, 21, 4, 24, 3, 21, 3]),
    case(
        "views_of_mariadb",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE VIEW IF NOT EXISTS w AS SELECT * FROM t
         CREATE VIEW IF NOT EXISTS w AS SELECT id FROM t
         INSERT INTO t VALUES (1, 1)
         DROP VIEW IF EXISTS w",
    )
    .on(MariaDb)
    .writes(&[3, 21, 24]),
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
    .writes(&[3, 21, 14, 5, 24, 3]),
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
