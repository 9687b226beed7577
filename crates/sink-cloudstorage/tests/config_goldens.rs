//! The rules of `output-format` section 1, and the golden cases of 11.1 and 11.5.

use change_event::{CommitTs, Op, TableName, UpdateForm};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use sink_cloudstorage::config::{Atomicity, Compression, Config, Encoding, SinkUri};
use sink_cloudstorage::layout::DateLevel;
use stage_encode::{BinaryEncoding, CanalConfig, CsvConfig};
use std::path::Path;
use std::time::Duration;

fn read(query: &str, toml: &str) -> Result<Config, String> {
    let uri = SinkUri::parse(&format!("file:///tmp/test?{query}")).map_err(|error| error.to_string())?;
    Config::read(&uri, toml).map_err(|error| error.to_string())
}

fn config(query: &str, toml: &str) -> Config {
    read(&format!("protocol=csv&{query}"), toml).expect("a good configuration")
}

fn refusal(query: &str, toml: &str) -> String {
    read(&format!("protocol=csv&{query}"), toml).expect_err("a bad configuration")
}

fn csv(config: &Config) -> &CsvConfig {
    match &config.encoding {
        Encoding::Csv(csv) => csv,
        Encoding::CanalJson(_) => panic!("not CSV"),
    }
}

fn canal(query: &str, toml: &str) -> CanalConfig {
    match read(&format!("protocol=canal-json&{query}"), toml).expect("a good configuration").encoding {
        Encoding::CanalJson(canal) => canal,
        Encoding::Csv(_) => panic!("not canal-json"),
    }
}

#[test]
fn a_uri_alone_leaves_the_rest_at_its_default() {
    let query = "worker-count=32&flush-interval=10s&file-size=16777216&use-table-id-as-path=true";
    let want = Config {
        worker_count: 32,
        flush_interval: Duration::from_secs(10),
        file_size: 16 << 20,
        use_table_id_as_path: true,
        ..Config::default()
    };
    assert_eq!(config(query, ""), want);
    assert_eq!((want.file_index_digits, want.date_level), (20, DateLevel::Day));
    assert!(want.enable_partition_separator && !want.enable_table_across_nodes);
    assert_eq!((want.flush_concurrency, want.spool_disk_quota), (1, 10 << 30));
}

#[test]
fn the_defaults_are_their_own_validation() {
    assert_eq!(Config::default().validated().expect("the defaults"), Config::default());
}

#[test]
fn the_uri_wins_over_the_file_even_with_a_zero_value() {
    let toml = r#"
        [sink]
        protocol = "canal-json"
        only-output-updated-columns = true
        [sink.csv]
        include-commit-ts = true
        null = "NULL"
        [sink.cloud-storage-config]
        worker-count = 8
        flush-interval = "12s"
        file-size = 4096
        use-table-id-as-path = true
        [scheduler]
        enable-table-across-nodes = true
    "#;
    let file = config("", toml);
    assert_eq!((file.worker_count, file.file_size), (8, 4096));
    assert_eq!(file.flush_interval, Duration::from_secs(12));
    assert!(file.use_table_id_as_path && file.enable_table_across_nodes && csv(&file).include_commit_ts);

    let uri = "worker-count=9&flush-interval=13s&file-size=0&use-table-id-as-path=false\
               &enable-table-across-nodes=false&include-commit-ts=false&null=";
    let both = config(uri, toml);
    assert_eq!((both.worker_count, both.file_size), (9, 1024));
    assert_eq!(both.flush_interval, Duration::from_secs(13));
    assert!(!both.use_table_id_as_path && !both.enable_table_across_nodes && !csv(&both).include_commit_ts);
    assert_eq!(csv(&both).null, "");
}

#[test]
fn what_is_out_of_range_is_brought_back_or_refused() {
    let file = "[sink.cloud-storage-config]\n";
    for bad in ["worker-count=-1", "worker-count=0"] {
        assert!(refusal(bad, "").contains("it must be greater than 0"), "{bad}");
    }
    assert_eq!(
        refusal("", &format!("{file}worker-count = -1")),
        "invalid worker-count -1, it must be greater than 0"
    );
    assert_eq!(config("worker-count=10000", "").worker_count, 512);
    let interval = |text: &str| config(&format!("flush-interval={text}"), "").flush_interval;
    assert_eq!(interval("20m"), Duration::from_secs(600));
    assert_eq!(interval("1ms"), Duration::from_millis(100));
    assert_eq!(interval(""), Duration::from_secs(5));
    assert!(refusal("flush-interval=-1s", "").contains("flush-interval"));
    assert!(refusal("flush-interval=5", "").contains("a duration such as"));
    let size = |text: &str| config(&format!("file-size={text}"), "").file_size;
    assert_eq!((size("1073741824"), size("10"), size("-1")), (512 << 20, 1024, 1024));
    for (digits, used) in [(5, 20), (6, 6), (16, 16), (20, 20), (21, 20), (0, 20)] {
        let toml = format!("[sink]\nfile-index-digit = {digits}");
        assert_eq!(config("", &toml).file_index_digits, used);
    }
    for (parts, used) in [(0, 1), (-3, 1), (8, 8), (512, 512), (513, 1)] {
        let toml = format!("{file}flush-concurrency = {parts}");
        assert_eq!(config("", &toml).flush_concurrency, used);
    }
}

#[test]
fn small_files_wait_within_the_size_and_the_interval_of_all_files() {
    let ages = |query: &str| {
        let config = config(query, "");
        (config.min_file_size, config.max_file_age.as_secs())
    };
    assert_eq!(ages(""), (0, 60), "none waits");
    assert_eq!(ages("min-file-size=1048576&max-file-age=2m"), (1 << 20, 120));
    assert_eq!(ages("min-file-size=99999999"), (64 << 20, 60), "no more than a whole file");
    assert_eq!(ages("min-file-size=1024&max-file-age=1s").1, 5, "no less than the flush-interval");
    assert_eq!(ages("min-file-size=1024&max-file-age=30h").1, 3600);
    assert_eq!(ages("min-file-size=1024&flush-interval=10m").1, 600);
}

#[test]
fn the_spools_room_comes_from_the_uri_or_the_file() {
    let toml =
        "[sink.cloud-storage-config]\nspool-disk-quota = 3221225472\nspool-base-dir = \"/var/from-file\"";
    let file = config("", toml);
    assert_eq!(file.spool_disk_quota, 3_221_225_472);
    assert_eq!(file.spool_base_dir.as_deref(), Some(Path::new("/var/from-file")));
    let both = config("spool-disk-quota=2147483648&spool-base-dir=%2Fvar%2Ffrom%20uri", toml);
    assert_eq!(both.spool_disk_quota, 2_147_483_648);
    assert_eq!(both.spool_base_dir.as_deref(), Some(Path::new("/var/from uri")));

    let relative = refusal("spool-base-dir=relative/dir", "");
    assert_eq!(relative, r#"invalid spool-base-dir "relative/dir", it must be an absolute path"#);
    assert!(refusal("", "[sink.cloud-storage-config]\nspool-base-dir = \"x\"").contains("absolute"));
    for bad in ["0", "-1"] {
        let error = refusal(&format!("spool-disk-quota={bad}"), "");
        assert_eq!(error, format!("invalid spool-disk-quota {bad}, it must be greater than 0"));
    }
}

/// An example that is refused would be no help.
#[test]
fn what_is_no_number_is_told_what_the_number_counts_with_an_example() {
    let sections = |key: &str| match key {
        "file-index-digit" => "sink",
        "ignore-txn-start-ts" => "filter",
        _ => "sink.cloud-storage-config",
    };
    let in_file = |key: &str, value: &str| format!("[{}]\n{key} = {value}", sections(key));
    for (key, counts) in [
        ("worker-count", "a number of encoders greater than 0, such as 16"),
        ("file-size", "a number of bytes, such as 67108864"),
        ("min-file-size", "a number of bytes, such as 67108864"),
        ("spool-disk-quota", "a number of bytes greater than 0, such as 10737418240"),
        ("spool-memory-quota", "a number of bytes greater than 0, such as 2147483648"),
        ("request-limit", "a number of requests from 1 to 4096, such as 64"),
        ("max-message-bytes", "a number of bytes, such as 10485760"),
        ("max-batch-size", "a number of messages, such as 16"),
        ("flush-concurrency", "a number of parts, such as 4"),
        ("file-index-digit", "a number of digits, such as 20"),
        ("file-expiration-days", "a number of days, such as 7"),
        ("ignore-txn-start-ts", "a list of timestamps as whole numbers, such as [470802961006592003]"),
    ] {
        let in_uri_only = key.starts_with("max-");
        let in_uri = sections(key) != "filter";
        for value in ["16MiB", "1.5", "10s", "", "99999999999999999999"] {
            let says = format!("invalid {key} {value:?}, it must be {counts}");
            if in_uri {
                assert_eq!(refusal(&format!("{key}={value}"), ""), says);
            }
            if !in_uri_only {
                assert_eq!(refusal("", &in_file(key, &format!("{value:?}"))), says);
            }
        }
        let (_, example) = counts.split_once("such as ").unwrap();
        if in_uri {
            config(&format!("{key}={example}"), "");
        }
        if !in_uri_only {
            config("", &in_file(key, example));
        }
    }
}

#[test]
fn a_number_of_ours_that_is_out_of_bounds_is_told_the_same() {
    for (given, says) in [
        ("spool-memory-quota=0", "0, it must be a number of bytes greater than 0, such as 2147483648"),
        ("spool-memory-quota=-1", "-1, it must be a number of bytes greater than 0, such as 2147483648"),
        ("request-limit=0", "0, it must be a number of requests from 1 to 4096, such as 64"),
        ("request-limit=4097", "4097, it must be a number of requests from 1 to 4096, such as 64"),
        ("retry-timeout=0s", "0s, it must be a duration greater than 0s, such as 5m"),
        ("retry-timeout=300", "300, it must be a duration such as 500ms, 5s or 1m30s"),
    ] {
        let (key, _) = given.split_once('=').unwrap();
        assert_eq!(refusal(given, ""), format!("invalid {key} {says}"));
    }
    let days = refusal("", "[sink.cloud-storage-config]\nfile-expiration-days = 99999999999");
    assert_eq!(days, "invalid file-expiration-days 99999999999, it must be a number of days, such as 7");
}

#[test]
fn the_memory_quota_is_a_fifth_of_the_disks_up_to_two_gibibytes() {
    assert_eq!(config("", "").spool_memory_bytes(), 2 << 30);
    assert_eq!(config("spool-disk-quota=1000", "").spool_memory_bytes(), 200);
    assert_eq!(config("spool-disk-quota=1", "").spool_memory_bytes(), 1);
    assert_eq!(config("spool-disk-quota=1099511627776", "").spool_memory_bytes(), 2 << 30);
    assert_eq!(config("spool-memory-quota=77", "").spool_memory_bytes(), 77);
    assert!(refusal("spool-memory-quota=0", "").contains("greater than 0"));
}

#[test]
fn our_own_keys_are_read_and_checked() {
    let own = config("request-limit=4096&retry-timeout=90s", "");
    assert_eq!((own.request_limit, own.retry_timeout), (Some(4096), Duration::from_secs(90)));
    for bad in ["request-limit=0", "request-limit=4097", "request-limit=many", "retry-timeout=0s"] {
        assert!(
            refusal(bad, "").starts_with(&format!("invalid {}", bad.split('=').next().unwrap_or(""))),
            "{bad}"
        );
    }
    assert_eq!(config("time-zone=UTC", "").time_zone, TimeZone::UTC);
    assert!(refusal("time-zone=Mars/Olympus", "").contains("IANA"));
}

#[test]
fn compression_is_one_of_three_and_stands_in_file_names() {
    for (text, kind, extension) in [
        ("none", Compression::None, ".csv"),
        ("gzip", Compression::Gzip, ".csv.gz"),
        ("zstd", Compression::Zstd, ".csv.zst"),
        ("ZSTD", Compression::Zstd, ".csv.zst"),
    ] {
        let config = config("", &format!("[sink.cloud-storage-config]\ncompression = \"{text}\""));
        assert_eq!((config.compression, config.layout().extension.as_str()), (kind, extension));
    }
    let error = refusal("compression=lz4", "");
    assert_eq!(error, r#"invalid compression "lz4", it must be none, gzip or zstd"#);
    assert!(read("protocol=csv", "[sink]\ncompression = \"gzip\"").is_err(), "it is the storage's");
}

#[test]
fn date_separators_count_in_any_case() {
    for (text, level) in [
        ("Day", DateLevel::Day),
        ("NONE", DateLevel::None),
        ("", DateLevel::None),
        ("month", DateLevel::Month),
    ] {
        let toml = format!("[sink]\ndate-separator = \"{text}\"");
        assert_eq!(config("", &toml).date_level, level, "{text}");
    }
    let error = refusal("", "[sink]\ndate-separator = \"hour\"");
    assert_eq!(error, r#"invalid date-separator "hour", it must be none, year, month or day"#);
}

#[test]
fn csv_options_are_read_from_either_place() {
    let toml = r#"
        [sink]
        terminator = "\n"
        [sink.csv]
        delimiter = "[*]"
        quote = "'"
        null = "nil"
        include-commit-ts = true
        binary-encoding-method = "hex"
        output-old-value = true
        output-handle-key = true
        output-field-header = true
    "#;
    let want = CsvConfig {
        delimiter: "[*]".to_owned(),
        quote: "'".to_owned(),
        null: "nil".to_owned(),
        include_commit_ts: true,
        binary_encoding_method: BinaryEncoding::Hex,
        output_old_value: true,
        output_handle_key: true,
        output_field_header: true,
        terminator: "\n".to_owned(),
    };
    assert_eq!(csv(&config("", toml)), &want);
    let uri = "delimiter=%5B%2A%5D&quote='&null=nil&include-commit-ts=true&binary-encoding-method=hex\
               &output-old-value=1&output-handle-key=t&output-field-header=TRUE";
    let from_uri = config(uri, "[sink]\nterminator = \"\\n\"");
    assert_eq!(csv(&from_uri), &want);
    assert_eq!(csv(&config("", "")), &CsvConfig::default());
}

#[test]
fn csv_refusals_have_the_ancestors_text() {
    for (option, text) in [
        ("delimiter = ''", "csv config delimiter cannot be empty"),
        (r#"delimiter = "\n""#, "csv config delimiter contains line break characters"),
        (
            "delimiter = 'abcd'",
            "csv config delimiter contains more than three characters, note that escape sequences can only be \
             used in double quotes in toml configuration items.",
        ),
        ("quote = 'ab'", "csv config quote contains more than one character"),
        (r#"quote = "\r""#, "csv config quote cannot be line break character"),
        ("quote = ','", "csv config quote and delimiter has common characters which is not allowed"),
        ("binary-encoding-method = 'oct'", "csv config binary-encoding-method can only be hex or base64"),
    ] {
        assert_eq!(refusal("", &format!("[sink.csv]\n{option}")), text);
    }
    let deletes = refusal("", "[sink]\ndelete-only-output-handle-key-columns = true");
    assert_eq!(
        deletes,
        "CSV protocol always output all columns for the delete event, \
         do not set `delete-only-output-handle-key-columns` to true"
    );
}

#[test]
fn an_empty_terminator_is_the_default_and_never_none() {
    let both = "[sink]\nterminator = \"\\n\"";
    for (query, toml) in [("", "[sink]\nterminator = ''"), ("terminator=", ""), ("terminator=", both)] {
        assert_eq!(config(query, toml), Config::default());
        assert_eq!(canal(query, toml), CanalConfig::default());
    }
    let csv = CsvConfig { terminator: String::new(), ..CsvConfig::default() };
    let none = Config { encoding: Encoding::Csv(csv), ..Config::default() };
    assert!(none.validated().expect_err("no terminator").to_string().contains("terminator"));
}

#[test]
fn canal_options_are_read() {
    let plain = canal("", "");
    assert_eq!(plain, CanalConfig::default());
    let toml = "[sink]\nterminator = \"\\n\"\ndelete-only-output-handle-key-columns = true";
    let all = canal("enable-tidb-extension=true&content-compatible=true&output-row-key=true", toml);
    assert!(all.enable_tidb_extension && all.content_compatible && all.delete_only_output_handle_key_columns);
    assert!(all.only_output_updated_columns, "content-compatible implies it");
    assert_eq!(all.terminator, "\n");
    assert!(canal("only-output-updated-columns=true", "").only_output_updated_columns);
    assert!(refusal("output-row-key=true", "").contains("enable-tidb-extension"));
}

#[test]
fn a_protocol_must_be_one_of_the_two() {
    assert_eq!(read("", "").expect_err("none"), "protocol is not set: set it to csv or canal-json");
    let other = read("protocol=avro", "").expect_err("avro");
    assert_eq!(other, r#"invalid protocol "avro", it must be csv or canal-json"#);
    assert_eq!(read("protocol=CSV", "").expect("csv").encoding.extension(), ".csv");
    let file = read("", "[sink]\nprotocol = \"canal-json\"").expect("canal-json");
    assert_eq!(file.layout().extension, ".json");
}

#[test]
fn the_rest_is_accepted_or_says_that_it_is_not() {
    let toml = r#"
        case-sensitive = true
        [sink]
        enable-partition-separator = false
        transaction-atomicity = "none"
        [sink.cloud-storage-config]
        output-column-id = true
        output-raw-change-event = true
        file-expiration-days = 3
        file-cleanup-cron-spec = "@every 1h"
    "#;
    let rest = config("transaction-atomicity=table&max-message-bytes=1024&max-batch-size=10", toml);
    assert_eq!(rest.transaction_atomicity, Atomicity::Table);
    assert!(!rest.enable_partition_separator && rest.output_column_id && rest.output_raw_change_event);
    assert_eq!((rest.file_expiration_days, rest.file_cleanup_cron_spec.as_str()), (3, "@every 1h"));
    assert!(refusal("transaction-atomicity=global", "").contains("none or table"));
    let cron = "[sink.cloud-storage-config]\nfile-cleanup-cron-spec = \"now and then\"";
    assert!(refusal("", cron).contains("file-cleanup-cron-spec"));
}

#[test]
fn updates_stay_whole_only_where_they_are_asked_to_and_old_rows_are_shown() {
    for (query, old_rows) in [
        ("protocol=csv", false),
        ("protocol=csv&output-old-value=true", true),
        ("protocol=canal-json", true),
        ("protocol=canal-json&content-compatible=true", true),
    ] {
        for whole in [false, true] {
            let toml = format!("[sink.cloud-storage-config]\noutput-raw-change-event = {whole}");
            let config = read(query, &toml).expect("a right configuration");
            assert_eq!(config.update_form(), UpdateForm { old_rows, whole }, "{query}, {whole}");
        }
    }
}

#[test]
fn keys_that_are_not_known_or_misplaced_are_named() {
    for (query, toml, text) in [
        ("worker-cuont=1", "", r#"unknown key "worker-cuont" in the sink URI; did you mean "worker-count"?"#),
        (
            "column-selectors=x",
            "",
            r#"key "column-selectors" does not belong in the sink URI: set it in [sink]"#,
        ),
        ("", "snik = 1", r#"unknown key "snik" in the top of the configuration file; did you mean "sink"?"#),
        ("", "[sink.csvv]\nquote = ''", r#"did you mean "csv"?"#),
        ("", "[sink]\nworker-count = 1", "set it in [sink.cloud-storage-config]"),
        ("", "[sink.cloud-storage-config]\nfilesize = 1", r#"did you mean "file-size"?"#),
        ("", "sink = 1", "invalid sink integer, it must be a table of keys"),
        (
            "",
            "[[sink]]\n[sink.kafka-config]\nsasl-password = 'x'",
            "invalid sink array, it must be a table of keys",
        ),
        ("", "[sink", "not valid TOML"),
        ("", "[sink.csv]\nquote = 1", "invalid quote 1, it must be a text"),
        (
            "",
            "[sink.cloud-storage-config]\nfile-size = true",
            "invalid file-size true, it must be a number of bytes, such as 67108864",
        ),
        ("output-old-value=maybe", "", r#"invalid output-old-value "maybe", it must be true or false"#),
    ] {
        let error = refusal(query, toml);
        assert!(error.contains(text), "{error}");
    }
}

/// Also what the ancestor takes in its file only. The URI wins, with what is false, empty or zero too.
#[test]
fn whatever_is_one_value_means_the_same_in_the_uri_and_in_the_file() {
    for (table, key, value, other) in [
        ("sink", "protocol", "canal-json", "csv"),
        ("sink.cloud-storage-config", "compression", "gzip", "zstd"),
        ("sink", "date-separator", "month", "none"),
        ("sink", "date-separator", "", "year"),
        ("sink", "file-index-digit", "8", "7"),
        ("sink", "enable-partition-separator", "false", "true"),
        ("sink", "terminator", "|", ";"),
        ("sink", "transaction-atomicity", "table", "none"),
        ("sink", "content-compatible", "true", "false"),
        ("sink", "only-output-updated-columns", "true", "false"),
        ("sink", "delete-only-output-handle-key-columns", "true", "false"),
        ("sink", "case-sensitive", "true", "false"),
        ("sink.csv", "delimiter", ";", "|"),
        ("sink.csv", "quote", "'", "~"),
        ("sink.csv", "null", "", "nil"),
        ("sink.csv", "include-commit-ts", "true", "false"),
        ("sink.csv", "binary-encoding-method", "hex", "base64"),
        ("sink.csv", "output-old-value", "false", "true"),
        ("sink.csv", "output-field-header", "true", "false"),
        ("sink.cloud-storage-config", "worker-count", "3", "4"),
        ("sink.cloud-storage-config", "flush-interval", "1m", "2m"),
        ("sink.cloud-storage-config", "file-size", "2048", "4096"),
        ("sink.cloud-storage-config", "min-file-size", "0", "4096"),
        ("sink.cloud-storage-config", "max-file-age", "1m", "2m"),
        ("sink.cloud-storage-config", "use-table-id-as-path", "false", "true"),
        ("sink.cloud-storage-config", "spool-disk-quota", "1000", "2000"),
        ("sink.cloud-storage-config", "spool-memory-quota", "1000", "2000"),
        ("sink.cloud-storage-config", "spool-base-dir", "/a", "/b"),
        ("sink.cloud-storage-config", "output-column-id", "true", "false"),
        ("sink.cloud-storage-config", "flush-concurrency", "5", "6"),
        ("sink.cloud-storage-config", "file-expiration-days", "0", "7"),
        ("sink.cloud-storage-config", "file-cleanup-cron-spec", "@daily", "@hourly"),
        ("sink.cloud-storage-config", "output-raw-change-event", "true", "false"),
        ("sink.cloud-storage-config", "request-limit", "5", "6"),
        ("sink.cloud-storage-config", "retry-timeout", "1m", "2m"),
        ("sink.cloud-storage-config", "time-zone", "Asia/Tokyo", "UTC"),
        ("scheduler", "enable-table-across-nodes", "true", "false"),
        ("source", "on-unsupported", "park", "stop"),
    ] {
        let protocol = match key {
            "protocol" => "",
            "content-compatible"
            | "only-output-updated-columns"
            | "delete-only-output-handle-key-columns" => "protocol=canal-json&",
            _ => "protocol=csv&",
        };
        let quoted = |value: &str| match value.parse::<i64>().is_ok() || matches!(value, "true" | "false") {
            true => value.to_owned(),
            false => format!("{value:?}"),
        };
        let in_file = |value: &str| format!("[{table}]\n{key} = {}", quoted(value));
        let read = |query: &str, file: &str| {
            let config = read(&format!("{protocol}{query}"), file);
            format!("{:?}", config.unwrap_or_else(|error| panic!("{key}: {error}")))
        };
        let by_file = read("", &in_file(value));
        assert_eq!(read(&format!("{key}={value}"), ""), by_file, "{key}");
        assert_eq!(read(&format!("{key}={value}"), &in_file(other)), by_file, "{key}: the URI wins");
        assert_ne!(read("", &in_file(other)), by_file, "{key} has an effect");
    }
}

proptest! {
    #[test]
    fn no_uri_and_no_file_make_the_reader_panic(query in "[a-z%=&-]{0,40}", toml in r#"[\[\]a-z.="\n -]{0,60}"#) {
        drop(read(&query, &toml));
    }
}

#[test]
fn event_filters_and_column_selectors_are_lists_of_tables() {
    let toml = r#"
        case-sensitive = true
        [filter]
        rules = ['d.*']
        ignore-txn-start-ts = [470802961006592003]
        [[filter.event-filters]]
        matcher = ["d.t"]
        ignore-event = ["delete", "Drop Table"]
        ignore-sql = ["^truncate"]
        ignore-insert-value-expr = ""
        [[filter.event-filters]]
        matcher = ["d.log*"]
        ignore-event = ["all dml"]
        [[sink.column-selectors]]
        matcher = ["d.t"]
        columns = ["*", "!secret"]
    "#;
    let config = config("", toml);
    let ignored = |table: &str| {
        let ignored = config.events.ignored_rows(&TableName::new("d", table));
        [Op::Insert, Op::Update, Op::Delete].map(|op| ignored.contains(op))
    };
    assert_eq!((ignored("t"), ignored("log1"), ignored("T")), ([false, false, true], [true; 3], [false; 3]));
    assert!(config.events.ignores_transaction(CommitTs(470_802_961_006_592_003)));
    assert_eq!(config.columns.to_string(), "d.t: *, !secret");

    let filter = |rule: &str| refusal("", &format!("[[filter.event-filters]]\n{rule}"));
    let event = filter("matcher = ['d.t']\nignore-event = ['inserts']");
    assert!(event.contains("event-filters in [filter]: ignore-event: \"inserts\" is no kind"), "{event}");
    let expression = filter("matcher = ['d.t']\nignore-delete-value-expr = 'id > 1'");
    assert_eq!(expression, "ignore-delete-value-expr is not supported yet: leave it out");
    for (rule, word) in [
        ("matchers = ['d.t']", "matchers"),
        ("matcher = 'd.t'", "expected a sequence"),
        ("matcher = [1]", "integer"),
    ] {
        let text = filter(rule);
        assert!(text.starts_with("event-filters: ") && text.contains(word), "{text}");
    }
    let selectors = "[[sink.column-selectors]]\nmatcher = ['d.t']\ncolumns = ['']";
    assert!(refusal("", selectors).contains("column-selectors in [sink]: the rule \"\" is not one"));
    let transactions = refusal("", "[filter]\nignore-txn-start-ts = ['x']");
    assert!(
        transactions.contains("ignore-txn-start-ts") && transactions.contains("whole numbers"),
        "{transactions}"
    );
}
