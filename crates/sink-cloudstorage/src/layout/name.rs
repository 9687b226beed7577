//! Which schema and table names may become a directory.
//!
//! Names go into keys unescaped, so a name must not be able to leave its directory or to be something else in a
//! local directory than in a bucket. The rules below are all that takes; everything else is allowed.

use super::LayoutError;
use object_store::path::Path;

/// Checks a schema or table name; `what` says which, for the error.
pub fn check_name(what: &'static str, name: &str) -> Result<(), LayoutError> {
    let why = if name.is_empty() {
        "is empty"
    } else if name == "." || name == ".." {
        "means a directory of its own"
    } else if name.contains('/') {
        "contains a slash"
    } else if name.chars().any(|c| c.is_ascii_control()) {
        "contains a control character"
    } else if what == "schema" && name == ".spillway" {
        "is that of the sink's own directory"
    } else {
        return Ok(());
    };
    Err(LayoutError::UnsafeName { what, name: name.to_owned(), why })
}

/// The key of a text whose names have been checked.
///
/// # Panics
/// If they have not: a directory is only ever made of checked names, numbers and dates.
pub(super) fn key(text: String) -> Path {
    Path::parse(text).expect("a key is made of checked names, numbers and dates")
}

#[cfg(test)]
mod tests {
    use super::{check_name, key};

    #[test]
    fn names_that_could_leave_their_directory_are_refused() {
        for name in ["", ".", "..", "a/b", "/", "../x", "nul\0", "tab\t", "del\u{7f}"] {
            let error = check_name("table", name).expect_err(name).to_string();
            assert!(error.contains("table name"), "{error}");
        }
    }

    #[test]
    fn a_database_cannot_have_the_name_of_the_sinks_own_directory() {
        let error = check_name("schema", ".spillway").expect_err("taken").to_string();
        assert!(error.contains("the sink's own directory"), "{error}");
        check_name("table", ".spillway").expect("a table's directory is below its database's");
    }

    #[test]
    fn every_other_name_stands_in_its_key_verbatim() {
        for name in [
            "a b", "a#1", "100%", "%2F", "a?b", "a*b", "~x", "\"q\"", "a\\b", "<t>", "[x]", "{y}", "a|b",
            "`t`", "表", "...", "..a", "-x", "a:b", "é",
        ] {
            check_name("schema", name).expect(name);
            assert_eq!(key(format!("{name}/{name}/5")).as_ref(), format!("{name}/{name}/5"));
        }
    }
}
