//! The judge of buckets rebuilds tables as a consumer would.

use crate::hand_made::{HandMade, options, restarted, row, schema_file, with_old_values};
use tests::consumer::{DateSeparator, Format, Options, Replayed, Table, TableKey, TableRows, Violation};

const T: [&str; 2] = ["id INT*", "name VARCHAR"];
const CREATE: (u64, &str) = (3, "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(9))");

async fn replay(made: &HandMade, options: &Options) -> Result<Replayed, Violation> {
    made.read(options).await.unwrap().replay()
}

/// The rows of a table, one line each, NULL as `-`.
fn lines(replayed: &Replayed, key: &str) -> Vec<String> {
    let (schema, table) = key.split_once('.').unwrap();
    let table = replayed.tables.get(&TableKey::new(schema, table));
    let line = |values: &Vec<Option<String>>| {
        let texts: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("-")).collect();
        texts.join(" ")
    };
    match table {
        None => vec!["there is no such table".to_owned()],
        Some(Table { rows: TableRows::Keyed(rows), .. }) => rows.values().map(line).collect(),
        Some(Table { rows: TableRows::Bag(rows), .. }) => {
            rows.iter().map(|(values, count)| format!("{count}x {}", line(values))).collect()
        }
    }
}

#[tokio::test]
async fn rows_and_ddls_apply_version_by_version() {
    let mut made = HandMade::default();
    made.ddl("d.t", 5, CREATE, &T).data(
        "d/t/5",
        &[
            &(row('I', 6, 1, "a") + &row('I', 6, 2, "b") + &row('I', 7, 3, "c")),
            &(row('U', 8, 1, "A") + &row('D', 8, 3, "c")),
        ],
    );
    let query = "ALTER TABLE t CHANGE name title VARCHAR(20), ADD COLUMN n INT";
    made.ddl("d.t", 10, (61, query), &["id INT*", "n INT", "title VARCHAR"])
        .data("d/t/10", &["\"I\",\"t\",\"d\",11,4,44,\"d\"\n\"U\",\"t\",\"d\",12,2,22,\\N\n"]);
    let replayed = replay(&made, &options()).await.unwrap();
    assert_eq!(lines(&replayed, "d.t"), ["1 - A", "2 22 -", "4 44 d"]);
    assert_eq!(replayed.repeated_rows, 0);
}

#[tokio::test]
async fn a_view_takes_a_name_and_has_no_rows() {
    let made = |last: (&str, u64, (u64, &str))| {
        let mut made = HandMade::default();
        made.ddl("d.v", 5, (21, "CREATE VIEW `d`.`v` AS SELECT 1"), &[])
            .ddl("d.w", 6, (14, "RENAME TABLE `d`.`v` TO `d`.`w`"), &[])
            .ddl("d.v", 7, CREATE, &T)
            .data("d/v/7", &[&row('I', 8, 1, "a").replace("\"t\"", "\"v\"")]);
        let (key, version, ddl) = last;
        made.ddl(key, version, ddl, &T);
        made
    };
    let replayed = replay(&made(("d.x", 9, CREATE)), &options()).await.unwrap();
    assert_eq!(lines(&replayed, "d.v"), ["1 a"]);
    assert_eq!(replayed.views.iter().map(ToString::to_string).collect::<Vec<_>>(), ["d.w"]);
    let dropped = made(("d.w", 9, (24, "DROP VIEW `d`.`w`")));
    assert_eq!(replay(&dropped, &options()).await.unwrap().views.len(), 0);
    for last in [("d.w", 9, CREATE), ("d.v", 9, (21, "CREATE VIEW `d`.`v` AS SELECT 1"))] {
        let taken = replay(&made(last), &options()).await;
        assert!(matches!(taken, Err(Violation::NameTaken { version: 9, .. })), "{taken:?}");
    }
}

#[tokio::test]
async fn drops_truncates_and_new_starts_take_rows_away() {
    let mut made = HandMade::default();
    let one_row = |ts| row('I', ts, 1, "a");
    made.ddl("d.t", 5, CREATE, &T)
        .data("d/t/5", &[&one_row(6)])
        .ddl("d.t", 10, (11, "TRUNCATE TABLE t"), &T)
        .data("d/t/10", &[&row('I', 11, 2, "b")]);
    assert_eq!(lines(&replay(&made, &options()).await.unwrap(), "d.t"), ["2 b"]);
    made.ddl("d.t", 20, (4, "DROP TABLE t"), &T);
    assert_eq!(replay(&made, &options()).await.unwrap().tables.len(), 0);
    made.ddl("d.t", 30, CREATE, &T).data("d/t/30", &[&one_row(31)]);
    assert_eq!(lines(&replay(&made, &options()).await.unwrap(), "d.t"), ["1 a"]);
    made.ddl("d.", 40, (2, "DROP DATABASE d"), &[]);
    assert_eq!(replay(&made, &options()).await.unwrap().tables.len(), 0);
}

#[tokio::test]
async fn a_table_is_created_once() {
    let mut made = HandMade::default();
    made.ddl("d.t", 5, CREATE, &T).data("d/t/5", &[&row('I', 6, 1, "a")]);
    made.ddl("d.t", 10, (3, "CREATE TABLE IF NOT EXISTS t (id INT)"), &T);
    assert_eq!(lines(&replay(&made, &options()).await.unwrap(), "d.t"), ["1 a"]);
    made.ddl("d.t", 15, (3, "CREATE OR REPLACE TABLE t (id INT)"), &T);
    assert_eq!(lines(&replay(&made, &options()).await.unwrap(), "d.t").len(), 0);
    made.ddl("d.t", 20, CREATE, &T);
    let refused = replay(&made, &options()).await.unwrap_err();
    assert!(matches!(refused, Violation::TableExists { version: 20, .. }), "{refused}");
}

#[tokio::test]
async fn renames_of_one_version_apply_in_an_order_that_works() {
    let mut made = HandMade::default();
    made.ddl("d.t", 5, CREATE, &T).data("d/t/5", &[&row('I', 6, 1, "t")]);
    made.ddl("d.u", 5, CREATE, &T).data("d/u/5", &["\"I\",\"u\",\"d\",6,2,\"u\"\n"]);
    let swap = (14, "RENAME TABLE t TO tmp, d.u TO d.t, tmp TO u");
    made.ddl("d.tmp", 10, swap, &T).ddl("d.t", 10, swap, &T).ddl("d.u", 10, swap, &T);
    made.data("d/t/10", &[&row('I', 11, 3, "new")]);
    let replayed = replay(&made, &options()).await.unwrap();
    assert_eq!(lines(&replayed, "d.t"), ["2 u", "3 new"]);
    assert_eq!(lines(&replayed, "d.u"), ["1 t"]);
    assert_eq!(replayed.tables.len(), 2);

    let mut taken = made.clone();
    taken.ddl("d.u", 20, (14, "RENAME TABLE t TO u"), &T);
    let refused = replay(&taken, &options()).await.unwrap_err();
    assert!(matches!(refused, Violation::Rename { version: 20, .. }), "{refused}");
}

#[tokio::test]
async fn rows_that_a_restart_repeats_count_once() {
    let mut made = HandMade::default();
    let keyless = ["name VARCHAR"];
    let row = |ts: u64, name: &str| format!("\"I\",\"t\",\"d\",{ts},\"{name}\"\n");
    let files = [
        // The transaction 7 ends in the second file.
        row(6, "a") + &row(7, "b"),
        row(7, "c") + &row(8, "d"),
        // A restart from checkpoint 6, which stops within 7; then one from 6 again.
        row(7, "b"),
        row(7, "b") + &row(7, "c") + &row(8, "d") + &row(9, "e"),
    ];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    made.ddl("d.t", 5, CREATE, &keyless).data("d/t/5", &files);
    let replayed = replay(&made, &restarted()).await.unwrap();
    assert_eq!(lines(&replayed, "d.t"), ["1x a", "1x b", "1x c", "1x d", "1x e"]);
    assert_eq!(replayed.repeated_rows, 4);
    let bucket = made.read(&restarted()).await.unwrap();
    let distinct = bucket.distinct_rows().unwrap();
    let order: Vec<u64> = distinct[&TableKey::new("d", "t")].iter().map(|row| row.commit_ts).collect();
    assert_eq!(order, [6, 7, 7, 8, 9]);
    let refused = replay(&made, &options()).await.unwrap_err();
    assert!(matches!(refused, Violation::Repeated { commit_ts: 7, .. }), "{refused}");
}

#[tokio::test]
async fn a_transaction_that_a_crash_cut_short_is_completed_by_its_repetition() {
    let mut made = HandMade::default();
    let (first, second) = (row('I', 7, 1, "a"), row('I', 7, 2, "b"));
    made.ddl("d.t", 5, CREATE, &T).data("d/t/5", &[&first, &(first.clone() + &second)]);
    let replayed = replay(&made, &restarted()).await.unwrap();
    assert_eq!(lines(&replayed, "d.t"), ["1 a", "2 b"]);
    assert_eq!(replayed.repeated_rows, 1);
}

#[tokio::test]
async fn dispatchers_of_a_split_table_interleave_and_a_moved_one_repeats() {
    let mut made = HandMade::default();
    let rows = [row('I', 6, 1, "a"), row('I', 7, 2, "b"), row('U', 8, 1, "c")];
    made.ddl("d.t", 5, CREATE, &T)
        .data_of("11", "d/t/5", &[&(rows[0].clone() + &rows[2])])
        .data_of("22", "d/t/5", &[&rows[1]])
        .data_of("33", "d/t/5", &[&rows[2]]);
    let replayed = replay(&made, &restarted()).await.unwrap();
    assert_eq!(lines(&replayed, "d.t"), ["1 c", "2 b"]);
    assert_eq!(replayed.repeated_rows, 1);
    let bucket = made.read(&restarted()).await.unwrap();
    let rows = &bucket.distinct_rows().unwrap()[&TableKey::new("d", "t")];
    let order: Vec<u64> = rows.iter().map(|row| row.commit_ts).collect();
    assert_eq!(order, [6, 7, 8]);
}

#[tokio::test]
async fn a_table_without_a_key_needs_both_images_of_an_update() {
    let mut made = HandMade::default();
    let keyless = ["name VARCHAR"];
    made.ddl("d.t", 5, CREATE, &keyless).data(
        "d/t/5",
        &["\"I\",\"t\",\"d\",6,false,\"a\"\n\"I\",\"t\",\"d\",6,false,\"a\"\n\
           \"D\",\"t\",\"d\",7,true,\"a\"\n\"I\",\"t\",\"d\",7,true,\"b\"\n"],
    );
    let replayed = replay(&made, &with_old_values()).await.unwrap();
    assert_eq!(lines(&replayed, "d.t"), ["1x a", "1x b"]);
    made.data("d/t/5", &["\"U\",\"t\",\"d\",6,true,\"a\"\n"]);
    let refused = replay(&made, &with_old_values()).await.unwrap_err();
    assert!(matches!(refused, Violation::UpdateWithoutKey { .. }), "{refused}");
}

#[tokio::test]
async fn dates_and_partitions_of_a_version_all_belong_to_the_table() {
    let mut made = HandMade::default();
    made.ddl("d.t", 5, CREATE, &T)
        .data("d/t/5/71/2026-03-02", &[&row('U', 9, 1, "late")])
        .data("d/t/5/71/2026-03-01", &[&row('I', 8, 1, "early")])
        .data("d/t/5/70/2026-03-05", &[&row('I', 7, 2, "other")]);
    let daily = Options { date_separator: DateSeparator::Day, ..options() };
    let replayed = replay(&made, &daily).await.unwrap();
    assert_eq!(lines(&replayed, "d.t"), ["1 late", "2 other"]);
}

#[tokio::test]
async fn a_folder_by_table_id_belongs_to_the_table_its_schema_file_names() {
    let mut made = HandMade::default();
    let mut file = schema_file("d.t", 5, CREATE, &T);
    file.folder = "4711".to_owned();
    made.schema(&file).data("4711/5", &[&row('I', 8, 1, "a")]);
    assert_eq!(lines(&replay(&made, &options()).await.unwrap(), "d.t"), ["1 a"]);
}

#[tokio::test]
async fn columns_that_rows_leave_out_are_no_columns_of_the_table() {
    let mut made = HandMade::default();
    made.ddl("d.t", 5, CREATE, &["id INT*", "twice INT", "name VARCHAR"])
        .data("d/t/5", &[&row('I', 8, 1, "a")]);
    let left_out = Options { left_out: [(TableKey::new("d", "t"), "twice".to_owned())].into(), ..options() };
    assert_eq!(lines(&replay(&made, &left_out).await.unwrap(), "d.t"), ["1 a"]);
}

#[tokio::test]
async fn a_bucket_of_canal_json_replays_alike() {
    let message = |kind: &str, ts: u64, old: &str, data: &str| {
        format!(
            "{{\"id\":0,\"database\":\"d\",\"table\":\"t\",\"type\":\"{kind}\",\"old\":{old},\"data\":[{data}],\
             \"_tidb\":{{\"commitTs\":{ts}}}}}\n"
        )
    };
    let mut made = HandMade::default();
    let (a, b) = ("{\"id\":\"1\",\"name\":\"a\"}", "{\"id\":\"2\",\"name\":null}");
    let content = message("INSERT", 6, "null", a)
        + &message("UPDATE", 7, &format!("[{a}]"), b)
        + &message("INSERT", 8, "null", a)
        + &message("DELETE", 9, "null", a);
    made.ddl("d.t", 5, CREATE, &T)
        .put("d/t/5/CDC000001.json", content)
        .put("d/t/5/meta/CDC.index", "CDC000001.json\n");
    let canal = Options { format: Format::CanalJson, ..options() };
    assert_eq!(lines(&replay(&made, &canal).await.unwrap(), "d.t"), ["2 -"]);
}
