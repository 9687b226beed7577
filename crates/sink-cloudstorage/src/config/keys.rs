//! Every key there is, and where it may stand.

use super::{ConfigError, nearest, store_options, without_effect};

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

/// Every key that has an effect, with its places; those that have none are in [`without_effect`]. What is one text,
/// number or switch may stand in the URI, also where the ancestor takes it in the file only. What is about one kind of
/// store is in [`store_options::keys`].
const KEYS: &[(&str, &[Place])] = &[
    ("worker-count", &[CloudStorage, Uri]),
    ("flush-interval", &[CloudStorage, Uri]),
    ("file-size", &[CloudStorage, Uri]),
    ("min-file-size", &[CloudStorage, Uri]),
    ("max-file-age", &[CloudStorage, Uri]),
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
    ("compression", &[CloudStorage, Uri]),
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

/// Every table of the file that has an effect: where it stands, and what place it is.
const TABLES: &[(&str, Place, Place)] = &[
    ("sink", TopLevel, Sink),
    ("scheduler", TopLevel, Scheduler),
    ("filter", TopLevel, Filter),
    ("source", TopLevel, Source),
    ("csv", Sink, Csv),
    ("cloud-storage-config", Sink, CloudStorage),
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
    if let Some((name, kinds)) = store_options::find(key) {
        return Err(misplaced(name, place, store_options::right_place(kinds)));
    }
    if let Some((name, [right_place, ..])) = without_effect::every().find(|(name, _)| *name == key) {
        return Err(misplaced(name, place, right_place.text()));
    }
    let of_stores = store_options::names().filter(|_| place == Uri);
    let here = names().filter(|(_, at)| *at == place).map(|(name, _)| name).chain(of_stores);
    let elsewhere = names().filter(|(_, at)| *at != place);
    let (nearest, right_place) = nearest::meant(key, here, elsewhere);
    Err(ConfigError::UnknownKey {
        key: key.to_owned(),
        place: place.text(),
        nearest,
        right_place: right_place.map(Place::text),
    })
}

/// Finds the table of this name in a place, and what place it is.
pub(super) fn find_table(name: &str, place: Place) -> Option<(&'static str, Place)> {
    TABLES
        .iter()
        .find(|(table, at, _)| *table == name && *at == place)
        .map(|&(table, _, inside)| (table, inside))
}

/// Every name with each place that it may stand in, but for what is about one kind of store.
pub(super) fn names() -> impl Iterator<Item = (&'static str, Place)> {
    let keys = KEYS.iter().copied().chain(without_effect::every());
    let keys = keys.flat_map(|(name, places)| places.iter().map(move |&place| (name, place)));
    keys.chain(TABLES.iter().map(|&(name, place, _)| (name, place)))
}

/// Every key, those of stores too.
#[cfg(test)]
pub(crate) fn every_key() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(key, _)| *key).chain(store_options::names())
}

fn misplaced(key: &'static str, place: Place, right_place: &'static str) -> ConfigError {
    ConfigError::Misplaced { key, place: place.text(), right_place }
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
    fn a_misspelt_key_of_another_table_is_named_with_its_place() {
        for (key, place, meant) in [
            ("memory-quotas", Place::CloudStorage, r#""memory-quota" in the top of the configuration file"#),
            ("flush-intervall", Place::Sink, r#""flush-interval" in [sink.cloud-storage-config] of"#),
            ("protocl", Place::TopLevel, r#""protocol" in [sink] of"#),
            ("csv", Place::TopLevel, r#""csv" in [sink] of"#),
            ("kafka-confg", Place::TopLevel, r#""kafka-config" in [sink] of"#),
            ("region-treshold", Place::Uri, r#""region-threshold" in [scheduler] of"#),
            ("file-sizes", Place::CloudStorage, r#""file-size"?"#),
            ("worker-num", Place::CloudStorage, r#""worker-count"?"#),
        ] {
            let error = find(key, place).expect_err("misspelt").to_string();
            assert!(error.contains(&format!("did you mean {meant}")), "{error}");
        }
    }

    #[test]
    fn a_misplaced_key_is_sent_where_it_belongs() {
        for (key, place, right_place) in [
            ("column-selectors", Place::Uri, "[sink]"),
            ("delimiter", Place::Sink, "[sink.csv]"),
            ("flush-concurrency", Place::Sink, "[sink.cloud-storage-config]"),
            ("enable-tidb-extension", Place::Sink, "the sink URI"),
            ("access-key", Place::CloudStorage, "the sink URI of an s3 bucket"),
            ("memory-quota", Place::Uri, "the top of the configuration file"),
            ("mounter", Place::Sink, "the top of the configuration file"),
        ] {
            let error = find(key, place).expect_err("misplaced").to_string();
            assert!(error.contains(&format!("set it in {right_place}")), "{error}");
        }
    }
}
