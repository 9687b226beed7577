//! CREATE, ALTER and DROP DATABASE.

use super::super::case::Servers::MariaDb;
use super::super::case::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "database_created_and_dropped",
        "CREATE DATABASE {c}
         CREATE TABLE {c}.t (id INT PRIMARY KEY)
         INSERT INTO {c}.t VALUES (1)
         CREATE TABLE kept (id INT PRIMARY KEY)
         DROP DATABASE {c}
         INSERT INTO kept VALUES (1)
         CREATE SCHEMA {c} DEFAULT CHARACTER SET latin1 COLLATE latin1_bin
         CREATE TABLE {c}.t (id INT PRIMARY KEY, v VARCHAR(9))
         INSERT INTO {c}.t VALUES (1, 'ä')
         USE {c}
         DROP SCHEMA {c}
         DROP DATABASE IF EXISTS {c}
         CREATE DATABASE IF NOT EXISTS {c} CHARACTER SET utf8mb4
         CREATE DATABASE IF NOT EXISTS {c} CHARACTER SET latin1
         CREATE TABLE {c}.u (id INT PRIMARY KEY, v VARCHAR(9))
         INSERT INTO {c}.u VALUES (1, '你')",
    ),
    case(
        "database_altered",
        "ALTER DATABASE {b} CHARACTER SET latin1
         CREATE TABLE {b}.t (id INT PRIMARY KEY, v VARCHAR(9))
         INSERT INTO {b}.t VALUES (1, 'ä')
         ALTER SCHEMA {b} COLLATE utf8mb4_bin
         CREATE TABLE {b}.u (id INT PRIMARY KEY, v VARCHAR(9))
         INSERT INTO {b}.u VALUES (1, '你')
         ALTER DATABASE DEFAULT CHARACTER SET = ascii
         CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))
         INSERT INTO t VALUES (1, 'a')
         USE {b}
         ALTER DATABASE {a} CHARACTER SET latin1
         ALTER DATABASE COLLATE latin1_bin
         CREATE TABLE {a}.u (id INT PRIMARY KEY, v VARCHAR(9))
         CREATE TABLE w (id INT PRIMARY KEY, v VARCHAR(9))
         INSERT INTO {a}.u VALUES (1, 'ö')
         INSERT INTO w VALUES (1, 'ü')",
    ),
    case(
        "database_of_mariadb",
        "CREATE DATABASE {c} COMMENT 'it''s'
         CREATE TABLE {c}.t (id INT PRIMARY KEY)
         INSERT INTO {c}.t VALUES (1)
         ALTER DATABASE {c} COMMENT = 'x'
         CREATE OR REPLACE DATABASE {c} CHARACTER SET latin1
         CREATE TABLE {c}.t (id INT PRIMARY KEY, v VARCHAR(9))
         INSERT INTO {c}.t VALUES (1, 'ä')",
    )
    .on(MariaDb),
    case(
        "database_dropped_while_in_use",
        "CREATE DATABASE {c}
         USE {c}
         CREATE TABLE t (id INT PRIMARY KEY)
         DROP DATABASE {c}
         CREATE TABLE {a}.t (id INT PRIMARY KEY)
         INSERT INTO {a}.t VALUES (1)
         CREATE DATABASE {c}
         CREATE TABLE {c}.t (v TEXT)
         INSERT INTO {c}.t VALUES ('again')",
    ),
];
