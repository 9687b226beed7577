//! The store fails, in every way that a client can see: what heals is healed, and what does not heal ends the run with
//! one clear sentence and nothing half done.

mod behind;
mod in_process;
mod sample;
mod tmpfs;

use behind::{
    Behind, config, every_third_request_fails, rebuilt, the_first_answer_of_every_write_is_lost,
    what_is_refused_for_a_while_heals, without_faults,
};
use futures::future::join_all;
use object_store::ClientOptions;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tests::command::{Ended, Saved};
use tests::consumer::{Bucket, Options, TableKey};
use tests::{Fault, Moto, Request, Spillway};
use tmpfs::Tmpfs;

fn writes(request: &Request) -> bool {
    request.method == "PUT" || request.method == "POST"
}

/// The rows of every table at or below a commit-ts, in order.
fn rows_to(bucket: &Bucket, ts: u64) -> BTreeMap<TableKey, Vec<bytes::Bytes>> {
    let tables = bucket.distinct_rows().unwrap().into_iter();
    let passed = tables.map(|(table, rows)| {
        let rows = rows.into_iter().filter(|row| row.commit_ts <= ts).map(|row| row.raw.clone());
        (table, rows.collect::<Vec<_>>())
    });
    passed.filter(|(_, rows)| !rows.is_empty()).collect()
}

/// A run that failed has acknowledged nothing that is not there.
async fn acknowledged_is_there(store: Arc<dyn ObjectStore>, prefix: &str, whole: &Bucket) {
    let (bucket, _) = rebuilt(store.clone(), prefix, &sample::options()).await;
    let saved = Saved::read(&*store, prefix).await.map_or(0, |saved| saved.checkpoint);
    for acknowledged in [saved, bucket.checkpoint.unwrap_or(0)] {
        let (there, all) = (rows_to(&bucket, acknowledged), rows_to(whole, acknowledged));
        assert_eq!(there.keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>());
        for (table, rows) in all {
            assert!(there[&table] == rows, "{table} lacks rows at or below {acknowledged}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_every_third_request_gets_the_same_rows() {
    every_third_request_fails(&Moto::start().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_known_for_ones_own() {
    the_first_answer_of_every_write_is_lost(&Moto::start().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_withdrawn_and_a_bucket_that_is_full_heal() {
    what_is_refused_for_a_while_heals(&Moto::start().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_deleted_under_a_run_ends_it_at_once() {
    let moto = Moto::start().await.unwrap();
    let behind = Behind::start(&moto, "deleted".to_owned()).await;
    let mut files = 0;
    behind.proxy.set_rule(move |request| {
        files += usize::from(request.writes(".csv"));
        let concerned = files > 5 && writes(request);
        if concerned { Fault::RefuseBefore(404, "NoSuchBucket") } else { Fault::Pass }
    });
    let ended = behind.command.run().await;
    let error = ended.failed(1);
    assert!(error.contains("there is no such bucket; create it"), "{error}");
    assert!(!ended.stderr.contains("trying again"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_is_asked_again() {
    let (_, expected) = without_faults().await;
    let moto = Moto::start().await.unwrap();
    let runs = [("before", Fault::HangBefore), ("after", Fault::HangAfter)].map(async |(name, fault)| {
        let behind = Behind::start(&moto, name.to_owned()).await;
        let mut number = 0;
        behind.proxy.set_rule(move |request| {
            // The first questions, whether there is a store at all, are not what this is about.
            let concerned = !request.path.contains(".spillway");
            number += u64::from(concerned);
            if concerned && number % 40 == 39 { fault } else { Fault::Pass }
        });
        let patience = ClientOptions::new().with_timeout(Duration::from_secs(1)).with_allow_http(true);
        let client = Moto::client(behind.proxy.address(), &behind.bucket).with_client_options(patience);
        let store = PrefixStore::new(client.build().unwrap(), "p");
        in_process::read(&config(), Arc::new(store), &sample::path()).await.unwrap();
        assert!(behind.proxy.faults() > 2, "{fault:?} was done {} times only", behind.proxy.faults());
        assert_eq!(behind.rebuilt(&sample::options()).await.1, expected, "{fault:?}");
    });
    join_all(runs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_object_ends_the_run_and_the_same_command_goes_on_later() {
    let (whole, expected) = without_faults().await;
    let moto = Moto::start().await.unwrap();
    // Some of each kind get through first.
    let kinds = [
        (".csv", 20),
        ("CDC.index", 5),
        ("schema_", 9),
        ("/metadata", 0),
        ("source.json", 0),
        ("source.json", 1),
    ];
    let runs = kinds.into_iter().enumerate().map(async |(at, (refused, let_through))| {
        let behind = Behind::with_patience(&moto, format!("refused-{at}"), "2s").await;
        let mut passed = 0;
        behind.proxy.set_rule(move |request| {
            let concerned = writes(request) && request.path.contains(refused);
            passed += u64::from(concerned);
            if concerned && passed > let_through { Fault::AnswerBefore(403) } else { Fault::Pass }
        });
        let ended = behind.command.run().await;
        names_the_refusal(&ended, refused);
        assert!(behind.proxy.faults() > 0, "{refused}");
        acknowledged_is_there(behind.store.clone(), "p", &whole).await;

        behind.proxy.set(Fault::Pass);
        behind.command.run().await.succeeded();
        let options = Options { restarts: true, ..sample::options() };
        let (bucket, mut replayed) = behind.rebuilt(&options).await;
        assert!(bucket.unpublished.is_empty(), "{refused}: {:?}", bucket.unpublished);
        replayed.repeated_rows = 0;
        assert_eq!(replayed, expected, "{refused}");
    });
    join_all(runs).await;
}

fn names_the_refusal(ended: &Ended, refused: &str) {
    let error = ended.failed(1);
    assert!(error.contains(refused), "which object? {error}");
    assert!(error.contains("403") || error.to_lowercase().contains("permission"), "why? {error}");
    assert!(error.len() < 650, "{error}");
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_the_run_and_what_is_there_is_whole() {
    let Some(disk) = Tmpfs::mount("400k") else { return };
    let (whole, expected) = without_faults().await;
    let folder = disk.path().join("out");
    let parameters = format!("{}&retry-timeout=2s", sample::PARAMETERS);
    let command = Spillway::into_folder(sample::path(), &folder, &parameters).config(sample::CONFIG);
    let ended = command.run().await;
    let error = ended.failed(1);
    assert!(error.contains("No space left on device"), "{error}");
    let store = Arc::new(LocalFileSystem::new_with_prefix(&folder).unwrap());
    acknowledged_is_there(store.clone(), "", &whole).await;

    disk.resize("20m");
    command.run().await.succeeded();
    let options = Options { restarts: true, ..sample::options() };
    let (bucket, mut replayed) = rebuilt(store, "", &options).await;
    assert!(bucket.unpublished.is_empty(), "{:?}", bucket.unpublished);
    replayed.repeated_rows = 0;
    assert_eq!(replayed, expected);
}
