//! What is wanted of every cloud, through the command or the sink as it is opened from a URI.
#![allow(dead_code, reason = "each test file uses its own part")]

use crate::{line, sample};
use bytes::Bytes;
use change_event::{ChangeEvent, CommitTs};
use dispatcher::Dispatchers;
use futures::TryStreamExt;
use object_store::integration;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::config::{Config, SinkUri};
use sink_cloudstorage::store::open;
use stage_writer::{Conditional, probe};
use std::collections::BTreeMap;
use std::sync::Arc;
use tests::command::{Ended, program};
use tests::consumer::Bucket;
use tests::{Cloud, Fault, FaultProxy, Request, Spillway, contents};

/// The sample as the command writes it below a URI that has a query.
pub async fn write_sample(uri: &str, environment: &[(&str, &str)]) -> Ended {
    let sink = format!("{uri}&{}", sample::PARAMETERS);
    let mut run = Spillway::new(sample::path().display().to_string(), sink).config(sample::CONFIG);
    for (name, value) in environment {
        run = run.env(name, value);
    }
    run.run().await
}

/// What the sample is in a local directory.
pub async fn in_a_folder() -> BTreeMap<String, Bytes> {
    let folder = tempfile::tempdir().unwrap();
    let run = Spillway::into_folder(sample::path(), folder.path(), sample::PARAMETERS);
    run.config(sample::CONFIG).run().await.succeeded();
    let found = contents(&LocalFileSystem::new_with_prefix(folder.path()).unwrap(), "").await.unwrap();
    assert!(found.len() > 100, "{} objects are not what the sample makes", found.len());
    found
}

/// Wants the same keys with the same bytes below a prefix, and names those that differ.
pub async fn has_the_same(store: &dyn ObjectStore, prefix: &str, expected: &BTreeMap<String, Bytes>) {
    let found = contents(store, prefix).await.unwrap();
    let differs = |key: &&String| found.get(*key) != expected.get(*key);
    let keys: Vec<&String> = found.keys().chain(expected.keys()).filter(differs).collect();
    assert!(keys.is_empty(), "these are not the same: {keys:#?}");
}

/// The command writes what it writes into a local directory; read anew it adds nothing.
pub async fn gets_the_same_keys_and_the_same_bytes(cloud: &impl Cloud) {
    let expected = in_a_folder().await;
    cloud.make("bucket").await;
    let uri = cloud.uri_behind(cloud.address(), "bucket", "deep/prefix");
    write_sample(&uri, &[]).await.succeeded();
    let store = cloud.client("bucket");
    has_the_same(&*store, "deep/prefix", &expected).await;
    let again = write_sample(&uri, &[]).await;
    assert!(again.succeeded().stdout.contains("rows       0\n"), "{}", again.stdout);
    has_the_same(&*store, "deep/prefix", &expected).await;

    let probes =
        store.list(Some(&Path::from("deep/prefix/.spillway"))).map_ok(|meta| meta.location.to_string());
    let kept: Vec<String> = probes.try_collect().await.unwrap();
    assert!(!kept.is_empty() && kept.iter().all(|key| !key.contains("probe-")), "{kept:?}");
    let bucket = Bucket::read(store, "deep/prefix", &sample::options()).await.unwrap();
    bucket.commit_ts_order_per_table().unwrap();
    assert!(bucket.unpublished.is_empty(), "{:?}", bucket.unpublished);
}

/// The store as the sink opens it.
pub fn opened(uri: &str) -> Arc<dyn ObjectStore> {
    open(SinkUri::parse(&format!("{uri}&protocol=csv")).unwrap().location()).unwrap()
}

/// The probe finds what the cloud promises, of two that create one object one is told so, and what is not there can be
/// deleted: what the stages take for granted.
pub async fn keeps_what_the_stages_take_for_granted(cloud: &impl Cloud) {
    cloud.make("granted").await;
    let store = opened(&cloud.uri_behind(cloud.address(), "granted", "p"));
    assert_eq!(probe(&*store, "here").await.unwrap(), Conditional::Honoured);
    let deleted = store.delete(&Path::from("not there")).await;
    assert!(matches!(deleted, Ok(()) | Err(object_store::Error::NotFound { .. })), "{deleted:?}");
    let left: Vec<_> = store.list(None).try_collect().await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

/// The client's own suite, over the store as the sink opens it. What the sink does not ask for (copies, renames) is
/// left out.
pub async fn passes_the_clients_own_suite(cloud: &impl Cloud) {
    // Each part of it wants to be alone.
    let alone = async |name: &str| {
        cloud.make(name).await;
        opened(&cloud.uri_behind(cloud.address(), name, ""))
    };
    integration::put_get_delete_list(&alone("all").await).await;
    integration::get_opts(&alone("get").await).await;
    integration::stream_get(&alone("stream").await).await;
    integration::list_uses_directories_correctly(&alone("directories").await).await;
    integration::list_with_delimiter(&alone("delimiter").await).await;
    integration::list_with_offset_exclusivity(&alone("offset").await).await;
    assert!(integration::get_nonexistent_object(&alone("none").await, None).await.is_err());
}

/// Of many that replace one object under a condition at once, one does. moto lets several.
pub async fn lets_one_of_many_replace_an_object(cloud: &impl Cloud) {
    cloud.make("race").await;
    integration::put_opts(&opened(&cloud.uri_behind(cloud.address(), "race", "")), true).await;
}

/// What is said of an object stays with it, and so with one in parts. moto loses the latter.
pub async fn keeps_what_is_said_of_an_object(cloud: &impl Cloud) {
    cloud.make("said").await;
    integration::put_get_attributes(&opened(&cloud.uri_behind(cloud.address(), "said", ""))).await;
}

/// Objects have the class that the URI asks for, those in parts too.
pub async fn objects_have_the_class_that_was_asked_for(cloud: &impl Cloud, option: &str, class: &str) {
    cloud.make("classed").await;
    let uri = cloud.uri_behind(cloud.address(), "classed", "p");
    write_sample(&format!("{uri}&{option}={class}"), &[]).await.succeeded();
    let uri = cloud.uri_behind(cloud.address(), "classed", "large");
    large_file(&format!("{uri}&{option}={class}")).await;
    let keys = cloud.client("classed").list(None).map_ok(|meta| meta.location.to_string());
    let keys: Vec<String> = keys.try_collect().await.unwrap();
    assert!(keys.len() > 100, "{keys:?}");
    for key in keys {
        assert_eq!(cloud.class_of("classed", &key).await.as_deref(), Some(class), "{key}");
    }
}

const MIB: usize = 1 << 20;

/// So many rows are written, each larger than what there is memory for.
const LARGE: i64 = 2;

/// Writes rows that go to disk and come from there in parts; gives their text.
pub async fn large_file(uri: &str) -> String {
    let text = "large ".repeat(16 * MIB / 6);
    let spool = tempfile::tempdir().unwrap();
    let settings = format!("flush-interval=10m&file-size={}&spool-memory-quota={}", 64 * MIB, 32 * MIB);
    let uri = SinkUri::parse(&format!("{uri}&protocol=csv&{settings}")).unwrap();
    let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..Config::read(&uri, "").unwrap() };
    let storage = CloudStorage::open(&config, uri.location()).await.unwrap();
    let dispatchers = Dispatchers::builder(storage.sink()).spawn().unwrap();
    let table = line::table("large", 7);
    for id in 0..LARGE {
        let rows = line::inserts(&table, 8, id..id + 1, &text);
        dispatchers.handle(ChangeEvent::Rows(rows)).await.unwrap();
    }
    dispatchers.handle(ChangeEvent::Resolved(CommitTs(8))).await.unwrap();
    dispatchers.finish().await.unwrap();
    storage.close().await.unwrap();
    text
}

/// What is asked of a cloud while the sample and a large file in parts are written with an option.
pub async fn asked_with(cloud: &impl Cloud, bucket: &str, option: &str) -> Vec<Request> {
    cloud.make(bucket).await;
    let proxy = FaultProxy::start(cloud.address()).await.unwrap();
    let uri = cloud.uri_behind(proxy.address(), bucket, "p");
    write_sample(&format!("{uri}&{option}"), &[]).await.succeeded();
    let uri = cloud.uri_behind(proxy.address(), bucket, "large");
    large_file(&format!("{uri}&{option}")).await;
    let asked: Vec<Request> = proxy.log().into_iter().map(|(request, _)| request).collect();
    assert!(asked.iter().any(|request| request.is_part()), "nothing came in parts");
    asked
}

/// What makes an object says so in a header, and nothing else does.
pub fn only_what_makes_an_object_says(asked: &[Request], header: &str, value: &str) {
    let mut made = 0;
    for request in asked {
        let begins_parts = request.method == "POST" && request.path.contains("uploads");
        let makes = request.method == "PUT" && !request.path.contains("partNumber=") || begins_parts;
        made += usize::from(makes);
        let says = makes.then_some(value);
        assert_eq!(request.header(header), says, "{} {}", request.method, request.path);
    }
    assert!(made > 100, "{made} requests made an object");
}

/// A file too large for one request comes in parts; a part that fails, and a completion whose answer is lost, heal.
pub async fn a_large_file_comes_whole_in_parts(cloud: &impl Cloud) {
    cloud.make("parts").await;
    let proxy = FaultProxy::start(cloud.address()).await.unwrap();
    let mut seen = std::collections::HashSet::new();
    proxy.set_rule(move |request| {
        let is_part = request.path.contains("partNumber=2") || request.path.ends_with("comp=block");
        let completes = request.writes(".csv") && !request.path.contains("comp=block&");
        let fault = if is_part { Fault::AnswerBefore(503) } else { Fault::CutAfter };
        let first = (is_part || completes) && seen.insert(is_part);
        if first { fault } else { Fault::Pass }
    });
    let text = large_file(&cloud.uri_behind(proxy.address(), "parts", "p")).await;
    let log = proxy.log();
    let parts = log.iter().filter(|(request, _)| {
        request.method == "PUT" && (request.path.contains("partNumber=") || request.path.contains("blockid="))
    });
    let files = log.iter().filter(|(request, _)| request.writes(".csv")).map(|(request, _)| &request.path);
    assert!(parts.count() >= 3, "nothing came in parts: {:#?}", files.collect::<Vec<_>>());
    let all = contents(&*cloud.client("parts"), "p").await.unwrap();
    let files = all.iter().filter(|(key, _)| key.ends_with(".csv")).map(|(_, bytes)| bytes);
    let lines: Vec<&[u8]> = files.flat_map(|file| file.split(|byte| *byte == b'\n')).collect();
    let whole = lines.iter().filter(|line| line.windows(text.len()).any(|window| window == text.as_bytes()));
    assert_eq!(whole.count(), LARGE as usize);
}

/// What the command says of a sink that it cannot write to.
pub async fn told(sink: &str, environment: &[(&str, &str)]) -> String {
    let sink = format!("{sink}&protocol=csv&retry-timeout=1s");
    let mut run = Spillway::new(sample::path().display().to_string(), sink);
    for (name, value) in environment {
        run = run.env(name, value);
    }
    let ended = run.run().await;
    assert!(matches!(ended.code(), Some(1 | 2)), "{ended:?}");
    let error = ended.failed(ended.code().unwrap()).to_owned();
    println!("{error}");
    error
}

/// A bucket that was never made, a host where nobody is, and what a server says of credentials are told as that.
pub async fn what_keeps_a_bucket_from_being_written_is_named(cloud: &impl Cloud, no_such: &str) {
    let missing = told(&cloud.uri_behind(cloud.address(), "never-made", "p"), &[]).await;
    assert!(missing.contains(no_such), "{missing}");
    let nobody = "127.0.0.1:1".parse().unwrap();
    let refused = told(&cloud.uri_behind(nobody, "b", "p"), &[]).await;
    assert!(refused.contains("nothing listens there; check the endpoint's host and port"), "{refused}");
    cloud.make("bucket").await;
    for (status, says) in [
        (401, "it does not know these credentials"),
        (403, "these credentials may not; allow them to put, get, list and delete objects there"),
    ] {
        let proxy = FaultProxy::start(cloud.address()).await.unwrap();
        proxy.set_rule(move |request| match request.method.as_str() {
            "PUT" => Fault::AnswerBefore(status),
            _ => Fault::Pass,
        });
        let error = told(&cloud.uri_behind(proxy.address(), "bucket", "p"), &[]).await;
        assert!(error.contains(says), "{status}: {error}");

        // Clients say of a listing no more than that it failed.
        proxy.set_rule(move |request| match lists(request) {
            true => Fault::AnswerBefore(status),
            false => Fault::Pass,
        });
        let faults = proxy.faults();
        let error = told(&cloud.uri_behind(proxy.address(), "bucket", "p"), &[]).await;
        assert!(error.contains(says), "a list, {status}: {error}");
        assert_eq!(proxy.faults() - faults, 1, "at start, who may not is told at once");
    }
}

/// Whether it asks for a list of keys. Whichever cloud's client sends it.
fn lists(request: &Request) -> bool {
    request.method == "GET" && (request.path.contains("list-type=2") || request.path.contains("comp=list"))
}

/// What is older than the setting goes, and nothing else: a day's twin of long ago is removed whole.
pub async fn what_has_expired_goes(cloud: &impl Cloud) {
    cloud.make("old").await;
    let uri = format!("{}&protocol=csv", cloud.uri_behind(cloud.address(), "old", "p"));
    let run = Spillway::new(sample::path().display().to_string(), uri.clone());
    run.run().await.succeeded();
    let store = cloud.client("old");
    let young = contents(&*store, "p").await.unwrap();
    let days = young.iter().filter_map(|(key, bytes)| {
        let parts: Vec<&str> = key.split('/').collect();
        let day = parts.iter().find(|part| part.len() == 10 && part.starts_with("20"))?;
        Some((key.replace(*day, "2001-01-01"), bytes.clone()))
    });
    let aged: Vec<(String, Bytes)> = days.collect();
    assert!(aged.len() > 20, "{} files have a day", aged.len());
    for (key, bytes) in aged {
        store.put(&Path::from(format!("p/{key}")), bytes.into()).await.unwrap();
    }
    let config = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    std::fs::write(config.path(), "[sink.cloud-storage-config]\nfile-expiration-days = 1\n").unwrap();
    let mut expire = tokio::process::Command::new(program());
    expire.env_clear().args(["expire", "--sink", &uri, "--config"]).arg(config.path());
    let ended = expire.output().await.unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    has_the_same(&*store, "p", &young).await;
}
