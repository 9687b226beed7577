//! The golden keys of `output-format` 2.6.

use change_event::{TableName, TableSchema};
use dispatcher::DispatcherId;
use jiff::{civil::date, tz::TimeZone};
use sink_cloudstorage::layout::index_file::{index_content, parse_index_content};
use sink_cloudstorage::layout::{DataDir, DataFileName, DateLevel, IndexKey, Layout};

/// Its text is 742.
const ID: DispatcherId = DispatcherId { low: 7, high: 42 };

fn layout(date_level: DateLevel, index_digits: usize, extension: &'static str) -> Layout {
    Layout {
        date_level,
        time_zone: TimeZone::UTC,
        index_digits,
        extension: extension.to_owned(),
        table_id_as_path: false,
        partition_level: true,
        dispatcher_in_names: true,
    }
}

fn table(schema: &str, table: &str) -> TableSchema {
    TableSchema {
        name: TableName::new(schema, table),
        table_id: 12345,
        partition: None,
        version: 1,
        columns: Vec::new(),
    }
}

fn millis(year: i16, month: i8, day: i8) -> u64 {
    let at = date(year, month, day).at(23, 59, 59, 0).to_zoned(TimeZone::UTC);
    at.expect("a date").timestamp().as_millisecond() as u64
}

#[test]
fn data_files_have_their_golden_keys_at_every_date_level() {
    let eve = millis(2022, 12, 31);
    let new_year = millis(2023, 1, 1);
    for (level, before, after) in [
        (DateLevel::None, "test/table1/5", "test/table1/5"),
        (DateLevel::Year, "test/table1/5/2022", "test/table1/5/2023"),
        (DateLevel::Month, "test/table1/5/2022-12", "test/table1/5/2023-01"),
        (DateLevel::Day, "test/table1/5/2022-12-31", "test/table1/5/2023-01-01"),
    ] {
        let layout = layout(level, 6, ".json");
        for (wall, dir) in [(eve, before), (new_year, after)] {
            let made = layout.data_dir(&table("test", "table1"), 5, wall).expect("plain names");
            let key = layout.data_key(&made, ID, 1);
            assert_eq!(key.as_ref(), format!("{dir}/CDC_742_000001.json"));
        }
    }
}

#[test]
fn a_compressed_file_has_its_whole_extension_in_key_and_index() {
    for extension in [".csv.gz", ".json.zst"] {
        let layout = layout(DateLevel::None, 6, extension);
        let dir = layout.data_dir(&table("test", "table1"), 5, 0).expect("plain names");
        let key = layout.data_key(&dir, ID, 1);
        assert_eq!(key.as_ref(), format!("test/table1/5/CDC_742_000001{extension}"));
        let content = index_content(key.filename().expect("a file"));
        assert_eq!(content, format!("CDC_742_000001{extension}\n"));
        assert_eq!(parse_index_content(&content, extension), Ok(DataFileName::new(Some(ID), 1)));
        assert!(parse_index_content(&content, ".csv").is_err(), "another file");
    }
}

#[test]
fn table_id_mode_has_its_golden_keys() {
    let mut layout = layout(DateLevel::None, 6, ".json");
    layout.table_id_as_path = true;
    let mut table = table("test", "table1");
    let dir = layout.data_dir(&table, 5, 0).expect("an id");
    assert_eq!(layout.data_key(&dir, ID, 1).as_ref(), "12345/5/CDC_742_000001.json");
    table.partition = Some(55);
    let dir = layout.data_dir(&table, 5, 0).expect("an id");
    assert_eq!(dir.key().as_ref(), "55/5", "a partition's own id, and no partition level");
}

#[test]
fn wide_keys_parse_back_to_directory_and_index() {
    let mut layout = layout(DateLevel::Day, 20, ".csv");
    let mut table = table("schema1", "table1");
    let wall = millis(2023, 5, 9);
    for (partition, by_id, level, dir) in [
        (None, false, DateLevel::Day, "schema1/table1/123456/2023-05-09"),
        (Some(55), false, DateLevel::Day, "schema1/table1/123456/55/2023-05-09"),
        (None, true, DateLevel::None, "12345/123456"),
    ] {
        (table.partition, layout.table_id_as_path, layout.date_level) = (partition, by_id, level);
        let made = layout.data_dir(&table, 123_456, wall).expect("plain names");
        let key = layout.data_key(&made, ID, 10);
        assert_eq!(key.as_ref(), format!("{dir}/CDC_742_00000000000000000010.csv"));

        let (parent, name) = key.as_ref().rsplit_once('/').expect("a directory");
        assert_eq!(DataDir::parse(parent, level), Ok(made.clone()));
        assert_eq!(DataFileName::parse(name, ".csv"), Ok(DataFileName::new(Some(ID), 10)));

        let index = layout.index_key(&made, ID);
        assert_eq!(index.as_ref(), format!("{dir}/meta/CDC_742.index"));
        let parsed = IndexKey::parse(index.as_ref(), level).expect("an index key");
        assert_eq!((parsed.dir, parsed.dispatcher.as_deref()), (made, Some("742")));
    }
}

#[test]
fn the_dispatcher_stays_out_of_names_unless_tables_span_nodes() {
    let mut layout = layout(DateLevel::None, 6, ".csv");
    layout.dispatcher_in_names = false;
    let dir = layout.data_dir(&table("s", "t"), 5, 0).expect("plain names");
    assert_eq!(layout.data_key(&dir, ID, 1_234_567).as_ref(), "s/t/5/CDC1234567.csv");
    assert_eq!(layout.index_key(&dir, ID).as_ref(), "s/t/5/meta/CDC.index");
}

#[test]
fn partitions_share_the_tables_directory_when_their_level_is_off() {
    let mut layout = layout(DateLevel::None, 6, ".csv");
    layout.partition_level = false;
    let mut table = table("s", "t");
    table.partition = Some(55);
    let dir = layout.data_dir(&table, 5, 0).expect("plain names");
    assert_eq!(dir.key().as_ref(), "s/t/5");
}

#[test]
fn a_name_that_could_leave_its_directory_is_escaped_and_an_empty_one_refused() {
    let layout = layout(DateLevel::None, 6, ".csv");
    for (schema, name, directory) in [
        ("..", "t", "%2E./t/5"),
        ("s", "..", "s/%2E./5"),
        ("s", "a/b", "s/a%2Fb/5"),
        ("s", "a\0b", "s/a%00b/5"),
    ] {
        let found = layout.data_dir(&table(schema, name), 5, 0).expect("a directory");
        assert_eq!(found.key().as_ref(), directory);
    }
    for (schema, name) in [("s", ""), ("", "t")] {
        assert!(layout.data_dir(&table(schema, name), 5, 0).is_err(), "{schema:?} {name:?}");
    }
}
