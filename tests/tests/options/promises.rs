//! What an option promises beyond the rows: paths, columns, kinds of changes. Each is checked both ways: it is there where
//! it was asked for, and not there where it was not.

use crate::settings::{Combination, Protocol};
use crate::workload::{self, DATABASE, UNIQUE_HANDLE, Updates};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use tests::consumer::names::Place;
use tests::consumer::{Bucket, ColumnDef, DataFile, Op, Row, SchemaFile, TableKey};

/// Every promise that a bucket breaks.
pub fn check(combination: &Combination, bucket: &Bucket, reference: &Reference) -> Vec<String> {
    let mut problems = Vec::new();
    problems.extend(bucket.files.iter().filter_map(|file| paths(combination, file).err()));
    let foreign = bucket.strangers.iter().filter(|key| !key.starts_with(".spillway/"));
    problems.extend(foreign.chain(&bucket.unpublished).map(|key| format!("{key} is nothing known")));
    problems.extend(schema_folders(combination, bucket).err());
    problems.extend(column_ids(combination, bucket).err());
    problems.extend(workload::UPDATES.iter().filter_map(|updates| whole(combination, bucket, updates).err()));
    if combination.protocol == Protocol::CanalJson {
        for file in &bucket.files {
            problems.extend(file.rows.iter().filter_map(|row| line(combination, file, row).err()));
        }
        problems.extend(old_columns(combination, bucket, reference).err());
    }
    problems
}

fn holds(is: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if is { Ok(()) } else { Err(problem()) }
}

/// `use-table-id-as-path` and `enable-table-across-nodes`. Digits, date and extension are part of what a reader is told: it
/// finds nothing where they differ.
fn paths(combination: &Combination, file: &DataFile) -> Result<(), String> {
    let owner = &file.owner;
    let by_id = matches!(owner.dir.place, Place::Id(_));
    holds(by_id == combination.is_on("use-table-id-as-path"), || format!("{}: by id?", file.path))?;
    let named = owner.dispatcher.is_some();
    holds(named == combination.is_on("enable-table-across-nodes"), || format!("{}: a dispatcher?", file.path))
}

/// Every table has a folder, and a database has one by its name only.
fn schema_folders(combination: &Combination, bucket: &Bucket) -> Result<(), String> {
    let by_id = combination.is_on("use-table-id-as-path");
    let wrong = bucket.schema_files.iter().find(|file| {
        let is_number = file.folder.bytes().all(|byte| byte.is_ascii_digit());
        is_number != by_id
    });
    holds(wrong.is_none(), || format!("{wrong:?} is in a folder of the other kind"))?;
    let databases = bucket.schema_files.iter().filter(|file| file.key.table.is_empty()).count();
    holds(databases == usize::from(!by_id), || format!("{databases} schema files of databases"))
}

/// `output-column-id`: all columns have one or none has, and a column that stays keeps it, under a new name too.
fn column_ids(combination: &Combination, bucket: &Bucket) -> Result<(), String> {
    let asked = combination.is_on("output-column-id");
    for file in &bucket.schema_files {
        let columns: Vec<&ColumnDef> = file.columns.iter().flatten().collect();
        let ids: BTreeSet<&String> = columns.iter().filter_map(|column| column.id.as_ref()).collect();
        let wanted = if asked { columns.len() } else { 0 };
        holds(ids.len() == wanted, || format!("{}: the ids {ids:?}", file.path))?;
    }
    if !asked {
        return Ok(());
    }
    let of_changed = |file: &&SchemaFile| file.key == TableKey::new(DATABASE, "changed");
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for file in bucket.schema_files.iter().filter(of_changed) {
        for column in file.columns.iter().flatten() {
            let name = if column.name == "renamed" { "a" } else { column.name.as_str() };
            let id = column.id.clone().unwrap_or_default();
            let before = known.entry(name.to_owned()).or_insert_with(|| id.clone());
            holds(*before == id, || format!("{}: column {name} had the id {before}", file.path))?;
        }
    }
    let different: BTreeSet<&String> = known.values().collect();
    holds(different.len() == 5, || format!("the columns of `changed` had the ids {known:?}"))
}

/// `output-raw-change-event`: which UPDATEs stay whole (`UpdateForm`), to the very number.
fn whole(combination: &Combination, bucket: &Bucket, updates: &Updates) -> Result<(), String> {
    let shows_old = combination.protocol == Protocol::CanalJson || combination.is_on("output-old-value");
    let raw = combination.is_on("output-raw-change-event");
    let Updates { table, has_primary_key, primary, unique, other } = updates;
    let wanted = match (has_primary_key, shows_old) {
        // Nobody could tell which row it was.
        (false, false) => 0,
        (false, true) => other + if raw { *unique } else { 0 },
        (true, _) => other + if raw { *unique } else { 0 } + if raw && shows_old { *primary } else { 0 },
    };
    let of_table = bucket.files.iter().filter(|file| file.table == TableKey::new(DATABASE, *table));
    let is_whole = |row: &&Row| row.op == Op::Update || (row.op == Op::Insert && row.is_update == Some(true));
    let found = of_table.flat_map(|file| &file.rows).filter(is_whole).count();
    holds(found == wanted, || format!("{table}: {found} UPDATEs are whole, not {wanted}"))
}

/// `only-output-updated-columns`: `old` shows what the same UPDATE shows without it, and of that only what changed.
fn old_columns(combination: &Combination, bucket: &Bucket, reference: &Reference) -> Result<(), String> {
    let raw = combination.is_on("output-raw-change-event");
    let changed_only =
        combination.is_on("content-compatible") || combination.is_on("only-output-updated-columns");
    let mut counts: BTreeMap<&TableKey, usize> = BTreeMap::new();
    for (file, message) in updates(bucket) {
        let count = counts.entry(&file.table).or_default();
        let (old, data) = &reference.0[&(raw, file.table.clone())][*count];
        *count += 1;
        let is_shown = |name: &String| file.columns.iter().any(|column| column.name == *name);
        let mut wanted = old.clone();
        wanted.retain(|name, value| is_shown(name) && !(changed_only && data.get(name) == Some(value)));
        let found = image(&message, "old");
        holds(found == wanted, || format!("{}: `old` is {found:?}, not {wanted:?}", file.path))?;
    }
    let (found, wanted): (usize, _) = (counts.values().sum(), reference.count(raw));
    holds(found == wanted, || format!("{found} UPDATEs, not {wanted}"))
}

/// What UPDATEs show when everything is shown: `old` and `data`, for both settings of `output-raw-change-event`, table by
/// table in their order.
#[derive(Default)]
pub struct Reference(BTreeMap<(bool, TableKey), Vec<Images>>);

/// `old` and `data`.
type Images = (Map<String, Value>, Map<String, Value>);

impl Reference {
    /// Adds what a bucket of canal-json shows.
    pub fn add(&mut self, raw: bool, bucket: &Bucket) {
        for (file, message) in updates(bucket) {
            let images = (image(&message, "old"), image(&message, "data"));
            self.0.entry((raw, file.table.clone())).or_default().push(images);
        }
    }

    fn count(&self, raw: bool) -> usize {
        self.0.iter().filter(|((of, _), _)| *of == raw).map(|(_, images)| images.len()).sum()
    }
}

/// The lines of UPDATEs.
fn updates(bucket: &Bucket) -> impl Iterator<Item = (&DataFile, Value)> {
    let rows = bucket.files.iter().flat_map(|file| file.rows.iter().map(move |row| (file, row)));
    let updates = rows.filter(|(_, row)| row.op == Op::Insert && row.is_update == Some(true));
    updates.filter_map(|(file, row)| Some((file, serde_json::from_slice(&row.raw).ok()?)))
}

fn image(message: &Value, name: &str) -> Map<String, Value> {
    message[name][0].as_object().cloned().unwrap_or_default()
}

/// One line of canal-json: which columns it shows where, and their types.
fn line(combination: &Combination, file: &DataFile, row: &Row) -> Result<(), String> {
    // An UPDATE is two rows of one line.
    if row.op == Op::Delete && row.is_update == Some(true) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&row.raw);
    let message: Value = serde_json::from_str(text.trim_end()).map_err(|error| format!("{text}: {error}"))?;
    let names = |of: &dyn Fn(&ColumnDef) -> bool| -> BTreeSet<String> {
        file.columns.iter().filter(|column| of(column)).map(|column| column.name.clone()).collect()
    };
    let (all, key) = (names(&|_| true), names(&|column| column.is_pk));
    let shown = match row.op {
        Op::Delete if combination.is_on("delete-only-output-handle-key-columns") => {
            handle_key(&file.table.table, all.clone(), key.clone())
        }
        Op::Delete | Op::Insert | Op::Update => all,
    };
    let says = |problem: &str| format!("{}: {problem}: {text}", file.path);
    let data = image(&message, "data");
    holds(keys(&data) == shown, || says("other columns in `data`"))?;
    for types in ["sqlType", "mysqlType"] {
        holds(message[types].as_object().map(keys).as_ref() == Some(&shown), || says(types))?;
    }
    let pk_names: BTreeSet<String> = message["pkNames"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    holds(pk_names == key, || says("other `pkNames`"))?;
    let is_update = message["type"] == "UPDATE";
    holds(message["old"].is_null() != is_update, || says("an `old` or none"))?;
    types(combination, &file.table.table, &message["mysqlType"]).map_err(|problem| says(&problem))
}

/// What tells a row from all others: the primary key, a unique key without NULLs, or everything.
fn handle_key(table: &str, all: BTreeSet<String>, primary: BTreeSet<String>) -> BTreeSet<String> {
    match UNIQUE_HANDLE {
        _ if !primary.is_empty() => primary,
        (name, columns) if name == table => columns.iter().map(|column| (*column).to_owned()).collect(),
        _ => all,
    }
}

/// `content-compatible`: types in full.
fn types(combination: &Combination, table: &str, found: &Value) -> Result<(), String> {
    if table != "types" {
        return Ok(());
    }
    for (column, name, full) in workload::TYPES {
        let wanted = if combination.is_on("content-compatible") { full } else { name };
        let found = found[column].as_str();
        holds(found.is_none_or(|found| found == wanted), || format!("{column} is {found:?}, not {wanted}"))?;
    }
    Ok(())
}

fn keys(object: &Map<String, Value>) -> BTreeSet<String> {
    object.keys().cloned().collect()
}
