//! From a location to a store.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use sink_cloudstorage::config::Config;
use sink_cloudstorage::store::{Location, open};
use sink_cloudstorage::{CloudStorage, OpenSinkError};
use std::sync::Arc;

fn memory(name: &str, prefix: &str) -> Arc<dyn ObjectStore> {
    let location = Location::Memory { name: name.to_owned(), prefix: Path::parse(prefix).expect("a path") };
    open(&location).expect("a store")
}

#[tokio::test]
async fn a_memory_store_is_found_again_by_its_name() {
    let key = Path::parse("100%/a#1").expect("a path");
    memory("found-again", "").put(&key, "x".into()).await.expect("a put");
    assert!(memory("found-again", "").head(&key).await.is_ok());
    assert!(memory("another", "").head(&key).await.is_err());
}

#[tokio::test]
async fn a_prefix_is_the_root_and_names_below_it_stay_verbatim() {
    let key = Path::parse("100%/a#1").expect("a path");
    memory("prefixed", "up/50%").put(&key, "x".into()).await.expect("a put");
    let whole = Path::parse("up/50%/100%/a#1").expect("a path");
    assert!(memory("prefixed", "").head(&whole).await.is_ok());
    assert_eq!(memory("prefixed", "up/50%").head(&key).await.expect("an object").location, key);
}

#[tokio::test]
async fn a_missing_directory_is_created() {
    let above = tempfile::tempdir().expect("a directory");
    let root = above.path().join("made/here");
    let store = open(&Location::File(root.clone())).expect("a store");
    let key = Path::parse("metadata").expect("a path");
    store.put(&key, "x".into()).await.expect("a put");
    assert!(root.join("metadata").is_file());
}

#[test]
fn a_directory_that_cannot_be_made_is_an_error_that_names_it() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let root = file.path().join("below");
    let error = open(&Location::File(root.clone())).expect_err("not a directory").to_string();
    assert!(error.contains(&root.display().to_string()), "{error}");
}

#[tokio::test]
async fn a_second_sink_of_one_target_on_one_machine_is_told_to_wait_for_the_first_to_stop() {
    let spool = tempfile::tempdir().expect("a directory");
    let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..Config::default() };
    let location = Location::Memory { name: "one-at-a-time".to_owned(), prefix: Path::default() };
    let first = CloudStorage::open(&config, &location).await.expect("a sink");
    let second = CloudStorage::open(&config, &location).await.err().expect("refused");
    assert!(matches!(second, OpenSinkError::InUse(_)));
    let says = "another spillway on this machine writes to memory://one-at-a-time; stop it first";
    assert_eq!(second.to_string(), says);
    first.close().await.expect("an end in order");
    CloudStorage::open(&config, &location).await.expect("now it is free");
}
