//! What cannot be written is parked beside the data, and the run goes on; or it stops, and says how to pass it.

use object_store::local::LocalFileSystem;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use tests::command::Saved;
use tests::consumer::{Bucket, Options};
use tests::{Fault, FaultProxy, MariaDb, Moto, Spillway, contents, until};

const PARAMETERS: &str = "protocol=csv&include-commit-ts=true&flush-interval=100ms";

const TABLES: [&str; 5] = [
    "CREATE DATABASE d",
    "CREATE TABLE d.good (id INT PRIMARY KEY)",
    "CREATE TABLE d.wide (id INT PRIMARY KEY, a INT, b INT)",
    "CREATE TABLE d.packed (id INT PRIMARY KEY, a TEXT CHARACTER SET utf8mb4 COMPRESSED)",
    "INSERT INTO d.wide VALUES (1, -1, -1)",
];

/// One event that cannot be written each, and the row that it is about.
fn poison(number: usize) -> Vec<String> {
    let image = |image: &str, change: String| {
        vec![format!("SET binlog_row_image = {image}"), change, "SET binlog_row_image = FULL".to_owned()]
    };
    match number % 3 {
        0 => vec![
            "SET binlog_format = STATEMENT".to_owned(),
            format!("UPDATE d.wide SET a = {number}"),
            "SET binlog_format = ROW".to_owned(),
        ],
        1 => image("MINIMAL", format!("UPDATE d.wide SET b = {number}")),
        _ => vec![format!("INSERT INTO d.packed VALUES ({number}, 'x')")],
    }
}

/// Writes good rows and poison in turn.
async fn write(server: &MariaDb, numbers: std::ops::Range<usize>) {
    use mysql_async::prelude::Queryable;
    let mut conn = server.pool().get_conn().await.unwrap();
    for number in numbers {
        let row = format!("INSERT INTO d.good VALUES ({number})");
        for sql in std::iter::once(row).chain(poison(number)) {
            conn.query_drop(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }
}

async fn server_with(numbers: usize) -> MariaDb {
    let server = MariaDb::start().await.unwrap();
    for sql in TABLES {
        server.query(sql).await.unwrap();
    }
    write(&server, 0..numbers).await;
    server
}

fn log(server: &MariaDb) -> std::path::PathBuf {
    server.binlog_dir().join("binlog.000001")
}

/// What is parked in a store, by the names of the objects.
async fn parked(store: &dyn object_store::ObjectStore, prefix: &str) -> BTreeMap<String, Value> {
    let below = [prefix, ".spillway/parked"].into_iter().filter(|part| !part.is_empty());
    let all = contents(store, &below.collect::<Vec<_>>().join("/")).await.unwrap();
    all.into_iter().map(|(key, text)| (key, serde_json::from_slice(&text).expect("it is JSON"))).collect()
}

async fn parked_in(folder: &Path) -> BTreeMap<String, Value> {
    parked(&LocalFileSystem::new_with_prefix(folder).unwrap(), "").await
}

/// Each good row stands in the bucket, and once unless the run was killed.
fn has_good_rows(bucket: &Bucket, count: usize) {
    let replayed = bucket.replay().unwrap();
    let good = replayed.tables.iter().find(|(name, _)| name.to_string() == "d.good");
    assert_eq!(good.map_or(0, |(_, table)| table.row_count()), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_parks_writes_every_good_row_and_keeps_the_rest_beside_them() {
    let server = server_with(12).await;
    for (config, argument) in
        [("", "--on-unsupported=park"), ("[source]\non-unsupported = 'park'", "--quiet")]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Spillway::into_folder(log(&server), folder.path(), PARAMETERS).config(config);
        if argument != "--quiet" {
            command = command.arg(argument);
        }
        let ended = command.run().await;
        ended.succeeded();
        let bucket = Bucket::read_folder(folder.path(), &Options::default()).await.unwrap();
        has_good_rows(&bucket, 12);

        let parked = parked_in(folder.path()).await;
        assert_eq!(parked.len(), 12);
        for (key, event) in &parked {
            let name = format!("{:020}.json", event["offset"].as_u64().unwrap());
            assert!(key.ends_with(&name), "{key}: {event}");
            assert_eq!((&event["version"], &event["by"]), (&Value::from(1), &Value::from("policy")));
            assert!(event["table"]["schema"] == "d" && event["body"].is_string(), "{event}");
        }
        // Three kinds: a line each, and their numbers at the end.
        let warnings = ended.stderr.lines().filter(|line| line.contains("an event is passed over")).count();
        let different = parked.values().map(|event| event["reason"].to_string());
        let different = different.collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!((warnings, different), (3, 3), "{}", ended.stderr);
        assert!(ended.stdout.contains("parked     12 events, in .spillway/parked"), "{}", ended.stdout);
        assert!(ended.stdout.contains("4 of d.packed: "), "{}", ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_stops_says_which_event_to_skip_and_gets_past_it() {
    let server = server_with(3).await;
    let folder = tempfile::tempdir().unwrap();
    let mut flags: Vec<String> = Vec::new();
    let ended = loop {
        let command = Spillway::into_folder(log(&server), folder.path(), PARAMETERS);
        let ended = flags.iter().fold(command, |command, flag| command.arg(flag)).run().await;
        if ended.code() == Some(0) {
            break ended;
        }
        let error = ended.failed(1);
        let place = error.split("--skip-event ").nth(1).unwrap().split(' ').next().unwrap();
        let flag = format!("--skip-event={place}");
        assert!(!flags.contains(&flag), "{error}");
        flags.push(flag);
    };
    assert_eq!(flags.len(), 3, "{flags:?}");
    has_good_rows(&Bucket::read_folder(folder.path(), &Options::default()).await.unwrap(), 3);
    let parked = parked_in(folder.path()).await;
    assert_eq!(parked.len(), 3);
    for event in parked.values() {
        assert_eq!(event["by"], "operator");
        assert!(event["reason"].as_str().unwrap().starts_with("skipped by the operator: "), "{event}");
    }
    assert!(ended.stdout.contains("skipped by the operator"), "{}", ended.stdout);

    // Behind its checkpoint there is nothing left to pass.
    let again =
        Spillway::into_folder(log(&server), folder.path(), PARAMETERS).arg("--skip-event=binlog.000001:4");
    let ended = again.run().await;
    ended.succeeded();
    assert!(ended.stderr.contains("--skip-event has passed over nothing"), "{}", ended.stderr);
    assert!(!ended.stdout.contains("parked"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_it_loses_nothing_that_was_parked_and_parks_nothing_twice() {
    let server = server_with(0).await;
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let store = moto.store("bucket").unwrap();
    let sink = format!("{}&{PARAMETERS}", moto.sink_uri("bucket", "p"));
    let command = Spillway::new(server.url(), sink).arg("--start=earliest").arg("--on-unsupported=park");
    const EACH: usize = 20;
    const KILLS: usize = 4;
    for kill in 0..KILLS {
        write(&server, kill * EACH..(kill + 1) * EACH).await;
        let before = parked(&store, "p").await.len();
        let mut running = command.start();
        // Somewhere among them.
        until("some are parked", async || {
            assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
            (parked(&store, "p").await.len() > before + kill).then_some(())
        })
        .await;
        assert!(running.kill().await.was_killed());
    }
    let end = server.binlog_end().await.unwrap();
    let mut running = command.start();
    Saved::reaches(&end, &mut running, &store, "p").await;
    running.terminate();
    running.ended().await.succeeded();

    let parked = parked(&store, "p").await;
    let of = |kind: u64| parked.values().filter(|event| event["type"] == kind).count();
    println!("figures: {} events parked over {KILLS} kills", parked.len());
    assert_eq!(parked.len(), KILLS * EACH);
    assert_eq!(of(2), (KILLS * EACH).div_ceil(3), "statements");
    let options = Options { restarts: true, ..Options::default() };
    let bucket = Bucket::read(std::sync::Arc::new(store), "p", &options).await.unwrap();
    has_good_rows(&bucket, KILLS * EACH);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_position_is_saved_behind_what_is_not_yet_parked() {
    let server = server_with(6).await;
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let store = moto.store("bucket").unwrap();
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    proxy.set_rule(|request| match request.path.contains("/parked/") {
        true => Fault::HangBefore,
        false => Fault::Pass,
    });
    let sink = format!("{}&{PARAMETERS}", Moto::sink_uri_behind(proxy.address(), "bucket", "p"));
    let command = Spillway::new(log(&server).display().to_string(), sink).arg("--on-unsupported=park");
    let mut running = command.start();
    proxy.until_hanging(1).await;
    // The rows before it become visible, and so does everything that could be.
    let saved = until("a position behind the first rows is saved", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        Saved::read(&store, "p").await.filter(|saved| saved.offset > 1000)
    })
    .await;
    running.terminate();
    running.ended().await.succeeded();
    let after = Saved::read(&store, "p").await.unwrap();
    assert_eq!(parked(&store, "p").await.len(), 0);

    proxy.set(Fault::Pass);
    command.run().await.succeeded();
    let parked = parked(&store, "p").await;
    assert_eq!(parked.len(), 6);
    let first = parked.values().map(|event| event["offset"].as_u64().unwrap()).min().unwrap();
    assert!(saved.offset <= first && after.offset <= first, "{saved:?}, {after:?}, parked at {first}");
}

/// MIXED is what a MariaDB has unless somebody changes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_log_whole_rows_is_followed_by_a_run_that_parks() {
    let options = ["--binlog-format=MIXED", "--binlog-row-image=NOBLOB"];
    let server = MariaDb::start_with(&options).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sink = format!("file://{}?{PARAMETERS}", folder.path().display());
    let stopped = Spillway::new(server.url(), &sink).arg("--start=earliest").run().await;
    assert!(stopped.failed(2).contains("--on-unsupported park"), "{stopped:?}");
    for sql in TABLES {
        server.query(sql).await.unwrap();
    }
    let mut conn = server.pool().get_conn().await.unwrap();
    for sql in ["SET binlog_format = ROW", "INSERT INTO d.good VALUES (1)"] {
        mysql_async::prelude::Queryable::query_drop(&mut conn, sql).await.unwrap();
    }
    let end = server.binlog_end().await.unwrap();
    let command = Spillway::new(server.url(), &sink).arg("--start=earliest").arg("--on-unsupported=park");
    let mut running = command.start();
    Saved::reaches(&end, &mut running, &LocalFileSystem::new_with_prefix(folder.path()).unwrap(), "").await;
    running.terminate();
    let ended = running.ended().await;
    ended.succeeded();
    has_good_rows(&Bucket::read_folder(folder.path(), &Options::default()).await.unwrap(), 1);
    let parked = parked_in(folder.path()).await;
    let statement = |event: &Value| event["statement"]["sql"].as_str().map(str::to_owned);
    let statements: Vec<_> = parked.values().filter_map(statement).collect();
    assert_eq!(statements, [TABLES[4]]);
    assert_eq!(ended.stderr.matches("not all changes are logged").count(), 1, "told once: {}", ended.stderr);
}

/// No name of a database or a table stops anybody, whether it has rows or not.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_any_name_are_written_and_stop_nobody() {
    let server = MariaDb::start().await.unwrap();
    let names = ["..", "a/../b", "metadata", ".spillway", "100%2F", "a\tb"];
    for name in names {
        for sql in [
            format!("CREATE DATABASE `{name}`"),
            format!("CREATE TABLE `{name}`.`{name}` (id INT PRIMARY KEY)"),
            format!("CREATE TABLE `{name}`.`{name}2` (id INT PRIMARY KEY)"),
            format!("INSERT INTO `{name}`.`{name}` VALUES (1), (2)"),
        ] {
            server.query(sql).await.unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    Spillway::into_folder(log(&server), folder.path(), PARAMETERS).run().await.succeeded();
    let bucket = Bucket::read_folder(folder.path(), &Options::default()).await.unwrap();
    let replayed = bucket.replay().unwrap();
    tests::consumer::compare_databases(&server.pool(), &names, &replayed, &Options::default()).await.unwrap();
    let rows: usize = replayed.tables.values().map(|table| table.row_count()).sum();
    assert_eq!(rows, 2 * names.len());
}
