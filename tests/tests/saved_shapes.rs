//! The shapes of many tables are saved once, and afterwards what DDLs change of them.

use flate2::read::GzDecoder;
use object_store::local::LocalFileSystem;
use serde_json::Value;
use std::fs::File;
use std::path::Path;
use tests::command::Saved;
use tests::consumer::{Bucket, Options, compare_databases};
use tests::{MariaDb, Spillway};

const PARAMETERS: &str = "protocol=csv&include-commit-ts=true&flush-interval=100ms";
const TABLES: usize = 120;
/// Five names change in a round, and more than sixteen of so many tables are many.
const FEW: usize = 3;

/// Follows the server up to the end of its log, and ends: killed, or asked to.
async fn follow(server: &MariaDb, folder: &Path, killed: bool) {
    let sink = format!("file://{}?{PARAMETERS}", folder.display());
    let mut running = Spillway::new(server.url(), sink).arg("--start=earliest").start();
    let end = server.binlog_end().await.unwrap();
    Saved::reaches(&end, &mut running, &LocalFileSystem::new_with_prefix(folder).unwrap(), "").await;
    if killed {
        assert!(running.kill().await.was_killed());
    } else {
        running.terminate();
        running.ended().await.succeeded();
    }
}

fn saved(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(".spillway/source.json")).unwrap()).unwrap()
}

/// What a part that the saved position refers to holds.
fn text(folder: &Path, part: &str) -> String {
    let packed = File::open(folder.join(".spillway").join(part)).unwrap();
    std::io::read_to_string(GzDecoder::new(packed)).unwrap()
}

/// The parts that the saved position refers to, with the bytes they hold: the whole, and what has changed since.
fn parts(folder: &Path) -> ((String, usize), Option<usize>) {
    let saved = saved(folder);
    let size = |part: &str| text(folder, part).len();
    let whole = saved["schemas"].as_str().unwrap();
    ((whole.to_owned(), size(whole)), saved["changes"].as_str().map(size))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ddl_saves_what_it_changes_and_not_every_table() {
    let server = MariaDb::start().await.unwrap();
    server.query("CREATE DATABASE d").await.unwrap();
    for number in 0..TABLES {
        server.query(format!("CREATE TABLE d.t{number} (id INT PRIMARY KEY, v VARCHAR(20))")).await.unwrap();
    }
    let target = tempfile::tempdir().unwrap();
    follow(&server, target.path(), false).await;
    let (whole, changes) = parts(target.path());
    assert_eq!(changes, None);

    for round in 0..=FEW {
        let ddls = [
            format!("ALTER TABLE d.t{round} ADD COLUMN w{round} INT"),
            format!("DROP TABLE d.t7{round}"),
            format!("RENAME TABLE d.t8{round} TO d.renamed{round}"),
            format!("CREATE TABLE d.new{round} (id INT PRIMARY KEY)"),
            format!("INSERT INTO d.t{round} VALUES (1, 'x', {round})"),
            format!("INSERT INTO d.renamed{round} VALUES ({round}, 'y')"),
        ];
        for ddl in ddls {
            server.query(ddl).await.unwrap();
        }
        follow(&server, target.path(), round % 2 == 0).await;
        match parts(target.path()) {
            (standing, Some(changed)) if standing == whole => {
                assert!(round < FEW && changed * 4 < whole.1, "{standing:?}, {changed}");
            }
            // A save in the midst of the round may have been the one that was many.
            _ => assert!(round == FEW, "many changes are a whole again, and few are not"),
        }
    }
    let bucket = Bucket::read_folder(target.path(), &Options { restarts: true, ..Options::default() }).await;
    let replayed = bucket.unwrap().replay().unwrap();
    compare_databases(&server.pool(), &["d"], &replayed, &Options::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_whose_parts_are_bare_json_is_taken() {
    let server = MariaDb::start().await.unwrap();
    server.query("CREATE DATABASE d").await.unwrap();
    server.query("CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20))").await.unwrap();
    let target = tempfile::tempdir().unwrap();
    follow(&server, target.path(), false).await;
    // As version 3 left it.
    let mut saved = saved(target.path());
    let part = saved["schemas"].as_str().unwrap().to_owned();
    let state = target.path().join(".spillway");
    std::fs::write(state.join("schemas-1.json"), text(target.path(), &part)).unwrap();
    std::fs::remove_file(state.join(&part)).unwrap();
    saved["schemas"] = "schemas-1".into();
    saved["version"] = 3.into();
    std::fs::write(state.join("source.json"), saved.to_string()).unwrap();

    for statement in ["INSERT INTO d.t VALUES (1, 'x')", "CREATE TABLE d.u LIKE d.t"] {
        server.query(statement).await.unwrap();
    }
    follow(&server, target.path(), false).await;
    let bucket = Bucket::read_folder(target.path(), &Options { restarts: true, ..Options::default() }).await;
    let replayed = bucket.unwrap().replay().unwrap();
    compare_databases(&server.pool(), &["d"], &replayed, &Options::default()).await.unwrap();
}
