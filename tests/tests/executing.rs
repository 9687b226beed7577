//! The executing reader is judged: buckets made by hand, right ones and wrong ones, run on a real server.

#[path = "consumer/hand_made.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod hand_made;

use hand_made::{HandMade, options, row, schema_file, with_old_values};
use tests::MariaDb;
use tests::consumer::Options;
use tests::executing::{Counts, compare_servers, replay_onto};

const CREATE: (u64, &str) = (3, "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(9))");
const COLUMNS: [&str; 2] = ["id INT*", "name VARCHAR"];

/// An empty server, and what is replayed onto it.
struct Replay {
    server: MariaDb,
    made: HandMade,
    options: Options,
}

impl Replay {
    async fn new(options: Options) -> Self {
        let server = MariaDb::start().await.unwrap();
        let mut made = HandMade::default();
        made.ddl("d.", 1, (1, "CREATE DATABASE d"), &[]);
        Self { server, made, options }
    }

    /// How far the replay came, and where it stopped.
    async fn run(&self) -> (Counts, Option<String>) {
        let bucket = self.made.read(&self.options).await.unwrap();
        let (counts, replayed) = replay_onto(&self.server.pool(), &bucket).await;
        (counts, replayed.err().map(|failure| failure.to_string()))
    }

    /// A table's rows, ordered.
    async fn rows(&self, table: &str) -> String {
        let query = format!("SELECT * FROM {table} ORDER BY 1, 2");
        let rows = self.server.query(query).await.unwrap();
        let texts = rows.into_iter().map(|row| {
            let values = row.unwrap().into_iter().map(mysql_async::from_value::<Option<String>>);
            values.map(|value| value.unwrap_or("NULL".to_owned())).collect::<Vec<_>>().join(" ")
        });
        texts.collect::<Vec<_>>().join(", ")
    }
}

#[tokio::test]
async fn rows_are_put_replaced_and_taken_away() {
    let mut replay = Replay::new(options()).await;
    let rows = [row('I', 6, 1, "a"), row('I', 6, 2, "b"), row('U', 7, 1, "c"), row('D', 8, 2, "b")].concat();
    replay.made.ddl("d.t", 5, CREATE, &COLUMNS).data("d/t/5", &[&rows]);
    let (counts, stopped) = replay.run().await;
    assert_eq!(stopped, None);
    assert_eq!((counts.schema_files, counts.statements, counts.rows, counts.missed_deletes), (2, 2, 4, 0));
    assert_eq!(replay.rows("d.t").await, "1 c");
}

#[tokio::test]
async fn of_equal_rows_without_a_key_one_is_taken_away() {
    let mut replay = Replay::new(with_old_values()).await;
    let row = |op, old: bool, name: &str| format!("\"{op}\",\"t\",\"d\",6,{old},{name}\n");
    let rows = [
        row('I', false, "\"x\""),
        row('I', false, "\"x\""),
        row('I', false, "\"X\""),
        row('I', false, "\\N"),
        row('D', true, "\"X\""),
        row('I', true, "\"y\""),
        row('D', false, "\"x\""),
        row('D', false, "\\N"),
        row('D', false, "\"nothing\""),
    ];
    replay.made.ddl(
        "d.t",
        5,
        (3, "CREATE TABLE t (name VARCHAR(9), kept INT AS (1) STORED)"),
        &["name VARCHAR"],
    );
    replay.made.data("d/t/5", &[&rows.concat()]);
    let (counts, stopped) = replay.run().await;
    assert_eq!((stopped, counts.missed_deletes), (None, 1));
    assert_eq!(replay.rows("d.t").await, "x 1, y 1");
}

#[tokio::test]
async fn a_swap_of_rising_versions_swaps_and_one_of_equal_versions_does_not() {
    let swap = |versions: [u64; 3]| {
        let mut made = HandMade::default();
        made.ddl("d.", 1, (1, "CREATE DATABASE d"), &[])
            .ddl("d.t", 2, CREATE, &COLUMNS)
            .ddl("d.a", 3, (3, "CREATE TABLE a (n INT PRIMARY KEY)"), &["n INT*"])
            .ddl("d.tmp", versions[0], (14, "RENAME TABLE `d`.`t` TO `d`.`tmp`"), &COLUMNS)
            .ddl("d.t", versions[1], (14, "RENAME TABLE `d`.`a` TO `d`.`t`"), &["n INT*"])
            .ddl("d.a", versions[2], (14, "RENAME TABLE `d`.`tmp` TO `d`.`a`"), &COLUMNS)
            .data("d/t/2", &[&row('I', 2, 1, "was t")]);
        made
    };
    let mut replay = Replay::new(options()).await;
    replay.made = swap([5, 6, 7]);
    assert_eq!(replay.run().await.1, None);
    assert_eq!(replay.rows("d.a").await, "1 was t");
    let mut replay = Replay::new(options()).await;
    replay.made = swap([5, 5, 5]);
    let stopped = replay.run().await.1.unwrap();
    assert!(stopped.contains("d/a/meta/schema_5_") && stopped.contains("d.tmp' doesn't exist"), "{stopped}");
}

#[tokio::test]
async fn an_exchange_changes_both_tables_and_nothing_stands_still_for_the_second_file() {
    let mut replay = Replay::new(options()).await;
    let partitioned = (
        3,
        "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(9)) PARTITION BY RANGE (id) \
         (PARTITION p VALUES LESS THAN (9))",
    );
    let exchange = (42, "ALTER TABLE `d`.`t` EXCHANGE PARTITION `p` WITH TABLE `d`.`n`");
    replay
        .made
        .ddl("d.t", 2, partitioned, &COLUMNS)
        .ddl("d.n", 3, (3, "CREATE TABLE n (id INT PRIMARY KEY, name VARCHAR(9))"), &COLUMNS)
        .data("d/t/2", &[&row('I', 3, 1, "from t")])
        .ddl("d.n", 5, exchange, &COLUMNS)
        .ddl("d.t", 5, (0, ""), &COLUMNS)
        .data("d/t/5", &[&row('I', 6, 2, "later")]);
    assert_eq!(replay.run().await.1, None);
    assert_eq!((replay.rows("d.t").await, replay.rows("d.n").await), ("2 later".into(), "1 from t".into()));
}

#[tokio::test]
async fn what_is_older_than_its_tables_watermark_is_ignored() {
    let mut replay = Replay::new(options()).await;
    replay
        .made
        .ddl("d.t", 5, CREATE, &COLUMNS)
        .ddl("d.u", 9, (14, "RENAME TABLE `d`.`t` TO `d`.`u`"), &COLUMNS)
        // A statement of the old name and of the rename's own version comes too late.
        .ddl("d.v", 9, (3, "CREATE TABLE v (id INT)"), &["id INT"]);
    let late = schema_file("d.t", 9, (3, "CREATE TABLE t (never INT)"), &["never INT"]);
    replay.made.schema(&late);
    let (counts, stopped) = replay.run().await;
    // By name `t` comes before `u`: it is run, and then the rename fails on it.
    assert!(stopped.unwrap().contains("d/t/meta/schema_9_"), "{counts:?}");
    let mut replay = Replay::new(options()).await;
    replay
        .made
        .ddl("d.z", 5, (3, "CREATE TABLE z (id INT PRIMARY KEY, name VARCHAR(9))"), &COLUMNS)
        .ddl("d.u", 9, (14, "RENAME TABLE `d`.`z` TO `d`.`u`"), &COLUMNS)
        .ddl("d.z", 9, (3, "CREATE TABLE z (never INT)"), &["never INT"]);
    let (counts, stopped) = replay.run().await;
    assert_eq!((stopped, counts.stale_statements), (None, 1));
}

#[tokio::test]
async fn a_statement_that_fails_or_is_not_taken_stops_it_and_names_its_file() {
    for (ddl, wanted) in [
        ((5, "ALTER TABLE t ADD name INT"), "Duplicate column name 'name'"),
        ((5, "ALTER TABLE \"t\" ADD c INT"), "error in your SQL syntax"),
        ((14, "RENAME TABLE t TO t"), "not spelled RENAME TABLE"),
        ((61, "ALTER TABLE t ADD c INT, RENAME u"), "two events"),
    ] {
        let mut replay = Replay::new(options()).await;
        replay.made.ddl("d.t", 5, CREATE, &COLUMNS).ddl("d.t", 6, ddl, &COLUMNS);
        let stopped = replay.run().await.1.unwrap();
        assert!(stopped.contains("d/t/meta/schema_6_") && stopped.contains(wanted), "{stopped}");
    }
}

#[tokio::test]
async fn two_servers_differ_by_a_name_a_column_a_key_or_a_row() {
    let (one, other) = tokio::join!(MariaDb::start(), MariaDb::start());
    let (one, other) = (one.unwrap(), other.unwrap());
    let differences = async || {
        let compared = compare_servers(&one.pool(), &other.pool(), &["d"]).await.unwrap();
        compared.differences.join("; ")
    };
    for server in [&one, &other] {
        for statement in
            ["CREATE DATABASE d", "CREATE TABLE d.t (id INT, v TEXT)", "INSERT INTO d.t VALUES (1, 'a')"]
        {
            server.query(statement).await.unwrap();
        }
    }
    assert_eq!(differences().await, "");
    for (change, undo, wanted) in [
        ("ALTER DATABASE d CHARACTER SET ascii", "ALTER DATABASE d CHARACTER SET latin1", "database d: "),
        ("CREATE TABLE d.u (id INT)", "DROP TABLE d.u", "d.u is only on the target"),
        (
            "ALTER TABLE d.t MODIFY id INT NOT NULL",
            "ALTER TABLE d.t MODIFY id INT",
            "d.t: a column is id | int(11) | YES",
        ),
        ("ALTER TABLE d.t ADD INDEX (id, v(3))", "ALTER TABLE d.t DROP INDEX id", "d.t: a column is id"),
        ("ALTER TABLE d.t COMMENT 'x'", "ALTER TABLE d.t COMMENT ''", "d.t: its definition has )"),
        (
            "UPDATE d.t SET v = 'b'",
            "UPDATE d.t SET v = 'a'",
            "d.t: a row is (1, 'a') on the source, (1, 'b')",
        ),
        (
            "DELETE FROM d.t",
            "INSERT INTO d.t VALUES (1, 'a')",
            "d.t: a row is (1, 'a') on the source, nothing",
        ),
    ] {
        other.query(change).await.unwrap();
        let found = differences().await;
        assert!(found.starts_with(wanted), "{change}: {found}");
        other.query(undo).await.unwrap();
        assert_eq!(differences().await, "", "after {undo}");
    }
}
