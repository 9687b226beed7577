//! How a bucket is written, and what its reader must be told.

use sink_cloudstorage::config::Config;
use std::collections::BTreeSet;
use tests::consumer::{CsvOptions, Format, Options, TableKey};

/// One of the two protocols, with the settings that TiCDC's consumer needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Csv,
    CanalJson,
}

impl Protocol {
    pub const BOTH: [Self; 2] = [Self::Csv, Self::CanalJson];

    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::CanalJson => "canal-json",
        }
    }

    pub fn config(self) -> Config {
        super::super::in_process::config(match self {
            Self::Csv => "protocol=csv&include-commit-ts=true&output-old-value=true",
            Self::CanalJson => "protocol=canal-json&enable-tidb-extension=true&content-compatible=true",
        })
    }

    /// `left_out`: virtual generated columns.
    pub fn options(self, left_out: BTreeSet<(TableKey, String)>) -> Options {
        let csv = CsvOptions { output_old_value: true, ..CsvOptions::default() };
        let format = match self {
            Self::Csv => Format::Csv(csv),
            Self::CanalJson => Format::CanalJson,
        };
        Options { format, left_out, ..Options::default() }
    }
}
