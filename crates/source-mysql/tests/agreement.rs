//! The server as judge: the rows of a log, added up, are what the server's tables hold in the end.

mod bookkeeping;
mod server;

use bookkeeping::Books;
use server::MariaDb;
use source_mysql::{Binlog, SourceOptions, Start};

/// Tables whose columns stay the same from their first row on, with as many rows as they hold in the end.
const TABLES: [(&str, usize); 9] = [
    ("shop.order_lines", 1175),
    ("shop.orders", 370),
    ("shop.shadow", 44),
    ("shop.types_number", 3),
    ("shop.types_text", 4),
    ("shop.types_time", 4),
    ("warehouse.movements", 50),
    ("warehouse.stock", 303),
    ("shop.orders_2023", 100),
];

#[tokio::test]
async fn the_rows_add_up_to_the_servers_tables() {
    let db = MariaDb::start();
    db.run_script(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop/shop.sql"));
    db.run("CREATE TABLE shop.the_end (id INT)").await;
    let mut log =
        Binlog::connect(&db.url("reader"), SourceOptions::default(), Start::Earliest).await.unwrap();
    // The columns of customers change: old rows look different when they go.
    let books = Books::read(&mut log, "the_end", &["shop.customers"]).await;
    let mut conn = db.connect().await;
    for (table, count) in TABLES {
        let cells = books.compare(&mut conn, table).await;
        assert_eq!(cells, count * books.tables[table].columns.len(), "{table}");
    }
}
