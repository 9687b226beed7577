//! The judge of buckets accepts what is right and names what is wrong.

use crate::hand_made::{HandMade, options, restarted, row, schema_file, schema_path};
use object_store::local::LocalFileSystem;
use std::sync::Arc;
use tests::consumer::{Bucket, Op, Violation};

const T: [&str; 2] = ["id INT*", "name VARCHAR"];

/// One table, two files, a checkpoint.
fn good() -> HandMade {
    let mut made = HandMade::default();
    made.ddl("d.", 1, (1, "CREATE DATABASE d"), &[])
        .ddl("d.t", 5, (3, "CREATE TABLE t"), &T)
        .data("d/t/5", &[&(row('I', 6, 1, "a") + &row('I', 7, 2, "b")), &row('U', 9, 1, "c")])
        .put("metadata", "{\"checkpoint-ts\":9}");
    made
}

/// What is wrong with the good bucket after a change.
async fn violation_after(change: impl FnOnce(&mut HandMade)) -> Violation {
    let mut made = good();
    change(&mut made);
    made.read(&options()).await.expect_err("this bucket is broken")
}

/// Checks what is named, as a pattern.
macro_rules! assert_names {
    ($violation:expr, $pattern:pat $(if $guard:expr)?) => {
        let violation = $violation;
        assert!(matches!(&violation, $pattern $(if $guard)?), "{violation}");
    };
}

#[tokio::test]
async fn a_good_bucket_is_read_whole() {
    let bucket = good().read(&options()).await.unwrap();
    assert_eq!(bucket.checkpoint, Some(9));
    assert_eq!(bucket.schema_files.len(), 2);
    assert_eq!(bucket.row_count(), 3);
    let paths: Vec<&str> = bucket.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["d/t/5/CDC000001.csv", "d/t/5/CDC000002.csv"]);
    assert_eq!(bucket.files[1].rows[0].op, Op::Update);
    assert!(bucket.unpublished.is_empty() && bucket.strangers.is_empty());
    bucket.commit_ts_order_per_table().unwrap();
}

#[tokio::test]
async fn what_no_index_covers_is_listed_but_not_read() {
    let mut made = good();
    made.put("d/t/5/CDC000003.csv", "torn").put("probe", "x");
    let bucket = made.read(&options()).await.unwrap();
    assert_eq!(bucket.unpublished, ["d/t/5/CDC000003.csv"]);
    assert_eq!(bucket.strangers, ["probe"]);
    assert_eq!(bucket.row_count(), 3);
}

#[tokio::test]
async fn a_prefix_and_a_local_folder_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in good().objects {
        let path = folder.path().join("some/prefix").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let prefixed = Bucket::read(Arc::new(store), "some/prefix", &options()).await;
    assert_eq!(prefixed.unwrap().row_count(), 3);
    let local = Bucket::read_folder(&folder.path().join("some/prefix"), &options()).await;
    assert_eq!(local.unwrap().row_count(), 3);
}

#[tokio::test]
async fn promise_1_a_directory_without_its_schema_file_is_named() {
    let only_in_that =
        violation_after(|made| made.objects.retain(|path, _| !path.contains("d/t/meta"))).await;
    assert_names!(only_in_that, Violation::NoSchemaFile { dir } if dir == "d/t/5");
    let of_another_version = violation_after(|made| {
        made.data("d/t/4", &[&row('I', 6, 1, "a")]);
    });
    assert_names!(of_another_version.await, Violation::NoSchemaFile { .. });
}

#[tokio::test]
async fn promise_2_a_missing_data_file_is_named() {
    let violation = violation_after(|made| drop(made.objects.remove("d/t/5/CDC000001.csv"))).await;
    assert_names!(violation, Violation::MissingDataFile { file, .. } if file == "d/t/5/CDC000001.csv");
}

#[tokio::test]
async fn promise_4_rows_of_another_structure_table_or_time_are_named() {
    let replaced = |content: &str| {
        let content = content.to_owned();
        violation_after(move |made| {
            made.put("d/t/5/CDC000002.csv", content);
        })
    };
    let narrow = replaced("\"I\",\"t\",\"d\",9,1\n").await;
    assert_names!(narrow, Violation::ColumnCount { expected: 2, found: 1, row: 1, .. });
    let foreign = replaced("\"I\",\"u\",\"d\",9,1,\"a\"\n").await;
    assert_names!(foreign, Violation::RowOfAnotherTable { .. });
    let torn = replaced("\"I\",\"t\",\"d\",9,1,\"a").await;
    assert_names!(torn, Violation::MalformedRow { .. });
    let old = replaced(&row('I', 4, 1, "a")).await;
    assert_names!(old, Violation::RowBeforeItsVersion { commit_ts: 4, .. });
    let ddl = (7, "ALTER TABLE t ADD INDEX (name)");
    let new = violation_after(|made| {
        made.ddl("d.t", 8, ddl, &T);
    })
    .await;
    assert_names!(new, Violation::RowAfterItsVersion { commit_ts: 9, ddl: 8, .. });
}

#[tokio::test]
async fn promise_5_a_schema_file_that_is_not_what_its_name_says_is_named() {
    let file = schema_file("d.t", 5, (3, "CREATE TABLE t"), &T);
    let path = schema_path(&file);
    let content = file.to_text();
    let put = |path: &str, content: String| {
        let path = path.to_owned();
        violation_after(move |made| {
            made.put(path, content);
        })
    };
    let checksum = put(&path, content.replace("VARCHAR", "CHAR")).await;
    assert_names!(checksum, Violation::SchemaChecksum { .. });
    let version = put(&path, content.replace("\"TableVersion\": 5", "\"TableVersion\": 6")).await;
    assert_names!(version, Violation::SchemaVersion { inside: 6, .. });
    let torn = put(&path, content[..content.len() / 2].to_owned()).await;
    assert_names!(torn, Violation::SchemaContent { .. });
    let spelling = put(&path, content.replace("    ", "  ")).await;
    assert_names!(spelling, Violation::SchemaBytes { .. });
    let place = put(&path.replace("d/t/", "d/u/"), content).await;
    assert_names!(place, Violation::SchemaPlace { .. });
}

#[tokio::test]
async fn promise_6_a_second_schema_file_of_a_version_is_named() {
    let violation = violation_after(|made| {
        made.ddl("d.t", 5, (0, ""), &["id INT*"]);
    })
    .await;
    assert_names!(violation, Violation::TwoSchemaFiles { .. });
}

#[tokio::test]
async fn promise_7_a_commit_ts_that_goes_back_is_named() {
    let order = |files: [String; 2], options| async move {
        let mut made = good();
        made.data("d/t/5", &[&files[0], &files[1]]);
        let bucket = made.read(&options).await.unwrap();
        bucket.commit_ts_order_per_table().unwrap_err()
    };
    let [one, two, three] = [row('I', 6, 1, "a"), row('I', 7, 2, "b"), row('I', 8, 3, "c")];
    let within = order([two.clone() + &one, three.clone()], options()).await;
    assert_names!(within, Violation::CommitTsOrder { row: 2, commit_ts: 6, previous: 7, .. });
    let again = order([one.clone() + &two, one.clone()], options()).await;
    assert_names!(again, Violation::Repeated { commit_ts: 6, .. });
    let late = order([one.clone() + &three, two.clone()], restarted()).await;
    assert_names!(late, Violation::LateRow { commit_ts: 7, watermark: 8, .. });
    let other = order([one + &two, row('I', 6, 1, "other")], restarted()).await;
    assert_names!(other, Violation::ReplayDiffers { commit_ts: 6, .. });
}

#[tokio::test]
async fn promise_8_a_torn_or_misplaced_index_file_is_named() {
    let torn = violation_after(|made| {
        made.put("d/t/5/meta/CDC.index", "CDC0000");
    })
    .await;
    assert_names!(torn, Violation::IndexContent { .. });
    let misplaced = violation_after(|made| {
        made.put("d/t/meta/CDC.index", "CDC000001.csv\n");
    })
    .await;
    assert_names!(misplaced, Violation::IndexPlace { .. });
}

#[tokio::test]
async fn a_torn_checkpoint_is_named() {
    let violation = violation_after(|made| {
        made.put("metadata", "{\"checkpoint-ts\":");
    })
    .await;
    assert_names!(violation, Violation::Metadata { .. });
}
