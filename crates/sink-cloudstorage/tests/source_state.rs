//! The source's state beside the data: found again, and guarded against a second process.

use bytes::Bytes;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use sink_cloudstorage::config::{Config, SinkUri};
use sink_cloudstorage::{CloudStorage, StateError};
use stage_writer::DurableLocal;
use std::sync::Arc;
use tempfile::TempDir;

async fn open(store: &Arc<dyn ObjectStore>, spool: &std::path::Path) -> CloudStorage {
    let uri = format!("memory://x?protocol=csv&spool-base-dir={}", spool.display());
    let config = Config::read(&SinkUri::parse(&uri).unwrap(), "").unwrap();
    CloudStorage::over(&config, store.clone(), "a test's store").await.unwrap()
}

#[tokio::test]
async fn it_is_found_again_as_it_was_saved() {
    let (store, spool): (Arc<dyn ObjectStore>, _) = (Arc::new(InMemory::new()), tempfile::tempdir().unwrap());
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
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let spools = [(); 2].map(|()| tempfile::tempdir().unwrap());
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

/// A store with conditions, and one without.
async fn both() -> Vec<(Arc<dyn ObjectStore>, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let local = Arc::new(DurableLocal::open(folder.path()).unwrap());
    vec![(Arc::new(InMemory::new()), tempfile::tempdir().unwrap()), (local, folder)]
}

#[tokio::test]
async fn a_run_whose_target_is_emptied_or_replaced_saves_nothing_more() {
    for (store, _folder) in both().await {
        let (path, spool) = (Path::from(".spillway/source.json"), tempfile::tempdir().unwrap());
        let state = open(&store, spool.path()).await.source_state();
        state.load().await.unwrap();
        state.save(Bytes::from("first")).await.unwrap();
        store.delete(&path).await.unwrap();
        for _ in 0..2 {
            let error = state.save(Bytes::from("second")).await.unwrap_err();
            assert!(matches!(error, StateError::Gone), "{error}");
        }
        assert!(store.get(&path).await.is_err(), "nothing was written in its place");

        store.put(&path, "another's".into()).await.unwrap();
        for _ in 0..2 {
            let error = state.save(Bytes::from("second")).await.unwrap_err();
            assert!(matches!(error, StateError::Replaced), "{error}");
        }
        assert_eq!(state.load().await.unwrap(), Some(Bytes::from("another's")));
    }
}

#[tokio::test]
async fn only_a_sinks_files_are_left_over() {
    for (store, _folder) in both().await {
        let spool = tempfile::tempdir().unwrap();
        let state = open(&store, spool.path()).await.source_state();
        for key in [".spillway/source.json", "notes.txt", "photos/2026/CDC.jpg"] {
            store.put(&Path::from(key), "x".into()).await.unwrap();
        }
        assert_eq!(state.left_over().await.unwrap(), None);
        let key = Path::from("d/t/1/meta/CDC.index");
        store.put(&key, "CDC000001.csv\n".into()).await.unwrap();
        assert_eq!(state.left_over().await.unwrap(), Some(key));
    }
}
