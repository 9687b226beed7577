//! One spool a directory, and nothing in it that is not needed.

use crate::rig::*;
use stage_spool::{Spool, SpoolConfig, SpoolError};
use std::fs;

#[test]
fn a_directory_in_use_is_refused_by_name() {
    let dir = directory();
    let first = disk_only(&dir, 1000, 100);
    let error = Spool::open(config(&dir, 0, 1000, 100)).expect_err("it is in use");
    assert!(matches!(&error, SpoolError::Locked { dir: named } if named == dir.path()));
    assert!(error.to_string().contains("a directory of its own"), "{error}");
    drop(first);
    Spool::open(config(&dir, 0, 1000, 100)).expect("it is free again at once");
}

#[tokio::test]
async fn a_second_spool_does_not_touch_the_segments_of_the_first() {
    let dir = directory();
    let first = disk_only(&dir, 1000, 100);
    let stored = put(&first, body(1, 50)).await.expect("placed");
    let before = segments(dir.path());
    Spool::open(config(&dir, 0, 1000, 100)).expect_err("it is in use");
    assert_eq!(segments(dir.path()), before);
    assert_eq!(read(&[stored], 100).await.expect("reads"), body(1, 50));
}

#[test]
fn old_segments_are_wiped_and_other_files_are_not() {
    let dir = directory();
    for name in ["segment-000001.spool", "segment-1234567.spool", "segment-.spool", "segment-1.log", "notes"]
    {
        fs::write(dir.path().join(name), "old").expect("a file");
    }
    let spool = disk_only(&dir, 1000, 100);
    let left: Vec<String> = segments(dir.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, ["notes", "segment-.spool", "segment-1.log"]);
    drop(spool);
}

#[tokio::test]
async fn a_spool_that_never_spills_writes_nothing_but_its_lock() {
    let dir = directory();
    let nested = dir.path().join("made/on/demand");
    let spool = Spool::open(SpoolConfig::new(&nested)).expect("opens");
    let stored = put(&spool, body(1, 1000)).await.expect("placed");
    assert_eq!(segments(&nested), []);
    assert_eq!(fs::metadata(nested.join("spool.lock")).expect("the lock").len(), 0);
    drop((spool, stored));
    assert_eq!(segments(&nested), []);
}

#[test]
fn a_path_that_cannot_be_a_directory_is_named() {
    let dir = directory();
    let file = dir.path().join("file");
    fs::write(&file, "in the way").expect("a file");
    let error = Spool::open(SpoolConfig::new(&file)).expect_err("a file is in the way");
    assert!(matches!(&error, SpoolError::Directory { dir, .. } if *dir == file));
    assert!(error.to_string().contains("file"), "{error}");
}

#[test]
fn a_bad_setting_touches_nothing() {
    let dir = directory();
    let nested = dir.path().join("never");
    let error = Spool::open(SpoolConfig { segment: 0, ..SpoolConfig::new(&nested) });
    assert!(matches!(error, Err(SpoolError::Config { key: "segment", .. })));
    assert!(!nested.exists());
}

#[tokio::test]
async fn segments_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = directory();
    let spool = disk_only(&dir, 1000, 100);
    let _stored = put(&spool, body(1, 50)).await.expect("placed");
    let metadata = fs::metadata(dir.path().join("segment-000001.spool")).expect("the first segment");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}
