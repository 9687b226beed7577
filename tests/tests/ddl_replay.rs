//! A bucket whose statements are executed replays to the server's tables: every DDL that is followed, on a real
//! server, under the rules of TiCDC's consumer (`output-format` 10.2 and 10.4).
//!
//! Each test prints how much it compared, and lists every case that differs at once.

mod ddl;
#[path = "workload/dice.rs"]
mod dice;
mod in_process;

use ddl::case::Servers;
use ddl::report::expect_no_difference;
use ddl::{Case, DatabaseServer, Judge, Protocol, Report, Verdict, Version, corpus, interleaved};
use dice::{Dice, seed};
use futures::TryStreamExt;
use mysql_async::prelude::Queryable;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tests::consumer::TableKey;

/// The random interleaving: this many rounds, each in databases of its own, of this many statements.
const ROUNDS: usize = 16;
const INTERLEAVED: usize = 100;

/// A source and an empty target of the same kind.
async fn servers(options: &[&str]) -> (DatabaseServer, DatabaseServer) {
    let start = || async { DatabaseServer::start_with(options).await.unwrap() };
    tokio::join!(start(), start())
}

/// A case, and the log file that has it alone.
struct Recorded {
    case: Case,
    file: String,
}

/// Runs every case that this server knows, each into a log file of its own.
async fn record(source: &DatabaseServer, cases: &[Case]) -> Vec<Recorded> {
    let version = Version::of(source).await;
    let (mut recorded, mut refused) = (Vec::new(), Vec::new());
    let known = cases.iter().filter(|case| version.is_one_of(case.servers) && version.logs(case));
    for &case in known {
        source.query("FLUSH BINARY LOGS").await.unwrap();
        let (file, _) = source.binlog_end().await.unwrap();
        let refused_of_it = case.run(source, version).await;
        // What is refused writes nothing.
        let kinds = case.kinds.filter(|_| refused_of_it.is_empty());
        recorded.push(Recorded { case: Case { kinds, ..case }, file });
        refused.extend(refused_of_it);
    }
    source.query("FLUSH BINARY LOGS").await.unwrap();
    println!("{} cases, {} statements refused by {version:?}", recorded.len(), refused.len());
    assert!(
        refused.is_empty() || version.is_old(),
        "{version:?} refuses statements of the corpus: {refused:#?}"
    );
    recorded
}

/// The folder of a server's log files.
async fn log_folder(source: &DatabaseServer) -> PathBuf {
    let rows = source.query("SELECT @@log_bin_basename").await.unwrap();
    let base: String = rows[0].get(0).unwrap();
    Path::new(&base).parent().unwrap().to_owned()
}

/// Whether the server keeps names in lower case.
async fn keeps_lower_case(source: &DatabaseServer) -> bool {
    let rows = source.query("SELECT @@lower_case_table_names").await.unwrap();
    rows[0].get::<u8, _>(0).unwrap() != 0
}

/// A database of its own, whose only row says that the log ends.
const THE_END: &str = "the_end";

/// Where the log ends: behind a row, so that everybody reads up to there.
async fn end_of_log(source: &DatabaseServer) -> (String, u64) {
    for statement in [
        "CREATE DATABASE IF NOT EXISTS the_end",
        "CREATE TABLE IF NOT EXISTS the_end.t (id INT AUTO_INCREMENT PRIMARY KEY)",
        "INSERT INTO the_end.t VALUES ()",
    ] {
        source.query(statement).await.unwrap();
    }
    source.binlog_end().await.unwrap()
}

fn memory() -> Arc<dyn ObjectStore> {
    Arc::new(InMemory::new())
}

/// The virtual columns of a case.
fn left_out(case: &Case) -> BTreeSet<(TableKey, String)> {
    let column = |(table, column): &(&str, &str)| (TableKey::new(case.name, *table), (*column).to_owned());
    case.left_out.iter().map(column).collect()
}

/// A bucket for each case, out of the case's own log file: what one of them cannot do is told of all.
async fn judge_one_by_one(judge: &Judge<'_>, recorded: &[Recorded], protocol: Protocol) -> Report {
    let mut verdicts = Vec::new();
    let lower_case = keeps_lower_case(judge.source).await;
    for Recorded { case, file } in recorded {
        let store = memory();
        let path = log_folder(judge.source).await.join(file);
        let config = protocol.config();
        verdicts.push(match in_process::read_in_case(&config, Arc::clone(&store), &path, lower_case).await {
            Ok(()) => judge_case(judge, case, &store, protocol).await,
            Err(error) => Verdict::unwritten(case.name, &*error),
        });
    }
    Report { title: format!("{}, a bucket for each", protocol.name()), verdicts }
}

/// One bucket for all cases, of the server's whole log.
async fn judge_together(judge: &Judge<'_>, recorded: &[Recorded], protocol: Protocol) -> Report {
    let store = memory();
    let end = end_of_log(judge.source).await;
    let url = judge.source.url();
    let title = format!("{}, one bucket", protocol.name());
    if let Err(error) = in_process::follow_url(&protocol.config(), Arc::clone(&store), &url, end).await {
        return Report { title, verdicts: vec![Verdict::unwritten("the whole log", &*error)] };
    }
    let mut verdicts = vec![strangers(recorded, &store).await];
    for Recorded { case, .. } in recorded {
        verdicts.push(judge_case(judge, case, &store, protocol).await);
    }
    Report { title, verdicts }
}

async fn judge_case(
    judge: &Judge<'_>,
    case: &Case,
    store: &Arc<dyn ObjectStore>,
    protocol: Protocol,
) -> Verdict {
    let options = protocol.options(left_out(case));
    judge.verdict(case.name, &case.databases(), store, &options, case.kinds).await
}

/// Wants nothing in the bucket but the databases of the cases.
async fn strangers(recorded: &[Recorded], store: &Arc<dyn ObjectStore>) -> Verdict {
    let databases: BTreeSet<String> =
        recorded.iter().flat_map(|recorded| recorded.case.databases()).collect();
    let objects: Vec<_> = store.list(None).try_collect().await.unwrap();
    let keys = objects.iter().map(|object| object.location.to_string());
    let foreign = keys.filter(|key| !databases.contains(key.split('/').next().unwrap_or_default()));
    let ours = [THE_END, "metadata", ".spillway"];
    let is_ours = |key: &String| ours.contains(&key.split('/').next().unwrap_or_default());
    let problems = foreign.filter(|key| !is_ours(key)).collect();
    Verdict { name: "keys of no case".to_owned(), problems, ..Verdict::default() }
}

async fn judge_all(options: &[&str], cases: &[Case]) {
    let (source, target) = servers(options).await;
    let judge = Judge { source: &source, target: &target };
    let recorded = record(&source, cases).await;
    let mut reports = Vec::new();
    for protocol in Protocol::BOTH {
        reports.push(judge_one_by_one(&judge, &recorded, protocol).await);
        reports.push(judge_together(&judge, &recorded, protocol).await);
    }
    expect_no_difference(&reports);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ddl_replays_to_the_servers_tables() {
    judge_all(&[], &corpus::all()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn periods_and_hidden_columns_replay_to_the_servers_tables() {
    let cases: Vec<Case> = corpus::PERIODS.to_vec();
    judge_all(&[], &cases).await;
}

/// Statements that speak of one table in several cases, which such a server takes for one.
const LOWER_CASE: Case = ddl::case::case(
    "lower_case",
    "CREATE TABLE Mixed (id INT PRIMARY KEY, V INT)
     INSERT INTO MIXED VALUES (1, 1)
     ALTER TABLE mIXED ADD C INT
     INSERT INTO mixed VALUES (2, 2, 2)
     CREATE TABLE LOWER_CASE.Other LIKE Mixed
     INSERT INTO other VALUES (3, 3, 3)
     RENAME TABLE OTHER TO Lower_Case_B.Moved
     INSERT INTO lower_case_b.MOVED VALUES (4, 4, 4)
     ALTER TABLE Lower_case.MIXED RENAME TO Renamed
     UPDATE RENAMED SET v = 9 WHERE ID = 1
     CREATE INDEX K ON Renamed (V)
     RENAME TABLE Renamed TO Tmp, Lower_case_b.moved TO Renamed, TMP TO lower_case_b.Moved
     INSERT INTO Renamed VALUES (5, 5, 5)
     INSERT INTO Lower_Case_b.Moved VALUES (6, 6, 6)
     TRUNCATE TABLE RENAMED
     INSERT INTO Renamed VALUES (7, 7, 7)
     CREATE TABLE Gone (id INT)
     DROP TABLE gONE
     CREATE TABLE IF NOT EXISTS RENAMED (other INT)
     INSERT INTO renamed VALUES (8, 8, 8)
     CREATE DATABASE Lower_Case_C
     CREATE TABLE LOWER_case_c.T (id INT PRIMARY KEY)
     INSERT INTO lower_case_C.t VALUES (1)
     DROP DATABASE LOWER_CASE_C
     CREATE TABLE ΟΔΟΣ (Id INT PRIMARY KEY)
     INSERT INTO οδοσ VALUES (1)
     ALTER TABLE ΟΔΟΣ ADD ΤΕΛΟΣ INT
     INSERT INTO ΟΔΟΣ VALUES (2, 2)
     ALTER TABLE οδοσ CHANGE τελοσ c INT
     RENAME TABLE ΟΔΟΣ TO İST
     INSERT INTO ist VALUES (3, 3)",
);

#[tokio::test(flavor = "multi_thread")]
async fn names_in_several_cases_replay_on_a_server_that_lowers_them() {
    judge_all(&["--lower-case-table-names=1"], &[LOWER_CASE.on(Servers::All)]).await;
}

/// Lets statements come by chance, in databases of their own, until the server took this many. Gives those.
async fn interleave(source: &DatabaseServer, round: usize, dice: &mut Dice) -> Vec<String> {
    let is_mariadb = Version::of(source).await.is_mariadb;
    let databases = interleaved::databases(round);
    let mut session = source.pool().get_conn().await.unwrap();
    for database in &databases {
        session.query_drop(format!("CREATE DATABASE {database}")).await.unwrap();
    }
    session.query_drop(format!("USE {}", databases[0])).await.unwrap();
    let mut taken = Vec::new();
    while taken.len() < INTERLEAVED {
        let statement = interleaved::next(dice, &databases, is_mariadb);
        match session.query_drop(&statement).await {
            Ok(()) => taken.push(statement),
            Err(mysql_async::Error::Server(_)) => {}
            Err(error) => panic!("{statement}: {error}"),
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread")]
async fn ddls_and_rows_in_random_order_replay_to_the_servers_tables() {
    let mut dice = Dice::new(seed(20_261_128));
    let (source, target) = servers(&[]).await;
    let mut taken = Vec::new();
    for round in 0..ROUNDS {
        taken.push(interleave(&source, round, &mut dice).await);
    }
    println!("{ROUNDS} rounds of {INTERLEAVED} statements");
    let end = end_of_log(&source).await;
    let judge = Judge { source: &source, target: &target };
    let mut reports = Vec::new();
    for protocol in Protocol::BOTH {
        let (store, config) = (memory(), protocol.config());
        let followed = in_process::follow_url(&config, Arc::clone(&store), &source.url(), end.clone()).await;
        let mut verdicts = Vec::new();
        verdicts.extend(followed.err().map(|error| Verdict::unwritten("the whole log", &*error)));
        for (round, taken) in taken.iter().enumerate() {
            let options = protocol.options(BTreeSet::new());
            let (name, databases) = (format!("round {round}"), interleaved::databases(round));
            let verdict = judge.verdict(&name, &databases, &store, &options, None).await;
            if !verdict.problems.is_empty() {
                println!("{name}:\n{};", taken.join(";\n"));
            }
            verdicts.push(verdict);
        }
        reports.push(Report { title: format!("{}, in random order", protocol.name()), verdicts });
    }
    expect_no_difference(&reports);
}
