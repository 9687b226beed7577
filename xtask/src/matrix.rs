//! `cargo xtask matrix`: the tests that are about servers, against every server there is.

use crate::step::{self, Outcome};
use crate::{servers, setup};
use std::path::{Path, PathBuf};

/// The tests, as cargo calls them. Each says in lines that begin with `figures:` what it compared.
const TESTS: [&str; 11] = [
    "every_type",
    "copied",
    "snapshot",
    "shapes",
    "tls",
    "xa",
    "stock_server",
    "filter",
    "transactions",
    "ddl_replay",
    "end_of_log",
];
/// Those of them that have a test for each kind of server: the one for MySQL is ignored, and the others take a MariaDB
/// whichever MySQL is named.
const OF_EACH_KIND: [&str; 4] = ["copied", "shapes", "tls", "xa"];
/// The installed one.
const MARIADB: &str = "mariadb";
const FIGURES: &str = "figures: ";

/// One test against one server.
struct Line {
    server: &'static str,
    test: &'static str,
    found: String,
}

/// Tests that old servers are not about: they have no TLS that we speak or do not tell how a client came, log an XA
/// transaction in one phase, or take statements for something else that the tests lean on.
const LEFT_OUT: [(&str, &[&str]); 3] = [
    ("mysql-5.6", &["tls", "ddl_replay"]),
    ("mariadb-10.1", &["tls", "xa", "shapes", "ddl_replay"]),
    ("mariadb-10.2", &["tls", "xa", "shapes", "ddl_replay"]),
];

/// What continuous integration has the time for: the newest of each kind and MySQL 5.7, and no long test.
const SHORT: ([&str; 3], [&str; 8]) = (
    ["mariadb-11.8", "mysql-9.7", "mysql-5.7"],
    ["every_type", "copied", "snapshot", "shapes", "tls", "xa", "stock_server", "filter"],
);

/// Runs the matrix and prints it.
pub(crate) fn run() -> Vec<Outcome> {
    let setup = setup::run();
    let servers = servers::run();
    let names: Vec<&'static str> = std::iter::once(MARIADB).chain(servers.names.iter().copied()).collect();
    let outcomes = run_on(&names, &servers.folder, &setup.servers, |_| true);
    [setup.outcomes, servers.outcomes, outcomes].concat()
}

/// Runs a part of the matrix that takes a few minutes. The environment names the other servers.
pub(crate) fn run_short(environment: &[(&'static str, PathBuf)]) -> Vec<Outcome> {
    let servers = servers::run();
    let (names, tests) = SHORT;
    let names: Vec<&'static str> = names.into_iter().filter(|name| servers.names.contains(name)).collect();
    let outcomes = run_on(&names, &servers.folder, environment, |test| tests.contains(&test));
    [servers.outcomes, outcomes].concat()
}

fn run_on(
    names: &[&'static str],
    folder: &Path,
    environment: &[(&'static str, PathBuf)],
    takes: impl Fn(&str) -> bool,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut lines = Vec::new();
    for &server in names {
        let left_out =
            LEFT_OUT.into_iter().find(|(name, _)| *name == server).map_or(&[][..], |(_, tests)| tests);
        for test in TESTS.into_iter().filter(|test| takes(test) && !left_out.contains(test)) {
            let mut cargo = step::cargo();
            // The whole workspace, though one crate has the test: then nothing is compiled with other features.
            cargo.args(["test", "--workspace", "--test", test, "--", "--nocapture"]);
            if server.starts_with("mysql-") && OF_EACH_KIND.contains(&test) {
                cargo.arg("--ignored");
            }
            cargo.envs(environment.iter().cloned());
            cargo.env("SPILLWAY_SERVER", server).env(servers::FOLDER, folder);
            let (outcome, output) = step::run_and_read(&format!("{test} on {server}"), &mut cargo);
            let figures =
                output.iter().filter_map(|line| line.split_once(FIGURES).map(|(_, figures)| figures));
            let mut found: Vec<&str> = figures.collect();
            if outcome.is_failure() {
                found.push("FAILED");
            }
            lines.push(Line { server, test, found: found.join("; ") });
            outcomes.push(outcome);
        }
    }
    println!("\n{:<12} {:<14} compared", "server", "test");
    for Line { server, test, found } in &lines {
        println!("{server:<12} {test:<14} {found}");
    }
    outcomes
}
