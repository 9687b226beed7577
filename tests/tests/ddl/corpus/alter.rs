//! ALTER TABLE, clause by clause, with rows before, between and after.

use super::super::case::Servers::{MariaDb, MySql8, Recent};
use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "alter_add_column",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t ADD COLUMN a VARCHAR(9) NOT NULL DEFAULT 'a'
         INSERT INTO t VALUES (2, 2, 'b')
         ALTER TABLE t ADD b INT FIRST, ADD COLUMN c INT AFTER id
         INSERT INTO t VALUES (9, 3, 8, 3, 'c')
         ALTER TABLE t ADD (d INT, e VARCHAR(5) DEFAULT 'e', INDEX by_d (d))
         mariadb: ALTER TABLE t ADD COLUMN IF NOT EXISTS d INT, ADD COLUMN IF NOT EXISTS f INT DEFAULT 6
         mariadb: ALTER TABLE t ADD COLUMN IF NOT EXISTS d INT
         UPDATE t SET e = 'z' WHERE id = 1",
    ),
    case(
        "alter_drop_column",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT, d INT, KEY by_a (a), KEY by_bc (b, c))
         INSERT INTO t VALUES (1, 1, 1, 1, 1)
         ALTER TABLE t DROP COLUMN a
         INSERT INTO t VALUES (2, 2, 2, 2)
         ALTER TABLE t DROP b, DROP COLUMN c
         INSERT INTO t VALUES (3, 3)
         mariadb: ALTER TABLE t DROP COLUMN IF EXISTS nothing, DROP COLUMN IF EXISTS d
         mysql: ALTER TABLE t DROP COLUMN d
         INSERT INTO t VALUES (4)",
    ),
    case(
        "alter_modify_column",
        "CREATE TABLE t (id INT PRIMARY KEY, a SMALLINT, b VARCHAR(9), c DATETIME)
         INSERT INTO t VALUES (1, 1, '1', '2020-01-01 00:00:00')
         ALTER TABLE t MODIFY a BIGINT UNSIGNED NOT NULL
         INSERT INTO t VALUES (2, 4000000000, '2', NULL)
         ALTER TABLE t MODIFY COLUMN b INT, MODIFY c DATETIME(3) AFTER id
         INSERT INTO t VALUES (3, '2021-01-01 00:00:00.123', 3, 3)
         ALTER TABLE t MODIFY a VARCHAR(20) CHARACTER SET latin1 DEFAULT 'ü' FIRST
         INSERT INTO t (id) VALUES (4)
         ALTER TABLE t MODIFY id BIGINT
         mariadb: ALTER TABLE t MODIFY COLUMN IF EXISTS nothing INT, MODIFY COLUMN IF EXISTS b DECIMAL(9, 2)
         UPDATE t SET b = 7",
    ),
    case(
        "alter_change_column",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY by_a (a))
         INSERT INTO t VALUES (1, 10, 20)
         ALTER TABLE t CHANGE a x INT
         INSERT INTO t VALUES (2, 11, 21)
         ALTER TABLE t CHANGE COLUMN x `y z` VARCHAR(9) NOT NULL DEFAULT 'n' FIRST, CHANGE b b BIGINT
         INSERT INTO t VALUES ('k', 3, 22)
         ALTER TABLE t CHANGE id nr INT
         mariadb: ALTER TABLE t CHANGE COLUMN IF EXISTS nothing something INT
         UPDATE t SET b = 23 WHERE nr = 1",
    ),
    case(
        "alter_swap_columns",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)
         INSERT INTO t VALUES (1, 10, 20)
         ALTER TABLE t CHANGE a b INT, CHANGE b a INT
         INSERT INTO t (id, a, b) VALUES (2, 1, 2)
         recent: ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a
         INSERT INTO t (id, a, b) VALUES (3, 3, 4)
         UPDATE t SET a = 5 WHERE id = 1",
    ),
    case(
        "alter_rename_column",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY by_a (a))
         INSERT INTO t VALUES (1, 10)
         ALTER TABLE t RENAME COLUMN a TO `select`
         INSERT INTO t VALUES (2, 20)
         ALTER TABLE t RENAME COLUMN id TO nr, ADD c INT
         UPDATE t SET c = 1 WHERE nr = 1",
    )
    .on(Recent),
    case(
        "alter_several_at_once",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT)
         INSERT INTO t VALUES (1, 1, 1, 1)
         ALTER TABLE t ADD d INT DEFAULT 4 AFTER id, DROP b, MODIFY a BIGINT AFTER c, ADD INDEX by_c (c), COMMENT = 'several', ADD UNIQUE (d, id)
         INSERT INTO t VALUES (2, 5, 2, 2)
         UPDATE t SET c = 9 WHERE id = 1",
    ),
    case(
        "alter_indexes",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(20), c TEXT)
         INSERT INTO t VALUES (1, 1, 'b', 'c')
         ALTER TABLE t ADD INDEX (a), ADD KEY by_b (b(5)), ADD UNIQUE INDEX one_a (a) USING BTREE COMMENT 'it''s', ADD FULLTEXT words (c)
         INSERT INTO t VALUES (2, 2, 'b', 'c')
         ALTER TABLE t DROP INDEX a, DROP KEY words
         UPDATE t SET a = 5 WHERE id = 1
         mariadb: ALTER TABLE t ADD INDEX IF NOT EXISTS by_b (b), DROP INDEX IF EXISTS nothing, ADD INDEX IF NOT EXISTS (b)
         ALTER TABLE t DROP INDEX one_a, ADD UNIQUE one_a (a, id)
         DELETE FROM t WHERE id = 2",
    ),
    case(
        "alter_rename_index",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY by_a (a))
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t RENAME INDEX by_a TO `by the a`
         INSERT INTO t VALUES (2, 2)
         ALTER TABLE t RENAME KEY `by the a` TO k, ADD b INT
         UPDATE t SET b = 3",
    ),
    case(
        "alter_primary_key",
        "CREATE TABLE t (id INT NOT NULL, a INT NOT NULL)
         INSERT INTO t VALUES (1, 1), (2, 2)
         UPDATE t SET a = 3 WHERE id = 1
         ALTER TABLE t ADD PRIMARY KEY (id)
         UPDATE t SET a = 4 WHERE id = 1
         ALTER TABLE t DROP PRIMARY KEY
         UPDATE t SET a = 5 WHERE id = 2
         ALTER TABLE t ADD CONSTRAINT pk PRIMARY KEY (a, id)
         UPDATE t SET a = 6 WHERE id = 1
         ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id), ADD b INT
         DELETE FROM t WHERE id = 2
         CREATE TABLE u (v INT)
         INSERT INTO u VALUES (7)
         ALTER TABLE u ADD id INT AUTO_INCREMENT PRIMARY KEY FIRST
         INSERT INTO u (v) VALUES (8)
         CREATE TABLE w (id INT, v INT)
         ALTER TABLE w ADD PRIMARY KEY (id)
         INSERT INTO w VALUES (1, 1)
         UPDATE w SET id = 2",
    ),
    // MySQL before 8.0 names a key after its index where the session checks no foreign keys, and by number where it does:
    // what replays, without checks, cannot get the name that a source with checks gave.
    case(
        "alter_foreign_keys",
        "CREATE TABLE p (id INT PRIMARY KEY)
         CREATE TABLE {b}.p (id INT PRIMARY KEY)
         CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)
         INSERT INTO p VALUES (1)
         INSERT INTO {b}.p VALUES (5)
         INSERT INTO t VALUES (1, 1, 5)
         ALTER TABLE t ADD CONSTRAINT to_p FOREIGN KEY (a) REFERENCES p (id), ADD FOREIGN KEY (b) REFERENCES {b}.p (id)
         recent: CREATE TABLE u (id INT PRIMARY KEY, b INT)
         recent: ALTER TABLE u ADD FOREIGN KEY named (b) REFERENCES {b}.p (id)
         INSERT INTO t VALUES (2, 1, NULL)
         ALTER TABLE t DROP FOREIGN KEY to_p
         INSERT INTO t VALUES (3, 99, 5)
         ALTER TABLE t DROP INDEX to_p, ADD c INT
         USE {b}
         ALTER TABLE {a}.t ADD CONSTRAINT again FOREIGN KEY (c) REFERENCES p (id)
         UPDATE {a}.t SET b = NULL",
    ),
    case(
        "alter_checks",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT c0 CHECK (a > -5))
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t ADD CONSTRAINT c1 CHECK (a > 0 AND a < 100)
         INSERT INTO t VALUES (2, 2)
         ALTER TABLE t DROP CONSTRAINT c0
         ALTER TABLE t ADD CHECK (id <> 77), DROP CONSTRAINT IF EXISTS nothing
         UPDATE t SET a = 3",
    )
    .on(MariaDb),
    case(
        "alter_defaults",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9) DEFAULT 'b', c INT NOT NULL)
         INSERT INTO t VALUES (1, 1, 'x', 1)
         ALTER TABLE t ALTER a SET DEFAULT 5, ALTER COLUMN b DROP DEFAULT
         INSERT INTO t (id, b, c) VALUES (2, 'y', 2)
         ALTER TABLE t ALTER c SET DEFAULT 7
         INSERT INTO t (id, b) VALUES (3, 'z')
         ALTER TABLE t ALTER b SET DEFAULT 'it''s', ALTER a DROP DEFAULT, ADD d INT
         UPDATE t SET d = 1",
    ),
    case(
        "alter_options",
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(9)) DEFAULT CHARSET latin1
         INSERT INTO t (v) VALUES ('ä')
         ALTER TABLE t COMMENT = 'it''s, ADD x INT'
         INSERT INTO t (v) VALUES ('ö')
         ALTER TABLE t DEFAULT CHARACTER SET utf8mb4
         ALTER TABLE t ADD w VARCHAR(9)
         INSERT INTO t (v, w) VALUES ('ü', '你')
         ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
         INSERT INTO t (v, w) VALUES ('你', '好')
         ALTER TABLE t AUTO_INCREMENT = 100
         INSERT INTO t (v) VALUES ('x')
         ALTER TABLE t ENGINE = MyISAM
         INSERT INTO t (v) VALUES ('y')
         ALTER TABLE t ENGINE InnoDB ROW_FORMAT = DYNAMIC, COMMENT ''
         ALTER TABLE t FORCE
         ALTER TABLE t ORDER BY v
         ALTER TABLE t DISABLE KEYS
         ALTER TABLE t ENABLE KEYS, ADD z INT
         ALTER TABLE t COLLATE utf8mb4_unicode_ci, ADD y VARCHAR(3)
         UPDATE t SET w = 'w' WHERE id = 1",
    ),
    case(
        "alter_convert_to_wider_text",
        "CREATE TABLE t (id INT PRIMARY KEY, a TINYTEXT, b TEXT, c VARCHAR(5), d CHAR(3)) DEFAULT CHARSET latin1
         INSERT INTO t VALUES (1, 'ä', 'ö', 'ü', 'é')
         ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4
         INSERT INTO t VALUES (2, '你', '好', '世', '界')
         UPDATE t SET b = 'x' WHERE id = 1",
    ),
    case(
        "alter_how",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t ADD a INT, ALGORITHM = COPY, LOCK = SHARED
         ALTER TABLE t ALGORITHM = INPLACE, ADD INDEX (a), LOCK = NONE
         INSERT INTO t VALUES (2, 2, 2)
         mariadb: ALTER ONLINE TABLE t ADD b INT
         mariadb: ALTER IGNORE TABLE t ADD c INT
         mariadb: ALTER TABLE IF EXISTS t ADD d INT
         mariadb: ALTER TABLE IF EXISTS nothing ADD d INT
         mariadb: ALTER TABLE t WAIT 5 ADD e INT
         mariadb: ALTER TABLE t NOWAIT ADD f INT
         mariadb: ALTER ONLINE IGNORE TABLE IF EXISTS t WAIT 5 ADD g INT, LOCK = DEFAULT
         UPDATE t SET a = 5",
    ),
    case(
        "alter_from_elsewhere",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE TABLE {b}.t (id INT PRIMARY KEY, w INT)
         INSERT INTO t VALUES (1, 1)
         USE {b}
         ALTER TABLE {a}.t ADD a INT
         ALTER TABLE t ADD b INT
         INSERT INTO {a}.t VALUES (2, 2, 2)
         INSERT INTO t VALUES (3, 3, 3)
         ALTER TABLE `{a}` . `t` DROP v
         UPDATE {a}.t SET a = 4",
    ),
    case(
        "alter_partitions",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))
         INSERT INTO t VALUES (1, 1), (11, 11)
         ALTER TABLE t ADD PARTITION (PARTITION p2 VALUES LESS THAN (30), PARTITION p3 VALUES LESS THAN (40))
         INSERT INTO t VALUES (21, 21), (31, 31)
         ALTER TABLE t DROP PARTITION p0
         INSERT INTO t VALUES (12, 12)
         ALTER TABLE t TRUNCATE PARTITION p2
         INSERT INTO t VALUES (22, 22)
         ALTER TABLE t REORGANIZE PARTITION p3 INTO (PARTITION p3a VALUES LESS THAN (35), PARTITION p3b VALUES LESS THAN (40))
         INSERT INTO t VALUES (36, 36)
         ALTER TABLE t REBUILD PARTITION p3a
         ALTER TABLE t ANALYZE PARTITION p3a
         ALTER TABLE t CHECK PARTITION ALL
         ALTER TABLE t PARTITION BY HASH (id) PARTITIONS 4
         INSERT INTO t VALUES (99, 99)
         ALTER TABLE t COALESCE PARTITION 2
         ALTER TABLE t ADD PARTITION PARTITIONS 1
         ALTER TABLE t ADD c INT PARTITION BY KEY (id) PARTITIONS 2
         INSERT INTO t VALUES (100, 1, 1)
         ALTER TABLE t REMOVE PARTITIONING
         UPDATE t SET v = 7 WHERE id = 11
         DELETE FROM t WHERE id = 99",
    ),
    case(
        "alter_partitions_of_mariadb",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))
         INSERT INTO t VALUES (1, 1), (11, 11)
         ALTER TABLE t ADD PARTITION IF NOT EXISTS (PARTITION p1 VALUES LESS THAN (20))
         ALTER TABLE t DROP PARTITION IF EXISTS nothing
         ALTER TABLE t CONVERT PARTITION p1 TO TABLE c
         INSERT INTO c VALUES (12, 12)
         UPDATE c SET v = 5 WHERE id = 11
         ALTER TABLE t ADD d INT
         ALTER TABLE c ADD d INT
         ALTER TABLE t CONVERT TABLE c TO PARTITION p1 VALUES LESS THAN (20)
         INSERT INTO t VALUES (13, 13, 13)
         UPDATE t SET v = 9 WHERE id = 12",
    )
    .on(MariaDb),
    case(
        "alter_that_does_nothing",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t
         ALTER TABLE t MODIFY v INT
         ALTER TABLE t RENAME TO t
         INSERT INTO t VALUES (2, 2)",
    ),
    case(
        "alter_renames",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t RENAME TO u
         INSERT INTO u VALUES (2, 2)
         ALTER TABLE u RENAME w
         INSERT INTO w VALUES (3, 3)
         ALTER TABLE w RENAME AS {b}.x
         INSERT INTO {b}.x VALUES (4, 4)
         USE {b}
         ALTER TABLE x RENAME TO {a}.y
         INSERT INTO {a}.y VALUES (5, 5)
         mariadb: ALTER TABLE IF EXISTS {a}.y RENAME TO {a}.z
         mysql: ALTER TABLE {a}.y RENAME TO {a}.z
         UPDATE {a}.z SET v = 6 WHERE id = 1
         ALTER TABLE {a}.z RENAME TO here
         INSERT INTO here VALUES (7, 7)",
    )
    .writes(&[3, 14, 14, 14, 14, 14, 14]),
    case(
        "alter_and_rename",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t ADD c INT DEFAULT 5, RENAME TO u
         INSERT INTO u VALUES (2, 2, 2)
         UPDATE u SET v = 9 WHERE id = 1",
    )
    .writes(&[3, 5, 14]),
    case(
        "alter_and_rename_in_other_ways",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t RENAME u, ADD c INT, DROP v
         INSERT INTO u VALUES (2, 2)
         ALTER TABLE u MODIFY c BIGINT FIRST, RENAME AS {b}.w, ADD INDEX (c)
         INSERT INTO {b}.w VALUES (3, 3)
         ALTER TABLE {b}.w COMMENT 'x, RENAME TO y', RENAME TO `new, name`, ADD `RENAME TO q` INT
         INSERT INTO `new, name` VALUES (4, 4, 4)
         ALTER TABLE `new, name` RENAME = t, DROP c
         UPDATE t SET `RENAME TO q` = 5",
    ),
    case(
        "alter_and_rename_of_a_column_and_the_table",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT, KEY k (v))
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t RENAME COLUMN v TO w, RENAME INDEX k TO l, RENAME TO u
         INSERT INTO u VALUES (2, 2)
         ALTER TABLE u RENAME INDEX l TO m, RENAME t, RENAME COLUMN w TO v
         UPDATE t SET v = 5",
    )
    .on(Recent),
    case(
        "alter_invisible_index",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY by_a (a))
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t ALTER INDEX by_a INVISIBLE
         INSERT INTO t VALUES (2, 2)",
    )
    .on(MySql8),
    case(
        "alter_ignored_index",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY by_a (a))
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t ALTER INDEX by_a IGNORED
         INSERT INTO t VALUES (2, 2)",
    )
    .on(MariaDb),
    case(
        "alter_generated_columns",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT)
         INSERT INTO t VALUES (1, 1)
         ALTER TABLE t ADD s INT AS (a + 1) STORED, ADD virt INT AS (a * 2) VIRTUAL
         INSERT INTO t (id, a) VALUES (2, 2)
         ALTER TABLE t MODIFY s INT
         INSERT INTO t (id, a, s) VALUES (3, 3, 33)
         ALTER TABLE t DROP virt, ADD INDEX (s)
         UPDATE t SET s = 44 WHERE id = 1",
    )
    .leaving_out(&[("t", "virt")]),
    case(
        "alter_enum",
        "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b'), s SET('x', 'y'))
         INSERT INTO t VALUES (1, 'a', 'x,y')
         ALTER TABLE t MODIFY e ENUM('a', 'b', 'c,d', 'it''s') DEFAULT 'it''s'
         INSERT INTO t VALUES (2, 'c,d', 'y')
         ALTER TABLE t MODIFY e ENUM('b', 'a', 'c,d', 'it''s'), MODIFY s SET('y', 'x', 'z')
         INSERT INTO t VALUES (3, 'b', 'z,x')
         UPDATE t SET e = 'b' WHERE id = 2",
    ),
    case(
        "alter_twice_in_a_row",
        "CREATE TABLE t (id INT PRIMARY KEY)
         ALTER TABLE t ADD a INT
         ALTER TABLE t ADD b INT
         ALTER TABLE t DROP a
         ALTER TABLE t ADD a VARCHAR(5)
         INSERT INTO t VALUES (1, 2, 'a')
         ALTER TABLE t DROP a
         ALTER TABLE t DROP b
         INSERT INTO t VALUES (2)",
    )
    .writes(&[3, 5, 5, 6, 5, 6, 6]),
];
