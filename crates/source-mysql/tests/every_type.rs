//! Every type of column on the server that `SPILLWAY_SERVER` names, in every variation of what its log holds: values as the
//! server shows them, and columns as it describes them.
//!
//! ```text
//!  place ── tables ──┬── rows ── the end        read three ways: live from the place, where the statements tell the
//!                    └ now                      tables; live from now on, where the server or the log's metadata tell
//!                                               them; and as a file
//! ```

mod bookkeeping;
mod mysql_server;
mod server;
mod varied;

use bookkeeping::{Books, described, description};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use server::unpacked::named;
use source_mysql::{Binlog, LogPlace, SourceOptions, Start};
use varied::{AnyServer, Variation, starts, statements, variations};

/// What was compared.
#[derive(Debug, Default)]
struct Figures {
    cells: usize,
    differences: Vec<String>,
}

impl Figures {
    /// Compares what a log made of its tables with what the server has.
    async fn compare(&mut self, books: &Books, conn: &mut Conn, tables: &[&str], json: &str, how: &str) {
        for &table in tables {
            // MariaDB's own types are shown in words.
            if table != "d.plugins" {
                let (cells, differences) = books.differences(conn, table).await;
                self.cells += cells;
                self.differences.extend(differences.into_iter().map(|found| format!("{how}: {found}")));
            }
            let ours = books.tables.get(table).map(|read| described(read, json)).unwrap_or_default();
            let theirs = description(conn, table).await;
            if ours != theirs {
                self.differences.push(format!("{how}: {table} is\n    {theirs:?}, read as\n    {ours:?}"));
            }
        }
    }
}

async fn run<'a>(conn: &mut Conn, statements: impl IntoIterator<Item = &'a str>) {
    for statement in statements {
        conn.query_drop(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// Where the log ends.
async fn end(conn: &mut Conn) -> LogPlace {
    let status = conn.query_first("SHOW MASTER STATUS").await;
    let row: Option<mysql_async::Row> = match status {
        // Newer servers have only this name for it.
        Err(_) => conn.query_first("SHOW BINARY LOG STATUS").await.unwrap(),
        row => row.unwrap(),
    };
    let row = row.unwrap();
    LogPlace { file: row.get(0).unwrap(), offset: row.get(1).unwrap() }
}

/// Writes every table in a variation, reads it in every way, and compares.
async fn in_variation(server: &AnyServer, variation: &Variation) -> Figures {
    let version = server.version().await;
    let mut conn = server.connect().await;
    run(&mut conn, ["DROP DATABASE IF EXISTS d"]).await;
    run(&mut conn, variation.settings().iter().copied()).await;
    run(&mut conn, ["FLUSH LOGS"]).await;
    // A session keeps what it began with.
    let mut conn = server.connect().await;
    let place = end(&mut conn).await;
    let statements = statements(version);
    let (definitions, rows): (Vec<&str>, Vec<&str>) = statements
        .iter()
        .map(String::as_str)
        .partition(|statement| statement.starts_with("CREATE") || statement.starts_with("ALTER"));
    let tables: Vec<&str> = definitions
        .iter()
        .filter_map(|statement| statement.strip_prefix("CREATE TABLE ")?.split(' ').next())
        .collect();

    run(&mut conn, ["CREATE DATABASE d"]).await;
    run(&mut conn, definitions).await;
    let connect =
        async |start| Binlog::connect(&server.url(), SourceOptions::default(), start).await.unwrap();
    let now = connect(Start::Now).await;
    run(&mut conn, rows).await;
    run(&mut conn, ["CREATE TABLE d.the_end (id INT)"]).await;

    let file = server.log_file(&place.file);
    let logs = [
        ("from the place", connect(Start::At(place)).await),
        ("from now on", now),
        ("from the file", Binlog::open_file(&file, SourceOptions::default(), None).await.unwrap()),
    ];
    let mut figures = Figures::default();
    let json = if version.is_mariadb { "longtext" } else { "json" };
    for (how, mut log) in logs {
        match Books::try_read(&mut log, "the_end", &[]).await {
            Ok(books) => figures.compare(&books, &mut conn, &tables, json, how).await,
            Err(error) => figures.differences.push(format!("{how}: {error}")),
        }
    }
    figures
}

#[tokio::test]
async fn every_value_is_read_as_the_server_has_it_in_every_variation_of_its_log() {
    let (mut count, mut cells, mut differences) = (0, 0, Vec::new());
    for (start, arguments) in starts(&named()) {
        let server = AnyServer::start_with(arguments);
        for variation in variations(server.version().await) {
            let figures = in_variation(&server, &variation).await;
            let name = format!("{}, {start}, {}", named(), variation.name.join(", "));
            println!("{name}: {} cells, {} differences", figures.cells, figures.differences.len());
            assert!(figures.cells > 450 || !figures.differences.is_empty(), "{name}: too few cells");
            differences
                .extend(figures.differences.into_iter().map(|difference| format!("{name}: {difference}")));
            cells += figures.cells;
            count += 1;
        }
    }
    println!("figures: {count} variations read in 3 ways, {cells} cells, {} differences", differences.len());
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}
