//! Transactions far larger than the memory for them go through the command, from a file and from a server: nothing is
//! lost, and it takes no more than its bound and what a program needs besides.
//!
//! `SPILLWAY_MEGABYTES` says how large they are; `SPILLWAY_SERVER` names the server.

#[allow(dead_code, reason = "it is shared")]
mod tmpfs;

use object_store::local::LocalFileSystem;
use std::path::Path;
use std::time::Duration;
use tests::command::{Running, Saved};
use tests::{Database, MariaDb, Spillway};
use tmpfs::Tmpfs;

const BOUND: u64 = 32 << 20;
/// The rest of the program: code, stacks, what the allocator keeps.
const BESIDE: u64 = 64 << 20;
const ROW: u64 = 2_000;
/// Two tables take turns.
const TURNS: u64 = 16;

fn megabytes() -> u64 {
    let given = std::env::var("SPILLWAY_MEGABYTES").ok();
    given.map_or(113, |given| given.parse().expect("a number of megabytes"))
}

/// Rows in each of the two tables.
fn rows() -> u64 {
    (megabytes() << 20) / ROW / TURNS * TURNS / 2
}

const TABLES: [&str; 3] = [
    "CREATE DATABASE d",
    "CREATE TABLE d.t (id BIGINT PRIMARY KEY, v VARCHAR(2100))",
    "CREATE TABLE d.u (id BIGINT PRIMARY KEY, v VARCHAR(2100))",
];

/// One transaction of all the rows, in both tables by turns, which goes back to a savepoint once.
fn transaction() -> Vec<String> {
    let mut statements = vec!["BEGIN".to_owned()];
    let each = rows() / TURNS;
    let numbers = |from: u64| {
        format!(
            "WITH RECURSIVE n AS (SELECT {from} AS i UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {from} + {each}) \
             SELECT i, RPAD(MD5(i), {ROW}, MD5(i + 1)) FROM n"
        )
    };
    for turn in 0..TURNS {
        for table in ["d.t", "d.u"] {
            statements.push(format!("INSERT INTO {table} {}", numbers(turn * each)));
        }
        if turn == TURNS / 2 {
            statements.push("SAVEPOINT a".to_owned());
            statements.push(format!("INSERT INTO d.t {}", numbers(u64::from(u32::MAX))));
            statements.push("ROLLBACK TO a".to_owned());
        }
    }
    statements.push("COMMIT".to_owned());
    statements
}

async fn run_all(server: &Database, statements: impl IntoIterator<Item = String>) {
    use mysql_async::prelude::Queryable;
    let mut client = server.pool().get_conn().await.unwrap();
    client.query_drop("SET SESSION cte_max_recursion_depth = 100000000").await.unwrap_or_default();
    client.query_drop("SET SESSION max_recursive_iterations = 100000000").await.unwrap_or_default();
    for statement in statements {
        client.query_drop(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// Looks on until it ends or a condition holds; gives the most memory that it had.
async fn watch(running: &mut Running, mut is_done: impl AsyncFnMut() -> bool) -> u64 {
    let mut peak = 0;
    while running.try_ended().is_none() && !is_done().await {
        peak = running.peak_memory().unwrap_or_default().max(peak);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    running.peak_memory().unwrap_or_default().max(peak)
}

/// The rows in a folder by table: how many there are, and the sum of their numbers.
fn found(folder: &Path) -> Vec<(u64, u64)> {
    let lines = |table: &str| {
        let mut found = (0, 0);
        let mut folders = vec![folder.join("d").join(table)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "csv") {
                    for line in std::fs::read_to_string(path).unwrap().lines() {
                        let (head, _) = line.rsplit_once(',').expect("a text comes last");
                        found.0 += 1;
                        found.1 += head.rsplit_once(',').unwrap().1.parse::<u64>().unwrap();
                    }
                }
            }
        }
        found
    };
    ["t", "u"].map(lines).to_vec()
}

fn is_within(peak: u64, what: &str) {
    println!("figures: a transaction of {} MB {what}: peak {} MiB", megabytes(), peak >> 20);
    assert!(peak > BESIDE / 8, "it was not measured: {peak}");
    assert!(peak <= BOUND + BESIDE, "{what}: {} MiB, of {} MiB", peak >> 20, (BOUND + BESIDE) >> 20);
}

/// A command with little memory, and the folder that it writes to.
fn command(source: String, folder: &Path) -> Spillway {
    let parameters = format!("protocol=csv&spool-memory-quota={BOUND}&flush-interval=1s");
    Spillway::new(source, format!("file://{}?{parameters}", folder.display()))
}

/// Follows a server through one large transaction.
async fn follow(server: &Database, statements: Vec<String>, what: &str) {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    run_all(server, TABLES.map(str::to_owned)).await;
    run_all(server, statements).await;
    let end = server.binlog_end().await.unwrap();
    let command = command(server.url(), folder.path()).arg("--start").arg("earliest");
    let mut running = command.start();
    let has_all = async || Saved::read(&store, "").await.is_some_and(|saved| saved.has_passed(&end));
    let peak = watch(&mut running, has_all).await;
    running.terminate();
    running.ended().await.succeeded();
    let rows = rows();
    assert_eq!(found(folder.path()), vec![(rows, rows * (rows - 1) / 2); 2]);
    is_within(peak, what);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_large_transaction_takes_no_more_than_the_bound() {
    let server = Database::start().await.unwrap();
    follow(&server, transaction(), "from a server").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_transaction_in_two_phases_takes_no_more_than_the_bound() {
    let server = Database::start().await.unwrap();
    let mut statements: Vec<String> = transaction()
        .into_iter()
        .filter(|statement| !statement.contains(" a") || statement.contains("AS"))
        .collect();
    statements.retain(|statement| !statement.contains(&u32::MAX.to_string()));
    *statements.first_mut().unwrap() = "XA START 'a'".to_owned();
    statements.pop();
    let end = ["XA END 'a'", "XA PREPARE 'a'", "XA COMMIT 'a'"];
    statements.extend(end.map(str::to_owned));
    follow(&server, statements, "in two phases").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_files_large_transaction_takes_no_more_than_the_bound() {
    let mariadb = MariaDb::start().await.unwrap();
    let (file, _) = mariadb.binlog_end().await.unwrap();
    let path = mariadb.binlog_dir().join(file);
    let server = Database::MariaDb(mariadb);
    run_all(&server, TABLES.map(str::to_owned).into_iter().chain(transaction())).await;
    let folder = tempfile::tempdir().unwrap();
    let mut running = command(path.display().to_string(), folder.path()).start();
    let peak = watch(&mut running, async || false).await;
    running.ended().await.succeeded();
    let rows = rows();
    assert_eq!(found(folder.path()), vec![(rows, rows * (rows - 1) / 2); 2]);
    is_within(peak, "from a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_the_run_with_its_folder_and_nothing_of_the_transaction() {
    let Some(disk) = Tmpfs::mount("4m") else { return };
    let mariadb = MariaDb::start().await.unwrap();
    let (file, _) = mariadb.binlog_end().await.unwrap();
    let path = mariadb.binlog_dir().join(file);
    let server = Database::MariaDb(mariadb);
    let few = (0..10_000_u64).map(|id| format!("({id}, REPEAT('x', {ROW}))")).collect::<Vec<_>>();
    let insert = format!("INSERT INTO d.t VALUES {}", few.join(", "));
    let small = "INSERT INTO d.u VALUES (1, 'small')".to_owned();
    run_all(&server, TABLES.map(str::to_owned).into_iter().chain([small, insert])).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("d/t")).unwrap();
    let parameters =
        format!("protocol=csv&spool-memory-quota={BOUND}&spool-base-dir={}", disk.path().display());
    let sink = format!("file://{}?{parameters}", folder.path().display());
    let ended = Spillway::new(path.display().to_string(), sink).run().await;
    let text = ended.failed(1);
    assert!(text.contains(&disk.path().display().to_string()) && text.contains("No space left"), "{text}");
    assert_eq!(found(folder.path()), [(0, 0), (1, 1)], "what came before it is durable");
    let left = std::fs::read_dir(disk.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("transaction")).collect();
    assert!(left.is_empty(), "{left:?}");
}
