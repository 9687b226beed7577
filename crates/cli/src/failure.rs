//! Errors, in one sentence, and exit codes.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Why the command ends without success.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    sentence: String,
}

impl Failure {
    /// Something given is wrong; nothing was started.
    pub(crate) fn input(what: &str, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { code: 2, sentence: sentence(what, &*error.into()) }
    }

    /// The run failed on its way.
    pub(crate) fn run(what: &str, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { code: 1, sentence: sentence(what, &*error.into()) }
    }

    /// Says it, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        // Where nobody listens any more, the exit code still tells.
        writeln!(io::stderr(), "error: {}", self.sentence).unwrap_or_default();
        ExitCode::from(self.code)
    }
}

/// The whole chain of causes, leaving out those that only say again what is there already.
fn sentence(what: &str, error: &(dyn StdError + 'static)) -> String {
    let mut text = what.to_owned();
    let mut cause = Some(error);
    while let Some(error) = cause {
        // A store answers with pages of XML, a parser draws pictures: here it is one line.
        let words = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        let words = words.trim_end_matches(['.', ':']);
        if !text.contains(words) {
            let colon = if text.is_empty() { "" } else { ": " };
            // Writing to a String cannot fail.
            write!(text, "{colon}{words}").unwrap_or_default();
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot open x: {0}")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_cause_is_named_once() {
        let error = Outer(io::Error::other("no such thing"));
        assert_eq!(sentence("the sink", &error), "the sink: cannot open x: no such thing");
    }

    #[test]
    fn a_cause_of_many_lines_is_told_on_one() {
        let error = Outer(io::Error::other("404:\n<Error>\n  <Code>NoSuchBucket</Code></Error>:\n"));
        let told = "cannot open x: 404: <Error> <Code>NoSuchBucket</Code></Error>";
        assert_eq!(sentence("", &error), told);
    }
}
