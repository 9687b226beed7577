//! One golden for each option of `output-format` 2 and 3: from the text of the option to paths and bytes in the store.
//!
//! The values are the format's own, where it has one; `tests/options` of the workspace has a round trip for each.

use change_event::{
    Column, ColumnKind, CommitTs, DdlChange, DdlEvent, DdlKind, Influence, Op, RowEvent, RowsBuilder,
    TableName, TableSchema, Value,
};
use dispatcher::{DispatchedRows, DispatcherId, Sink};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use pipeline_core::{RouteId, Routed};
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::config::{Config, SinkUri};
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::{Service, ServiceExt};

/// Its text is 742.
const ID: DispatcherId = DispatcherId { low: 7, high: 42 };
/// The commit-ts of the format's lines.
const COMMIT_TS: CommitTs = CommitTs(435_661_838_416_609_281);
const CSV: &str = "protocol=csv&terminator=%0A&date-separator=none&file-index-digit=6&include-commit-ts=true";
const CANAL: &str = "protocol=canal-json&terminator=%0A&date-separator=none&file-index-digit=6";

/// Objects by key, but for those of our own.
type Objects = BTreeMap<String, String>;

/// What happens to a table.
type Change<'a> = (Op, &'a [Value<'a>]);

fn table(name: (&str, &str), version: u64, columns: &[(&str, ColumnKind)]) -> TableSchema {
    let numbered = (1..).zip(columns);
    let column = |(id, (name, kind)): (i64, &(&str, ColumnKind))| Column { id, ..Column::new(*name, *kind) };
    TableSchema {
        name: TableName::new(name.0, name.1),
        table_id: 12345,
        partition: None,
        version,
        columns: numbered.map(column).collect(),
    }
}

/// The format's tables of two columns.
fn two_columns(name: &str, kind: ColumnKind) -> TableSchema {
    table(("test", name), 5, &[("col1", kind), ("col2", ColumnKind::VarChar)])
}

/// What options make of a statement and of events of rows, which reach the sink as a source brings them.
async fn written(
    parameters: &str,
    toml: &str,
    statement: Option<DdlEvent>,
    events: &[(&TableSchema, &[Change<'_>])],
) -> Objects {
    let uri = SinkUri::parse(&format!("memory://x?{parameters}")).expect("a right URI");
    let config = Config::read(&uri, toml).expect("right options");
    let spool = tempfile::tempdir().expect("a directory");
    let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..config };
    let store = Arc::new(InMemory::new());
    let storage = CloudStorage::over(&config, store.clone(), "a golden store").await.expect("a sink");
    let sink = storage.sink();
    if let Some(statement) = statement {
        sink.write_block_event(&statement).await.expect("its schema files");
    }
    for (table, changes) in events {
        let mut rows = RowsBuilder::new(table.columns.len());
        for (op, values) in *changes {
            rows.push(*op, values.iter().copied()).expect("a row");
        }
        let rows = rows.build().with_updates(config.update_form(), table);
        let event = RowEvent { table: Arc::new((*table).clone()), commit_ts: COMMIT_TS, rows };
        let routed = Routed::new(RouteId(1), DispatchedRows { dispatcher: ID, event });
        drop(sink.door().ready().await.expect("it runs").call(routed).await.expect("enqueued"));
    }
    storage.close().await.expect("an end in order");
    let keys: Vec<_> = futures::TryStreamExt::try_collect(store.list(None)).await.expect("keys");
    let mut objects = Objects::new();
    for key in keys.into_iter().map(|object: object_store::ObjectMeta| object.location) {
        let content = store.get(&key).await.expect("it is there").bytes().await.expect("its bytes");
        objects.insert(key.to_string(), String::from_utf8(content.to_vec()).expect("it is text"));
    }
    objects.retain(|key, _| !key.starts_with(".spillway/"));
    objects
}

/// The keys alone.
async fn keys(parameters: &str, table: &TableSchema) -> Vec<String> {
    let row = [Value::Int(1), Value::Text(b"x")];
    written(parameters, "", None, &[(table, &[(Op::Insert, &row)])]).await.into_keys().collect()
}

/// The only data file.
fn data(objects: &Objects) -> &str {
    let mut files = objects.iter().filter(|(key, _)| key.contains("/CDC") && !key.contains("/meta/"));
    let (_, content) = files.next().expect("a data file");
    assert!(files.next().is_none(), "one data file: {objects:#?}");
    content
}

/// The only data file of these changes, with the clock of canal-json masked.
async fn lines(parameters: &str, table: &TableSchema, changes: &[Change<'_>]) -> String {
    let objects = written(parameters, "", None, &[(table, changes)]).await;
    let mask = |line: &str| match line.split_once(",\"ts\":") {
        Some((before, after)) => {
            format!("{before},\"ts\":0{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => line.to_owned(),
    };
    data(&objects).lines().map(|line| mask(line) + "\n").collect()
}

#[tokio::test]
async fn use_table_id_as_path() {
    let table = two_columns("table1", ColumnKind::Int);
    let schema = "meta/schema_5_4192708364.json";
    let named = ["CDC000001.json".to_owned(), "meta/CDC.index".to_owned()]
        .map(|name| format!("test/table1/5/{name}"));
    let by_name = keys(CANAL, &table).await;
    assert_eq!(by_name, [&named[0], &named[1], &format!("test/table1/{schema}")].map(String::as_str));
    let by_id = keys(&format!("{CANAL}&use-table-id-as-path=true"), &table).await;
    assert_eq!(by_id, ["12345/5/CDC000001.json", "12345/5/meta/CDC.index", &format!("12345/{schema}")]);
}

#[tokio::test]
async fn enable_partition_separator() {
    let mut table =
        table(("schema1", "table1"), 123_456, &[("col1", ColumnKind::Int), ("col2", ColumnKind::VarChar)]);
    table.partition = Some(55);
    let of_csv = "protocol=csv&date-separator=none";
    for (parameters, directory) in [
        ("", "schema1/table1/123456/55"),
        ("&enable-partition-separator=false", "schema1/table1/123456"),
        // A partition's own id, and no level below it.
        ("&use-table-id-as-path=true", "55/123456"),
    ] {
        let keys = keys(&format!("{of_csv}{parameters}"), &table).await;
        assert_eq!(keys[0], format!("{directory}/CDC00000000000000000001.csv"));
        assert_eq!(keys[1], format!("{directory}/meta/CDC.index"));
    }
}

#[tokio::test]
async fn enable_table_across_nodes_and_file_index_digit() {
    let table = two_columns("table1", ColumnKind::Int);
    let row = [Value::Int(1), Value::Text(b"x")];
    for (digits, number) in [("6", "000001"), ("20", "00000000000000000001"), ("21", "00000000000000000001")]
    {
        for (across, id) in [("true", "_742"), ("false", "")] {
            let parameters = format!(
                "protocol=csv&date-separator=none&file-index-digit={digits}&enable-table-across-nodes={across}"
            );
            let objects = written(&parameters, "", None, &[(&table, &[(Op::Insert, &row)])]).await;
            let name =
                if across == "true" { format!("CDC{id}_{number}.csv") } else { format!("CDC{number}.csv") };
            assert!(objects.contains_key(&format!("test/table1/5/{name}")), "{objects:#?}");
            assert_eq!(objects[&format!("test/table1/5/meta/CDC{id}.index")], format!("{name}\n"));
        }
    }
}

#[tokio::test]
async fn date_separator() {
    let table = two_columns("table1", ColumnKind::Int);
    for (separator, length) in [("none", None), ("year", Some(4)), ("month", Some(7)), ("day", Some(10))] {
        let today = || Timestamp::now().to_zoned(TimeZone::UTC).date().to_string();
        let before = today();
        let parameters = format!("protocol=csv&file-index-digit=6&date-separator={separator}");
        let keys = keys(&parameters, &table).await;
        // The day may have changed meanwhile.
        let path = |day: String| match length {
            Some(length) => format!("test/table1/5/{}/CDC000001.csv", &day[..length]),
            None => "test/table1/5/CDC000001.csv".to_owned(),
        };
        let possible = [before, today()].map(path);
        assert!(possible.contains(&keys[0]), "{keys:?}");
    }
}

#[tokio::test]
async fn output_column_id() {
    let golden = r#"{
    "Table": "table1",
    "Schema": "test",
    "Version": 1,
    "TableVersion": 100,
    "Query": "alter table test.table1 add col2 varchar(64)",
    "Type": 5,
    "TableColumns": [
        {
            "ColumnId": "1",
            "ColumnName": "col1",
            "ColumnType": "INT",
            "ColumnPrecision": "11"
        },
        {
            "ColumnId": "2",
            "ColumnName": "col2",
            "ColumnType": "VARCHAR",
            "ColumnPrecision": "5"
        }
    ],
    "TableColumnsTotal": 2
}"#;
    let without: String =
        golden.lines().filter(|line| !line.contains("ColumnId")).collect::<Vec<_>>().join("\n");
    let table = Arc::new(TableSchema { version: 100, ..two_columns("table1", ColumnKind::Int) });
    let change = DdlChange {
        kind: DdlKind::AddColumn,
        query: "alter table test.table1 add col2 varchar(64)".to_owned(),
        schema: "test".to_owned(),
        table: "table1".to_owned(),
        columns: Some(table),
        renamed_from: None,
    };
    let influence = Influence::Tables(Vec::new());
    let statement = DdlEvent { commit_ts: CommitTs(100), influence, changes: vec![change] };
    // The ids take part in the checksum: CRC-32 of the reduced object, made with zlib.
    for (parameters, checksum, content) in
        [("", "4192708364", without.as_str()), ("&output-column-id=true", "0604403549", golden)]
    {
        let objects = written(&format!("{CSV}{parameters}"), "", Some(statement.clone()), &[]).await;
        let key = format!("test/table1/meta/schema_100_{checksum}.json");
        assert_eq!(objects, Objects::from([(key, content.to_owned())]));
    }
}

#[tokio::test]
async fn column_selectors() {
    let columns = [("col1", ColumnKind::Int), ("secret", ColumnKind::Int), ("col2", ColumnKind::VarChar)];
    let table = table(("test", "table1"), 5, &columns);
    let toml = "[[sink.column-selectors]]\nmatcher = ['test.*']\ncolumns = ['*', '!SECRET']\n";
    let row = [Value::Int(123), Value::Int(7), Value::Text(b"hello,world")];
    let event: (&TableSchema, &[Change<'_>]) = (&table, &[(Op::Insert, &row)]);
    let selected = written(CSV, toml, None, &[event]).await;
    assert_eq!(data(&selected), "\"I\",\"table1\",\"test\",435661838416609281,123,\"hello,world\"\n");
    let whole = written(CSV, "", None, &[event]).await;
    assert_eq!(data(&whole), "\"I\",\"table1\",\"test\",435661838416609281,123,7,\"hello,world\"\n");
    let schema = |objects: &Objects| {
        objects.iter().find(|(key, _)| key.contains("/schema_")).map(|(k, v)| (k.clone(), v.clone()))
    };
    assert_eq!(schema(&selected), schema(&whole), "schema files show all columns");
}

#[tokio::test]
async fn output_old_value() {
    let table = two_columns("table2", ColumnKind::VarChar);
    let csv = format!("{CSV}&delimiter=!&quote=");
    let (old, new) = ([Value::Text(b"old"), Value::Null], [Value::Text(b"a!b!c"), Value::Text(b"def")]);
    let keyed = with_key(table);
    let update = [keyed_update(&old, &new)];
    let changes: [Change<'_>; 1] = [(Op::Update, &update[0])];
    assert_eq!(lines(&csv, &keyed, &changes).await, "U!table2!test!435661838416609281!1!a\\!b\\!c!def\n");
    let with_old = format!("{csv}&output-old-value=true");
    let insert = [&[Value::Int(1)][..], &new].concat();
    assert_eq!(
        lines(&with_old, &keyed, &[changes[0], (Op::Insert, &insert)]).await,
        "D!table2!test!435661838416609281!true!1!old!\\N\n\
         I!table2!test!435661838416609281!true!1!a\\!b\\!c!def\n\
         I!table2!test!435661838416609281!false!1!a\\!b\\!c!def\n"
    );
}

/// The same table with a primary key before its columns.
fn with_key(mut table: TableSchema) -> TableSchema {
    let id = Column {
        id: 9,
        primary_key: true,
        unique_key: true,
        nullable: false,
        ..Column::new("id", ColumnKind::Int)
    };
    table.columns.insert(0, id);
    table
}

/// Both images of an UPDATE of the row 1.
fn keyed_update<'a>(old: &[Value<'a>], new: &[Value<'a>]) -> Vec<Value<'a>> {
    [&[Value::Int(1)], old, &[Value::Int(1)], new].concat()
}

#[tokio::test]
async fn output_handle_key() {
    // Accepted, and nothing more: the ancestor does not support it either.
    let table = two_columns("table1", ColumnKind::Int);
    let row = [Value::Int(123), Value::Text(b"hello,world")];
    for value in ["true", "false"] {
        let parameters = format!("{CSV}&output-handle-key={value}");
        let line = lines(&parameters, &table, &[(Op::Insert, &row), (Op::Delete, &row)]).await;
        let golden = "\"I\",\"table1\",\"test\",435661838416609281,123,\"hello,world\"\n";
        assert_eq!(line, format!("{golden}{}", golden.replace("\"I\"", "\"D\"")));
    }
}

#[tokio::test]
async fn output_field_header() {
    let table = two_columns("table1", ColumnKind::Int);
    let row = [Value::Int(1), Value::Text(b"x")];
    let event: (&TableSchema, &[Change<'_>]) = (&table, &[(Op::Insert, &row)]);
    let csv = "protocol=csv&terminator=%0A&date-separator=none";
    let line = "\"I\",\"table1\",\"test\",1,\"x\"\n";
    let header = "ticdc-meta$operation,ticdc-meta$table,ticdc-meta$schema,col1,col2\n";
    // Once a file, however many events it has.
    let with = written(&format!("{csv}&output-field-header=true"), "", None, &[event, event]).await;
    assert_eq!(data(&with), [header, line, line].concat());
    let without = written(csv, "", None, &[event, event]).await;
    assert_eq!(data(&without), [line, line].concat());
    let all =
        format!("{csv}&output-field-header=true&include-commit-ts=true&output-old-value=true&delimiter=%20");
    let all = written(&all, "", None, &[event]).await;
    let header =
        "ticdc-meta$operation ticdc-meta$table ticdc-meta$schema ticdc-meta$commit-ts ticdc-meta$is-update";
    assert!(data(&all).starts_with(&format!("{header} col1 col2\n")), "{}", data(&all));
}

/// The format's line, with the clock masked.
const UPDATE: &str = concat!(
    r#"{"id":0,"database":"test","table":"t","pkNames":["a"],"isDdl":false,"type":"UPDATE","es":1661918023745,"ts":0,"#,
    r#""sql":"","sqlType":{"a":-6,"b":-6},"mysqlType":{"a":"tinyint","b":"tinyint"},"old":[{"a":"1","b":"3"}],"#,
    r#""data":[{"a":"1","b":"2"}],"_tidb":{"commitTs":435661838416609281}}"#,
    "\n"
);

/// Its table: `a` is the primary key.
fn two_tinyints() -> TableSchema {
    let mut table = table(("test", "t"), 5, &[("a", ColumnKind::TinyInt), ("b", ColumnKind::TinyInt)]);
    (table.columns[0].primary_key, table.columns[0].unique_key) = (true, true);
    table.columns[0].nullable = false;
    table
}

/// Its UPDATE of `b` from 3 to 2, under these options.
async fn update_line(parameters: &str) -> String {
    let images = [1, 3, 1, 2].map(Value::Int);
    lines(&format!("{CANAL}{parameters}"), &two_tinyints(), &[(Op::Update, &images)]).await
}

#[tokio::test]
async fn enable_tidb_extension() {
    assert_eq!(update_line("&enable-tidb-extension=true").await, UPDATE);
    assert_eq!(update_line("").await, UPDATE.replace(r#","_tidb":{"commitTs":435661838416609281}"#, ""));
}

#[tokio::test]
async fn only_output_updated_columns() {
    let line = update_line("&enable-tidb-extension=true&only-output-updated-columns=true").await;
    assert_eq!(line, UPDATE.replace(r#""old":[{"a":"1","b":"3"}]"#, r#""old":[{"b":"3"}]"#));
}

#[tokio::test]
async fn content_compatible() {
    let line = update_line("&enable-tidb-extension=true&content-compatible=true").await;
    let types = UPDATE.replace(r#"{"a":"tinyint","b":"tinyint"}"#, r#"{"a":"tinyint(4)","b":"tinyint(4)"}"#);
    assert_eq!(line, types.replace(r#""old":[{"a":"1","b":"3"}]"#, r#""old":[{"b":"3"}]"#));
}

#[tokio::test]
async fn delete_only_output_handle_key_columns() {
    let delete = UPDATE.replace("UPDATE", "DELETE").replace(r#"[{"a":"1","b":"3"}]"#, "null");
    let image = [1, 2].map(Value::Int);
    for (parameters, golden) in [
        ("", delete.clone()),
        (
            "&delete-only-output-handle-key-columns=true",
            delete
                .replace(r#"{"a":-6,"b":-6}"#, r#"{"a":-6}"#)
                .replace(r#"{"a":"tinyint","b":"tinyint"}"#, r#"{"a":"tinyint"}"#)
                .replace(r#"{"a":"1","b":"2"}"#, r#"{"a":"1"}"#),
        ),
    ] {
        let parameters = format!("{CANAL}&enable-tidb-extension=true{parameters}");
        assert_eq!(lines(&parameters, &two_tinyints(), &[(Op::Delete, &image)]).await, golden);
    }
}

#[tokio::test]
async fn output_raw_change_event() {
    // An UPDATE of the primary key, split in its place: what comes after it stays after it.
    let images = [1, 2, 5, 2].map(Value::Int);
    let after = [5, 2].map(Value::Int);
    let changes: [Change<'_>; 2] = [(Op::Update, &images), (Op::Delete, &after)];
    let ts = COMMIT_TS.0;
    let line = |start: &str, id: i64| format!("\"{start},{id},2\n").replace('#', &ts.to_string());
    let (d, i) = (r#"D","t","test",#"#, r#"I","t","test",#"#);
    let split = |suffix: &str| {
        [line(&format!("{d}{suffix}"), 1), line(&format!("{i}{suffix}"), 5), line(&format!("{d}{suffix}"), 5)]
            .concat()
    };
    for (parameters, golden) in [
        ("&output-raw-change-event=false", split("")),
        // A reader that sees no old row could not apply it whole.
        ("&output-raw-change-event=true", split("")),
        ("&output-raw-change-event=false&output-old-value=true", split(",false")),
        (
            "&output-raw-change-event=true&output-old-value=true",
            [line(&format!("{d},true"), 1), line(&format!("{i},true"), 5), line(&format!("{d},false"), 5)]
                .concat(),
        ),
    ] {
        assert_eq!(
            lines(&format!("{CSV}{parameters}"), &two_tinyints(), &changes).await,
            golden,
            "{parameters}"
        );
    }
    let canal = |raw: &str| format!("{CANAL}&output-raw-change-event={raw}");
    let kinds = async |raw: &str| -> Vec<String> {
        let lines = lines(&canal(raw), &two_tinyints(), &changes).await;
        let kind = |line: &str| {
            line.split("\"type\":\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
        };
        lines.lines().filter_map(kind).collect()
    };
    assert_eq!(kinds("false").await, ["DELETE", "INSERT", "DELETE"]);
    assert_eq!(kinds("true").await, ["UPDATE", "DELETE"]);
}
