//! `cargo xtask lint`: formatting, clippy and rustdoc, with warnings as errors; and each library alone.

use crate::step::{self, Outcome};

/// What a user may depend on without the rest.
const LIBRARIES: [&str; 8] = [
    "change-event",
    "pipeline-core",
    "stage-encode",
    "stage-spool",
    "stage-writer",
    "dispatcher",
    "sink-cloudstorage",
    "source-mysql",
];

/// Runs all of them, whichever fails.
pub(crate) fn run() -> Vec<Outcome> {
    let mut outcomes = vec![
        step::run("fmt", step::cargo().args(["fmt", "--all", "--check"])),
        step::run(
            "clippy",
            step::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        ),
        step::run(
            "doc",
            step::cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
        ),
    ];
    // Within the workspace a library has the features that others ask for: one that it forgot to ask for is missed only
    // by who uses it without them.
    for library in LIBRARIES {
        outcomes.push(step::run(&format!("{library} alone"), step::cargo().args(["check", "-p", library])));
    }
    for cloud in ["s3", "gcs", "azure"] {
        let mut alone = step::cargo();
        alone.args(["clippy", "-p", "sink-cloudstorage", "--features", cloud, "--", "-D", "warnings"]);
        outcomes.push(step::run(&format!("{cloud} alone"), &mut alone));
    }
    // The small build of the README's first command: no server, no cloud.
    let mut small = step::cargo();
    small.args([
        "clippy",
        "-p",
        "cli",
        "-p",
        "source-mysql",
        "--no-default-features",
        "--",
        "-D",
        "warnings",
    ]);
    outcomes.push(step::run("no features", &mut small));
    outcomes
}
