//! The durable local directory: the conformance suite of `object_store`, and what is its own.

use futures::future::join_all;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, integration};
use stage_writer::DurableLocal;
use std::fs;
use tempfile::TempDir;

fn store() -> (TempDir, DurableLocal) {
    let root = tempfile::tempdir().expect("a directory");
    let store = DurableLocal::open(root.path()).expect("a store");
    (root, store)
}

fn path(text: &str) -> Path {
    Path::parse(text).expect("a path")
}

/// Names of all files on disk, hidden ones included.
fn files_on_disk(root: &TempDir) -> Vec<String> {
    let mut directories = vec![root.path().to_path_buf()];
    let mut files = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let entry = entry.expect("an entry").path();
            if entry.is_dir() {
                directories.push(entry);
            } else {
                let below = entry.strip_prefix(root.path()).expect("below the root");
                files.push(below.display().to_string());
            }
        }
    }
    files.sort();
    files
}

async fn listed(store: &dyn ObjectStore) -> Vec<String> {
    let mut keys: Vec<String> =
        store.list(None).map_ok(|meta| meta.location.to_string()).try_collect().await.expect("a list");
    keys.sort();
    keys
}

#[tokio::test]
async fn it_conforms() {
    let (_root, store) = store();
    integration::put_get_delete_list(&store).await;
    integration::get_opts(&store).await;
    integration::list_uses_directories_correctly(&store).await;
    integration::list_with_delimiter(&store).await;
    integration::rename_and_copy(&store).await;
    integration::copy_if_not_exists(&store).await;
    integration::copy_rename_nonexistent_object(&store).await;
    integration::stream_get(&store).await;
    integration::put_opts(&store, false).await;
    integration::list_with_offset_exclusivity(&store).await;
    assert!(integration::get_nonexistent_object(&store, None).await.is_err());
}

#[tokio::test]
async fn its_uploads_conform() {
    let (_root, store) = store();
    integration::multipart_race_condition(&store, true).await;
    integration::multipart_out_of_order(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_to_create_has_one_winner_and_whole_content() {
    let (root, store) = store();
    let key = path("s/t/1/CDC000001.csv");
    for _ in 0..20 {
        let puts = (0..8_u8).map(|racer| {
            let (store, key) = (store.clone(), key.clone());
            tokio::spawn(async move {
                let payload = vec![racer; 10_000];
                store.put_opts(&key, payload.into(), PutMode::Create.into()).await
            })
        });
        let outcomes = join_all(puts).await;
        let mut winners = Vec::new();
        for (racer, outcome) in outcomes.into_iter().enumerate() {
            match outcome.expect("no panic") {
                Ok(_) => winners.push(racer as u8),
                Err(error) => assert!(matches!(error, Error::AlreadyExists { .. }), "{error}"),
            }
        }
        let content = store.get(&key).await.expect("an object").bytes().await.expect("its bytes");
        assert_eq!(winners.len(), 1);
        assert_eq!(content, vec![winners[0]; 10_000]);
        assert_eq!(files_on_disk(&root), ["s/t/1/CDC000001.csv"], "nobody left a temporary file");
        store.delete(&key).await.expect("deleted");
    }
}

#[tokio::test]
async fn temporary_files_are_seen_by_nobody() {
    let (root, store) = store();
    let mut upload = store.put_multipart(&path("s/t/1/CDC000001.csv")).await.expect("an upload");
    upload.put_part("half a line".into()).await.expect("a part");

    let on_disk = files_on_disk(&root);
    assert_eq!(on_disk.len(), 1);
    let (name, random) = on_disk[0].rsplit_once('#').expect("a temporary name");
    assert_eq!(name, "s/t/1/CDC000001.csv");
    assert!(random.bytes().all(|byte| byte.is_ascii_digit()), "{random}");

    assert!(listed(&store).await.is_empty());
    let below = store.list_with_delimiter(Some(&path("s/t/1"))).await.expect("a list");
    assert!(below.objects.is_empty());
    assert!(store.get(&path(&on_disk[0])).await.is_err());

    upload.complete().await.expect("a put");
    assert_eq!(files_on_disk(&root), ["s/t/1/CDC000001.csv"]);
    assert_eq!(listed(&store).await, ["s/t/1/CDC000001.csv"]);
}

#[tokio::test]
async fn an_upload_that_is_aborted_or_dropped_leaves_nothing() {
    let (root, store) = store();
    let mut aborted = store.put_multipart(&path("a")).await.expect("an upload");
    aborted.put_part("part".into()).await.expect("a part");
    aborted.abort().await.expect("aborted");
    assert!(files_on_disk(&root).is_empty());
    assert!(aborted.put_part("late".into()).await.is_err());
    assert!(aborted.complete().await.is_err());

    let mut dropped = store.put_multipart(&path("b")).await.expect("an upload");
    dropped.put_part("part".into()).await.expect("a part");
    drop(dropped);
    while !files_on_disk(&root).is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_upload_with_a_part_missing_does_not_become_visible() {
    let (root, store) = store();
    let mut upload = store.put_multipart(&path("a")).await.expect("an upload");
    upload.put_part("one".into()).await.expect("a part");
    drop(upload.put_part("never awaited".into()));
    upload.put_part("three".into()).await.expect("a part");
    let error = upload.complete().await.expect_err("a hole").to_string();
    assert!(error.contains("missing"), "{error}");
    assert!(files_on_disk(&root).is_empty());
}

#[tokio::test]
async fn a_directory_may_vanish_between_two_puts() {
    let (root, store) = store();
    store.put(&path("s/t/1"), "one".into()).await.expect("a put");
    fs::remove_dir_all(root.path().join("s")).expect("removed");
    store.put(&path("s/t/2"), "two".into()).await.expect("a put");
    assert_eq!(listed(&store).await, ["s/t/2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_puts_may_make_the_same_directories() {
    let (_root, store) = store();
    let puts = (0..64).map(|file| {
        let store = store.clone();
        tokio::spawn(async move {
            let key = path(&format!("a/{}/c/d/{file}", file % 4));
            store.put_opts(&key, "x".into(), PutMode::Create.into()).await.map(drop)
        })
    });
    for outcome in join_all(puts).await {
        outcome.expect("no panic").expect("a put");
    }
    assert_eq!(listed(&store).await.len(), 64);
}

#[tokio::test]
async fn names_stand_on_disk_as_they_stand_in_keys() {
    let (root, store) = store();
    let mut keys: Vec<String> =
        ["a b", "a#1", "100%", "%2F", "a?b", "a*b", "~x", "\"q\"", "a\\b", "<t>", "[x]", "表", "..."]
            .map(|name| format!("{name}/{name}/5/CDC000001.csv"))
            .into();
    keys.sort();
    for key in &keys {
        store.put(&path(key), key.clone().into()).await.expect(key);
    }
    assert_eq!(listed(&store).await, keys);
    assert_eq!(files_on_disk(&root), keys);
    for key in &keys {
        let content = store.get(&path(key)).await.expect(key).bytes().await.expect(key);
        assert_eq!(content, key);
    }
}

#[tokio::test]
async fn an_unsupported_wish_is_refused() {
    let (_root, store) = store();
    let version = object_store::UpdateVersion { e_tag: None, version: None };
    let update = store.put_opts(&path("a"), "x".into(), PutMode::Update(version).into()).await;
    assert!(matches!(update, Err(Error::NotImplemented { .. })));
    let mut options = object_store::PutOptions::default();
    options.attributes.insert(object_store::Attribute::ContentType, "text/csv".into());
    let attributes = store.put_opts(&path("a"), "x".into(), options).await;
    assert!(matches!(attributes, Err(Error::NotImplemented { .. })));
}

#[tokio::test]
async fn a_root_that_is_a_file_is_an_error() {
    let root = tempfile::NamedTempFile::new().expect("a file");
    assert!(DurableLocal::open(root.path()).is_err());
}

/// A 1 MiB file system; `None` where this test may not mount one.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().expect("a directory");
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(directory.path())
            .output();
        mounted.is_ok_and(|mount| mount.status.success()).then_some(Self(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = std::process::Command::new("umount").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "the small disk stays mounted");
    }
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_leaves_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: this test needs to mount a small file system");
        return;
    };
    let store = DurableLocal::open(disk.0.path()).expect("a store");
    let small = path("s/t/1/CDC000001.csv");
    store.put(&small, "rows".into()).await.expect("a put");
    let big = vec![0_u8; 2 << 20];
    for mode in [PutMode::Create, PutMode::Overwrite] {
        let full = store.put_opts(&path("s/t/1/CDC000002.csv"), big.clone().into(), mode.into()).await;
        let error = full.expect_err("a full disk").to_string();
        assert!(error.contains("CDC000002.csv"), "{error}");
    }
    let mut upload = store.put_multipart(&path("s/t/1/CDC000002.csv")).await.expect("an upload");
    upload.put_part("first".into()).await.expect("a part");
    assert!(upload.put_part(big.into()).await.is_err());
    assert!(upload.complete().await.is_err());
    drop(upload);

    assert_eq!(files_on_disk(&disk.0), ["s/t/1/CDC000001.csv"]);
    let overwritten = store.put(&small, vec![0; 2 << 20].into()).await;
    assert!(overwritten.is_err());
    let content = store.get(&small).await.expect("an object").bytes().await.expect("its bytes");
    assert_eq!(content, "rows", "the old content stays");
    let everything = store.list(None).collect::<Vec<_>>().await;
    assert_eq!(everything.len(), 1);
}
