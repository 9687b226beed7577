//! The server as judge: text and collations of every charset.

mod server;

use change_event::{ChangeEvent, RowEvent, Value};
use mysql_async::prelude::Queryable;
use server::MariaDb;
use source_mysql::{Binlog, SourceItem, SourceOptions, Start};
use std::collections::BTreeMap;

/// Charsets whose characters have one byte.
const SINGLE: [&str; 15] = [
    "latin1", "latin2", "latin5", "latin7", "greek", "hebrew", "cp1250", "cp1251", "cp1256", "cp1257",
    "cp866", "koi8r", "koi8u", "macroman", "tis620",
];

/// Charsets whose characters have up to two or three; of ujis and eucjpms only what two hold.
const MULTI: [&str; 9] = ["sjis", "cp932", "big5", "gb2312", "gbk", "euckr", "ucs2", "ujis", "eucjpms"];

/// What no charset maps, the server shows as a question mark, we as a replacement character. User-defined characters
/// are left out.
fn is_mapped(code: i64, utf8: &str) -> bool {
    code == 0x3F
        || !(utf8.contains('?')
            || utf8.contains('\u{FFFD}')
            || utf8.contains(|c| ('\u{E000}'..='\u{F8FF}').contains(&c)))
}

#[tokio::test]
async fn every_code_of_every_charset_reads_as_the_server_reads_it() {
    let db = MariaDb::start();
    db.run("CREATE DATABASE d").await;
    let mut log = Binlog::connect(&db.url("reader"), SourceOptions::default(), Start::Now).await.unwrap();
    let mut checked = 0;
    for (charset, last) in SINGLE.iter().map(|c| (c, 255)).chain(MULTI.iter().map(|c| (c, 65_535))) {
        db.run(&format!(
            "USE d; CREATE TABLE d.{charset} (code INT PRIMARY KEY, c VARCHAR(2) CHARACTER SET {charset});
             INSERT INTO d.{charset} SELECT seq, CHAR(seq USING {charset}) FROM seq_1_to_{last}
             WHERE CHAR(seq USING {charset}) IS NOT NULL"
        ))
        .await;
        let mut conn = db.connect().await;
        let server: Vec<(i64, Vec<u8>)> = conn
            .query(format!("SELECT code, CAST(CONVERT(c USING utf8mb4) AS BINARY) FROM d.{charset}"))
            .await
            .unwrap();
        let server: BTreeMap<i64, String> = server
            .into_iter()
            .filter_map(|(code, utf8)| Some((code, String::from_utf8(utf8).ok()?)))
            .filter(|(code, utf8)| is_mapped(*code, utf8))
            .collect();
        let rows = next_rows(&mut log).await.rows;
        for row in rows.iter() {
            let image = row.after.unwrap();
            let (Value::Int(code), Value::Text(text)) = (image.value(0), image.value(1)) else {
                panic!("a code and a text");
            };
            if let Some(expected) = server.get(&code) {
                assert_eq!(std::str::from_utf8(text), Ok(expected.as_str()), "{charset} {code:X}");
                checked += 1;
            }
        }
    }
    assert!(checked > 200_000, "{checked}");
}

#[tokio::test]
async fn every_collation_is_of_the_charset_the_server_says() {
    let db = MariaDb::start();
    let mut conn = db.connect().await;
    let collations: Vec<(String, String)> = conn
        .query(
            "SELECT full_collation_name, character_set_name
             FROM information_schema.collation_character_set_applicability
             WHERE character_set_name NOT IN
                 ('dec8', 'cp850', 'cp852', 'hp8', 'swe7', 'armscii8', 'keybcs2', 'macce', 'geostd8')",
        )
        .await
        .unwrap();
    assert!(collations.len() > 400);
    db.run("CREATE DATABASE d").await;
    let mut log = Binlog::connect(&db.url("reader"), SourceOptions::default(), Start::Now).await.unwrap();
    for (t, some) in collations.chunks(100).enumerate() {
        let columns = some.iter().enumerate().map(|(i, (collation, charset))| match charset.as_str() {
            "binary" => format!("c{i} BINARY(1)"),
            _ => format!("c{i} CHAR(1) CHARACTER SET {charset} COLLATE {collation}"),
        });
        let columns: Vec<String> = columns.collect();
        // Not by its DDL: what the rows show is looked at.
        db.run(&format!(
            "SET sql_log_bin = 0; CREATE TABLE d.t{t} ({}); SET sql_log_bin = 1; INSERT INTO d.t{t} VALUES ()",
            columns.join(", ")
        ))
        .await;
        let event = next_rows(&mut log).await;
        assert_eq!(event.table.columns.len(), some.len());
        for ((collation, charset), column) in some.iter().zip(&event.table.columns) {
            assert_eq!(column.charset.as_ref(), Some(charset), "{collation}");
            assert_eq!(column.length, Some(1), "{collation}: characters");
        }
    }
}

async fn next_rows(log: &mut Binlog) -> RowEvent {
    loop {
        if let SourceItem::Event(ChangeEvent::Rows(event)) = log.next().await.unwrap().unwrap() {
            return event;
        }
    }
}
