//! How the command begins, and how it is stopped, while its store does not answer.

mod sample;

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;
use tests::command::{Running, Saved};
use tests::{Fault, FaultProxy, MariaDb, Moto, Request, Spillway, until};

/// The sample, into a bucket behind a proxy.
async fn behind_a_proxy() -> (Moto, FaultProxy, Spillway) {
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    let uri = Moto::sink_uri_behind(proxy.address(), "bucket", "p");
    let sink = format!("{uri}&{}", sample::PARAMETERS);
    let command = Spillway::new(sample::path().display().to_string(), sink).config(sample::CONFIG);
    (moto, proxy, command)
}

/// Asks it to stop, again and again: how many signals it takes is not the point.
async fn stop(running: &mut Running) {
    until("it ends", async || {
        if running.try_ended().is_none() {
            running.terminate();
        }
        running.try_ended()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_insists_does_not_wait_for_a_store_that_hangs() {
    let (_moto, proxy, command) = behind_a_proxy().await;
    proxy.set_rule(|request| if request.writes(".csv") { Fault::HangBefore } else { Fault::Pass });
    let mut running = command.start();
    proxy.until_hanging(1).await;
    stop(&mut running).await;
    let ended = running.ended().await;
    assert!(ended.failed(1).contains("stopped by a signal"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_begun_is_stopped_at_once() {
    let (_moto, proxy, command) = behind_a_proxy().await;
    proxy.set(Fault::HangBefore);
    let running = command.start();
    proxy.until_hanging(1).await;
    running.terminate();
    let ended = running.ended().await;
    assert_eq!(ended.status.signal(), Some(15), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_have_a_checkpoint_before_the_first_rows() {
    let (moto, proxy, command) = behind_a_proxy().await;
    // Neither a statement nor a row becomes durable, so no checkpoint is ever reached.
    let lands = |request: &Request| request.writes(".csv") || request.path.contains("/meta/schema_");
    proxy.set_rule(move |request| if lands(request) { Fault::HangBefore } else { Fault::Pass });
    let mut running = command.start();
    proxy.until_hanging(1).await;
    let store = moto.store("bucket").unwrap();
    until("there is a checkpoint", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        tests::contents(&store, "p").await.unwrap().contains_key("metadata").then_some(())
    })
    .await;
    running.kill().await;
}

/// The store has it and does not say so: what comes after must know that it was no other writer.
#[tokio::test(flavor = "multi_thread")]
async fn a_position_that_is_on_its_way_when_a_run_is_stopped_is_its_own() {
    let (moto, proxy, _) = behind_a_proxy().await;
    let server = MariaDb::start().await.unwrap();
    for statement in ["CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY)"] {
        server.query(statement).await.unwrap();
    }
    let uri = Moto::sink_uri_behind(proxy.address(), "bucket", "p");
    let command = Spillway::new(server.url(), format!("{uri}&protocol=csv&flush-interval=100ms"));
    let mut running = command.arg("--start=earliest").start();
    let store = moto.store("bucket").unwrap();
    Saved::reaches(&server.binlog_end().await.unwrap(), &mut running, &store, "p").await;

    let saves = |request: &Request| request.writes("source.json");
    proxy.set_rule(move |request| if saves(request) { Fault::HangAfter } else { Fault::Pass });
    // A position without a checkpoint, which nobody waits for at the end; and a checkpoint behind it.
    server.query("FLUSH BINARY LOGS").await.unwrap();
    proxy.until_hanging(1).await;
    server.query("INSERT INTO d.t VALUES (1)").await.unwrap();
    until("the row is there", async || {
        let contents = tests::contents(&store, "p").await.unwrap();
        contents.keys().any(|key| key.ends_with(".csv")).then_some(())
    })
    .await;
    proxy.set(Fault::Pass);
    running.terminate();
    // It is heard while the answer is still awaited.
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.let_go();
    running.ended().await.succeeded();
    let saved = Saved::read(&store, "p").await.unwrap();
    assert!(saved.has_passed(&server.binlog_end().await.unwrap()), "{saved:?}");
}
