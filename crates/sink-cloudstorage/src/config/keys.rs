//! Every key there is, and where it may stand.

use super::{ConfigError, nearest::nearest};

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Uri,
    TopLevel,
    Sink,
    Csv,
    CloudStorage,
    Scheduler,
    Filter,
    Source,
}

use Place::{CloudStorage, Csv, Filter, Scheduler, Sink, Source, TopLevel, Uri};

/// Every key with its places. What is one text, number or switch may stand in the URI, also where the ancestor takes it in
/// the file only. What is about one kind of store is in [`STORE_KEYS`].
const KEYS: &[(&str, &[Place])] = &[
    ("worker-count", &[CloudStorage, Uri]),
    ("flush-interval", &[CloudStorage, Uri]),
    ("file-size", &[CloudStorage, Uri]),
    ("use-table-id-as-path", &[CloudStorage, Uri]),
    ("spool-disk-quota", &[CloudStorage, Uri]),
    ("spool-base-dir", &[CloudStorage, Uri]),
    ("spool-memory-quota", &[CloudStorage, Uri]),
    ("request-limit", &[CloudStorage, Uri]),
    ("retry-timeout", &[CloudStorage, Uri]),
    ("time-zone", &[CloudStorage, Uri]),
    ("output-column-id", &[CloudStorage, Uri]),
    ("file-expiration-days", &[CloudStorage, Uri]),
    ("file-cleanup-cron-spec", &[CloudStorage, Uri]),
    ("flush-concurrency", &[CloudStorage, Uri]),
    ("output-raw-change-event", &[CloudStorage, Uri]),
    ("protocol", &[Sink, Uri]),
    ("date-separator", &[Sink, Uri]),
    ("enable-partition-separator", &[Sink, Uri]),
    ("file-index-digit", &[Sink, Uri]),
    ("terminator", &[Sink, Uri]),
    ("transaction-atomicity", &[Sink, Uri]),
    ("column-selectors", &[Sink]),
    ("case-sensitive", &[TopLevel, Sink, Uri]),
    ("delete-only-output-handle-key-columns", &[Sink, Uri]),
    ("only-output-updated-columns", &[Sink, Uri]),
    ("content-compatible", &[Sink, Uri]),
    ("enable-tidb-extension", &[Uri]),
    ("output-row-key", &[Uri]),
    ("max-message-bytes", &[Uri]),
    ("max-batch-size", &[Uri]),
    ("delimiter", &[Csv, Uri]),
    ("quote", &[Csv, Uri]),
    ("null", &[Csv, Uri]),
    ("include-commit-ts", &[Csv, Uri]),
    ("binary-encoding-method", &[Csv, Uri]),
    ("output-old-value", &[Csv, Uri]),
    ("output-handle-key", &[Csv, Uri]),
    ("output-field-header", &[Csv, Uri]),
    ("enable-table-across-nodes", &[Scheduler, Uri]),
    ("rules", &[Filter]),
    ("event-filters", &[Filter]),
    ("ignore-txn-start-ts", &[Filter]),
    ("on-unsupported", &[Source, Uri]),
];

/// The kinds of store that have options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreKind {
    S3,
    Gcs,
    Azure,
}

use StoreKind::{Azure, Gcs, S3};

/// The parameters of the URI that are about some kinds of store.
const STORE_KEYS: &[(&str, &[StoreKind])] = &[
    ("endpoint", &[S3, Gcs, Azure]),
    ("region", &[S3]),
    ("storage-class", &[S3, Gcs]),
    ("sse", &[S3]),
    ("sse-kms-key-id", &[S3]),
    ("acl", &[S3]),
    ("access-key", &[S3]),
    ("secret-access-key", &[S3]),
    ("session-token", &[S3]),
    ("provider", &[S3]),
    ("force-path-style", &[S3]),
    ("use-accelerate-endpoint", &[S3]),
    ("role-arn", &[S3]),
    ("external-id", &[S3]),
    ("profile", &[S3]),
    ("object-lock-enabled", &[S3]),
    ("credentials-file", &[Gcs]),
    ("predefined-acl", &[Gcs]),
    ("account-name", &[Azure]),
    ("account-key", &[Azure]),
    ("sas-token", &[Azure]),
    ("access-tier", &[Azure]),
    ("encryption-scope", &[Azure]),
    ("encryption-key", &[Azure]),
];

/// Finds a key that may stand in a place.
///
/// # Errors
/// [`ConfigError::UnknownKey`], or [`ConfigError::Misplaced`] for one that belongs elsewhere.
pub(super) fn find(key: &str, place: Place) -> Result<&'static str, ConfigError> {
    if let Some(&(name, places)) = KEYS.iter().find(|(name, _)| *name == key) {
        return match places {
            places if places.contains(&place) => Ok(name),
            [right_place, ..] => Err(misplaced(name, place, right_place.text())),
            [] => unreachable!("every key has a place"),
        };
    }
    if let Some((name, kinds)) = find_of_store(key) {
        return Err(misplaced(name, place, right_store(kinds)));
    }
    let here = KEYS.iter().filter(|(_, places)| places.contains(&place)).map(|(name, _)| *name);
    let tables = match place {
        TopLevel => &["sink", "scheduler", "filter", "source"][..],
        Sink => &["csv", "cloud-storage-config"],
        Uri | Csv | CloudStorage | Scheduler | Filter | Source => &[],
    };
    let of_stores = STORE_KEYS.iter().filter(|_| place == Uri).map(|(name, _)| *name);
    Err(ConfigError::UnknownKey {
        key: key.to_owned(),
        place: place.text(),
        nearest: nearest(key, here.chain(tables.iter().copied()).chain(of_stores)),
    })
}

/// Finds a key that is about some kinds of store, and which.
pub(super) fn find_of_store(key: &str) -> Option<(&'static str, &'static [StoreKind])> {
    STORE_KEYS.iter().copied().find(|(name, _)| *name == key)
}

/// That a key about some kinds of store stands in the URI of another.
pub(super) fn misplaced_of_store(key: &'static str, kinds: &[StoreKind]) -> ConfigError {
    ConfigError::Misplaced { key, place: "this sink URI", right_place: right_store(kinds) }
}

fn right_store(kinds: &[StoreKind]) -> &'static str {
    match kinds {
        [S3, ..] | [] => "the sink URI of an s3 bucket",
        [Gcs, ..] => "the sink URI of a gcs bucket",
        [Azure, ..] => "the sink URI of an azure container",
    }
}

/// Every key, those of stores too.
#[cfg(test)]
pub(crate) fn every_key() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(key, _)| *key).chain(STORE_KEYS.iter().map(|(key, _)| *key))
}

fn misplaced(key: &'static str, place: Place, right_place: &'static str) -> ConfigError {
    ConfigError::Misplaced { key, place: place.text(), right_place }
}

impl StoreKind {
    /// The kind of store that a scheme names, if it is one with options.
    pub(super) fn of_scheme(scheme: &str) -> Option<Self> {
        match scheme {
            "s3" => Some(S3),
            "gcs" | "gs" => Some(Gcs),
            "azure" | "azblob" => Some(Azure),
            _ => None,
        }
    }

    /// How a URI of it is written, with what stands for its place.
    pub(super) fn example(self) -> &'static str {
        match self {
            S3 => "s3://bucket/prefix",
            Gcs => "gcs://bucket/prefix",
            Azure => "azure://container/prefix",
        }
    }
}

impl Place {
    fn text(self) -> &'static str {
        match self {
            Uri => "the sink URI",
            TopLevel => "the top of the configuration file",
            Sink => "[sink] of the configuration file",
            Csv => "[sink.csv] of the configuration file",
            CloudStorage => "[sink.cloud-storage-config] of the configuration file",
            Scheduler => "[scheduler] of the configuration file",
            Filter => "[filter] of the configuration file",
            Source => "[source] of the configuration file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, find};

    #[test]
    fn a_misspelt_key_is_named_with_the_nearest_one() {
        let error = find("flush-intervall", Place::Uri).expect_err("misspelt").to_string();
        assert_eq!(error, r#"unknown key "flush-intervall" in the sink URI; did you mean "flush-interval"?"#);
        let error = find("secret-acces-key", Place::Uri).expect_err("misspelt").to_string();
        assert!(error.contains("secret-access-key"), "{error}");
        let error = find("csvs", Place::Sink).expect_err("misspelt").to_string();
        assert!(error.contains(r#"did you mean "csv""#), "{error}");
    }

    #[test]
    fn a_misplaced_key_is_sent_where_it_belongs() {
        for (key, place, right_place) in [
            ("column-selectors", Place::Uri, "[sink]"),
            ("delimiter", Place::Sink, "[sink.csv]"),
            ("flush-concurrency", Place::Sink, "[sink.cloud-storage-config]"),
            ("enable-tidb-extension", Place::Sink, "the sink URI"),
            ("access-key", Place::CloudStorage, "the sink URI of an s3 bucket"),
        ] {
            let error = find(key, place).expect_err("misplaced").to_string();
            assert!(error.contains(&format!("set it in {right_place}")), "{error}");
        }
    }
}
