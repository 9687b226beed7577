//! A run that begins with a copy of the server's tables: the bucket, replayed, is the server.
//!
//! The server is the one that `SPILLWAY_SERVER` names.

mod copying;

use copying::{Site, filler, survives};
use mysql_async::prelude::Queryable;
use tests::{Database, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_killed_again_and_again_while_others_write_is_the_server() {
    survives(10, 5).await;
}

const ODD: [&str; 12] = [
    "CREATE DATABASE d CHARACTER SET latin1",
    "CREATE DATABASE `odd-``db`",
    "CREATE DATABASE left_out",
    "CREATE TABLE left_out.t (id INT PRIMARY KEY)",
    "INSERT INTO left_out.t VALUES (1)",
    "CREATE TABLE d.keyless (v INT UNSIGNED, w VARCHAR(9))",
    "INSERT INTO d.keyless VALUES (4294967295, 'w'), (4294967295, 'w'), (NULL, NULL)",
    "CREATE TABLE d.parted (id INT, y INT, PRIMARY KEY (id, y)) PARTITION BY HASH (y) PARTITIONS 4",
    "INSERT INTO d.parted VALUES (1, 1), (1, 2), (2, 3), (3, 4)",
    // As each server writes it; MySQL 5.6 has none.
    "CREATE TABLE d.computed (id INT PRIMARY KEY, a INT, s INT /*!50706 AS (a * 2) STORED */ /*M! AS (a * 2) PERSISTENT */)",
    "INSERT INTO d.computed (id, a) VALUES (1, 10), (2, NULL)",
    "CREATE TABLE `odd-``db`.`select ``x` (`group` INT PRIMARY KEY, `co l` TINYINT UNSIGNED, `ä` TEXT)",
];

#[tokio::test(flavor = "multi_thread")]
async fn only_copies_tables_of_all_kinds_and_a_run_goes_on_from_there() {
    let site = Site::new().await;
    site.run(ODD).await;
    site.run(["INSERT INTO `odd-``db`.`select ``x` VALUES (-1, 200, 'x'), (1, 1, NULL)"]).await;
    site.run(["CREATE TABLE d.empty (id INT PRIMARY KEY)", "CREATE VIEW d.seen AS SELECT * FROM d.keyless"])
        .await;
    let filter = "[filter]\nrules = ['*.*', '!left_out.*']";
    let databases = ["d", "odd-`db"];
    let ended = site.command("only").config(filter).run().await;
    ended.succeeded();
    assert!(!site.has(".spillway/snapshot.json").await, "a finished copy leaves nothing unfinished");
    let bucket = site.is_complete(&databases).await;
    assert_eq!(bucket.row_count(), 11);
    // Once more, it has nothing to do.
    let objects = site.objects().await;
    site.command("only").config(filter).run().await.succeeded();
    assert_eq!(site.objects().await, objects);

    site.run(["INSERT INTO d.keyless VALUES (7, 'new')", "UPDATE d.parted SET y = 9 WHERE id = 1 AND y = 1"])
        .await;
    site.run([
        "INSERT INTO d.computed (id, a) VALUES (3, 30)",
        "ALTER TABLE d.empty ADD COLUMN v INT DEFAULT 3",
    ])
    .await;
    site.run(["INSERT INTO d.empty (id) VALUES (1)"]).await;
    for mode in ["never", "initial"] {
        site.run([format!("REPLACE INTO d.empty (id, v) VALUES (2, {})", mode.len())]).await;
        let command = site.command(mode).config(filter);
        site.drains(command.start()).await;
        site.is_complete(&databases).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_not_finished_is_gone_on_with_by_nothing_else() {
    let site = Site::new().await;
    site.run(["CREATE DATABASE d"]).await;
    site.run(filler("d.t", 60)).await;
    site.run(["CREATE TABLE d.z (id INT PRIMARY KEY)"]).await;
    let mut running = site.command("initial").arg("--snapshot-readers=1").start();
    let holder = site.holds("d.z", &mut running).await;
    site.has_rows_of("d.t", &mut running).await;
    running.kill().await;
    site.lets_go(holder).await;
    let ended = site.command("never").run().await;
    let error = ended.failed(2);
    assert!(error.contains("--snapshot initial or only"), "{error}");
    // Meanwhile one of its tables went away, and with it its database.
    site.run(["CREATE DATABASE e", "RENAME TABLE d.t TO e.t", "DROP DATABASE d", "CREATE DATABASE d"]).await;
    let ended = site.command("only").run().await;
    ended.succeeded();
    assert!(ended.stderr.contains("starts anew"), "{}", ended.stderr);
    let bucket = site.is_complete(&["e"]).await;
    let replayed = bucket.replay().unwrap();
    assert_eq!(replayed.tables.len(), 1, "what the first attempt wrote is taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_user_may_not_do_is_said_in_one_sentence() {
    let site = Site::new().await;
    let mariadb = matches!(*site.server, Database::MariaDb(_));
    site.run([
        "CREATE DATABASE d",
        "CREATE TABLE d.t (id INT PRIMARY KEY)",
        "INSERT INTO d.t VALUES (1), (2)",
    ])
    .await;
    site.run([
        "CREATE USER copier@'%' IDENTIFIED BY 's3cret'",
        "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO copier@'%'",
        "GRANT INSERT ON d.* TO copier@'%'",
    ])
    .await;
    let url = site.server.url().replace("root@", "copier:s3cret@");
    let copy = |lock: &str| site.command_of(&url, "only").arg(format!("--snapshot-lock={lock}"));
    if !mariadb {
        let ended = copy("global").run().await;
        let error = ended.failed(2);
        assert!(error.contains("GRANT RELOAD") && error.contains("--snapshot-lock none"), "{error}");
    }
    // Where the server has no GTIDs, the log goes on at the beginning of its file: the tables must be older than that.
    site.run(["FLUSH LOGS"]).await;
    let ended = copy("none").run().await;
    let error = ended.failed(1);
    assert!(error.contains("d.t") && error.contains("GRANT SELECT"), "{error}");
    site.run(["GRANT SELECT ON d.* TO copier@'%'"]).await;
    copy("none").run().await.succeeded();
    site.run(["INSERT INTO d.t VALUES (3)"]).await;
    let running = site.command("never").start();
    site.drains(running).await;
    site.is_complete(&["d"]).await;
}

/// The server itself tells what it was asked for, and in which order.
#[tokio::test(flavor = "multi_thread")]
async fn no_lock_is_held_while_tables_are_read() {
    let site = Site::with(&["--general-log=1", "--log-output=TABLE"]).await;
    site.run(["CREATE DATABASE d"]).await;
    site.run(filler("d.t", 3)).await;
    site.command("only").run().await.succeeded();
    let log = site
        .server
        .query("SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log ORDER BY event_time")
        .await
        .unwrap();
    let log: Vec<String> = log.iter().filter_map(|row| row.get::<Option<String>, _>(0).flatten()).collect();
    let is = |words: &'static str| move |sql: &String| sql.to_uppercase().starts_with(words);
    let reads = |sql: &String| sql.starts_with("SELECT `id`, `v`, `pad` FROM `d`.`t`");
    let read = log.iter().position(reads).expect("its rows are read");
    if let Database::MariaDb(_) = *site.server {
        assert!(!log.iter().any(is("FLUSH")) && !log.iter().any(is("LOCK")), "MariaDB needs no lock");
    } else {
        let locked = log.iter().position(is("FLUSH TABLES WITH READ LOCK")).expect("MySQL needs one");
        let unlocked = log.iter().position(is("UNLOCK TABLES")).expect("and lets it go");
        let begun =
            log.iter().filter(|sql| sql.starts_with("START TRANSACTION WITH CONSISTENT SNAPSHOT")).count();
        assert!(locked < unlocked && unlocked < read && begun >= 4, "{log:#?}");
        let held = &log[locked + 1..unlocked];
        assert!(held.len() <= 12, "what is done under the lock: {held:#?}");
    }
    // Each chunk lets its table go.
    let released = log.iter().skip(read).position(is("ROLLBACK TO SAVEPOINT"));
    assert!(released.is_some(), "{log:#?}");
}

/// A statement may change a table that was read while others still are.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_through_can_be_changed_at_once() {
    let site = Site::new().await;
    site.run([
        "CREATE DATABASE d",
        "CREATE TABLE d.a_first (id INT PRIMARY KEY)",
        "INSERT INTO d.a_first VALUES (1)",
    ])
    .await;
    site.run(filler("d.big", 60)).await;
    site.run(["CREATE TABLE d.z (id INT PRIMARY KEY)"]).await;
    let command = site.command("initial").arg("--snapshot-readers=1");
    let mut running = command.start();
    let holder = site.holds("d.z", &mut running).await;
    site.has_rows_of("d.big", &mut running).await;
    // A reader that held it would hold it until it had waited for the other table in vain, which takes longer.
    site.run([
        "SET SESSION lock_wait_timeout = 1",
        "ALTER TABLE d.a_first ADD COLUMN v INT DEFAULT 7",
        "INSERT INTO d.a_first VALUES (2, 8)",
    ])
    .await;
    site.lets_go(holder).await;
    until("the copy is there", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        site.has(".spillway/source.json").await.then_some(())
    })
    .await;
    site.drains(running).await;
    site.is_complete(&["d"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_changed_while_others_are_copied_is_as_the_server_has_it() {
    let site = Site::new().await;
    site.run(["CREATE DATABASE d"]).await;
    site.run(filler("d.big", 60)).await;
    site.run([
        "CREATE TABLE d.last (id INT PRIMARY KEY, a INT, b INT)",
        "INSERT INTO d.last VALUES (1, 2, 3)",
    ])
    .await;
    let command = site.command("initial").arg("--snapshot-readers=1");
    let mut running = command.start();
    let mut holder = site.holds("d.last", &mut running).await;
    site.has_rows_of("d.big", &mut running).await;
    holder.query_drop("ALTER TABLE d.last CHANGE a b INT, CHANGE b a INT").await.unwrap();
    site.lets_go(holder).await;
    until("the copy is there", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        site.has(".spillway/source.json").await.then_some(())
    })
    .await;
    let said = running.stderr();
    assert!(said.contains("it is made again"), "{said}");
    site.drains(running).await;
    site.is_complete(&["d"]).await;
}
