//! The same binlog makes the same bucket, wherever it is, and however often it is read.

mod sample;

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use std::collections::BTreeMap;
use std::sync::Arc;
use tests::consumer::Bucket;
use tests::{Moto, Spillway, contents};

/// Names which keys differ, instead of printing whole buckets.
fn assert_same(one: &BTreeMap<String, Bytes>, other: &BTreeMap<String, Bytes>) {
    let differs = |key: &&String| one.get(*key) != other.get(*key);
    let keys: Vec<&String> = one.keys().chain(other.keys()).filter(differs).collect();
    assert!(keys.is_empty(), "these are not the same: {keys:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_a_bucket_get_the_same_keys_and_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let into_folder = Spillway::into_folder(sample::path(), folder.path(), sample::PARAMETERS);
    into_folder.config(sample::CONFIG).run().await.succeeded();
    let local = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let in_folder = contents(&local, "").await.unwrap();

    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let uri = format!("{}&{}", moto.sink_uri("bucket", "deep/prefix"), sample::PARAMETERS);
    let into_bucket = Spillway::new(sample::path().display().to_string(), uri);
    into_bucket.config(sample::CONFIG).run().await.succeeded();
    let store: Arc<dyn ObjectStore> = Arc::new(moto.store("bucket").unwrap());
    let in_bucket = contents(&*store, "deep/prefix").await.unwrap();

    assert!(in_folder.len() > 100, "{} objects are not what the sample makes", in_folder.len());
    assert_same(&in_folder, &in_bucket);

    let bucket = Bucket::read(store, "deep/prefix", &sample::options()).await.unwrap();
    bucket.commit_ts_order_per_table().unwrap();
    assert!(bucket.unpublished.is_empty(), "{:?}", bucket.unpublished);
    assert!(bucket.strangers.iter().all(|key| key.starts_with(".spillway/")), "{:?}", bucket.strangers);
    assert!(!bucket.replay().unwrap().tables.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_into_the_same_folder_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = Spillway::into_folder(sample::path(), folder.path(), sample::PARAMETERS).config(sample::CONFIG);
    let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    run.run().await.succeeded();
    let first = contents(&store, "").await.unwrap();
    let again = run.run().await;
    assert!(again.succeeded().stdout.contains("rows       0\n"), "{}", again.stdout);
    assert_same(&first, &contents(&store, "").await.unwrap());
}
