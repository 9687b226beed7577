//! The golden schema files of `output-format` 2.8: bytes, keys and back.

use change_event::{
    Column, ColumnKind, CommitTs, DdlChange, DdlEvent, DdlKind, DefaultValue, Generated, Influence, Op,
    RowEvent, RowsBuilder, TableName, TableSchema, Value,
};
use dispatcher::{DispatchedRows, DispatcherId, Sink};
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use pipeline_core::{RouteId, Routed};
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::config::Config;
use sink_cloudstorage::layout::{DateLevel, SchemaKey};
use sink_cloudstorage::schema_file::{SchemaFile, SchemaFileError};
use std::sync::Arc;
use tower::{Service, ServiceExt};

const TABLE_FILE: &str = r#"{
    "Table": "table1",
    "Schema": "test",
    "Version": 1,
    "TableVersion": 100,
    "Query": "alter table test.table1 add col2 varchar(64)",
    "Type": 5,
    "TableColumns": [
        {
            "ColumnName": "col1",
            "ColumnType": "INT",
            "ColumnPrecision": "11"
        },
        {
            "ColumnName": "col2",
            "ColumnType": "VARCHAR",
            "ColumnPrecision": "5"
        }
    ],
    "TableColumnsTotal": 2
}"#;

const DATABASE_FILE: &str = r#"{
    "Table": "",
    "Schema": "schema1",
    "Version": 1,
    "TableVersion": 100,
    "Query": "CREATE DATABASE `schema1`",
    "Type": 1,
    "TableColumns": null,
    "TableColumnsTotal": 0
}"#;

fn table(schema: &str, table: &str, columns: Vec<Column>) -> TableSchema {
    TableSchema { name: TableName::new(schema, table), table_id: 20, partition: None, version: 100, columns }
}

fn add_column() -> DdlChange {
    let columns = vec![Column::new("col1", ColumnKind::Int), Column::new("col2", ColumnKind::VarChar)];
    DdlChange {
        kind: DdlKind::AddColumn,
        query: "alter table test.table1 add col2 varchar(64)".to_owned(),
        schema: "test".to_owned(),
        table: "table1".to_owned(),
        columns: Some(Arc::new(table("test", "table1", columns))),
        renamed_from: None,
    }
}

fn create_database() -> DdlChange {
    DdlChange {
        kind: DdlKind::CreateDatabase,
        query: "CREATE DATABASE `schema1`".to_owned(),
        schema: "schema1".to_owned(),
        table: String::new(),
        columns: None,
        renamed_from: None,
    }
}

fn people() -> TableSchema {
    let text = |text: &str| Some(DefaultValue::Text(text.to_owned()));
    let named = |name: &str, length| Column {
        length: Some(length),
        default: text(&format!("Default {name}")),
        ..Column::new(name, ColumnKind::VarChar)
    };
    let columns = vec![
        Column {
            nullable: false,
            primary_key: true,
            default: Some(DefaultValue::Int(10)),
            ..Column::new("Id", ColumnKind::Int)
        },
        Column { nullable: false, ..named("LastName", 128) },
        named("FirstName", 64),
        Column {
            default: Some(DefaultValue::Int(12_345_678)),
            ..Column::new("Birthday", ColumnKind::DateTime)
        },
    ];
    table("schema1", "table1", columns)
}

fn key(file: &SchemaFile, table_id: Option<i64>) -> Option<String> {
    let key = file.key(table_id).expect("plain names");
    key.map(|key| key.to_string())
}

#[test]
fn a_ddl_about_a_table_writes_the_golden_file() {
    let file = SchemaFile::of_ddl(&add_column(), CommitTs(100), false);
    assert_eq!(String::from_utf8_lossy(&file.to_bytes()), TABLE_FILE);
    let name = "meta/schema_100_4192708364.json";
    assert_eq!(key(&file, None), Some(format!("test/table1/{name}")));
    assert_eq!(key(&file, Some(20)), Some(format!("20/{name}")));
}

#[test]
fn a_ddl_about_a_database_writes_the_golden_file_unless_tables_are_ids() {
    let file = SchemaFile::of_ddl(&create_database(), CommitTs(100), false);
    assert_eq!(String::from_utf8_lossy(&file.to_bytes()), DATABASE_FILE);
    let want = "schema1/meta/schema_100_3233644819.json";
    assert_eq!(key(&file, None).as_deref(), Some(want));
    assert_eq!(key(&file, Some(20)), None);
}

#[tokio::test]
async fn a_sink_by_table_ids_writes_a_table_under_its_id_and_leaves_its_database_out() {
    let store = Arc::new(InMemory::new());
    let spool = tempfile::tempdir().expect("a directory");
    let config = Config {
        use_table_id_as_path: true,
        date_level: DateLevel::None,
        spool_base_dir: Some(spool.path().to_owned()),
        ..Config::default()
    };
    let storage = CloudStorage::over(&config, store.clone(), "a store by ids").await.expect("a sink");
    let sink = storage.sink();
    let changes = vec![create_database(), add_column()];
    let table = changes[1].columns.clone().expect("it has columns");
    let ddl = DdlEvent { commit_ts: CommitTs(100), influence: Influence::Tables(Vec::new()), changes };
    sink.write_block_event(&ddl).await.expect("its schema files");

    let mut rows = RowsBuilder::new(2);
    rows.push(Op::Insert, [Value::Int(1), Value::Text(b"x")]).expect("a row");
    let dispatcher = DispatcherId::of(Some(&table.name), 0);
    let event = RowEvent { table, commit_ts: CommitTs(101), rows: rows.build() };
    let routed = Routed::new(RouteId(1), DispatchedRows { dispatcher, event });
    let receipt = sink.door().ready().await.expect("it runs").call(routed).await.expect("enqueued");
    storage.close().await.expect("an end in order");
    receipt.flushed().await.expect("durable");

    let keys = store.list(None).map_ok(|object| object.location.to_string());
    let mut keys: Vec<String> = keys.try_collect().await.expect("keys");
    keys.retain(|key| !key.starts_with(".spillway/"));
    let schema = "20/meta/schema_100_4192708364.json";
    assert_eq!(keys, ["20/100/CDC00000000000000000001.csv", "20/100/meta/CDC.index", schema]);
    let file = store.get(&Path::from(schema)).await.expect("the file").bytes().await.expect("its bytes");
    assert_eq!(String::from_utf8_lossy(&file), TABLE_FILE, "the DDL's, not one of the rows'");
}

#[test]
fn rows_bring_a_file_without_query_under_the_same_checksum() {
    let file = SchemaFile::of_table(&people(), false);
    assert_eq!((file.query.as_str(), file.kind, file.columns_total), ("", 0, 4));
    let name = "meta/schema_100_3752767265.json";
    assert_eq!(key(&file, None), Some(format!("schema1/table1/{name}")));
    assert_eq!(key(&file, Some(12345)), Some(format!("12345/{name}")));
}

#[test]
fn a_ddl_without_columns_keeps_its_tables_named_directory() {
    let mut change = add_column();
    change.columns = None;
    let file = SchemaFile::of_ddl(&change, CommitTs(100), false);
    let in_id_mode = key(&file, Some(20)).expect("a file");
    assert!(in_id_mode.starts_with("test/table1/meta/schema_100_"), "{in_id_mode}");
}

#[test]
fn virtual_columns_are_part_of_the_file() {
    let mut table = people();
    table.columns[2].generated = Generated::Virtual;
    assert_eq!(SchemaFile::of_table(&table, false).columns_total, 4);
}

#[test]
fn a_file_reads_back_and_is_checked_against_its_key() {
    let file = SchemaFile::of_table(&people(), true);
    let path = key(&file, None).expect("a file");
    let key = SchemaKey::parse(&path).expect("a schema key");
    let read = SchemaFile::read(&key, &file.to_bytes()).expect("our own file");
    assert_eq!(read, file);

    let other_name = SchemaKey { version: 99, ..key.clone() };
    let version = SchemaFile::read(&other_name, &file.to_bytes());
    assert!(matches!(version, Err(SchemaFileError::Version { found: 100, named: 99 })));
    let changed = String::from_utf8_lossy(&file.to_bytes()).replace("FirstName", "GivenName");
    let checksum = SchemaFile::read(&key, changed.as_bytes());
    assert!(matches!(checksum, Err(SchemaFileError::Checksum { .. })));
    let torn = SchemaFile::read(&key, &file.to_bytes()[..300]);
    assert!(matches!(torn, Err(SchemaFileError::Malformed(_))));
}

#[test]
fn names_that_need_escaping_read_back_under_their_checksum() {
    let mut table = people();
    table.name = TableName::new("a<b>&c", "quote\"back\\slash\u{2028}");
    table.columns[0].name = "表 #1 100%".to_owned();
    let file = SchemaFile::of_table(&table, false);
    let path = key(&file, None).expect("a file");
    let key = SchemaKey::parse(&path).expect("a schema key");
    assert_eq!(SchemaFile::read(&key, &file.to_bytes()).expect("our own file"), file);
}

#[test]
fn a_name_that_could_leave_its_directory_is_escaped() {
    let mut change = create_database();
    change.schema = "../outside".to_owned();
    for (table, start) in [("", "..%2Foutside/meta/schema_1_"), ("..", "..%2Foutside/%2E./meta/schema_1_")] {
        change.table = table.to_owned();
        let key = SchemaFile::of_ddl(&change, CommitTs(1), false).key(None).expect("a key").expect("a file");
        assert!(key.as_ref().starts_with(start), "{key}");
    }
}
