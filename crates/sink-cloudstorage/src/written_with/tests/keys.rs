//! Every key there is, changed alone between two runs.

use super::super::file::KNOWN;
use super::rig::{CANAL, CSV, config, keys, plant, run, text};
use crate::config::{Config, every_key};
use object_store::memory::InMemory;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a target makes of a setting that changes alone.
enum Makes {
    /// It keeps it: the value at first, the other one, and the difference in words.
    Keeps(&'static str, &'static str, &'static str),
    /// It may change, from one to the other.
    Free(&'static str, &'static str),
    /// It says where or as whom a store of this scheme is spoken to, and is nothing that a target could see.
    OfTheStore(&'static str, &'static str),
}

use Makes::{Free, Keeps, OfTheStore};

/// Where a key stands: a table of the file, or the URI.
const URI: &str = "";
const TOP: &str = "\n";
const SINK: &str = "[sink]\n";
const CLOUD: &str = "[sink.cloud-storage-config]\n";
const CSV_TABLE: &str = "[sink.csv]\n";
const SCHEDULER: &str = "[scheduler]\n";
const FILTER: &str = "[filter]\n";

/// Every key, under which parameters it is tried, where it stands, and what becomes of it. A key that is added must be
/// added here: does a reader of the bucket have to know it, or would it see two kinds of files?
const CASES: &[(&str, &str, &str, Makes)] = &[
    ("protocol", "", URI, Keeps("csv", "canal-json", r#"protocol was "csv" and is now "canal-json""#)),
    ("compression", CSV, CLOUD, Keeps("'none'", "'gzip'", r#"compression was "none" and is now "gzip""#)),
    ("compression", CANAL, CLOUD, Keeps("'zstd'", "'gzip'", r#"compression was "zstd" and is now "gzip""#)),
    (
        "date-separator",
        CSV,
        SINK,
        Keeps("'day'", "'month'", r#"date-separator was "day" and is now "month""#),
    ),
    (
        "date-separator",
        CANAL,
        SINK,
        Keeps("'none'", "'year'", r#"date-separator was "none" and is now "year""#),
    ),
    ("file-index-digit", CSV, SINK, Keeps("20", "6", "file-index-digit was 20 and is now 6")),
    (
        "use-table-id-as-path",
        CSV,
        CLOUD,
        Keeps("false", "true", "use-table-id-as-path was false and is now true"),
    ),
    (
        "enable-partition-separator",
        CSV,
        SINK,
        Keeps("true", "false", "enable-partition-separator was true and is now false"),
    ),
    ("enable-partition-separator", "protocol=csv&use-table-id-as-path=true", SINK, Free("true", "false")),
    (
        "enable-table-across-nodes",
        CSV,
        SCHEDULER,
        Keeps("false", "true", "enable-table-across-nodes was false and is now true"),
    ),
    (
        "time-zone",
        CSV,
        CLOUD,
        Keeps("'UTC'", "'Asia/Tokyo'", r#"time-zone was "UTC" and is now "Asia/Tokyo""#),
    ),
    ("output-column-id", CSV, CLOUD, Keeps("false", "true", "output-column-id was false and is now true")),
    (
        "output-raw-change-event",
        CSV,
        CLOUD,
        Keeps("false", "true", "output-raw-change-event was false and is now true"),
    ),
    ("delimiter", CSV, CSV_TABLE, Keeps("','", "';'", r#"delimiter was "," and is now ";""#)),
    ("delimiter", CANAL, CSV_TABLE, Free("','", "';'")),
    ("quote", CSV, CSV_TABLE, Keeps("'\"'", "''", r#"quote was "\"" and is now """#)),
    ("quote", CANAL, CSV_TABLE, Free("'\"'", "''")),
    ("null", CSV, CSV_TABLE, Keeps(r"'\N'", "'NULL'", r#"null was "\\N" and is now "NULL""#)),
    ("null", CANAL, CSV_TABLE, Free(r"'\N'", "'NULL'")),
    ("terminator", CSV, SINK, Keeps(r#""\r\n""#, r#""\n""#, r#"terminator was "\r\n" and is now "\n""#)),
    ("terminator", CANAL, SINK, Keeps(r#""\r\n""#, r#""\n""#, r#"terminator was "\r\n" and is now "\n""#)),
    (
        "include-commit-ts",
        CSV,
        CSV_TABLE,
        Keeps("false", "true", "include-commit-ts was false and is now true"),
    ),
    ("include-commit-ts", CANAL, CSV_TABLE, Free("false", "true")),
    (
        "output-old-value",
        CSV,
        CSV_TABLE,
        Keeps("false", "true", "output-old-value was false and is now true"),
    ),
    ("output-old-value", CANAL, CSV_TABLE, Free("false", "true")),
    (
        "output-field-header",
        CSV,
        CSV_TABLE,
        Keeps("false", "true", "output-field-header was false and is now true"),
    ),
    ("output-field-header", CANAL, CSV_TABLE, Free("false", "true")),
    (
        "output-handle-key",
        CSV,
        CSV_TABLE,
        Keeps("false", "true", "output-handle-key was false and is now true"),
    ),
    ("output-handle-key", CANAL, CSV_TABLE, Free("false", "true")),
    (
        "binary-encoding-method",
        CSV,
        CSV_TABLE,
        Keeps("'base64'", "'hex'", r#"binary-encoding-method was "base64" and is now "hex""#),
    ),
    ("binary-encoding-method", CANAL, CSV_TABLE, Free("'base64'", "'hex'")),
    (
        "enable-tidb-extension",
        CANAL,
        URI,
        Keeps("false", "true", "enable-tidb-extension was false and is now true"),
    ),
    ("enable-tidb-extension", CSV, URI, Free("false", "true")),
    (
        "content-compatible",
        CANAL,
        SINK,
        Keeps("false", "true", "content-compatible was false and is now true"),
    ),
    ("content-compatible", CSV, SINK, Free("false", "true")),
    (
        "only-output-updated-columns",
        CANAL,
        SINK,
        Keeps("false", "true", "only-output-updated-columns was false and is now true"),
    ),
    (
        "only-output-updated-columns",
        "protocol=canal-json&content-compatible=true",
        SINK,
        Free("false", "true"),
    ),
    ("only-output-updated-columns", CSV, SINK, Free("false", "true")),
    (
        "delete-only-output-handle-key-columns",
        CANAL,
        SINK,
        Keeps("false", "true", "delete-only-output-handle-key-columns was false and is now true"),
    ),
    // How fast, with how much, how often.
    ("worker-count", CSV, CLOUD, Free("16", "4")),
    ("flush-interval", CSV, CLOUD, Free("'5s'", "'1s'")),
    ("file-size", CSV, CLOUD, Free("1048576", "4096")),
    ("min-file-size", CSV, CLOUD, Free("0", "4096")),
    ("max-file-age", CSV, CLOUD, Free("'10s'", "'1h'")),
    ("flush-concurrency", CSV, CLOUD, Free("1", "8")),
    ("request-limit", CSV, CLOUD, Free("64", "8")),
    ("retry-timeout", CSV, CLOUD, Free("'5m'", "'1m'")),
    ("spool-disk-quota", CSV, CLOUD, Free("10737418240", "1073741824")),
    ("spool-memory-quota", CSV, CLOUD, Free("1073741824", "67108864")),
    ("spool-base-dir", CSV, CLOUD, Free("'/tmp/spillway-spool-a'", "'/tmp/spillway-spool-b'")),
    ("file-expiration-days", CSV, CLOUD, Free("0", "7")),
    ("file-cleanup-cron-spec", CSV, CLOUD, Free("'0 0 2 * * *'", "'@daily'")),
    // Without an effect on what stands in the bucket.
    ("transaction-atomicity", CSV, SINK, Free("'none'", "'table'")),
    ("case-sensitive", CSV, TOP, Free("false", "true")),
    ("rules", CSV, FILTER, Free("['*.*']", "['*.*', '!test.*']")),
    ("event-filters", CSV, FILTER, Free("[]", "[{matcher=['*.*'], ignore-event=['delete']}]")),
    ("ignore-txn-start-ts", CSV, FILTER, Free("[]", "[7]")),
    ("on-unsupported", CSV, "[source]\n", Free("'stop'", "'park'")),
    ("output-row-key", "protocol=canal-json&enable-tidb-extension=true", URI, Free("false", "true")),
    ("max-message-bytes", CSV, URI, Free("1", "2")),
    ("max-batch-size", CSV, URI, Free("1", "2")),
    (
        "column-selectors",
        CSV,
        SINK,
        Keeps(
            "[]",
            "[{matcher=['d.*'], columns=['*', '!secret']}]",
            r#"column-selectors was "" and is now "d.*: *, !secret""#,
        ),
    ),
    // Where the store is, and who asks it.
    ("endpoint", CSV, URI, OfTheStore("s3", "http://127.0.0.1:9000")),
    ("region", CSV, URI, OfTheStore("s3", "eu-north-1")),
    ("sse", CSV, URI, OfTheStore("s3", "AES256")),
    ("sse-kms-key-id", "protocol=csv&sse=aws:kms", URI, OfTheStore("s3", "k")),
    ("access-key", "protocol=csv&secret-access-key=s", URI, OfTheStore("s3", "k")),
    ("secret-access-key", "protocol=csv&access-key=k", URI, OfTheStore("s3", "s")),
    ("session-token", "protocol=csv&access-key=k&secret-access-key=s", URI, OfTheStore("s3", "t")),
    ("provider", CSV, URI, OfTheStore("s3", "minio")),
    ("force-path-style", CSV, URI, OfTheStore("s3", "false")),
    ("storage-class", CSV, URI, OfTheStore("s3", "STANDARD_IA")),
    ("acl", CSV, URI, OfTheStore("s3", "private")),
    ("use-accelerate-endpoint", CSV, URI, OfTheStore("s3", "true&force-path-style=false")),
    ("role-arn", CSV, URI, OfTheStore("s3", "arn:aws:iam::1:role/r")),
    ("external-id", CSV, URI, OfTheStore("s3", "x&role-arn=arn:aws:iam::1:role/r")),
    ("profile", CSV, URI, OfTheStore("s3", "work")),
    ("object-lock-enabled", CSV, URI, OfTheStore("s3", "true")),
    ("credentials-file", CSV, URI, OfTheStore("gcs", "/etc/key.json")),
    ("predefined-acl", CSV, URI, OfTheStore("gcs", "projectPrivate")),
    ("account-name", CSV, URI, OfTheStore("azure", "shop")),
    ("account-key", CSV, URI, OfTheStore("azure", "c2VjcmV0")),
    ("sas-token", CSV, URI, OfTheStore("azure", "sig%3Dx")),
    ("access-tier", CSV, URI, OfTheStore("azure", "Cool")),
    ("encryption-scope", CSV, URI, OfTheStore("azure", "scope")),
    ("encryption-key", CSV, URI, OfTheStore("azure", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D")),
];

#[test]
fn every_key_is_decided_about() {
    let decided: BTreeSet<&str> = CASES.iter().map(|(key, ..)| *key).collect();
    let all: BTreeSet<&str> = every_key().collect();
    assert_eq!(decided, all, "add the new key above: may a bucket be written with both of its values?");
    let kept: BTreeSet<&str> =
        CASES.iter().filter(|(.., makes)| matches!(makes, Keeps(..))).map(|(key, ..)| *key).collect();
    assert_eq!(kept, KNOWN.iter().copied().collect(), "what is compared is what the file may hold");
}

/// The configuration with one key set.
fn with(parameters: &str, place: &str, key: &str, value: &str) -> Config {
    let made = match place {
        URI => config("memory", &format!("{parameters}&{key}={value}"), ""),
        table => config("memory", parameters, &format!("{table}{key} = {value}\n")),
    };
    made.unwrap_or_else(|error| panic!("{key}={value}: {error}"))
}

#[tokio::test]
async fn a_target_keeps_what_its_readers_see_and_nothing_else() {
    for (key, parameters, place, makes) in CASES {
        match makes {
            Keeps(was, now, difference) => {
                let (first, second) = (with(parameters, place, key, was), with(parameters, place, key, now));
                let store = Arc::new(InMemory::new());
                run(&store, &first).await.unwrap();
                plant(&store, "s/t/7/CDC00000000000000000001.csv", "data").await;
                let before = (keys(&store).await, text(&store).await);
                let error = run(&store, &second).await.expect_err(key).to_string();
                assert_eq!(
                    error,
                    format!(
                        "memory://x was written with other settings: {difference}; set that back, or write to a new \
                         prefix"
                    )
                );
                assert_eq!((keys(&store).await, text(&store).await), before, "nothing was written");
                run(&store, &first).await.expect("set back, it is taken");

                let store = Arc::new(InMemory::new());
                run(&store, &second).await.unwrap();
                let error = run(&store, &first).await.expect_err(key).to_string();
                assert!(
                    error.contains(&format!("{key} was ")) && error.contains("or delete .spillway"),
                    "{error}"
                );
            }
            Free(was, now) => {
                let store = Arc::new(InMemory::new());
                for value in [was, now, was] {
                    run(&store, &with(parameters, place, key, value)).await.expect(key);
                }
            }
            OfTheStore(scheme, value) => {
                let set = config(scheme, &format!("{parameters}&{key}={value}"), "").expect(key);
                assert_eq!(set, config("memory", CSV, "").expect("a configuration"), "{key}");
            }
        }
    }
}

#[tokio::test]
async fn every_difference_is_named_and_no_setting_that_only_follows_from_another() {
    let store = Arc::new(InMemory::new());
    run(&store, &config("memory", "protocol=csv&delimiter=;&include-commit-ts=true", "").unwrap())
        .await
        .unwrap();
    plant(&store, "s/t/7/2024-01-01/CDC00000000000000000001.csv", "data").await;
    let toml = "[sink]\nfile-index-digit = 6\nterminator = \"\\n\"\n";
    let error = run(&store, &config("memory", CANAL, toml).unwrap()).await.unwrap_err().to_string();
    assert_eq!(
        error,
        r#"memory://x was written with other settings: protocol was "csv" and is now "canal-json", "#
            .to_owned()
            + r#"file-index-digit was 20 and is now 6, terminator was "\r\n" and is now "\n"; "#
            + "set that back, or write to a new prefix"
    );
}
