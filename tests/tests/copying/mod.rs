//! A server whose tables are copied, the folder they are copied to, and clients that write meanwhile.
#![allow(dead_code, reason = "each test file uses its own part")]

use futures::StreamExt;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt};
use std::sync::Arc;
use std::time::Duration;
use tests::command::{Running, Saved};
use tests::consumer::{Bucket, Options, compare_databases};
use tests::executing::{compare_servers, replay_onto};
use tests::{Database, Spillway, until};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

const PARAMETERS: &str = "protocol=csv&include-commit-ts=true&flush-interval=100ms&file-size=65536";

/// A server, and a folder that its tables are copied to.
pub struct Site {
    pub server: Arc<Database>,
    pub folder: tempfile::TempDir,
    pub store: Arc<LocalFileSystem>,
}

impl Site {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(options: &[&str]) -> Self {
        let server = Arc::new(Database::start_with(options).await.unwrap());
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
        Self { server, folder, store }
    }

    pub async fn run(&self, statements: impl IntoIterator<Item = impl AsRef<str>>) {
        // One connection: a session's settings hold from one statement to the next.
        let mut conn = self.server.pool().get_conn().await.unwrap();
        for statement in statements {
            let statement = statement.as_ref();
            conn.query_drop(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }

    pub fn command(&self, mode: &str) -> Spillway {
        self.command_of(&self.server.url(), mode)
    }

    pub fn command_of(&self, url: &str, mode: &str) -> Spillway {
        let sink = format!("file://{}?{PARAMETERS}", self.folder.path().display());
        Spillway::new(url, sink).arg(format!("--snapshot={mode}"))
    }

    pub async fn has(&self, path: &str) -> bool {
        self.store.head(&object_store::path::Path::from(path)).await.is_ok()
    }

    pub async fn objects(&self) -> usize {
        self.store.list(None).count().await
    }

    /// Waits until there are so many more objects than there were.
    pub async fn grows_to(&self, objects: usize, running: &mut Running) {
        until("it writes", async || {
            assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
            (self.objects().await >= objects).then_some(())
        })
        .await;
    }

    /// Keeps a copy that has begun from coming to its end: no rows of this table are read until it is
    /// [let go](Self::lets_go). It must be one that is read behind others, which take a while.
    pub async fn holds(&self, table: &str, running: &mut Running) -> Conn {
        until("the copy begins", async || {
            assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
            self.has(".spillway/snapshot.json").await.then_some(())
        })
        .await;
        let mut holder = self.server.pool().get_conn().await.unwrap();
        holder.query_drop(format!("LOCK TABLES {table} WRITE")).await.unwrap();
        holder
    }

    /// Lets a table go, and its copy come to its end.
    pub async fn lets_go(&self, mut holder: Conn) {
        assert!(!self.has(".spillway/source.json").await, "the copy is not there yet");
        holder.query_drop("UNLOCK TABLES").await.unwrap();
    }

    /// Waits until rows of a table are in the bucket.
    pub async fn has_rows_of(&self, table: &str, running: &mut Running) {
        let folder = object_store::path::Path::from(table.replace('.', "/"));
        until("its rows come", async || {
            assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
            let found: Vec<_> = self.store.list(Some(&folder)).collect().await;
            let is_data = |path: &str| path.ends_with(".csv");
            found.into_iter().flatten().any(|object| is_data(object.location.as_ref())).then_some(())
        })
        .await;
    }

    pub async fn bucket(&self) -> Bucket {
        let options = Options { restarts: true, ..Options::default() };
        let bucket = Bucket::read(self.store.clone(), "", &options).await.unwrap();
        bucket.commit_ts_order_per_table().unwrap();
        bucket
    }

    /// Lets it come to the end of the log, and ends it.
    pub async fn drains(&self, mut running: Running) {
        self.run(["CREATE TABLE IF NOT EXISTS d.the_end (id INT PRIMARY KEY)"]).await;
        self.run(["REPLACE INTO d.the_end VALUES (1)"]).await;
        let end = self.server.binlog_end().await.unwrap();
        Saved::reaches(&end, &mut running, &*self.store, "").await;
        running.terminate();
        running.ended().await.succeeded();
    }

    /// The tables of the bucket are the server's, by a reader that rebuilds them from their columns.
    pub async fn is_complete(&self, databases: &[&str]) -> Bucket {
        let bucket = self.bucket().await;
        let replayed = bucket.replay().unwrap();
        let rows: usize = replayed.tables.values().map(|table| table.row_count()).sum();
        compare_databases(&self.server.pool(), databases, &replayed, &Options::default()).await.unwrap();
        println!("figures: {} tables, {rows} rows, {} published", replayed.tables.len(), bucket.row_count());
        assert!(rows > 0);
        bucket
    }
}

/// As many rows as there are digits to a cross join: a thousand for each `x`.
pub fn filler(table: &str, thousands: usize) -> Vec<String> {
    let digits = "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 \
                  UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
    let create = format!(
        "CREATE TABLE {table} (id BIGINT PRIMARY KEY AUTO_INCREMENT, v INT NOT NULL DEFAULT 1000, pad VARCHAR(250))"
    );
    let insert = |thousand: usize| {
        format!(
            "INSERT INTO {table} (id, pad) SELECT {thousand} * 1000 + a.d * 100 + b.d * 10 + c.d + 1, \
             REPEAT(CHAR(65 + a.d + b.d), 200) FROM {digits} a, {digits} b, {digits} c"
        )
    };
    std::iter::once(create).chain((0..thousands).map(insert)).collect()
}

/// Clients that move amounts between rows, so that the sum stays, and one that makes and changes tables.
pub struct Clients {
    clients: JoinSet<u64>,
    stop: watch::Sender<bool>,
}

impl Clients {
    pub fn start(site: &Site, rows: u64) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut clients = JoinSet::new();
        for client in 0..3 {
            clients.spawn(transfer(site.server.clone(), client, rows, stopped.clone()));
        }
        clients.spawn(define(site.server.clone(), stopped));
        Self { clients, stop }
    }

    pub async fn stop(mut self) -> u64 {
        self.stop.send_replace(true);
        let mut done = 0;
        while let Some(client) = self.clients.join_next().await {
            done += client.unwrap();
        }
        done
    }
}

/// Numbers that look like chance, the same each time.
fn dice(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

async fn transfer(server: Arc<Database>, client: u64, rows: u64, stop: watch::Receiver<bool>) -> u64 {
    let (mut state, mut done) = (client, 0);
    let mut conn = server.pool().get_conn().await.unwrap();
    while !*stop.borrow() {
        let (from, to, amount) =
            (1 + dice(&mut state, rows), 1 + dice(&mut state, rows), dice(&mut state, 50));
        let mut statements = vec![
            "BEGIN".to_owned(),
            format!("UPDATE d.account SET v = v - {amount} WHERE id = {from}"),
            format!("UPDATE d.account SET v = v + {amount} WHERE id = {to}"),
            format!("INSERT INTO d.moved (a, b, amount) VALUES ({from}, {to}, {amount})"),
        ];
        if done % 10 == 0 {
            // A row moves from one chunk to another.
            let far = 1_000_000 * (client + 1) + done;
            statements.push(format!("INSERT INTO d.account (id, v) VALUES ({far}, 0)"));
            statements.push(format!("UPDATE d.account SET id = -{far} WHERE id = {far}"));
        }
        statements.push("COMMIT".to_owned());
        for statement in &statements {
            if let Err(error) = conn.query_drop(statement).await {
                assert!(matches!(error, mysql_async::Error::Server(_)), "{error}");
                conn.query_drop("ROLLBACK").await.unwrap();
                break;
            }
        }
        done += 1;
    }
    done
}

/// Makes tables and changes them at once. What it made before is left alone.
async fn define(server: Arc<Database>, stop: watch::Receiver<bool>) -> u64 {
    let mut pace = interval(Duration::from_millis(500));
    // A slow machine must not get them all at once: a copy needs a moment without any.
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut done = 0;
    while !*stop.borrow() {
        pace.tick().await;
        for statement in [
            format!("CREATE TABLE d.made{done} (id INT PRIMARY KEY, w INT)"),
            format!("INSERT INTO d.made{done} VALUES (1, {done})"),
            format!("ALTER TABLE d.made{done} ADD COLUMN x INT DEFAULT 5 AFTER id, DROP COLUMN w"),
        ] {
            server.query(&statement).await.unwrap();
        }
        done += 1;
    }
    done
}

/// Copies while others write, and is killed so many times on its way.
pub async fn survives(thousands: usize, kills: usize) {
    tests::command::program();
    let site = Site::new().await;
    // With a key: what a kill makes come twice, a consumer that executes it can tell only by that.
    site.run([
        "CREATE DATABASE d",
        "CREATE TABLE d.moved (n BIGINT PRIMARY KEY AUTO_INCREMENT, a BIGINT, b BIGINT, amount INT)",
    ])
    .await;
    site.run(["CREATE TABLE d.changing (id INT PRIMARY KEY)", "INSERT INTO d.changing VALUES (1), (2)"])
        .await;
    site.run(filler("d.account", thousands)).await;
    let rows = thousands as u64 * 1_000;
    let clients = Clients::start(&site, rows);
    let command = site.command("initial");
    let (mut state, mut within) = (thousands as u64, 0);
    for kill in 0..kills {
        let before = site.objects().await;
        let mut running = command.start();
        // At its very start, and anywhere between two objects.
        let more = if kill == 0 { 1 } else { 2 + dice(&mut state, 5 + 2 * thousands as u64) as usize };
        site.grows_to(before + more, &mut running).await;
        site.run([format!("ALTER TABLE d.changing ADD COLUMN c{kill} INT DEFAULT {kill}")]).await;
        let ended = running.kill().await;
        assert!(ended.was_killed() && ended.errors().is_empty(), "{ended:?}");
        within += usize::from(!site.has(".spillway/source.json").await);
        site.bucket().await;
    }
    let mut running = command.start();
    until("the copy is there", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        site.has(".spillway/source.json").await.then_some(())
    })
    .await;
    let done = clients.stop().await;
    site.drains(running).await;
    println!(
        "figures: {kills} kills, {within} of them before the copy was there, {done} transactions and tables"
    );
    assert!(within > 0, "every copy was finished before it was killed");
    let bucket = site.is_complete(&["d"]).await;
    let sum = site.server.query("SELECT CAST(SUM(v) AS SIGNED) FROM d.account").await.unwrap();
    assert_eq!(sum[0].get::<i64, _>(0), Some(rows as i64 * 1_000), "the clients themselves keep the sum");

    let target = Database::start().await.unwrap();
    let (counts, replayed) = replay_onto(&target.pool(), &bucket).await;
    replayed.unwrap();
    let compared = compare_servers(&site.server.pool(), &target.pool(), &["d"]).await.unwrap();
    println!("figures: {counts:?}; {} tables, {} cells compared", compared.tables, compared.cells);
    assert!(compared.differences.is_empty(), "{:?}", compared.differences);
}
