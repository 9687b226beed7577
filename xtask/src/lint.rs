//! `cargo xtask lint`: formatting, clippy and rustdoc, with warnings as errors.

use crate::step::{self, Outcome};

/// Runs all three, whichever fails.
pub(crate) fn run() -> Vec<Outcome> {
    vec![
        step::run("fmt", step::cargo().args(["fmt", "--all", "--check"])),
        step::run(
            "clippy",
            step::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        ),
        step::run(
            "doc",
            step::cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
        ),
    ]
}
