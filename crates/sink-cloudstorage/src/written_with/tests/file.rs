//! The file: what is in it, and what is made of one that does not fit.

use super::super::error::KEY;
use super::super::file::File;
use super::super::setting::settings;
use super::rig::{CANAL, CSV, config, keys, plant, run, text};
use object_store::memory::InMemory;
use std::sync::Arc;

#[tokio::test]
async fn the_file_is_for_people_too() {
    let store = Arc::new(InMemory::new());
    run(&store, &config("memory", "protocol=canal-json&content-compatible=true", "").unwrap()).await.unwrap();
    assert_eq!(
        text(&store).await,
        r#"{
  "version": 1,
  "settings": {
    "column-selectors": "",
    "compression": "none",
    "content-compatible": true,
    "date-separator": "day",
    "delete-only-output-handle-key-columns": false,
    "enable-partition-separator": true,
    "enable-table-across-nodes": false,
    "enable-tidb-extension": false,
    "file-index-digit": 20,
    "output-column-id": false,
    "output-raw-change-event": false,
    "protocol": "canal-json",
    "terminator": "\r\n",
    "time-zone": "UTC",
    "use-table-id-as-path": false
  }
}
"#
    );
    assert_eq!(keys(&store).await, [KEY], "and there is nothing else");
}

#[tokio::test]
async fn a_setting_that_the_file_does_not_know_stands_for_what_was_done_without_it() {
    for parameters in [CSV, CANAL, "protocol=canal-json&content-compatible=true"] {
        for setting in settings(&config("memory", parameters, "").unwrap()) {
            // What earlier versions did, and today's default: the former may never change.
            assert!(
                setting.value == setting.before || ["protocol", "content-compatible"].contains(&setting.key)
            );
        }
    }
    let store = Arc::new(InMemory::new());
    plant(&store, KEY, r#"{"version": 1, "settings": {"protocol": "csv"}, "later": 1}"#).await;
    run(&store, &config("memory", CSV, "").unwrap()).await.unwrap();
    let error = run(&store, &config("memory", "protocol=csv&delimiter=;", "").unwrap()).await.unwrap_err();
    assert!(error.to_string().contains(r#"delimiter was "," and is now ";""#), "{error}");
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_in_one_sentence() {
    let says = "memory://x says in .spillway/written-with.json what it was written with, but that file ";
    for (content, why) in [
        (
            "",
            "is damaged (EOF while parsing a value at line 1 column 0); restore it, or write to a new prefix",
        ),
        (r#"{"version": 1}"#, "is damaged (missing field `settings` at line 1 column 14); restore it, or"),
        (
            r#"{"version": 2, "settings": 7}"#,
            "has version 2, and this spillway knows only 1; use the newer spillway",
        ),
        (
            r#"{"version": 1, "settings": {"shape": "round"}}"#,
            "has the setting \"shape\", which this spillway does not know; use the newer spillway",
        ),
    ] {
        let store = Arc::new(InMemory::new());
        plant(&store, KEY, content).await;
        let error = run(&store, &config("memory", CSV, "").unwrap()).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("{says}{why}")), "{error}");
        assert_eq!(text(&store).await, content, "it is left as it is");
    }
}

#[test]
fn what_is_written_is_read_back() {
    let now = settings(&config("memory", CSV, "").unwrap());
    let file = File::read(&File::of(&now).text()).unwrap();
    assert_eq!(file.differences(&now).unwrap(), []);
}
