//! `spillway expire`, as an operator uses it.

mod sample;

use object_store::local::LocalFileSystem;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use tests::Spillway;
use tests::command::program;
use tests::contents;

const DAYS: &str = "[sink.cloud-storage-config]\nfile-expiration-days = 1\n";

fn expire(folder: &Path, config: &str, further: &[&str]) -> Output {
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    std::fs::write(file.path(), config).unwrap();
    let mut command = Command::new(program());
    command.arg("expire").arg("--sink").arg(format!("file://{}?protocol=csv", folder.display()));
    command.arg("--config").arg(file.path()).args(further).output().unwrap()
}

async fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let all = contents(&LocalFileSystem::new_with_prefix(folder).unwrap(), "").await.unwrap();
    all.into_iter().map(|(key, content)| (key, content.to_vec())).collect()
}

/// Gives every day's files a twin of long ago; says how many there are.
fn age(directory: &Path) -> usize {
    let mut aged = 0;
    for entry in
        std::fs::read_dir(directory).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir())
    {
        let name = entry.file_name().into_string().unwrap();
        let is_day = name.len() == 10 && name.starts_with("20") && name.as_bytes()[4] == b'-';
        if is_day {
            let copied =
                Command::new("cp").arg("-r").arg(entry.path()).arg(directory.join("2001-01-01")).status();
            assert!(copied.unwrap().success());
        }
        aged += if is_day { 1 } else { age(&entry.path()) };
    }
    aged
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dry_run_lists_is_what_goes() {
    let folder = tempfile::tempdir().unwrap();
    let parameters = "protocol=csv&include-commit-ts=true&output-old-value=true";
    Spillway::into_folder(sample::path(), folder.path(), parameters).run().await.succeeded();
    let young = files(folder.path()).await;
    let aged = age(folder.path());
    let all = files(folder.path()).await;
    let old: Vec<&String> = all.keys().filter(|key| !young.contains_key(*key)).collect();
    assert!(aged > 0 && old.iter().all(|key| key.contains("/2001-01-01/")), "{old:?}");

    let listed = expire(folder.path(), DAYS, &["--dry-run"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    assert_eq!(text.lines().filter(|line| line.contains("/2001-01-01  ")).count(), aged, "{text}");
    assert!(text.contains(&format!("would remove {} files of dates before 20", old.len())), "{text}");
    assert!(files(folder.path()).await == all, "nothing has gone");

    let removed = expire(folder.path(), DAYS, &[]);
    let text = String::from_utf8(removed.stdout).unwrap();
    assert!(text.contains(&format!("removed {} files", old.len())), "{text}");
    assert!(files(folder.path()).await == young, "what is young is as it was");
    assert_eq!(age(folder.path()), aged, "and no directory is left empty: the old ones can be made again");
}

#[test]
fn what_cannot_expire_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let month = "[sink]\ndate-separator = 'month'\n[sink.cloud-storage-config]\nfile-expiration-days = 1\n";
    let weekly = "[sink.cloud-storage-config]\nfile-expiration-days = 1\nfile-cleanup-cron-spec = 'weekly'\n";
    for (config, says) in [
        ("[sink]\n", "file-expiration-days is not set, so no file expires"),
        (month, "date-separator is month, and files expire by the day"),
        (weekly, "file-cleanup-cron-spec"),
        ("[sink.cloud-storage-config]\nfile-expiration-day = 1\n", "file-expiration-days"),
    ] {
        let ended = expire(folder.path(), config, &[]);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{said}");
        assert!(said.lines().last().unwrap_or_default().contains(says), "{says}: {said}");
    }
    let nowhere = folder.path().join("nowhere");
    let ended = expire(&nowhere, DAYS, &[]);
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("nowhere does not exist, so there is nothing that could expire"), "{said}");
    assert!(ended.status.code() == Some(2) && !nowhere.exists(), "nothing is made of it");
    let empty = expire(folder.path(), DAYS, &[]);
    let said = String::from_utf8(empty.stdout).unwrap();
    assert!(empty.status.success() && said.contains("no checkpoint"), "{said}");
}
