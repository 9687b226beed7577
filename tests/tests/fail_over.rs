//! The command is killed again and again while a primary is written to, and goes on at its replica, and at the primary again;
//! then the replica takes over. Nothing is lost, and each table's rows keep their order.
//!
//! The servers are of the kind that `SPILLWAY_SERVER` names.

use futures::future::join;
use mysql_async::Pool;
use mysql_async::prelude::Queryable;
use object_store::local::LocalFileSystem;
use std::path::Path;
use std::time::Duration;
use tests::command::{Running, Saved};
use tests::consumer::{Bucket, Options, compare_databases};
use tests::{Database, Spillway, until};
use tokio::sync::watch;
use tokio::time::sleep;

const PARAMETERS: &str = "protocol=csv&include-commit-ts=true&flush-interval=100ms&file-size=2048";
const TABLES: [&str; 3] = ["a", "b", "c"];
const WRITERS: u64 = 4;

async fn server(id: u32) -> Database {
    let options = [
        format!("--server-id={id}").as_str(),
        "--loose-log-slave-updates",
        "--loose-gtid-mode=ON",
        "--loose-enforce-gtid-consistency=ON",
        "--max-binlog-size=65536",
    ]
    .map(str::to_owned);
    Database::start_with(&options.each_ref().map(String::as_str)).await.unwrap()
}

/// Has one server replicate from the other.
async fn follow(replica: &Database, primary: &Database) {
    let url = primary.url();
    let port = url.rsplit(':').next().unwrap();
    let older = |rest: &str| {
        format!(
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, MASTER_USER='root', \
             MASTER_CONNECT_RETRY=1, {rest}"
        )
    };
    if Database::name() == "mariadb" {
        replica.query(older("MASTER_USE_GTID=current_pos")).await.unwrap();
        replica.query("START SLAVE").await.unwrap();
        return;
    }
    let newer = format!(
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={port}, SOURCE_USER='root', \
         SOURCE_CONNECT_RETRY=1, SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1"
    );
    if replica.query(newer).await.is_ok() {
        replica.query("START REPLICA").await.unwrap();
    } else {
        replica.query(older("MASTER_AUTO_POSITION=1")).await.unwrap();
        replica.query("START SLAVE").await.unwrap();
    }
}

/// Replicates no more.
async fn stand_alone(replica: &Database) {
    if replica.query("STOP SLAVE").await.is_err() {
        replica.query("STOP REPLICA").await.unwrap();
    }
}

/// One session: transactions over several tables, until it is stopped.
async fn write(pool: Pool, writer: u64, stop: watch::Receiver<bool>) {
    let mut client = pool.get_conn().await.unwrap();
    for number in 0.. {
        if *stop.borrow() {
            break;
        }
        let id = writer * 1_000_000 + number;
        let tables = TABLES.iter().cycle().skip((id % 3) as usize).take(1 + (number % 3) as usize);
        client.query_drop("BEGIN").await.unwrap();
        for table in tables {
            let row = format!("INSERT INTO d.{table} VALUES ({id}, REPEAT('x', {number} % 50))");
            client.query_drop(row).await.unwrap();
            let before = id.saturating_sub(3);
            let update = format!("UPDATE d.{table} SET v = CONCAT(v, 'u') WHERE id = {before}");
            client.query_drop(update).await.unwrap();
        }
        client.query_drop("COMMIT").await.unwrap();
        // The replica applies with one thread, and is not to fall behind without end.
        sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until the run has written so many more files.
async fn grows_by(more: usize, folder: &Path, running: &mut Running) {
    let files = || std::fs::read_dir(folder.join("d")).map_or(0, |_| count(&folder.join("d")));
    let before = files();
    until("it writes", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        (files() >= before + more).then_some(())
    })
    .await;
}

fn count(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
}

async fn survives(kills: usize) {
    let servers = [server(1).await, server(2).await];
    servers[0].query("CREATE DATABASE d").await.unwrap();
    for table in TABLES {
        let create = format!("CREATE TABLE d.{table} (id INT PRIMARY KEY, v VARCHAR(99))");
        servers[0].query(create).await.unwrap();
    }
    follow(&servers[1], &servers[0]).await;
    let folder = tempfile::tempdir().unwrap();
    let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let sink = format!("file://{}?{PARAMETERS}", folder.path().display());
    let commands = [&servers[0], &servers[1]].map(|server| {
        // A replica may be behind what was read.
        Spillway::new(server.url(), sink.clone()).arg("--start=earliest").arg("--wait-for-source=2m")
    });
    tests::command::program();
    // The tables first: a DDL that a killed run wrote may come again from another server.
    let mut running = commands[0].start();
    let end = servers[0].binlog_end().await.unwrap();
    Saved::reaches(&end, &mut running, &store, "").await;
    running.kill().await;

    let (stop, stopped) = watch::channel(false);
    let writing = futures::future::join_all(
        (0..WRITERS).map(|writer| write(servers[0].pool(), writer, stopped.clone())),
    );
    let killing = async {
        for kill in 0..kills {
            let mut running = commands[(kill + 1) % 2].start();
            grows_by(3 + kill * 5 % 11, folder.path(), &mut running).await;
            let ended = running.kill().await;
            assert!(ended.was_killed() && ended.errors().is_empty(), "{ended:?}");
        }
        stop.send_replace(true);
    };
    join(writing, killing).await;

    // The replica takes over once it has everything.
    let rows = servers[0].query("SELECT COUNT(*) FROM d.a").await.unwrap()[0].get::<u64, _>(0);
    until("the replica has it all", async || {
        let there = servers[1].query("SELECT COUNT(*) FROM d.a").await.ok()?;
        (there.first()?.get::<u64, _>(0) == rows).then_some(())
    })
    .await;
    let last = "INSERT INTO d.b VALUES (-1, 'the end of the primary')";
    servers[0].query(last).await.unwrap();
    until("the replica has the last row", async || {
        let there = servers[1].query("SELECT id FROM d.b WHERE id = -1").await.ok()?;
        (!there.is_empty()).then_some(())
    })
    .await;
    stand_alone(&servers[1]).await;
    servers[1].query("INSERT INTO d.c VALUES (-2, 'of the new primary')").await.unwrap();
    let mut running = commands[1].start();
    let end = servers[1].binlog_end().await.unwrap();
    until("it is at the new primary", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        let saved = Saved::read(&store, "").await?;
        let text = std::fs::read_to_string(folder.path().join(".spillway/source.json")).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        let server = json["position"]["lineage"]["server"]["server_id"].as_u64()?;
        (server == 2 && saved.has_passed(&end)).then_some(())
    })
    .await;
    running.terminate();
    running.ended().await.succeeded();

    let options = Options { restarts: true, ..Options::default() };
    let bucket = Bucket::read_folder(folder.path(), &options).await.unwrap();
    bucket.commit_ts_order_per_table().unwrap();
    let replayed = bucket.replay().unwrap();
    println!("{rows:?} rows in one table, {} rows published", bucket.row_count());
    compare_databases(&servers[1].pool(), &["d"], &replayed, &Options::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_takes_over_from_a_killed_run_and_nothing_is_lost() {
    survives(6).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn a_replica_takes_over_from_a_run_that_is_killed_for_long() {
    survives(60).await;
}
