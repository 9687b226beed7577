//! What the tests of this folder read logs with.
#![allow(dead_code)] // Each test file uses its part of it.

use change_event::{ChangeEvent, Op, RowEvent};
use source_mysql::{Binlog, Error, Mark, Parked, Resume, SourceItem, SourceOptions};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The recorded log that is part of the sources.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop.binlog")
}

/// Opens a file with default options.
pub async fn open(path: &Path, resume: Option<Resume>) -> Binlog {
    Binlog::open_file(path, SourceOptions::default(), resume).await.unwrap()
}

/// Everything up to the end or the first error.
pub async fn read_on(log: &mut Binlog) -> (Vec<SourceItem>, Option<Error>) {
    let mut items = Vec::new();
    loop {
        match log.next().await {
            Ok(Some(item)) => items.push(item),
            Ok(None) => return (items, None),
            Err(error) => return (items, Some(error)),
        }
    }
}

/// All items of a log that is fine.
pub async fn read_all(path: &Path) -> Vec<SourceItem> {
    let (items, error) = read_on(&mut open(path, None).await).await;
    assert!(error.is_none(), "{error:?}");
    items
}

/// The rows of all items, in order.
pub fn rows(items: &[SourceItem]) -> impl Iterator<Item = &RowEvent> {
    items.iter().filter_map(|item| match item {
        SourceItem::Event(ChangeEvent::Rows(rows)) => Some(rows),
        SourceItem::Event(ChangeEvent::Ddl(_) | ChangeEvent::Resolved(_))
        | SourceItem::Parked(_)
        | SourceItem::Mark(_) => None,
    })
}

/// The marks of all items, in order.
pub fn marks(items: &[SourceItem]) -> impl Iterator<Item = &Mark> {
    items.iter().filter_map(|item| match item {
        SourceItem::Mark(mark) => Some(mark),
        SourceItem::Event(_) | SourceItem::Parked(_) => None,
    })
}

/// What was parked of all items, in order.
pub fn parked(items: &[SourceItem]) -> impl Iterator<Item = &Parked> {
    items.iter().filter_map(|item| match item {
        SourceItem::Parked(parked) => Some(&**parked),
        SourceItem::Event(_) | SourceItem::Mark(_) => None,
    })
}

/// The item in words, every value and every tracked table included: equal words, equal items.
pub fn words(item: &SourceItem) -> String {
    let mut text = String::new();
    match item {
        SourceItem::Event(ChangeEvent::Rows(event)) => {
            write!(text, "{} {:?}", event.commit_ts, event.table).unwrap();
            for row in event.rows.iter() {
                let images = [row.before, row.after].into_iter().flatten();
                let values: Vec<_> = images.flat_map(|image| image.values()).collect();
                write!(text, "\n{:?} {values:?}", row.op).unwrap();
            }
        }
        SourceItem::Event(other) => write!(text, "{other:?}").unwrap(),
        SourceItem::Parked(parked) => write!(text, "{}", serde_json::to_string(parked).unwrap()).unwrap(),
        SourceItem::Mark(mark) => {
            let schemas = serde_json::to_string(&mark.schemas).unwrap();
            // A file does not say whose it is.
            let mut position = mark.position.clone();
            position.lineage.server = std::sync::Arc::default();
            write!(text, "{} {position:?} {schemas}", mark.commit_ts).unwrap();
        }
    }
    text
}

/// Inserts, updates and deletes of one table.
pub fn counts(items: &[SourceItem], table: &str) -> [usize; 3] {
    let mut counts = [0; 3];
    for event in rows(items).filter(|event| event.table.name.to_string() == table) {
        for row in event.rows.iter() {
            counts[match row.op {
                Op::Insert => 0,
                Op::Update => 1,
                Op::Delete => 2,
            }] += 1;
        }
    }
    counts
}
