//! The sample binlog, and how its bucket reads.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::MariaDb;
use tests::consumer::{CsvOptions, DateSeparator, Format, Options, TableKey};

/// Settings under which nothing but the rows decides where a file ends, and nothing depends on the day.
///
/// Some of its tables have no key: a reader needs the old rows of their updates.
pub const PARAMETERS: &str =
    "protocol=csv&include-commit-ts=true&output-old-value=true&flush-interval=10m&file-size=4096";
pub const CONFIG: &str = "[sink]\ndate-separator = \"none\"\n";

pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/shop.binlog")
}

/// Every database that it makes. The last is gone at its end.
pub const DATABASES: [&str; 3] = ["shop", "warehouse", "scrap"];

/// What its server ran with beyond a row binlog: the charset of what says none.
pub const SERVER: [&str; 1] = ["--character-set-server=latin1"];

/// Applies the very log to a server, with the server's own tools. Blocks.
///
/// # Panics
/// If one of the tools is missing or fails.
pub fn apply_to(server: &MariaDb) {
    let url = server.url();
    let port = url.rsplit(':').next().expect("an address has a port");
    let mut reader = Command::new("mariadb-binlog")
        .args(["--no-defaults".as_ref(), path().as_os_str()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("mariadb-binlog starts: install the package mariadb-client");
    let statements = reader.stdout.take().expect("it is piped");
    let client = Command::new("mariadb")
        .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--user=root", "--binary-mode"])
        .arg(format!("--port={port}"))
        .stdin(statements)
        .output()
        .expect("mariadb starts: install the package mariadb-client");
    assert!(client.status.success(), "{}", String::from_utf8_lossy(&client.stderr));
    assert!(reader.wait().expect("a process of our own can be waited for").success());
}

/// Columns that rows do not have, as they are computed when they are read.
fn virtual_columns() -> BTreeSet<(TableKey, String)> {
    let column = |table: &str| (TableKey::new("shop", table), "total_cents".to_owned());
    ["orders", "archive", "orders_2023"].map(column).into()
}

/// Canal-json, with what TiCDC's consumer needs.
pub const CANAL_JSON: &str = "protocol=canal-json&enable-tidb-extension=true&content-compatible=true";

/// What a reader of that must be told.
pub fn canal_json_options() -> Options {
    Options { format: Format::CanalJson, ..options() }
}

/// What a reader must be told of a bucket that was written under these settings.
pub fn options() -> Options {
    Options {
        format: Format::Csv(CsvOptions { output_old_value: true, ..CsvOptions::default() }),
        date_separator: DateSeparator::None,
        left_out: virtual_columns(),
        ..Options::default()
    }
}
