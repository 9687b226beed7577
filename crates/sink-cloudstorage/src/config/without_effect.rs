//! What the ancestor's changefeeds are told and has no effect here: taken as it is, and named in one line.
//!
//! What stands in it is not read, but for what would name other tables or leave rows out: see `refused`.

use super::given::Given;
use super::keys::Place;
use std::fmt;

use Place::{Filter, Scheduler, Sink, TopLevel};

/// Keys of the file, with every place where the ancestor takes them.
const KEYS: &[(&str, &[Place])] = &[
    // TiDB's log, the cluster that follows it, and two clusters that follow each other.
    ("bdr-mode", &[TopLevel]),
    ("changefeed-error-stuck-duration", &[TopLevel]),
    ("check-gc-safe-point", &[TopLevel]),
    ("enable-active-active", &[TopLevel]),
    ("enable-old-value", &[TopLevel]),
    ("enable-table-monitor", &[TopLevel]),
    ("event-collector-batch-bytes", &[TopLevel]),
    ("event-collector-batch-count", &[TopLevel]),
    ("memory-quota", &[TopLevel]),
    ("performance-mode", &[TopLevel]),
    ("advance-timeout-in-sec", &[Sink]),
    // Which tables and statements can be followed: here all can, and a statement's mode is read from the log.
    ("force-replicate", &[TopLevel, Sink]),
    ("ignore-ineligible-table", &[TopLevel]),
    ("sql-mode", &[TopLevel]),
    ("ddl-allow-list", &[Filter]),
    // Who splits a table among servers. (`enable-table-across-nodes` shows in file names, and has effect.)
    ("add-table-batch-size", &[Scheduler]),
    ("balance-score-threshold", &[Scheduler]),
    ("enable-splittable-check", &[Scheduler]),
    ("force-split", &[Scheduler]),
    ("max-traffic-percentage", &[Scheduler]),
    ("min-traffic-percentage", &[Scheduler]),
    ("polling-time", &[Scheduler]),
    ("region-count-per-span", &[Scheduler]),
    ("region-count-refresh-interval", &[Scheduler]),
    ("region-per-span", &[Scheduler]),
    ("region-threshold", &[Scheduler]),
    ("scheduling-task-count-per-node", &[Scheduler]),
    ("type", &[Scheduler]),
    ("write-key-threshold", &[Scheduler]),
    // A database as the target.
    ("active-active-progress-interval", &[TopLevel]),
    ("active-active-sync-stats-interval", &[TopLevel]),
    ("enable-sync-point", &[TopLevel]),
    ("sync-point-interval", &[TopLevel]),
    ("sync-point-retention", &[TopLevel]),
    ("safe-mode", &[Sink]),
    // A message queue as the target.
    ("debezium-disable-schema", &[Sink]),
    ("dispatchers", &[Sink]),
    ("enable-kafka-sink-v2", &[Sink]),
    ("encoder-concurrency", &[Sink]),
    ("schema-registry", &[Sink]),
    ("send-all-bootstrap-at-start", &[Sink]),
    ("send-bootstrap-in-msg-count", &[Sink]),
    ("send-bootstrap-interval-in-sec", &[Sink]),
    ("send-bootstrap-to-all-partition", &[Sink]),
    // Empty, or refused.
    ("schema-route-rules", &[TopLevel]),
    ("do-dbs", &[Filter]),
    ("do-tables", &[Filter]),
    ("ignore-column-type", &[Filter]),
    ("ignore-dbs", &[Filter]),
    ("ignore-tables", &[Filter]),
];

/// Tables of the file, with whatever is in them.
const TABLES: &[(&str, &[Place])] = &[
    // TiDB's log, and two clusters that follow each other.
    ("cyclic-replication", &[TopLevel]),
    ("mounter", &[TopLevel]),
    ("synced-status", &[TopLevel]),
    // Routes that no rule applies.
    ("schema-routes", &[TopLevel]),
    // Other targets.
    ("consistent", &[TopLevel]),
    ("integrity", &[TopLevel, Sink]),
    ("debezium", &[Sink]),
    ("iceberg-config", &[Sink]),
    ("kafka-config", &[Sink]),
    ("mysql-config", &[Sink]),
    ("open", &[Sink]),
    ("pulsar-config", &[Sink]),
];

/// Keys that may stand elsewhere too, are checked for what they are, and then have no effect.
const CHECKED: &[&str] = &["max-batch-size", "max-message-bytes", "output-handle-key", "output-row-key"];

/// What is set and has no effect here, by its place in the file: `memory-quota`, `[mounter]`, `sink.dispatchers`,
/// `[sink.kafka-config]`. In the alphabet's order.
///
/// [`Config::read`](super::Config::read) logs it in one line,
/// [`Config::read_listing`](super::Config::read_listing) hands it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WithoutEffect(Vec<String>);

impl WithoutEffect {
    /// The names, one for each key or table.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether all that is set has its effect.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a key of the file.
    pub(super) fn add_key(&mut self, key: &str, place: Place) {
        self.add(path(key, place));
    }

    /// Adds a table of the file.
    pub(super) fn add_table(&mut self, table: &str, place: Place) {
        self.add(format!("[{}]", path(table, place)));
    }

    /// Adds those that were checked first, wherever they stand.
    pub(super) fn add_checked(&mut self, given: &Given) {
        CHECKED.iter().filter(|key| given.has(key)).for_each(|key| self.add((*key).to_owned()));
    }

    fn add(&mut self, name: String) {
        self.0.push(name);
        self.0.sort_by(|a, b| a.trim_matches(['[', ']']).cmp(b.trim_matches(['[', ']'])));
    }
}

impl fmt::Display for WithoutEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// Finds a key without effect that may stand in a place.
pub(super) fn find_key(key: &str, place: Place) -> Option<&'static str> {
    find(KEYS, key, place)
}

/// Finds a table without effect that may stand in a place.
pub(super) fn find_table(name: &str, place: Place) -> Option<&'static str> {
    find(TABLES, name, place)
}

/// Every key and table without effect, with its places.
pub(super) fn every() -> impl Iterator<Item = (&'static str, &'static [Place])> {
    KEYS.iter().chain(TABLES).copied()
}

fn find(all: &[(&'static str, &[Place])], name: &str, place: Place) -> Option<&'static str> {
    all.iter().find(|(known, places)| *known == name && places.contains(&place)).map(|(known, _)| *known)
}

/// A key with the tables it stands in.
fn path(key: &str, place: Place) -> String {
    match place {
        Sink => format!("sink.{key}"),
        Scheduler => format!("scheduler.{key}"),
        Filter => format!("filter.{key}"),
        TopLevel | Place::Uri | Place::Csv | Place::CloudStorage | Place::Source => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, every, find_key, path};
    use std::collections::BTreeSet;
    use toml::{Table, Value};

    /// The names of a file, each with its place.
    fn names(table: &Table, place: Place) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = table.keys().map(|key| path(key, place)).collect();
        for (key, place) in
            [("sink", Place::Sink), ("scheduler", Place::Scheduler), ("filter", Place::Filter)]
        {
            if let Some(Value::Table(inner)) = table.get(key) {
                names.extend(self::names(inner, place));
            }
        }
        names
    }

    /// Or the test over that file would not see it.
    #[test]
    fn every_name_stands_in_the_complete_file() {
        let file = include_str!("../../tests/changefeed.toml").parse().expect("TOML");
        let names = names(&file, Place::TopLevel);
        let missing: Vec<String> = every()
            .flat_map(|(name, places)| places.iter().map(|&place| path(name, place)))
            .filter(|name| !names.contains(name))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(find_key("dispatchers", Place::TopLevel), None);
    }
}
