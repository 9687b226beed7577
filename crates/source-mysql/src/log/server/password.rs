//! Where the password comes from.

use super::parameters::Parameters;
use crate::{Error, Result};
use std::fs;

/// The password, for those who keep it out of command lines.
pub(super) const VARIABLE: &str = "SPILLWAY_SOURCE_PASSWORD";

/// The password: that of the URL, else the first line of the password-file, else that of the environment.
pub(super) fn find(
    in_url: Option<String>,
    parameters: &Parameters,
    in_environment: Option<String>,
) -> Result<Option<String>> {
    match (in_url, parameters.get("password-file")) {
        (Some(password), _) => Ok(Some(password)),
        (None, Some(file)) => first_line(file).map(Some),
        (None, None) => Ok(in_environment),
    }
}

fn first_line(file: &str) -> Result<String> {
    let text = fs::read_to_string(file)
        .map_err(|error| Error::Config(format!("cannot read the password-file {file}: {error}")))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(Error::Config(format!("the first line of the password-file {file} is empty"))),
    }
}
