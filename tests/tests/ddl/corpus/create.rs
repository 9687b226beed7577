//! CREATE TABLE in all its forms.

use super::super::case::Servers::{MariaDb, MySql8, Recent};
use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "create_plain",
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w INT NOT NULL DEFAULT 7)
         INSERT INTO t (id, v) VALUES (1, 'a'), (2, NULL), (3, '')
         UPDATE t SET v = 'it''s', w = 8 WHERE id = 1
         DELETE FROM t WHERE id = 2",
    )
    .writes(&[3]),
    case(
        "create_from_elsewhere",
        "USE {b}
         CREATE TABLE {a}.t (id INT PRIMARY KEY, v VARCHAR(20))
         INSERT INTO {a}.t VALUES (1, 'a')
         CREATE TABLE t (id BIGINT PRIMARY KEY)
         INSERT INTO t VALUES (2)
         UPDATE {a}.t SET v = 'b'",
    ),
    case(
        "create_like",
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20) UNIQUE, w INT DEFAULT 3, KEY by_w (w))
         INSERT INTO t (v) VALUES ('a'), ('b')
         CREATE TABLE l LIKE t
         CREATE TABLE m (LIKE t)
         INSERT INTO l (v) VALUES ('c')
         INSERT INTO m (v, w) SELECT v, 4 FROM t
         UPDATE l SET v = 'd'
         ALTER TABLE l ADD c INT
         INSERT INTO l (v, c) VALUES ('e', 5)",
    ),
    case(
        "create_like_across",
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))
         CREATE TABLE {b}.l LIKE t
         INSERT INTO {b}.l VALUES (1, 'a')
         USE {b}
         CREATE TABLE m LIKE {a}.t
         CREATE TABLE {a}.n LIKE l
         CREATE TABLE {a}.o (LIKE l)
         INSERT INTO m VALUES (2, 'b')
         INSERT INTO {a}.n VALUES (3, 'c')
         INSERT INTO {a}.o VALUES (4, 'd')",
    ),
    case(
        "create_or_replace",
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))
         INSERT INTO t VALUES (1, 'a')
         CREATE OR REPLACE TABLE t (id BIGINT PRIMARY KEY, w TEXT)
         INSERT INTO t VALUES (1, 'b'), (2, 'c')
         CREATE OR REPLACE TABLE new (id INT PRIMARY KEY)
         INSERT INTO new VALUES (1)
         CREATE OR REPLACE TABLE {b}.t LIKE t
         INSERT INTO {b}.t VALUES (5, 'x')
         CREATE OR REPLACE TABLE {b}.t LIKE new
         INSERT INTO {b}.t VALUES (6)
         CREATE OR REPLACE TABLE new AS SELECT id, w FROM t
         DELETE FROM new WHERE id = 1",
    )
    .on(MariaDb),
    // It drops before it creates, so the old table is gone, unless it failed before that.
    case(
        "create_or_replace_that_fails",
        "CREATE TABLE t (id INT PRIMARY KEY)
         INSERT INTO t VALUES (1), (2)
         refused: CREATE OR REPLACE TABLE t (id INT PRIMARY KEY) SELECT 1 AS id UNION ALL SELECT 1
         CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (5, 5)
         refused: CREATE OR REPLACE TABLE t (id INT, FOREIGN KEY (id) REFERENCES nothing (id))
         CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (6, 6)
         refused: CREATE OR REPLACE TABLE t (a INT, a INT)
         CREATE TABLE kept (id INT PRIMARY KEY)
         INSERT INTO kept VALUES (1)
         refused: CREATE OR REPLACE TABLE kept LIKE nothing
         refused: CREATE OR REPLACE TABLE kept (id INT PRIMARY KEY) SELECT id FROM nothing
         INSERT INTO kept VALUES (2)
         CREATE TABLE u (id INT PRIMARY KEY)
         INSERT INTO u VALUES (1)
         refused: CREATE OR REPLACE SEQUENCE u START WITH 5 MAXVALUE 3
         INSERT INTO u VALUES (2)",
    )
    .on(MariaDb),
    case(
        "create_if_not_exists",
        "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY, v VARCHAR(20))
         INSERT INTO t VALUES (1, 'a')
         CREATE TABLE IF NOT EXISTS t (other BIGINT, more TEXT)
         INSERT INTO t VALUES (2, 'b')
         CREATE TABLE IF NOT EXISTS l LIKE t
         CREATE TABLE IF NOT EXISTS l LIKE t
         CREATE TABLE IF NOT EXISTS t LIKE l
         INSERT INTO l VALUES (3, 'c')
         UPDATE t SET v = 'd'",
    )
    .writes(&[3, 3]),
    case(
        "create_as_select",
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) NOT NULL DEFAULT 'x', d DECIMAL(10, 2))
         INSERT INTO t VALUES (1, 'a', 1.5), (2, 'b', NULL)
         CREATE TABLE c AS SELECT * FROM t
         UPDATE c SET v = 'changed' WHERE id = 1
         CREATE TABLE k (id INT PRIMARY KEY, extra INT DEFAULT 5) SELECT id FROM t
         INSERT INTO k VALUES (9, 9)
         CREATE TABLE e AS SELECT v, COUNT(*) AS n FROM t WHERE id > 100 GROUP BY v
         INSERT INTO e VALUES ('z', 1)
         CREATE TABLE {b}.c AS SELECT id, d FROM t
         DELETE FROM {b}.c WHERE id = 2
         CREATE TABLE IF NOT EXISTS c AS SELECT 1 AS other
         INSERT INTO c VALUES (7, 'seven', 7)",
    ),
    case(
        "create_as_values",
        "CREATE TABLE v AS VALUES (1, 'a'), (2, 'b')
         CREATE TABLE s ENGINE = InnoDB AS SELECT seq AS id FROM seq_1_to_20
         DELETE FROM s WHERE id > 10",
    )
    .on(MariaDb),
    case(
        "create_keys",
        "CREATE TABLE t (a INT, b INT, c VARCHAR(20), d VARCHAR(40), e TEXT, PRIMARY KEY (b, a), UNIQUE KEY by_c (c), KEY by_d (d(3), a), FULLTEXT KEY words (e))
         INSERT INTO t VALUES (1, 2, 'c', 'd', 'e'), (2, 1, NULL, NULL, NULL)
         UPDATE t SET c = 'x' WHERE a = 2
         DELETE FROM t WHERE b = 2
         CREATE TABLE u (id INT KEY, v INT UNIQUE KEY, w INT UNIQUE)
         INSERT INTO u VALUES (1, 1, 1), (2, NULL, NULL)
         CREATE TABLE w (a INT NOT NULL, b INT NOT NULL, CONSTRAINT pair UNIQUE (a, b), INDEX (b) USING BTREE)
         INSERT INTO w VALUES (1, 2), (2, 1)
         UPDATE w SET b = 3 WHERE a = 1
         CREATE TABLE s (id SERIAL, v INT)
         INSERT INTO s (v) VALUES (1), (2)
         DELETE FROM s WHERE v = 1",
    ),
    case(
        "create_foreign_keys",
        "CREATE TABLE parent (id INT PRIMARY KEY, code INT UNIQUE)
         CREATE TABLE {b}.other (id INT PRIMARY KEY)
         CREATE TABLE child (id INT PRIMARY KEY, p INT, o INT, FOREIGN KEY (p) REFERENCES parent (id), CONSTRAINT to_other FOREIGN KEY (o) REFERENCES {b}.other (id) ON DELETE RESTRICT)
         INSERT INTO parent VALUES (1, 10), (2, 20)
         INSERT INTO {b}.other VALUES (7)
         INSERT INTO child VALUES (1, 1, 7), (2, NULL, NULL)
         USE {b}
         CREATE TABLE {a}.grandchild (id INT PRIMARY KEY, c INT, FOREIGN KEY (c) REFERENCES {a}.child (id))
         INSERT INTO {a}.grandchild VALUES (1, 1)
         DELETE FROM {a}.grandchild
         DELETE FROM {a}.child WHERE id = 1
         DELETE FROM {a}.parent WHERE id = 1
         CREATE TABLE self (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES self (id))
         INSERT INTO self VALUES (1, NULL), (2, 1)",
    ),
    case(
        "create_foreign_key_of_the_tables_own_database",
        "CREATE TABLE parent (id INT PRIMARY KEY)
         CREATE TABLE {b}.parent (id INT PRIMARY KEY)
         USE {b}
         CREATE TABLE {a}.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id))
         INSERT INTO {a}.parent VALUES (1)
         INSERT INTO {b}.parent VALUES (1)
         INSERT INTO {a}.child VALUES (1, 1)",
    ),
    case(
        "create_checks",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT CHECK (v > 0), w VARCHAR(9), CONSTRAINT short CHECK (CHAR_LENGTH(w) < 5 AND w <> 'a, b)'))
         INSERT INTO t VALUES (1, 1, 'a'), (2, NULL, NULL)
         UPDATE t SET v = 2",
    ),
    case(
        "create_generated",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, kept INT AS (a * b) STORED, virt INT GENERATED ALWAYS AS (a + b) VIRTUAL, c VARCHAR(20), up VARCHAR(20) AS (UPPER(c)) STORED, KEY by_kept (kept))
         INSERT INTO t (id, a, b, c) VALUES (1, 2, 3, 'x'), (2, 4, 5, 'y')
         UPDATE t SET a = 10 WHERE id = 1
         DELETE FROM t WHERE id = 2
         ALTER TABLE t ADD twice INT AS (a * 2) STORED
         INSERT INTO t (id, a, b, c) VALUES (3, 1, 1, 'z')
         CREATE TABLE nokey (a INT, kept INT AS (a + 1) STORED)
         INSERT INTO nokey (a) VALUES (1), (2)
         DELETE FROM nokey WHERE a = 1",
    )
    .leaving_out(&[("t", "virt")]),
    case(
        "create_generated_mariadb",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, p INT AS (a + 1) PERSISTENT, virt INT AS (a + 2))
         INSERT INTO t (id, a) VALUES (1, 2)
         UPDATE t SET a = 5",
    )
    .on(MariaDb)
    .leaving_out(&[("t", "virt")]),
    case(
        "create_defaults",
        "CREATE TABLE t (id INT PRIMARY KEY, i INT DEFAULT -5, d DECIMAL(8, 3) DEFAULT 1.25, s VARCHAR(30) DEFAULT 'it''s \"x\" \\\\ y', e ENUM('a', 'b,c', 'it''s') DEFAULT 'b,c', st SET('x', 'y') DEFAULT 'x,y', bi BIT(4) DEFAULT b'101', bl BOOL DEFAULT TRUE, dt DATETIME DEFAULT '2020-01-02 03:04:05', ts TIMESTAMP NULL DEFAULT '2021-01-01 00:00:00', n INT NULL DEFAULT NULL, h INT DEFAULT 0x10, f FLOAT DEFAULT 0.5)
         INSERT INTO t (id) VALUES (1)
         INSERT INTO t (id, e, s) VALUES (2, 'it''s', NULL)
         ALTER TABLE t ADD u VARCHAR(10) NOT NULL DEFAULT 'u', ADD v INT NOT NULL
         INSERT INTO t (id, v) VALUES (3, 3)",
    ),
    case(
        "create_defaults_of_expressions",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT DEFAULT (1 + 2), b VARCHAR(20) DEFAULT (CONCAT('x', 'y')), made DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3))
         INSERT INTO t (id) VALUES (1)
         UPDATE t SET a = 9
         INSERT INTO t (id, made) VALUES (2, '2020-01-01')",
    )
    .on(Recent),
    case(
        "create_charsets",
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20), b VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, c CHAR(5) CHARACTER SET ascii, d NATIONAL CHAR(5), e VARCHAR(9) BINARY, f TEXT CHARACTER SET binary, g VARCHAR(10) CHARACTER SET gbk, h CHAR(4) BYTE, i ENUM('ä', 'b') CHARACTER SET utf8mb4) DEFAULT CHARSET = latin1
         INSERT INTO t VALUES (1, 'grün', '你好 😀', 'asc', 'nat', 'bin', X'00FF', '你好', X'01', 'ä')
         UPDATE t SET a = 'über' WHERE id = 1
         CREATE TABLE u (id VARCHAR(10) PRIMARY KEY, v TEXT) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
         INSERT INTO u VALUES ('a', '1'), ('A', '2')
         DELETE FROM u WHERE id = 'A'",
    ),
    case(
        "create_partitions",
        "CREATE TABLE r (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION pm VALUES LESS THAN MAXVALUE)
         INSERT INTO r VALUES (1, 1), (15, 15), (100, 100)
         UPDATE r SET id = 11 WHERE id = 1
         CREATE TABLE l (id INT, v INT, PRIMARY KEY (id, v)) PARTITION BY LIST (v) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3))
         INSERT INTO l VALUES (1, 1), (2, 3)
         CREATE TABLE h (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3
         INSERT INTO h VALUES (1), (2), (3), (4)
         DELETE FROM h WHERE id = 2
         CREATE TABLE k (id INT PRIMARY KEY) PARTITION BY KEY (id) PARTITIONS 2
         INSERT INTO k VALUES (1), (2)
         CREATE TABLE s (id INT, d DATE, PRIMARY KEY (id, d)) PARTITION BY RANGE COLUMNS (d) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN ('2020-01-01'), PARTITION p1 VALUES LESS THAN (MAXVALUE))
         INSERT INTO s VALUES (1, '2019-05-05'), (2, '2021-05-05')",
    ),
    case(
        "create_comments",
        r#"CREATE TABLE t (id INT PRIMARY KEY COMMENT 'it''s "the" `id`; -- /* x */', v INT COMMENT 'back\\slash, RENAME TO u', w INT COMMENT "double ""quotes"" and 'single'") COMMENT = 'DROP TABLE t; # ( ä 你 😀'
         INSERT INTO t VALUES (1, 2, 3)
         ALTER TABLE t MODIFY v BIGINT COMMENT 'a, b (c'
         UPDATE t SET v = 4"#,
    ),
    case(
        "create_auto_increment_under_a_plain_key",
        "CREATE TABLE t (id INT AUTO_INCREMENT, v INT, KEY (id)) AUTO_INCREMENT = 100
         INSERT INTO t (v) VALUES (1), (2)
         UPDATE t SET v = 3 WHERE v = 1
         DELETE FROM t WHERE v = 2
         CREATE TABLE u (v INT, id BIGINT UNSIGNED AUTO_INCREMENT UNIQUE)
         INSERT INTO u (v) VALUES (1), (2)
         DELETE FROM u WHERE v = 1",
    ),
    case(
        "create_odd_sizes",
        "CREATE TABLE t (id INT PRIMARY KEY, c CHAR(0), d DECIMAL(0), e DECIMAL, f FLOAT(24), g FLOAT(25), h TEXT(100), i BLOB(70000), k CHAR, l BINARY, m BIT, n YEAR(4), o VARCHAR(0))
         INSERT INTO t VALUES (1, '', 5, 6, 0.5, 0.25, 'x', 'y', 'k', 'l', 0, 2024, '')
         UPDATE t SET m = 1
         mariadb: CREATE TABLE b (id INT PRIMARY KEY, b BIT(0), c INT(0), v VARCHAR(0) NOT NULL)
         mariadb: INSERT INTO b VALUES (1, 1, 5, '')
         mariadb: ALTER TABLE b ADD d BIT(0) AFTER id
         mariadb: UPDATE b SET d = 1",
    ),
    case(
        "create_synonyms_of_types",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT1, b INT2 UNSIGNED, c INT3, d INT4, e INT8, f MIDDLEINT, g BOOL, h BOOLEAN, i DEC(5, 1), k FIXED(6, 2), l NUMERIC(7), m DOUBLE PRECISION, n REAL, o FLOAT4, p FLOAT8, q CHARACTER VARYING(9), r LONG VARCHAR, s LONG VARBINARY, u LONG, v NCHAR(3), w NVARCHAR(4), x NATIONAL VARCHAR(5), y CHARACTER(6))
         INSERT INTO t VALUES (1, 1, 2, 3, 4, 5, 6, 1, 0, 1.5, 2.25, 3, 4.5, 5.5, 6.5, 7.5, 'q', 'r', 's', 'u', 'v', 'w', 'x', 'y')
         UPDATE t SET q = 'changed'",
    ),
    case(
        "create_engines",
        "CREATE TABLE m (id INT PRIMARY KEY, v VARCHAR(9)) ENGINE = MyISAM
         INSERT INTO m VALUES (1, 'a'), (2, 'b')
         UPDATE m SET v = 'c' WHERE id = 1
         DELETE FROM m WHERE id = 2
         mariadb: CREATE TABLE r (id INT PRIMARY KEY, v TEXT) ENGINE = Aria TRANSACTIONAL = 1 PAGE_CHECKSUM = 1
         mariadb: INSERT INTO r VALUES (1, 'a')
         CREATE TABLE o (id INT PRIMARY KEY, v TEXT) ENGINE InnoDB ROW_FORMAT DYNAMIC, STATS_PERSISTENT = 0 MAX_ROWS 100 COMMENT 'x'
         INSERT INTO o VALUES (1, 'a')",
    ),
    case(
        "create_invisible",
        "CREATE TABLE t (id INT PRIMARY KEY, hidden INT INVISIBLE DEFAULT 3, v INT)
         INSERT INTO t VALUES (1, 1)
         INSERT INTO t (id, hidden, v) VALUES (2, 9, 2)
         UPDATE t SET hidden = 5 WHERE id = 1",
    )
    .on(MariaDb),
    case(
        "create_types_of_mariadb",
        "CREATE TABLE t (id INT PRIMARY KEY, a INET6, u UUID, j JSON, z INT ZEROFILL)
         INSERT INTO t VALUES (1, '2001:db8::1', '123e4567-e89b-12d3-a456-426655440000', '{\"a\": [1, null]}', 5)
         UPDATE t SET a = '::' WHERE id = 1
         CREATE TABLE k (u UUID PRIMARY KEY, v INT)
         INSERT INTO k VALUES ('123e4567-e89b-12d3-a456-426655440000', 1), ('00000000-0000-0000-0000-000000000001', 2)
         UPDATE k SET v = 3 WHERE v = 1
         DELETE FROM k WHERE v = 2",
    )
    .on(MariaDb),
    case(
        "create_types_of_mysql",
        "CREATE TABLE t (id INT PRIMARY KEY, j JSON, g GEOMETRY)
         INSERT INTO t VALUES (1, '{\"b\": [1, null, 2.5], \"a\": \"x\"}', ST_GeomFromText('POINT(1 2)'))
         UPDATE t SET j = JSON_SET(j, '$.c', 3)",
    )
    .on(MySql8),
    case(
        "create_names",
        "CREATE TABLE `a b` (`the id` INT PRIMARY KEY, `x``y` INT, `dot.ted` INT, `größe` INT, `select` INT, `日本` VARCHAR(9))
         INSERT INTO `a b` VALUES (1, 2, 3, 4, 5, 'x')
         ALTER TABLE `a b` RENAME TO `x``y`
         ALTER TABLE `x``y` CHANGE `x``y` `new ``name``` BIGINT, ADD `order` INT AFTER `select`
         INSERT INTO `x``y` VALUES (2, 2, 3, 4, 5, 6, 'y')
         RENAME TABLE `x``y` TO `größe 日本`
         UPDATE `größe 日本` SET `größe` = 7
         CREATE TABLE `select` (`table` INT PRIMARY KEY, key_ INT, KEY `key` (key_))
         INSERT INTO `select` VALUES (1, 1)
         DROP INDEX `key` ON `select`
         CREATE TABLE `dot.ted` LIKE `select`
         INSERT INTO `dot.ted` VALUES (3, 3)
         CREATE TABLE 1st (2nd INT PRIMARY KEY, $x INT)
         INSERT INTO 1st VALUES (1, 1)
         TRUNCATE `select`
         INSERT INTO `select` VALUES (4, 4)",
    ),
    case(
        "create_in_a_database_of_an_odd_name",
        "CREATE DATABASE `odd ``name` CHARACTER SET latin1
         CREATE TABLE `odd ``name`.t (id INT PRIMARY KEY, v VARCHAR(9))
         INSERT INTO `odd ``name`.t VALUES (1, 'ä')
         USE `odd ``name`
         CREATE TABLE u LIKE t
         RENAME TABLE t TO {a}.t
         INSERT INTO u VALUES (2, 'ö')
         INSERT INTO {a}.t VALUES (3, 'ü')",
    )
    .with_databases(&["odd `name"]),
    case(
        "create_two_cases",
        "create table Mixed (Id int primary key, V int)
         CREATE TABLE mixed (id INT PRIMARY KEY, w VARCHAR(9))
         INSERT INTO Mixed VALUES (1, 1)
         INSERT INTO mixed VALUES (2, 'b')
         aLtEr TaBlE Mixed aDd c iNt
         UPDATE Mixed SET c = 3
         DROP TABLE mixed",
    ),
    case(
        "create_temporary",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         CREATE TEMPORARY TABLE tmp (a INT, b TEXT)
         INSERT INTO tmp VALUES (1, 'x')
         ALTER TABLE tmp ADD c INT
         INSERT INTO t SELECT a + 10, 5 FROM tmp
         TRUNCATE TABLE tmp
         DROP TEMPORARY TABLE tmp
         CREATE TEMPORARY TABLE t (other TEXT)
         INSERT INTO t VALUES ('hidden')
         CREATE TABLE l LIKE t
         DROP TABLE t
         UPDATE t SET v = 2 WHERE id = 1
         CREATE TEMPORARY TABLE gone (a INT)
         DROP TABLE gone, l
         DROP TEMPORARY TABLE IF EXISTS nothing",
    ),
    case(
        "create_empty_and_drop_again",
        "CREATE TABLE t (id INT PRIMARY KEY)
         DROP TABLE t
         CREATE TABLE t (id INT PRIMARY KEY, v INT)
         DROP TABLE t
         CREATE TABLE t (id INT PRIMARY KEY)
         INSERT INTO t VALUES (1)",
    )
    .writes(&[3, 4, 3, 4, 3]),
    case(
        "create_as_table_of_another",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         CREATE TABLE u (id INT PRIMARY KEY) IGNORE SELECT id FROM t
         INSERT INTO u VALUES (2)
         CREATE TABLE w (id INT PRIMARY KEY) REPLACE AS SELECT id FROM t
         DELETE FROM w",
    ),
];
