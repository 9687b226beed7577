//! Tables with every type of column, and rows at the ends of what they hold.

/// Tables that every server takes, and rows at the ends of what their columns hold.
pub const COMMON: &[&str] = &[
    "CREATE TABLE d.numbers (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, y YEAR, i1 TINYINT, u1 TINYINT UNSIGNED,
         i2 SMALLINT, u2 SMALLINT UNSIGNED, i3 MEDIUMINT, u3 MEDIUMINT UNSIGNED, y2 YEAR NOT NULL, i4 INT,
         u4 INT UNSIGNED NOT NULL, i8 BIGINT, u8 BIGINT UNSIGNED, f FLOAT, uf FLOAT UNSIGNED, df DOUBLE(10,3), dd DOUBLE,
         d0 DECIMAL, d5 DECIMAL(5,5), d65 DECIMAL(65,30), ud DECIMAL(9,2) UNSIGNED, z INT(5) ZEROFILL, b BIT,
         b2 BIT(2), b33 BIT(33), b64 BIT(64), flag BOOL, u1b TINYINT UNSIGNED)",
    "INSERT INTO d.numbers VALUES
         (1, 2155, -128, 255, -32768, 65535, -8388608, 16777215, 1901, -2147483648, 4294967295, -9223372036854775808,
          18446744073709551615, 1.5, 2.5, -0.001, 1e-300, -9999999999, -0.99999, 1.000000000000000000000000000001,
          0.01, 7, 1, 1, 8589934591, 18446744073709551615, 1, 200),
         (4000000000, 0, 127, 0, 32767, 0, 8388607, 0, 2024, 2147483647, 4000000000, 1, 9223372036854775808, -1e10, 0,
          0, 0, 0, 0, -12345678901234567890123456789012345.5, 0, 0, 0, 0, 0, 0, 0, 128)",
    "INSERT INTO d.numbers (y2, u4) VALUES (0, 3000000000)",
    "CREATE TABLE d.texts (id INT PRIMARY KEY, c CHAR, c0 CHAR(0), c255 CHAR(255) CHARACTER SET utf8mb4, v VARCHAR(20),
         v255 VARCHAR(255), v256 VARCHAR(256), v64 VARCHAR(64) CHARACTER SET utf8mb4, n NCHAR(5),
         nv NATIONAL VARCHAR(5), g VARCHAR(9) CHARACTER SET gbk, b BINARY(4), vb VARBINARY(300), t1 TINYTEXT, t2 TEXT,
         t3 MEDIUMTEXT CHARACTER SET utf8mb4, t4 LONGTEXT, tn TEXT(100), b1 TINYBLOB, b2 BLOB, b3 MEDIUMBLOB,
         b4 LONGBLOB, cb CHAR(3) CHARACTER SET binary, e ENUM('a','\u{e9}') CHARACTER SET latin1, e2 ENUM('x','y'),
         s SET('1','2','3','4','5','6','7','8','9'), s1 SET('q'), u2 CHAR(4) CHARACTER SET ucs2,
         big VARCHAR(70000), l LONG, nn VARCHAR(8) NOT NULL)",
    "INSERT INTO d.texts VALUES (1, 'c', '', REPEAT('\u{1f600}', 255), 'v', REPEAT('w', 255), REPEAT('x', 256),
         '\u{1f600}', '\u{e9}', '\u{17e}', '\u{4f60}', 'b', X'00FF00', 't1', 't2', '\u{4f60}', 't4', 'tn', X'01', X'02',
         X'03', X'0400', X'050000', '\u{e9}', 'y', '1,9', 'q', 'u2', 'big', 'l', 'nn')",
    "INSERT INTO d.texts (id) VALUES (2)",
    "CREATE TABLE d.times (id INT PRIMARY KEY, d DATE, t TIME, t1 TIME(1), t3 TIME(3), t6 TIME(6), dt DATETIME,
         dt2 DATETIME(2), dt5 DATETIME(5), ts TIMESTAMP NULL, ts4 TIMESTAMP(4) NULL, ts6 TIMESTAMP(6) NULL)",
    "INSERT INTO d.times VALUES (1, '2024-02-29', '-838:59:59', '-00:00:00.5', '12:34:56.789', '838:59:58.999999',
         '9999-12-31 23:59:59', '2024-01-02 03:04:05.67', '0000-00-00', '2024-01-02 03:04:05',
         '2038-01-19 03:14:07.9999', '1970-01-01 00:00:01.000001')",
    "INSERT INTO d.times (id, d, ts) VALUES (2, '2024-00-00', '0000-00-00')",
    "CREATE TABLE d.others (id INT, a INT, v INT AS (a + 1) VIRTUAL, s INT AS (a + 2) STORED, g GEOMETRY, p POINT,
         j JSON, UNIQUE (id), KEY (a))",
    "INSERT INTO d.others (id, a, g, p, j) VALUES (1, 1, ST_GeomFromText('LINESTRING(0 0, 1 1)'),
         ST_GeomFromText('POINT(1 2)'), '{\"a\": [1, 2.5, null, true], \"b\": \"x\"}'), (2, NULL, NULL, NULL, NULL)",
    "CREATE TABLE d.changing (id INT PRIMARY KEY, a INT, b VARCHAR(10))",
    "ALTER TABLE d.changing ADD COLUMN y YEAR AFTER id, MODIFY a BIGINT UNSIGNED NOT NULL, ADD e ENUM('p','q') FIRST,
         CHANGE b c VARCHAR(10) CHARACTER SET utf8mb4 NOT NULL, ADD PRIMARY KEY (id, c), DROP PRIMARY KEY",
    "INSERT INTO d.changing VALUES ('q', 1, 2024, 18446744073709551615, '\u{e9}')",
    "UPDATE d.numbers SET u1 = 254, i8 = 5 WHERE id = 1",
    "UPDATE d.texts SET v = 'changed', e = 1, s = '2,3' WHERE id = 2",
    "INSERT INTO d.others (id, a, j) VALUES (9, 7, '[\"changed\"]')",
    "DELETE FROM d.times WHERE id = 2",
];

/// What only MySQL takes.
pub const MYSQL: &[&str] = &[
    // Which type a value comes from is part of MySQL's JSON.
    "CREATE TABLE d.sources (y YEAR, ts TIMESTAMP(3) NULL, b BIT(12), bl BLOB, vb VARBINARY(5), bi BINARY(4), e ENUM('x','y'),
         s SET('p','q'), d DATE, t TIME(2), dt DATETIME, c CHAR(3), txt TEXT, dc DECIMAL(6,3))",
    "INSERT INTO d.sources VALUES (2024, '2024-05-06 07:08:09.123', b'101010101010', 'blob', 'vb', 'bi', 'y', 'p,q',
         '2024-02-03', '-01:02:03.04', '2024-01-01', 'abc', 'text', -1.25)",
    "CREATE TABLE d.opaque (id INT PRIMARY KEY AUTO_INCREMENT, j JSON)",
    "INSERT INTO d.opaque (j) SELECT JSON_ARRAY(y, ts, b, bl, vb, bi, e, s, d, t, dt, c, txt, dc) FROM d.sources",
    "INSERT INTO d.opaque (j) SELECT CAST(d AS JSON) FROM d.sources",
    "INSERT INTO d.opaque (j) VALUES (JSON_OBJECT('d', CAST('2024-01-02' AS DATE), 'dt', CAST('0000-00-00' AS DATETIME),
         't', CAST('838:59:59' AS TIME), 'n', -0.00, 'u', 18446744073709551615, 'b', X'00FF'))",
];

/// A key over an expression has a hidden column, which old servers show in the map but not in the rows.
pub const FUNCTIONAL: &[&str] = &[
    "CREATE TABLE d.functional (id INT PRIMARY KEY, a INT, b INT UNSIGNED, KEY k ((a + 1)))",
    "ALTER TABLE d.functional ADD c VARCHAR(9), ADD UNIQUE u ((UPPER(c)))",
    "INSERT INTO d.functional VALUES (1, 2, 4000000000, 'x'), (2, NULL, NULL, NULL)",
    "UPDATE d.functional SET b = 5 WHERE id = 1",
];

/// What only MariaDB takes.
pub const MARIADB: &[&str] = &[
    "CREATE TABLE d.plugins (id INT PRIMARY KEY, u UUID, i INET6, t TEXT UNIQUE, z BIT(0), a INT NULL AUTO_INCREMENT, KEY (a))",
    "INSERT INTO d.plugins (id, u, i, t) VALUES (1, '123e4567-e89b-12d3-a456-426655440000', '2001:db8::1', 't')",
];
