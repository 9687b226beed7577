//! The sample binlog, and how its bucket reads.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};
use tests::consumer::{CsvOptions, DateSeparator, Format, Options, TableKey};

/// Settings under which nothing but the rows decides where a file ends, and nothing depends on the day.
///
/// Some of its tables have no key: a reader needs the old rows of their updates.
pub const PARAMETERS: &str =
    "protocol=csv&include-commit-ts=true&output-old-value=true&flush-interval=10m&file-size=4096";
pub const CONFIG: &str = "[sink]\ndate-separator = \"none\"\n";

pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../source-mysql/sample/shop.binlog")
}

/// What a reader must be told of a bucket that was written under these settings.
pub fn options() -> Options {
    let virtual_column = |table: &str| (TableKey::new("shop", table), "total_cents".to_owned());
    Options {
        format: Format::Csv(CsvOptions { output_old_value: true, ..CsvOptions::default() }),
        date_separator: DateSeparator::None,
        left_out: ["orders", "archive", "orders_2023"].map(virtual_column).into(),
        ..Options::default()
    }
}
