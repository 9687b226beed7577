//! Targets that have no file yet: those of an earlier version, and of another process that starts now.

use super::super::error::KEY;
use super::rig::{CANAL, CSV, config, keys, plant, run};
use object_store::memory::InMemory;
use std::sync::Arc;

#[tokio::test]
async fn of_an_earlier_versions_target_names_tell_what_they_can() {
    const NUMBERS: &str = "s/t/450000000000000000/2024-01-01/CDC000012.csv";
    let day_20 = "s/t/450000000000000000/2024-01-01/CDC00000000000000000001.csv";
    for (key, contradicts) in [
        (NUMBERS, &["file-index-digit was 6 and is now 20"][..]),
        (day_20, &[]),
        ("s/t/450000000000000000/2024-01-01/CDC10000000000000000001.csv", &[]),
        ("s/t/450000000000000000/2024-01/CDC00000000000000000001.csv", &[r#"date-separator was "month""#]),
        ("s/t/450000000000000000/2024/CDC00000000000000000001.csv", &[r#"date-separator was "year""#]),
        ("s/t/450000000000000000/CDC00000000000000000001.csv", &[r#"date-separator was "none""#]),
        ("s/t/450000000000000000/55/2024-01-01/CDC00000000000000000001.csv", &[]),
        (
            "s/t/450000000000000000/2024-01-01/CDC00000000000000000001.csv.gz",
            &[r#"compression was "gzip" and is now "none""#],
        ),
        (
            "s/t/450000000000000000/2024-01-01/CDC00000000000000000001.json",
            &[r#"protocol was "canal-json" and is now "csv""#],
        ),
        (
            "107/450000000000000000/2024-01-01/CDC00000000000000000001.csv",
            &["use-table-id-as-path was true and is now false"],
        ),
        (
            "s/t/450000000000000000/2024-01-01/CDC_742_000012.csv",
            &["file-index-digit was 6", "enable-table-across-nodes was true and is now false"],
        ),
        ("s/t/meta/schema_450000000000000000_0000000001.json", &[]),
        ("notes.csv", &[]),
    ] {
        let store = Arc::new(InMemory::new());
        plant(&store, "metadata", "{\"checkpoint-ts\":1}").await;
        plant(&store, key, "").await;
        let opened = run(&store, &config("memory", CSV, "").unwrap()).await;
        match contradicts {
            [] => {
                opened.expect(key);
                assert!(keys(&store).await.contains(&KEY.to_owned()), "{key}");
            }
            differences => {
                let error = opened.expect_err(key).to_string();
                for difference in differences {
                    assert!(error.contains(difference), "{key}: {error}");
                }
                assert_eq!(error.matches(" was ").count(), differences.len() + 1, "{error}");
                assert!(!keys(&store).await.contains(&KEY.to_owned()), "{key}: nothing was written");
            }
        }
    }
    let toml = "[sink]\nenable-partition-separator = false\n";
    let store = Arc::new(InMemory::new());
    plant(&store, "s/t/450000000000000000/55/2024-01-01/CDC00000000000000000001.csv", "").await;
    let error = run(&store, &config("memory", CSV, toml).unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("enable-partition-separator was true and is now false"), "{error}");
}

#[tokio::test]
async fn of_two_that_start_at_once_one_is_taken_and_the_other_compared() {
    for (second, is_taken) in [(CSV, true), (CANAL, false)] {
        let store = Arc::new(InMemory::new());
        let (first, second) = (config("memory", CSV, "").unwrap(), config("memory", second, "").unwrap());
        let (one, two) = tokio::join!(run(&store, &first), run(&store, &second));
        assert_eq!(one.is_ok() && two.is_ok(), is_taken, "{one:?} {two:?}");
        assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    }
}
