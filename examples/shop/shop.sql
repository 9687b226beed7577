-- What shop.binlog shows: see README.md. Every statement is deterministic, so that a new recording has the same rows.

SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION';
SET SESSION time_zone = '+00:00';

-- Two databases -------------------------------------------------------------------------------------------------

CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE DATABASE warehouse CHARACTER SET latin1;
CREATE DATABASE scrap;

USE shop;

CREATE TABLE customers (
    id        INT UNSIGNED NOT NULL AUTO_INCREMENT,
    name      VARCHAR(60) CHARACTER SET latin1 NOT NULL,
    email     VARCHAR(100) NOT NULL,
    city      VARCHAR(40) CHARACTER SET gbk,
    note      TEXT,
    level     ENUM('bronze', 'silver', 'gold', 'plátina') NOT NULL DEFAULT 'bronze',
    tags      SET('new', 'vip', 'late', 'abroad'),
    balance   DECIMAL(12, 2) NOT NULL DEFAULT 0.00,
    active    BIT(1) NOT NULL DEFAULT b'1',
    created   DATETIME(6) NOT NULL,
    updated   TIMESTAMP(3) NOT NULL DEFAULT '2020-01-01 00:00:00.000',
    PRIMARY KEY (id),
    UNIQUE KEY by_email (email)
);

CREATE TABLE orders (
    id          BIGINT UNSIGNED NOT NULL,
    customer_id INT UNSIGNED NOT NULL,
    status      ENUM('open', 'paid', 'sent', 'returned') NOT NULL DEFAULT 'open',
    total       DECIMAL(10, 2) NOT NULL DEFAULT 0.00,
    placed      DATETIME NOT NULL,
    extra       JSON,
    total_cents BIGINT AS (total * 100) VIRTUAL,
    placed_year SMALLINT AS (YEAR(placed)) STORED,
    PRIMARY KEY (id),
    KEY by_customer (customer_id)
);

CREATE TABLE order_lines (
    order_id BIGINT UNSIGNED NOT NULL,
    line_no  TINYINT UNSIGNED NOT NULL,
    sku      CHAR(12) NOT NULL,
    qty      SMALLINT UNSIGNED NOT NULL,
    price    FLOAT NOT NULL,
    weight   DOUBLE,
    PRIMARY KEY (order_id, line_no)
);

CREATE TABLE warehouse.stock (
    place VARCHAR(20) NOT NULL,
    sku   CHAR(12) NOT NULL,
    qty   INT NOT NULL DEFAULT 0,
    PRIMARY KEY (place, sku)
);

-- No key at all, and a default charset of latin1.
CREATE TABLE warehouse.movements (
    at    TIMESTAMP(6) NULL,
    sku   CHAR(12),
    delta MEDIUMINT,
    who   VARCHAR(30)
);

-- Not transactional.
CREATE TABLE warehouse.audit (
    id   INT AUTO_INCREMENT PRIMARY KEY,
    what VARCHAR(200)
) ENGINE = MyISAM;

-- Every column type ---------------------------------------------------------------------------------------------

CREATE TABLE types_number (
    id   INT PRIMARY KEY,
    i8   TINYINT,      u8  TINYINT UNSIGNED,
    i16  SMALLINT,     u16 SMALLINT UNSIGNED,
    i24  MEDIUMINT,    u24 MEDIUMINT UNSIGNED,
    i32  INT,          u32 INT UNSIGNED,
    i64  BIGINT,       u64 BIGINT UNSIGNED,
    z32  INT(5) ZEROFILL,
    f32  FLOAT,        f64 DOUBLE,
    fd   FLOAT(7, 3),  ud DOUBLE UNSIGNED,
    d5   DECIMAL(5),   d2 DECIMAL(10, 2), d30 DECIMAL(65, 30), du DECIMAL(9, 9) UNSIGNED,
    b1   BIT(1),       b12 BIT(12), b64 BIT(64),
    y    YEAR,         flag BOOLEAN
);

CREATE TABLE types_time (
    id  INT PRIMARY KEY,
    d   DATE,
    t0  TIME,        t3  TIME(3),      t6  TIME(6),
    dt0 DATETIME,    dt1 DATETIME(1),  dt2 DATETIME(2), dt3 DATETIME(3),
    dt4 DATETIME(4), dt5 DATETIME(5),  dt6 DATETIME(6),
    ts0 TIMESTAMP NULL, ts3 TIMESTAMP(3) NULL, ts6 TIMESTAMP(6) NULL
);

CREATE TABLE types_text (
    id        INT PRIMARY KEY,
    c_latin1  CHAR(10) CHARACTER SET latin1,
    c_utf8    CHAR(255) CHARACTER SET utf8mb4,
    v_gbk     VARCHAR(50) CHARACTER SET gbk,
    v_sjis    VARCHAR(50) CHARACTER SET sjis,
    v_big5    VARCHAR(50) CHARACTER SET big5,
    v_euckr   VARCHAR(50) CHARACTER SET euckr,
    v_cp1251  VARCHAR(50) CHARACTER SET cp1251,
    v_ucs2    VARCHAR(50) CHARACTER SET ucs2,
    v_utf16   VARCHAR(50) CHARACTER SET utf16,
    v_utf32   VARCHAR(50) CHARACTER SET utf32,
    v_long    VARCHAR(1000) CHARACTER SET utf8mb4,
    b4        BINARY(4),
    vb        VARBINARY(300),
    t1        TINYTEXT, t2 TEXT, t3 MEDIUMTEXT, t4 LONGTEXT,
    b1        TINYBLOB, b2 BLOB, b3 MEDIUMBLOB, b5 LONGBLOB,
    t_latin1  TEXT CHARACTER SET latin1,
    e         ENUM('x', 'it''s', 'wörld') CHARACTER SET latin1,
    s         SET('a', 'b', 'c d', 'é') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    j         JSON,
    g         GEOMETRY,
    p         POINT,
    v_last    VARCHAR(20) CHARACTER SET gbk
);

INSERT INTO types_number VALUES
    (1, 127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295,
     9223372036854775807, 18446744073709551615, 42, 3.4028235e38, 1.7976931348623157e308, 1234.567, 0.5,
     99999, 99999999.99, 12345678901234567890123456789012345.123456789012345678901234567890, 0.999999999,
     b'1', b'101010101010', b'1111111111111111111111111111111111111111111111111111111111111111', 2155, TRUE),
    (2, -128, 0, -32768, 0, -8388608, 0, -2147483648, 0,
     -9223372036854775808, 0, 0, -1.17549435e-38, 5e-324, -0.001, 0,
     -99999, -99999999.99, -0.000000000000000000000000000001, 0,
     b'0', b'0', b'0', 1901, FALSE),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 0, 1, -1, 1, -1, 1, -1, 1, -1, 1, 99999, 0.1, 0.1, 0, 1e15,
     0, 0.05, 1, 0.000000001, b'1', b'1', b'1000000000000000000000000000000000000000000000000000000000000000', 0, 2);

INSERT INTO types_time VALUES
    (1, '2024-02-29', '23:59:59', '12:34:56.789', '838:59:59.999999',
     '9999-12-31 23:59:59', '2024-02-29 01:02:03.4', '2024-02-29 01:02:03.45', '2024-02-29 01:02:03.456',
     '2024-02-29 01:02:03.4567', '2024-02-29 01:02:03.45678', '9999-12-31 23:59:59.999999',
     '2038-01-19 03:14:07', '2024-02-29 01:02:03.456', '2038-01-19 03:14:07.999999'),
    (2, '0000-00-00', '00:00:00', '-00:00:00.001', '-838:59:59.999999',
     '0000-00-00 00:00:00', '0000-00-00 00:00:00.0', '1000-01-01 00:00:00.00', '1000-01-01 00:00:00.001',
     '1969-12-31 23:59:59.9999', '1970-01-01 00:00:00.00001', '0001-01-01 00:00:00.000001',
     '0000-00-00 00:00:00', '1970-01-01 00:00:01.000', '1970-01-01 00:00:01.000001'),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, '2023-02-31', '-10:20:30', '100:00:00.5', '-00:00:01.5',
     '2023-00-00 00:00:00', '2023-02-31 10:00:00.1', '2023-12-31 23:59:59.99', '2023-06-15 12:00:00',
     '2023-06-15 12:00:00', '2023-06-15 12:00:00', '2023-06-15 12:00:00.000001',
     '2023-06-15 12:00:00', '2023-06-15 12:00:00.5', '2023-06-15 12:00:00.25');

INSERT INTO types_text VALUES
    (1, 'café', 'naïve 你好 😀', '你好，世界', 'こんにちは', '你好', '안녕하세요', 'Привет', 'ucs2 Ω', 'utf16 😀', 'utf32 😀',
     REPEAT('é', 1000), X'01020000', X'00FF00FF00',
     'tiny', 'text', 'medium', 'long', X'00', X'0001', X'FFFE', X'DEADBEEF', 'latin1 €äöü',
     'wörld', 'a,c d,é', '{"key": "value", "n": [1, 2.5, null, true], "u": "é\\u2028"}',
     ST_GeomFromText('LINESTRING(0 0, 1 1, 2 0)'), ST_GeomFromText('POINT(1 -2)'), '末'),
    (2, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '',
     'x', '', '{}', NULL, NULL, ''),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 'a\'b"c\\d', 'cr\rlf\ncrlf\r\ntab\tnul\0end', 'comma, "quoted"', 'back\\slash', 'x', 'y', 'z', 'n', 'm', 'o',
     'trailing space ', X'FFFFFFFF', X'0D0A2C225C',
     '"', '\\N', REPEAT('m', 3000), REPEAT('長', 500), X'0D0A', REPEAT(X'00', 300), X'5C', REPEAT(X'AB', 2000), '\\N',
     'it\'s', 'b', '[]', ST_GeomFromText('POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))'), ST_GeomFromText('POINT(0 0)'), 'end');

UPDATE types_text SET c_utf8 = CONCAT(c_utf8, '!'), e = 'x' WHERE id IN (1, 4);
DELETE FROM types_number WHERE id = 4;

-- Rows in bulk --------------------------------------------------------------------------------------------------

INSERT INTO customers (name, email, city, note, level, tags, balance, active, created, updated)
SELECT CONCAT('Zoë ', seq), CONCAT('user', seq, '@example.com'),
       ELT(seq % 4 + 1, '北京', '上海', NULL, '广州'),
       IF(seq % 7 = 0, NULL, CONCAT('note ', MD5(seq), '\r\n"', seq, '", \\ end')),
       seq % 4 + 1, seq % 16, seq * 1.25 - 200, seq % 2,
       '2021-01-01 00:00:00' + INTERVAL seq * 997 SECOND + INTERVAL seq MICROSECOND,
       '2022-01-01 00:00:00' + INTERVAL seq * 101 SECOND + INTERVAL seq * 1000 MICROSECOND
FROM seq_1_to_1000;

INSERT INTO warehouse.stock
SELECT ELT(seq % 3 + 1, 'Nord', 'Süd', 'West'), LPAD(seq, 12, 'SKU-00000000'), seq * 10
FROM seq_1_to_300;

DELIMITER //
CREATE PROCEDURE sell(first INT, last INT)
BEGIN
    DECLARE i INT DEFAULT first;
    WHILE i <= last DO
        START TRANSACTION;
        INSERT INTO orders (id, customer_id, status, total, placed, extra)
        VALUES (i, i % 1000 + 1, i % 3 + 1, i * 3.07, '2023-01-01 00:00:00' + INTERVAL i * 611 SECOND,
                IF(i % 5 = 0, NULL, JSON_OBJECT('channel', ELT(i % 2 + 1, 'web', 'shop'), 'n', i)));
        INSERT INTO order_lines
        SELECT i, seq, LPAD(i * seq % 300 + 1, 12, 'SKU-00000000'), seq * 2, i / 7 + seq,
               IF(seq = 2, NULL, i * 0.333)
        FROM seq_1_to_4 WHERE seq <= i % 4 + 1;
        UPDATE warehouse.stock s JOIN order_lines l ON l.sku = s.sku
        SET s.qty = s.qty - CAST(l.qty AS SIGNED) WHERE l.order_id = i;
        INSERT INTO warehouse.movements
        VALUES ('2023-01-01 00:00:00' + INTERVAL i * 611 SECOND + INTERVAL i MICROSECOND,
                LPAD(i % 300 + 1, 12, 'SKU-00000000'), -i, CONCAT('käufer ', i));
        COMMIT;
        SET i = i + 1;
    END WHILE;
END //
DELIMITER ;

CALL sell(1, 350);

-- Savepoints, rollbacks, tables without transactions --------------------------------------------------------------

START TRANSACTION;
INSERT INTO warehouse.stock VALUES ('Nord', 'KEPT', 1);
SAVEPOINT half;
INSERT INTO warehouse.stock VALUES ('Nord', 'LOST', 1);
ROLLBACK TO SAVEPOINT half;
INSERT INTO warehouse.stock VALUES ('Nord', 'KEPT TOO', 2);
COMMIT;

START TRANSACTION;
INSERT INTO warehouse.stock VALUES ('Nord', 'LOST AS WELL', 1);
ROLLBACK;

INSERT INTO warehouse.audit (what) VALUES ('opened'), ('counted'), ('closed');
UPDATE warehouse.audit SET what = 'counted twice' WHERE id = 2;

START TRANSACTION;
INSERT INTO warehouse.audit (what) VALUES ('inside a transaction');
INSERT INTO warehouse.stock VALUES ('West', 'AUDITED', 3);
COMMIT;

-- Updates of keys -----------------------------------------------------------------------------------------------

UPDATE customers SET id = id + 5000 WHERE id BETWEEN 1 AND 20;
UPDATE customers SET email = CONCAT('new-', email) WHERE id BETWEEN 21 AND 30;
UPDATE warehouse.stock SET place = 'Ost' WHERE place = 'West' AND qty > 2500;
UPDATE customers SET balance = balance + 10 WHERE id % 3 = 0;
DELETE FROM customers WHERE id BETWEEN 900 AND 950;

-- DDL between the rows ------------------------------------------------------------------------------------------

ALTER TABLE customers ADD COLUMN phone VARCHAR(30) AFTER email;
UPDATE customers SET phone = CONCAT('+49 ', id) WHERE id BETWEEN 100 AND 150;
ALTER TABLE customers MODIFY COLUMN phone VARCHAR(40) NOT NULL DEFAULT '', ADD COLUMN rank INT UNSIGNED DEFAULT 7 FIRST;
INSERT INTO customers (name, email, created) VALUES ('Ünal', 'unal@example.com', '2024-01-01');
ALTER TABLE customers DROP COLUMN note;
INSERT INTO customers (name, email, created) VALUES ('Ærø', 'aero@example.com', '2024-01-02');
ALTER TABLE orders ADD INDEX by_status (status);
ALTER TABLE orders COMMENT = 'all orders; "quoted"';
CREATE INDEX by_who ON warehouse.movements (who);
CALL sell(351, 420);

CREATE TABLE archive LIKE orders;
INSERT INTO archive (id, customer_id, status, total, placed, extra)
SELECT id, customer_id, status, total, placed, extra FROM orders WHERE id <= 100;
DELETE FROM orders WHERE id <= 100;
RENAME TABLE archive TO orders_2023;
UPDATE orders_2023 SET status = 'sent' WHERE id <= 50;

CREATE TABLE big_spenders AS SELECT id, name, balance FROM customers WHERE balance > 1000;
INSERT INTO big_spenders VALUES (0, 'nobody', -1);

-- Two tables trade places.
CREATE TABLE shadow LIKE big_spenders;
INSERT INTO shadow VALUES (1, 'shadow', 1);
RENAME TABLE big_spenders TO holding, shadow TO big_spenders, holding TO shadow;
INSERT INTO big_spenders VALUES (2, 'after the swap', 2);

TRUNCATE TABLE warehouse.movements;
CALL sell(421, 460);

-- Legal, logged, and of no or odd grammar to most parsers.
CREATE TABLE odd (
    id   INT PRIMARY KEY,
    addr INET6,
    v    INT WITHOUT SYSTEM VERSIONING,
    CONSTRAINT positive CHECK (id > 0)
) WITH SYSTEM VERSIONING;
INSERT INTO odd VALUES (1, '2001:db8::1', 5);
SET SESSION system_versioning_alter_history = KEEP;
ALTER TABLE odd DROP SYSTEM VERSIONING;
INSERT INTO odd VALUES (2, '::', NULL);

CREATE VIEW open_orders AS SELECT * FROM orders WHERE status = 'open';
CREATE TRIGGER count_up BEFORE UPDATE ON big_spenders FOR EACH ROW SET NEW.balance = NEW.balance + 1;
UPDATE big_spenders SET balance = 10 WHERE id = 1;
DROP TRIGGER count_up;
DROP VIEW open_orders;
CREATE TEMPORARY TABLE fleeting (a INT);
INSERT INTO fleeting VALUES (1);
DROP TEMPORARY TABLE fleeting;

USE scrap;
CREATE TABLE waste (a INT, b VARCHAR(10));
INSERT INTO waste VALUES (1, 'x'), (2, NULL);
CREATE OR REPLACE TABLE waste (a BIGINT, c TEXT, PRIMARY KEY (a));
INSERT INTO waste VALUES (3, 'y');
DROP TABLE waste;
DROP DATABASE scrap;

USE warehouse;
DROP TABLE audit;
CALL shop.sell(461, 470);
DROP PROCEDURE shop.sell;
