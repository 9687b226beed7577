//! What can be set of what a server logs, where that changes what is in the log.

use super::version::Version;

/// A choice on every axis.
#[derive(Clone, Debug, Default)]
pub struct Variation {
    /// What was chosen, in words.
    pub name: Vec<&'static str>,
    /// The statements that set it.
    settings: Vec<&'static str>,
}

/// Settings of which one is chosen: its name, and the statement that sets it.
type Axis = &'static [(&'static str, &'static str)];

const CHECKSUMS: Axis = &[
    ("checksums", "SET GLOBAL binlog_checksum = CRC32"),
    ("no checksums", "SET GLOBAL binlog_checksum = NONE"),
];

const MYSQL_NAMES: Axis = &[
    ("FULL", "SET GLOBAL binlog_row_metadata = FULL"),
    ("MINIMAL", "SET GLOBAL binlog_row_metadata = MINIMAL"),
];

const MARIADB_NAMES: Axis = &[
    ("FULL", "SET GLOBAL binlog_row_metadata = FULL"),
    ("MINIMAL", "SET GLOBAL binlog_row_metadata = MINIMAL"),
    ("NO_LOG", "SET GLOBAL binlog_row_metadata = NO_LOG"),
];

const MYSQL_COMPRESSION: Axis = &[
    ("plain", "SET GLOBAL binlog_transaction_compression = OFF"),
    ("compressed", "SET GLOBAL binlog_transaction_compression = ON"),
];

const MARIADB_COMPRESSION: Axis = &[
    ("plain", "SET GLOBAL log_bin_compress = OFF"),
    ("compressed", "SET GLOBAL log_bin_compress = ON, log_bin_compress_min_len = 10"),
];

/// What a server is started with, and what that is called.
pub type StartedWith = (&'static str, &'static [&'static str]);

const MYSQL_STARTS: &[StartedWith] = &[
    ("no GTIDs", &["--gtid-mode=OFF"]),
    (
        "GTIDs",
        &[
            "--gtid-mode=ON",
            "--enforce-gtid-consistency=ON",
            "--loose-log-slave-updates",
            "--loose-log-replica-updates",
        ],
    ),
    // Old events of rows, and the statements beside them. Newer servers know only one of the settings.
    ("rows of version 1", &["--loose-log-bin-use-v1-row-events=ON", "--binlog-rows-query-log-events=ON"]),
];

const BARE: &str = "--binlog-annotate-row-events=OFF";
const MARIADB_STARTS: &[StartedWith] = &[("GTIDs", &[]), ("GTIDs, no statements beside rows", &[BARE])];
/// Since 11.4 a server makes a certificate of its own.
const NEWER_MARIADB_STARTS: &[StartedWith] =
    &[("GTIDs", &[]), ("GTIDs, TLS, no statements beside rows", &["--ssl", BARE])];

/// What a server of this name is started with, one after the other: it cannot be set later in every version.
pub fn starts(server: &str) -> &'static [StartedWith] {
    match server {
        _ if server.starts_with("mysql-") => MYSQL_STARTS,
        _ if server.starts_with("mariadb-11.") => NEWER_MARIADB_STARTS,
        _ => MARIADB_STARTS,
    }
}

/// Every combination that a server of this version knows.
pub fn variations(version: Version) -> Vec<Variation> {
    let mut axes = vec![CHECKSUMS];
    let (names, compression) = match version.is_mariadb {
        true => ((MARIADB_NAMES, [10, 5, 0]), (MARIADB_COMPRESSION, [10, 2, 3])),
        false => ((MYSQL_NAMES, [8, 0, 1]), (MYSQL_COMPRESSION, [8, 0, 20])),
    };
    let known = [compression, names].into_iter().filter(|&(_, since)| version.is_since(since));
    axes.extend(known.map(|(axis, _)| axis));
    axes.into_iter().fold(vec![Variation::default()], |chosen, axis| {
        chosen.iter().flat_map(|before| axis.iter().map(|choice| before.with(choice))).collect()
    })
}

impl Variation {
    fn with(&self, &(name, setting): &(&'static str, &'static str)) -> Self {
        let mut more = self.clone();
        more.name.push(name);
        more.settings.push(setting);
        more
    }

    /// The statements that bring it about, for sessions to come.
    pub fn settings(&self) -> &[&'static str] {
        &self.settings
    }
}
