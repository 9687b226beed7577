//! System versioning and application-time periods of MariaDB.

use super::super::case::Servers::MariaDb;
use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "period_for_system_time_implicit",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING
         INSERT INTO t VALUES (1, 1), (2, 2)
         UPDATE t SET v = 3 WHERE id = 1
         DELETE FROM t WHERE id = 2
         SET system_versioning_alter_history = KEEP
         ALTER TABLE t ADD w INT WITHOUT SYSTEM VERSIONING
         INSERT INTO t VALUES (5, 5, 5)
         ALTER TABLE t DROP SYSTEM VERSIONING
         INSERT INTO t VALUES (6, 6, 6)
         ALTER TABLE t ADD SYSTEM VERSIONING
         UPDATE t SET v = 7 WHERE id = 6",
    )
    .on(MariaDb),
    case(
        "period_for_application_time",
        "CREATE TABLE t (id INT, a DATE, b DATE, v INT, PERIOD FOR valid (a, b), UNIQUE (id, valid WITHOUT OVERLAPS))
         INSERT INTO t VALUES (1, '2020-01-01', '2021-01-01', 1)
         UPDATE t FOR PORTION OF valid FROM '2020-03-01' TO '2020-04-01' SET v = 2
         DELETE FROM t FOR PORTION OF valid FROM '2020-06-01' TO '2020-07-01'
         CREATE TABLE k (id INT, a DATE, b DATE, PERIOD FOR valid (a, b), PRIMARY KEY (id, valid WITHOUT OVERLAPS))
         INSERT INTO k VALUES (1, '2020-01-01', '2021-01-01')
         UPDATE k FOR PORTION OF valid FROM '2020-03-01' TO '2020-04-01' SET id = 2
         ALTER TABLE t DROP INDEX id
         ALTER TABLE t DROP PERIOD FOR valid
         INSERT INTO t VALUES (9, '2020-01-01', '2020-02-01', 9)",
    )
    .on(MariaDb),
    case(
        "period_hidden_hash",
        "CREATE TABLE t (id INT PRIMARY KEY, v TEXT, UNIQUE (v))
         INSERT INTO t VALUES (1, 'a'), (2, 'b')
         UPDATE t SET v = 'c' WHERE id = 1
         ALTER TABLE t ADD w BLOB, ADD UNIQUE long_w (w)
         INSERT INTO t VALUES (3, 'd', 'w')
         DELETE FROM t WHERE id = 2",
    )
    .on(MariaDb),
];
