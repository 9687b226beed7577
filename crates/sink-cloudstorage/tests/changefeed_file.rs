//! A changefeed's file as TiCDC's users have it is taken as it is, and what has no effect is named.

mod warnings;

use sink_cloudstorage::config::{Config, Encoding, SinkUri, WithoutEffect};
use stage_encode::{BinaryEncoding, CsvConfig};
use std::path::Path;
use std::time::Duration;
use toml::{Table, Value};

const COMPLETE: &str = include_str!("changefeed.toml");

/// What has no effect of the complete file, and of whatever of it stands alone.
const WITHOUT_EFFECT: [&str; 65] = [
    "active-active-progress-interval",
    "active-active-sync-stats-interval",
    "bdr-mode",
    "changefeed-error-stuck-duration",
    "check-gc-safe-point",
    "[consistent]",
    "[cyclic-replication]",
    "enable-active-active",
    "enable-old-value",
    "enable-sync-point",
    "enable-table-monitor",
    "event-collector-batch-bytes",
    "event-collector-batch-count",
    "filter.ddl-allow-list",
    "filter.do-dbs",
    "filter.do-tables",
    "filter.ignore-column-type",
    "filter.ignore-dbs",
    "filter.ignore-tables",
    "force-replicate",
    "ignore-ineligible-table",
    "[integrity]",
    "memory-quota",
    "[mounter]",
    "output-handle-key",
    "performance-mode",
    "scheduler.add-table-batch-size",
    "scheduler.balance-score-threshold",
    "scheduler.enable-splittable-check",
    "scheduler.force-split",
    "scheduler.max-traffic-percentage",
    "scheduler.min-traffic-percentage",
    "scheduler.polling-time",
    "scheduler.region-count-per-span",
    "scheduler.region-count-refresh-interval",
    "scheduler.region-per-span",
    "scheduler.region-threshold",
    "scheduler.scheduling-task-count-per-node",
    "scheduler.type",
    "scheduler.write-key-threshold",
    "schema-route-rules",
    "[schema-routes]",
    "sink.advance-timeout-in-sec",
    "[sink.debezium]",
    "sink.debezium-disable-schema",
    "sink.dispatchers",
    "sink.enable-kafka-sink-v2",
    "sink.encoder-concurrency",
    "sink.force-replicate",
    "[sink.iceberg-config]",
    "[sink.integrity]",
    "[sink.kafka-config]",
    "[sink.mysql-config]",
    "[sink.open]",
    "[sink.pulsar-config]",
    "sink.safe-mode",
    "sink.schema-registry",
    "sink.send-all-bootstrap-at-start",
    "sink.send-bootstrap-in-msg-count",
    "sink.send-bootstrap-interval-in-sec",
    "sink.send-bootstrap-to-all-partition",
    "sql-mode",
    "sync-point-interval",
    "sync-point-retention",
    "[synced-status]",
];

fn uri(query: &str) -> SinkUri {
    SinkUri::parse(&format!("file:///data?{query}")).expect("a URI")
}

fn listing(query: &str, toml: &str) -> (Config, Vec<String>) {
    let (config, without_effect) = Config::read_listing(&uri(query), toml).expect(toml);
    (config, names(&without_effect))
}

fn names(without_effect: &WithoutEffect) -> Vec<String> {
    without_effect.names().map(str::to_owned).collect()
}

fn refusal(toml: &str) -> String {
    Config::read(&uri("protocol=csv"), toml).expect_err(toml).to_string()
}

#[test]
fn a_complete_file_is_read_and_what_has_no_effect_is_listed() {
    let (config, without_effect) = listing("", COMPLETE);
    assert_eq!(without_effect, WITHOUT_EFFECT);

    let csv = CsvConfig {
        delimiter: ";".to_owned(),
        include_commit_ts: true,
        binary_encoding_method: BinaryEncoding::Hex,
        output_old_value: true,
        output_field_header: true,
        ..CsvConfig::default()
    };
    let want = Config {
        encoding: Encoding::Csv(csv),
        worker_count: 8,
        flush_interval: Duration::from_secs(10),
        file_size: 32 << 20,
        spool_disk_quota: 3 << 30,
        spool_base_dir: Some(Path::new("/var/spool/changefeed").to_owned()),
        flush_concurrency: 4,
        file_expiration_days: 7,
        file_cleanup_cron_spec: "0 0 3 * * *".to_owned(),
        file_index_digits: 8,
        enable_table_across_nodes: true,
        tables: config.tables.clone(),
        events: config.events.clone(),
        columns: config.columns.clone(),
        ..Config::default()
    };
    assert_eq!(config, want);
    assert_eq!(config.columns.to_string(), "shop.customers: *, !card");
}

#[test]
fn one_line_names_it_and_shows_no_value() {
    let (config, warnings) = warnings::of(|| Config::read(&uri(""), COMPLETE));
    config.expect("a configuration");
    assert_eq!(warnings, [format!("without effect here: {}", WITHOUT_EFFECT.join(", "))]);
    assert!(!warnings[0].contains("sesame"));

    let all_have_effect = "[sink]\nprotocol = 'csv'\n[sink.csv]\noutput-old-value = true";
    let (config, warnings) = warnings::of(|| Config::read(&uri("worker-count=3"), all_have_effect));
    config.expect("a configuration");
    assert!(warnings.is_empty(), "{warnings:?}");
}

/// Every key of the complete file, alone in its tables; those whose table has no effect, with their table.
fn alone(table: &Table, tables: &[&str]) -> Vec<(String, Table)> {
    let nested = |key: &str, value: Value| {
        let innermost = Table::from_iter([(key.to_owned(), value)]);
        let nest = |inner, outer: &&str| Table::from_iter([((*outer).to_owned(), Value::Table(inner))]);
        tables.iter().rev().fold(innermost, nest)
    };
    let mut all = Vec::new();
    for (key, value) in table {
        let path = [tables, &[key]].concat();
        match value {
            Value::Table(inner) if !WITHOUT_EFFECT.contains(&format!("[{}]", path.join(".")).as_str()) => {
                all.extend(alone(inner, &path));
            }
            value => all.push((path.join("."), nested(key, value.clone()))),
        }
    }
    all
}

#[test]
fn every_key_is_taken_in_its_place_and_named_if_it_has_no_effect() {
    let all = alone(&COMPLETE.parse().expect("TOML"), &[]);
    assert!(all.len() > 90, "{}", all.len());
    let mut named = Vec::new();
    for (path, file) in all {
        let (_, without_effect) = listing("protocol=csv", &file.to_string());
        match without_effect.as_slice() {
            [] => {}
            [name] if *name == path || *name == format!("[{path}]") => named.push(name.clone()),
            [name] if path == "sink.csv.output-handle-key" => named.push(name.clone()),
            other => panic!("{path}: {other:?}"),
        }
    }
    named.sort();
    let mut want = WITHOUT_EFFECT.to_vec();
    want.sort_unstable();
    assert_eq!(named, want);
}

#[test]
fn what_is_checked_and_then_has_no_effect_is_named_wherever_it_stands() {
    let query = "protocol=canal-json&enable-tidb-extension=true&output-row-key=true&max-message-bytes=1024\
                 &max-batch-size=16&output-handle-key=true";
    let (_, without_effect) = listing(query, "memory-quota = 1");
    let checked =
        ["max-batch-size", "max-message-bytes", "memory-quota", "output-handle-key", "output-row-key"];
    assert_eq!(without_effect, checked);
}

#[test]
fn keys_count_in_any_case_as_they_do_with_ticdc() {
    let upper = COMPLETE.parse().map(in_upper_case).expect("TOML").to_string();
    assert!(upper.contains("MEMORY-QUOTA") && upper.contains("IGNORE-EVENT"));
    assert_eq!(listing("", &upper), listing("", COMPLETE));
    let twice = refusal("[sink]\nTerminator = '|'\nterminator = ';'");
    assert!(twice.contains(r#"key "terminator" is given twice"#), "{twice}");
    let (_, routes) = listing("protocol=csv", "[schema-routes.a]\n[schema-routes.A]");
    assert_eq!(routes, ["[schema-routes]"], "what is not read may be in any case, too");
}

fn in_upper_case(table: Table) -> Table {
    fn upper(value: Value) -> Value {
        match value {
            Value::Table(table) => Value::Table(in_upper_case(table)),
            Value::Array(values) => Value::Array(values.into_iter().map(upper).collect()),
            value => value,
        }
    }
    table.into_iter().map(|(key, value)| (key.to_uppercase(), upper(value))).collect()
}

#[test]
fn what_would_write_other_data_is_refused_in_one_sentence() {
    let names = "is refused, as it would have no effect: tables are written under the names they have at the source; \
                 leave it out";
    let route = |target: &str| refusal(&format!("[sink]\ndispatchers = [{{matcher = ['a.*'], {target}}}]"));
    let single = refusal("[sink.dispatchers]\ntarget-schema = 'b'");
    assert_eq!(single, "invalid dispatchers table, it must be a list of tables: [[sink.dispatchers]]");
    assert_eq!(route("target-schema = 'b'"), format!("target-schema of dispatchers in [sink] {names}"));
    assert_eq!(
        route("Target-Table = '{schema}_{table}'"),
        format!("target-table of dispatchers in [sink] {names}")
    );
    let routes = "schema-route-rules = ['r']\n[schema-routes.r]\nsource-schema = 'a'\ntarget-schema = 'b'";
    assert_eq!(refusal(routes), format!("schema-route-rules {names}"));
    for (key, value) in [
        ("do-dbs", "['a']"),
        ("do-tables", "[{db-name = 'a', tbl-name = 't'}]"),
        ("ignore-dbs", "['a']"),
        ("ignore-tables", "[{db-name = 'a', tbl-name = 't'}]"),
    ] {
        let says = "is refused, as it would have no effect: say which tables are taken with rules in [filter]; \
                    leave it out";
        assert_eq!(refusal(&format!("[filter]\n{key} = {value}")), format!("{key} in [filter] {says}"));
    }
    assert!(refusal("[filter]\nignore-column-type = ['json']").contains("with column-selectors in [sink]"));
    let columns = "[[filter.event-filters]]\nmatcher = ['a.t']\nignore-update-only-columns = ['seen']";
    assert_eq!(refusal(columns), "ignore-update-only-columns is not supported yet: leave it out");
}

#[test]
fn a_table_without_effect_is_one_and_shows_no_secret() {
    assert_eq!(refusal("mounter = 16"), "invalid mounter integer, it must be a table of keys");
    let list = refusal("[[sink.kafka-config]]\nsasl-password = 'open sesame'");
    assert_eq!(list, "invalid kafka-config array, it must be a table of keys");
}
