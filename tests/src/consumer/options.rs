//! What a reader must be told, because no file says it.

use super::{Compression, TableKey};
use std::collections::BTreeSet;

/// How a bucket was written. The default is the sink's own default, with the commit-ts in every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How rows are spelled.
    pub format: Format,
    /// How data files are compressed.
    pub compression: Compression,
    /// Whether rows say when they were committed: `include-commit-ts` in CSV, `enable-tidb-extension` in canal-json.
    /// Without, a row counts as committed with the version of its directory.
    pub commit_ts: bool,
    /// What ends every row.
    pub terminator: String,
    /// The date level of the directories.
    pub date_separator: DateSeparator,
    /// To how many digits the numbers in file names are padded.
    pub index_width: usize,
    /// Whether the sink was restarted, so that later files may repeat rows of earlier ones. Without restarts every
    /// repeated row is a violation.
    pub restarts: bool,
    /// Columns that schema files have and rows do not: virtual generated ones, and those that no selector chose.
    pub left_out: BTreeSet<(TableKey, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: Format::Csv(CsvOptions::default()),
            compression: Compression::None,
            commit_ts: true,
            terminator: "\r\n".to_owned(),
            date_separator: DateSeparator::Day,
            index_width: 20,
            restarts: false,
            left_out: BTreeSet::new(),
        }
    }
}

impl Options {
    /// The extension of data files, from its first dot.
    pub fn extension(&self) -> String {
        format!("{}{}", self.format.extension(), self.compression.extension())
    }
}

/// The format of data files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// CSV.
    Csv(CsvOptions),
    /// canal-json.
    CanalJson,
}

impl Format {
    /// The extension of data files, with its dot.
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Csv(_) => ".csv",
            Self::CanalJson => ".json",
        }
    }
}

/// The spelling of CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// Between two fields.
    pub delimiter: String,
    /// Around a string; `None`: strings are escaped with backslashes instead.
    pub quote: Option<u8>,
    /// Instead of a NULL.
    pub null: String,
    /// Whether an UPDATE is a D row and an I row, and every row says whether it comes from an UPDATE.
    pub output_old_value: bool,
    /// Whether every file starts with the names of its fields.
    pub header: bool,
    /// The spelling of binary columns.
    pub binary: BinaryText,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: ",".to_owned(),
            quote: Some(b'"'),
            null: "\\N".to_owned(),
            output_old_value: false,
            header: false,
            binary: BinaryText::Base64,
        }
    }
}

/// How bytes are spelled as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryText {
    /// Standard alphabet, padded.
    Base64,
    /// Lower case.
    Hex,
}

/// The date level of the directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateSeparator {
    /// There is none.
    None,
    /// `2026`
    Year,
    /// `2026-03`
    Month,
    /// `2026-03-01`
    Day,
}

impl DateSeparator {
    /// Whether a directory's name is a date of this kind.
    pub fn accepts(self, name: &str) -> bool {
        let shape: String = name.chars().map(|c| if c.is_ascii_digit() { 'd' } else { c }).collect();
        let wanted = match self {
            Self::None => return false,
            Self::Year => "dddd",
            Self::Month => "dddd-dd",
            Self::Day => "dddd-dd-dd",
        };
        shape == wanted
    }
}
