//! The source's state beside the data: found again, and guarded against a second process.

use bytes::Bytes;
use object_store::memory::InMemory;
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::config::{Config, SinkUri};
use std::sync::Arc;

async fn open(store: &Arc<InMemory>, spool: &std::path::Path) -> CloudStorage {
    let uri = format!("memory://x?protocol=csv&spool-base-dir={}", spool.display());
    let config = Config::read(&SinkUri::parse(&uri).unwrap(), "").unwrap();
    CloudStorage::over(&config, store.clone(), "a test's store").await.unwrap()
}

#[tokio::test]
async fn it_is_found_again_as_it_was_saved() {
    let (store, spool) = (Arc::new(InMemory::new()), tempfile::tempdir().unwrap());
    let state = open(&store, spool.path()).await.source_state();
    assert_eq!(state.load().await.unwrap(), None);
    state.save_part("schemas-1", Bytes::from("part")).await.unwrap();
    state.save(Bytes::from("first")).await.unwrap();
    state.save(Bytes::from("second")).await.unwrap();
    let spool = tempfile::tempdir().unwrap();
    let again = open(&store, spool.path()).await.source_state();
    assert_eq!(again.load().await.unwrap(), Some(Bytes::from("second")));
    assert_eq!(again.load_part("schemas-1").await.unwrap(), Some(Bytes::from("part")));
    again.delete_part("schemas-1").await.unwrap();
    assert_eq!(again.load_part("schemas-1").await.unwrap(), None);
}

#[tokio::test]
async fn the_first_of_two_processes_is_told_at_its_next_save() {
    let (store, spools) = (Arc::new(InMemory::new()), [(); 2].map(|()| tempfile::tempdir().unwrap()));
    let first = open(&store, spools[0].path()).await.source_state();
    first.load().await.unwrap();
    first.save(Bytes::from("first")).await.unwrap();
    let second = open(&store, spools[1].path()).await.source_state();
    second.load().await.unwrap();
    second.save(Bytes::from("second")).await.unwrap();
    let error = first.save(Bytes::from("first again")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        ".spillway/source.json exists and is not ours; make sure that only one writer owns this directory"
    );
    assert_eq!(second.load().await.unwrap(), Some(Bytes::from("second")), "nothing was overwritten");
}
