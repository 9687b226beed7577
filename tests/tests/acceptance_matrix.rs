//! Every test that `acceptance.md` names is there, and nothing is missing but what is known to be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rows that say what is missing, by the first of the ancestor's tests in them. Whoever writes such a test takes its row
/// off this list.
const MISSING: &[&str] = &[];

/// Fewer than these are not the whole matrix, or are not understood.
const ROWS: usize = 120;
const REFERENCES: usize = 250;

/// How a row says that something applies and nothing proves it.
const MARK: &str = "**missing**";

/// The folder of the workspace, which references begin at.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn matrix() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("acceptance.md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One row: what the ancestor has, what we have, and what is to be said about it.
#[derive(Debug)]
struct Row<'a> {
    ancestors: &'a str,
    ours: &'a str,
    remark: &'a str,
}

impl<'a> Row<'a> {
    /// Reads a line of a table.
    fn read(line: &'a str) -> Self {
        let inner = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
        let cells: Vec<&str> = inner.unwrap_or_default().split('|').map(str::trim).collect();
        let [ancestors, ours, remark] = cells[..] else { panic!("a row has three cells: {line}") };
        Self { ancestors, ours, remark }
    }

    /// What stands in backticks in the first cell.
    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.ancestors.split('`').skip(1).step_by(2)
    }

    /// The row by one name.
    fn name(&self) -> &'a str {
        self.names().next().unwrap_or_else(|| panic!("a row names a test of the ancestor: {self:?}"))
    }

    /// File and name of each test of ours.
    fn references(&self) -> Vec<(&'a str, &'a str)> {
        let said = self.ours.split("<br>").filter(|said| !said.is_empty());
        said.map(|said| {
            let inner = said.strip_prefix('`').and_then(|said| said.strip_suffix('`'));
            let parts = inner.and_then(|inner| inner.split_once("::"));
            let parts = parts.filter(|(file, name)| file.ends_with(".rs") && !name.is_empty());
            parts.unwrap_or_else(|| panic!("{}: {said} is not `path/to/file.rs::test`", self.name()))
        })
        .collect()
    }

    fn is_missing(&self) -> bool {
        self.remark.contains(MARK)
    }
}

/// The rows of all sections.
fn rows(matrix: &str) -> Vec<Row<'_>> {
    let sections = matrix.split("\n## ").skip(1);
    let tables = sections.flat_map(|section| {
        // The head of the table, and the line below it.
        section.lines().filter(|line| line.starts_with('|')).skip(2)
    });
    tables.map(Row::read).collect()
}

/// The tests in a source file: functions below a test attribute, with nothing but other attributes and comments between.
/// One that is ignored is none.
fn tests_in(source: &str) -> BTreeSet<&str> {
    let mut tests = BTreeSet::new();
    let (mut is_test, mut is_ignored) = (false, false);
    for line in source.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[ignore") {
            is_ignored = true;
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            tests.extend(function(line).filter(|_| is_test && !is_ignored));
            (is_test, is_ignored) = (false, false);
        }
    }
    tests
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// Why a test that is named is not there.
fn gone(file: &str, test: &str) -> Option<String> {
    match fs::read_to_string(workspace().join(file)) {
        Ok(source) => (!tests_in(&source).contains(test)).then(|| format!("{file} has no test `{test}`")),
        Err(error) => Some(format!("{file}, for the test `{test}`: {error}")),
    }
}

#[test]
fn every_test_that_is_named_is_there() {
    let matrix = matrix();
    let rows = rows(&matrix);
    assert!(rows.len() >= ROWS, "only {} rows were found", rows.len());
    let references: Vec<_> =
        rows.iter().flat_map(|row| row.references().into_iter().map(|named| (row.name(), named))).collect();
    assert!(references.len() >= REFERENCES, "only {} references were found", references.len());
    let gone = references.into_iter().filter_map(|(row, (file, test))| Some((row, gone(file, test)?)));
    let gone: Vec<String> = gone.map(|(row, why)| format!("{row}: {why}")).collect();
    assert!(gone.is_empty(), "name what proves it now, or say that it is missing:\n{}", gone.join("\n"));
}

#[test]
fn nothing_is_missing_but_what_is_known_to_be() {
    let matrix = matrix();
    let rows = rows(&matrix);
    let found: BTreeSet<&str> = rows.iter().filter(|row| row.is_missing()).map(Row::name).collect();
    assert_eq!(found, MISSING.iter().copied().collect(), "left: what the matrix says; right: what is known");
}

#[test]
fn every_row_has_a_test_or_a_reason_and_no_test_of_the_ancestor_has_two_rows() {
    let matrix = matrix();
    let rows = rows(&matrix);
    let mut seen = BTreeSet::new();
    for row in &rows {
        assert!(!row.ours.is_empty() || !row.remark.is_empty(), "{} has neither", row.name());
        for name in row.names() {
            assert!(seen.insert(name), "{name} has two rows");
        }
    }
}

#[test]
fn what_is_no_test_is_not_taken_for_one() {
    let source = "
        #[test]
        fn plain() {}

        #[tokio::test(start_paused = true)]
        #[expect(clippy::approx_constant)]
        /// With a comment.
        async fn waits() {}

        proptest! {
            #[test]
            fn drawn(number: u64) {}
        }

        #[test]
        #[ignore = \"takes minutes\"]
        fn ignored() {}

        fn helper() {}

        // #[test]
        fn commented_out() {}

        #[test]
        const NOT_A_FUNCTION: u64 = 1;
        fn below_something_else() {}
    ";
    assert_eq!(tests_in(source), BTreeSet::from(["plain", "waits", "drawn"]));
    assert_eq!(gone("tests/tests/acceptance_matrix.rs", "what_is_no_test_is_not_taken_for_one"), None);
    let renamed = gone("tests/tests/acceptance_matrix.rs", "renamed").unwrap_or_default();
    assert_eq!(renamed, "tests/tests/acceptance_matrix.rs has no test `renamed`");
    let moved = gone("tests/tests/moved.rs", "renamed").unwrap_or_default();
    assert!(moved.starts_with("tests/tests/moved.rs, for the test `renamed`: "), "{moved}");
}
