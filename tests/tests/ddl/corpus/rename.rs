//! RENAME TABLE.

use super::super::case::Servers::MariaDb;
use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "rename_alone",
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)
         INSERT INTO a VALUES (1, 1)
         RENAME TABLE a TO b
         INSERT INTO b VALUES (2, 2)
         rename tables b to c
         UPDATE c SET v = 3 WHERE id = 1
         RENAME TABLE {a}.c TO {a}.d
         DELETE FROM d WHERE id = 2",
    )
    .writes(&[3, 14, 14, 14]),
    case(
        "rename_and_name_anew",
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)
         INSERT INTO a VALUES (1, 1)
         RENAME TABLE a TO b
         CREATE TABLE a (id INT PRIMARY KEY, w VARCHAR(9))
         INSERT INTO a VALUES (1, 'new')
         INSERT INTO b VALUES (2, 2)
         DROP TABLE b
         RENAME TABLE a TO b
         UPDATE b SET w = 'newer'
         CREATE TABLE a LIKE b
         INSERT INTO a VALUES (3, 'third')",
    ),
    case(
        "rename_several",
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)
         CREATE TABLE b (id INT PRIMARY KEY, w VARCHAR(9))
         INSERT INTO a VALUES (1, 1)
         INSERT INTO b VALUES (1, 'b')
         RENAME TABLE b TO y, a TO x
         INSERT INTO x VALUES (2, 2)
         INSERT INTO y VALUES (2, 'c')",
    )
    .writes(&[3, 3, 14, 14]),
    case(
        "rename_chain",
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)
         CREATE TABLE b (id INT PRIMARY KEY, w VARCHAR(9))
         INSERT INTO a VALUES (1, 1)
         INSERT INTO b VALUES (1, 'b')
         RENAME TABLE b TO c, a TO b
         INSERT INTO b VALUES (2, 2)
         INSERT INTO c VALUES (2, 'c')
         RENAME TABLE b TO tmp, tmp TO last
         INSERT INTO last VALUES (3, 3)",
    ),
    case(
        "rename_swap",
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)
         CREATE TABLE b (id INT PRIMARY KEY, w VARCHAR(9))
         INSERT INTO a VALUES (1, 1)
         INSERT INTO b VALUES (1, 'b')
         RENAME TABLE a TO tmp, b TO a, tmp TO b
         INSERT INTO a VALUES (2, 'c')
         INSERT INTO b VALUES (2, 2)
         RENAME TABLE a TO z, b TO a, z TO b
         UPDATE a SET v = 7
         UPDATE b SET w = 'again'",
    )
    .writes(&[3, 3, 14, 14, 14, 14, 14, 14]),
    case(
        "rename_swap_of_equal_shapes",
        "CREATE TABLE b (id INT PRIMARY KEY, v INT)
         CREATE TABLE a LIKE b
         INSERT INTO a VALUES (1, 1)
         INSERT INTO b VALUES (1, 2)
         RENAME TABLE b TO tmp, a TO b, tmp TO a
         INSERT INTO a VALUES (3, 3)
         INSERT INTO b VALUES (4, 4)",
    ),
    case(
        "rename_in_a_circle",
        "CREATE TABLE x (id INT PRIMARY KEY, a INT)
         CREATE TABLE y (id INT PRIMARY KEY, b INT)
         CREATE TABLE z (id INT PRIMARY KEY, c INT)
         INSERT INTO x VALUES (1, 1)
         INSERT INTO y VALUES (2, 2)
         INSERT INTO z VALUES (3, 3)
         RENAME TABLE x TO t, y TO x, z TO y, t TO z
         INSERT INTO x VALUES (4, 4)
         INSERT INTO y VALUES (5, 5)
         INSERT INTO z VALUES (6, 6)",
    ),
    case(
        "rename_across",
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)
         INSERT INTO a VALUES (1, 1)
         RENAME TABLE a TO {b}.a
         INSERT INTO {b}.a VALUES (2, 2)
         USE {b}
         RENAME TABLE a TO {a}.other
         INSERT INTO {a}.other VALUES (3, 3)
         RENAME TABLE {a}.other TO mine
         INSERT INTO mine VALUES (4, 4)
         CREATE TABLE {a}.mine (id INT PRIMARY KEY, w VARCHAR(9))
         INSERT INTO {a}.mine VALUES (1, 'x')
         RENAME TABLE mine TO tmp, {a}.mine TO mine, tmp TO {a}.mine
         UPDATE mine SET w = 'y'
         UPDATE {a}.mine SET v = 9",
    ),
    case(
        "rename_if_exists",
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)
         INSERT INTO a VALUES (1, 1)
         RENAME TABLE IF EXISTS a TO b
         INSERT INTO b VALUES (2, 2)
         RENAME TABLE IF EXISTS nothing TO something, b TO c
         INSERT INTO c VALUES (3, 3)
         RENAME TABLE c WAIT 5 TO d
         INSERT INTO d VALUES (4, 4)
         RENAME TABLE d NOWAIT TO e
         UPDATE e SET v = 5
         RENAME TABLE IF EXISTS nothing TO something",
    )
    .on(MariaDb)
    .writes(&[3, 14, 14, 14, 14]),
    case(
        "rename_a_view",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE VIEW w AS SELECT * FROM t
         INSERT INTO t VALUES (1, 1)
         RENAME TABLE w TO x
         INSERT INTO t VALUES (2, 2)
         RENAME TABLE x TO y, t TO u
         INSERT INTO u VALUES (3, 3)",
    )
    .writes(&[3, 21, 14, 14, 14]),
    case(
        "rename_a_sequence",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)
         CREATE SEQUENCE s
         INSERT INTO t VALUES (NEXT VALUE FOR s, 1)
         RENAME TABLE s TO r
         INSERT INTO t VALUES (NEXT VALUE FOR r, 2)
         ALTER TABLE r RENAME TO q
         ALTER SEQUENCE q RESTART 50
         INSERT INTO t VALUES (NEXT VALUE FOR q, 3)
         DROP TABLE q
         CREATE TABLE s (id INT PRIMARY KEY)
         INSERT INTO s VALUES (1)",
    )
    .on(MariaDb),
    case(
        "rename_with_foreign_keys",
        "CREATE TABLE p (id INT PRIMARY KEY)
         CREATE TABLE c (id INT PRIMARY KEY, p INT, CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id))
         INSERT INTO p VALUES (1)
         INSERT INTO c VALUES (1, 1)
         RENAME TABLE p TO parent
         INSERT INTO c VALUES (2, 1)
         RENAME TABLE c TO {b}.child
         DELETE FROM {b}.child WHERE id = 1",
    ),
];
