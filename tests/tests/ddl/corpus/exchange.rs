//! EXCHANGE PARTITION: two tables change at once.

use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "exchange",
        "CREATE TABLE p (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))
         CREATE TABLE n (id INT PRIMARY KEY, v INT)
         INSERT INTO p VALUES (1, 1), (11, 11)
         INSERT INTO n VALUES (5, 5), (6, 6)
         ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE n
         INSERT INTO p VALUES (7, 7)
         INSERT INTO n VALUES (8, 8)
         UPDATE p SET v = 55 WHERE id = 5
         UPDATE n SET v = 111 WHERE id = 1
         DELETE FROM p WHERE id = 6",
    )
    .writes(&[3, 3, 42]),
    case(
        "exchange_across",
        "CREATE TABLE p (id INT PRIMARY KEY, v INT) PARTITION BY HASH (id) PARTITIONS 2
         CREATE TABLE {b}.n (id INT PRIMARY KEY, v INT)
         INSERT INTO p VALUES (1, 1), (2, 2)
         INSERT INTO {b}.n VALUES (4, 4)
         mysql: ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE {b}.n WITHOUT VALIDATION
         mariadb: ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE {b}.n
         INSERT INTO p VALUES (6, 6)
         INSERT INTO {b}.n VALUES (8, 8)
         USE {b}
         mysql: ALTER TABLE {a}.p EXCHANGE PARTITION p0 WITH TABLE n WITH VALIDATION
         mariadb: ALTER TABLE {a}.p EXCHANGE PARTITION p0 WITH TABLE n
         UPDATE {a}.p SET v = 9
         UPDATE n SET v = 10",
    )
    .writes(&[3, 3, 42, 42]),
    case(
        "exchange_and_alter",
        "CREATE TABLE a_normal (id INT PRIMARY KEY, v INT)
         CREATE TABLE p (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))
         INSERT INTO a_normal VALUES (1, 1)
         INSERT INTO p VALUES (2, 2)
         ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE a_normal
         ALTER TABLE p ADD w INT, ALGORITHM = COPY
         ALTER TABLE a_normal ADD w INT, ALGORITHM = COPY
         INSERT INTO p VALUES (3, 3, 3)
         INSERT INTO a_normal VALUES (4, 4, 4)
         UPDATE a_normal SET id = id + 10
         ALTER TABLE p EXCHANGE PARTITION p1 WITH TABLE a_normal
         DELETE FROM a_normal",
    ),
];
