//! What a server shows after a commit is what the bucket has up to that commit, for every format and every commit.
//!
//! | room | what lives there |
//! |---|---|
//! | `tables` | the tables: one for every kind of key |
//! | `script` | what a transaction does, by chance |
//! | `cases` | what went wrong once |
//! | `session` | the client that does it, and looks at the tables after each commit |
//! | `judge` | the bucket, replayed commit by commit |
//!
//! The server is the one that `SPILLWAY_SERVER` names; `SPILLWAY_SEED` and `SPILLWAY_TRANSACTIONS` say which transactions
//! and how many.

mod cases;
#[path = "../workload/dice.rs"]
#[allow(dead_code, reason = "it is shared")]
mod dice;
#[path = "../in_process/mod.rs"]
mod in_process;
mod judge;
mod script;
mod session;
mod tables;

use dice::{Dice, seed};
use judge::{FORMATS, Verdict};
use session::{Recording, Session};
use std::sync::Arc;
use tests::Database;
use tokio::task::JoinSet;

const TRANSACTIONS: u64 = 3_000;

/// Nothing of a test's server need survive it, and a seed stands for the same rows only where plans stay the same. With
/// GTIDs, MySQL refuses what makes it log savepoints.
const OPTIONS: [&str; 5] = [
    "--sync-binlog=0",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-stats-auto-recalc=OFF",
    "--loose-gtid-mode=OFF",
    "--loose-enforce-gtid-consistency=OFF",
];

/// Judges a recording in every format, all of them from the same log.
async fn judge_all(server: &Database, recording: Recording) {
    let end = server.binlog_end().await.unwrap();
    let recording = Arc::new(recording);
    let mut judges = JoinSet::new();
    for format in FORMATS {
        judges.spawn(judge::judge(format, server.url(), end.clone(), recording.clone()));
    }
    let verdicts: Vec<Verdict> = judges.join_all().await;
    verdicts.iter().for_each(|verdict| println!("{verdict}"));
    let cells: u64 = verdicts.iter().map(|verdict| verdict.cells).sum();
    let differences: u64 = verdicts.iter().map(|verdict| verdict.differences).sum();
    println!(
        "figures: {} transactions, {cells} cells compared, {differences} differences",
        recording.transactions,
    );
    let first = verdicts.iter().find_map(|verdict| verdict.first.as_deref());
    assert_eq!(differences, 0, "{}", first.unwrap_or_default());
    assert!(cells > 0, "nothing was compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_every_commit_the_bucket_has_the_servers_rows() {
    let seed = seed(71);
    let given = std::env::var("SPILLWAY_TRANSACTIONS").ok();
    let transactions = given.map_or(TRANSACTIONS, |given| given.parse().expect("a number of transactions"));
    let server = Database::start_with(&OPTIONS).await.unwrap();
    let mut session = Session::start(&server).await;
    let mut dice = Dice::new(seed);
    for number in 1..=transactions {
        let script = script::next(&mut dice, number, &session.crowded());
        session.run(number, script).await;
    }
    let recording = session.finish();
    println!("{recording}");
    judge_all(&server, recording).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_went_wrong_once_are_right() {
    let server = Database::start_with(&OPTIONS).await.unwrap();
    let mut session = Session::start(&server).await;
    for (number, script) in (1..).zip(cases::all()) {
        session.run(number, script).await;
    }
    let recording = session.finish();
    assert_eq!(recording.refused, 0, "a case is written wrongly: {recording}");
    judge_all(&server, recording).await;
}
