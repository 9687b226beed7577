//! `cargo xtask test`: sets up the servers, then runs every test there is; those about servers also on the newest MySQL and
//! MariaDB and on MySQL 5.7, and those about Azure, where these can be had.

use crate::step::{self, Outcome};
use crate::{matrix, setup};

/// Runs the set-up and all tests. A server that could not be installed does not keep the rest from running.
pub(crate) fn run() -> Vec<Outcome> {
    let setup = setup::run();
    let has_azurite = setup.has(setup::AZURITE);
    let mut outcomes = setup.outcomes;
    let mut cargo_test = |step: &str, arguments: &[&str]| {
        let mut cargo = step::cargo();
        cargo.args(["test", "--workspace", "--no-fail-fast"]).args(arguments);
        cargo.envs(setup.servers.iter().cloned());
        outcomes.push(step::run(step, &mut cargo));
    };
    cargo_test("tests", &["--all-targets"]);
    cargo_test("doctests", &["--doc"]);
    // Ignored among the others, since they need a server that not every machine can have.
    match has_azurite {
        true => cargo_test("azure", &["--test", "azure", "--", "--ignored"]),
        false => println!("\n==> azure: LEFT OUT, since there is no azurite here"),
    }
    outcomes.extend(matrix::run_short(&setup.servers));
    outcomes.extend(loom());
    outcomes
}

/// The loom models, in a target folder of their own: `--cfg loom` rebuilds every dependency.
fn loom() -> Option<Outcome> {
    if !step::workspace().join("crates/pipeline-core/tests/loom.rs").is_file() {
        println!("\n==> loom: crates/pipeline-core/tests/loom.rs is not there, nothing to run");
        return None;
    }
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    let mut cargo = step::cargo();
    cargo
        .args(["test", "--release", "-p", "pipeline-core", "--test", "loom"])
        .args(["--target-dir", "target/loom"])
        .env("RUSTFLAGS", format!("{flags} --cfg loom").trim());
    Some(step::run("loom", &mut cargo))
}
