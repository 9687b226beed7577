//! `cargo xtask matrix`: the tests that are about servers, against every server there is.

use crate::step::{self, Outcome};
use crate::{servers, setup};

/// The tests, by package, as cargo calls them. Each says in lines that begin with `figures:` what it compared.
const TESTS: [(&str, &str); 8] = [
    ("source-mysql", "every_type"),
    ("source-mysql", "shapes"),
    ("source-mysql", "tls"),
    ("source-mysql", "xa"),
    ("tests", "stock_server"),
    ("tests", "filter"),
    ("tests", "transactions"),
    ("tests", "ddl_replay"),
];
/// What takes whichever server is named is not ignored; what is, takes a MySQL.
const MARIADB: &str = "mariadb";
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
    for server in std::iter::once(MARIADB).chain(servers.names) {
        for (package, test) in TESTS {
            let mut cargo = step::cargo();
            cargo.args(["test", "-p", package, "--test", test, "--", "--nocapture"]);
            if server != MARIADB {
                cargo.arg("--include-ignored");
            }
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
