//! The sink's URI and the configuration file.

use crate::failure::Failure;
use sink_cloudstorage::config::{Config, SinkUri};
use std::path::Path;

/// Reads both.
pub(crate) fn read(sink: &str, file: Option<&Path>) -> Result<(SinkUri, Config), Failure> {
    let toml = match file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Failure::input(&format!("cannot read --config {}", path.display()), error))?,
        None => String::new(),
    };
    let uri = SinkUri::parse(sink).map_err(|error| Failure::input("--sink", error))?;
    let config = Config::read(&uri, &toml).map_err(|error| Failure::input("", error))?;
    Ok((uri, config))
}
