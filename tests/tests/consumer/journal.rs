//! The journal between a sink and its store tells when something was written too early.

use crate::hand_made::{options, put, row, schema_file, schema_path};
use object_store::memory::InMemory;
use std::sync::Arc;
use tests::consumer::{Bucket, Journal, Violation};

const T: [&str; 2] = ["id INT*", "name VARCHAR"];

/// Writes the objects in this order and checks it.
async fn order_of(objects: &[(String, String)]) -> Result<(), Violation> {
    let journal = Journal::new(Arc::new(InMemory::new()));
    for (path, content) in objects {
        put(&journal, &format!("p/{path}"), content).await;
    }
    let bucket = Bucket::read(Arc::new(journal.clone()), "p", &options()).await.unwrap();
    journal.check_write_order(&bucket, "p")
}

/// A table, its first file, a DDL, its second file, a checkpoint: in the right order.
fn objects() -> Vec<(String, String)> {
    let create = schema_file("d.t", 5, (3, "CREATE TABLE t"), &T);
    let alter = schema_file("d.t", 10, (7, "ALTER TABLE t ADD INDEX (name)"), &T);
    let pair = |path: &str, content: &str| (path.to_owned(), content.to_owned());
    vec![
        pair(&schema_path(&create), &create.to_text()),
        pair("d/t/5/CDC000001.csv", &row('I', 6, 1, "a")),
        pair("d/t/5/meta/CDC.index", "CDC000001.csv\n"),
        pair("metadata", "{\"checkpoint-ts\":6}"),
        pair("d/t/5/CDC000002.csv", &row('I', 7, 2, "b")),
        pair("d/t/5/meta/CDC.index", "CDC000002.csv\n"),
        pair(&schema_path(&alter), &alter.to_text()),
        pair("metadata", "{\"checkpoint-ts\":10}"),
    ]
}

#[tokio::test]
async fn the_right_order_passes() {
    order_of(&objects()).await.unwrap();
}

#[tokio::test]
async fn promise_3_whatever_comes_too_early_is_named() {
    for (early, late) in [
        // The schema file after the first index of its directory.
        (2, 0),
        // A data file after its index.
        (5, 4),
        // A row below the checkpoint after it.
        (3, 2),
        (7, 5),
        // A row below the DDL after it.
        (6, 5),
    ] {
        let mut swapped = objects();
        let moved = swapped.remove(late);
        swapped.insert(early, moved);
        let refused = order_of(&swapped).await.unwrap_err();
        let Violation::WriteOrder { early: named, .. } = &refused else { panic!("{refused}") };
        let path = &objects()[early].0;
        assert!(named == path || path == "metadata", "{refused}, not {path}");
    }
}
