//! `cargo xtask matrix`: the tests that are about servers, against every server there is.

use crate::step::{self, Outcome};
use crate::{servers, setup};

/// The tests, as cargo calls them. Each says in one line that begins with `figures:` what it compared.
const TESTS: [&str; 2] = ["transactions", "ddl_replay"];
const FIGURES: &str = "figures: ";

/// One test against one server.
struct Line {
    server: &'static str,
    test: &'static str,
    found: String,
}

/// Runs the matrix and prints it.
pub(crate) fn run() -> Vec<Outcome> {
    let setup = setup::run();
    let servers = servers::run();
    let mut outcomes = [setup.outcomes, servers.outcomes].concat();
    let mut lines = Vec::new();
    for server in std::iter::once("mariadb").chain(servers.names) {
        for test in TESTS.into_iter().filter(|test| is_there(test)) {
            let mut cargo = step::cargo();
            cargo.args(["test", "-p", "tests", "--test", test, "--", "--nocapture", "--include-ignored"]);
            cargo.envs(setup.servers.iter().cloned());
            cargo.env("SPILLWAY_SERVER", server).env(servers::FOLDER, &servers.folder);
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

fn is_there(test: &str) -> bool {
    let tests = step::workspace().join("tests/tests");
    [format!("{test}.rs"), format!("{test}/main.rs")].iter().any(|file| tests.join(file).is_file())
}
