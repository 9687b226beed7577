//! One case of the corpus: what is done in databases of its own.

use super::DatabaseServer;
use mysql_async::prelude::Queryable;

/// Which servers know what a case or a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Servers {
    All,
    MariaDb,
    MySql,
    /// MySQL from 8.0 on.
    MySql8,
    /// MariaDB, and MySQL from 8.0 on.
    Recent,
}

/// One case: a statement a line, run one after the other in one session that uses the database `{a}`. `{b}` is there
/// too, `{c}` is not. A line may begin with the servers that it is for (`mariadb: …`); `⏎` is a line break in it.
/// `refused: ` stands before what a server refuses, though it may do a part of it.
///
/// Every table must come out equal. A case whose statements one cannot follow hides nothing of the others.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub name: &'static str,
    pub servers: Servers,
    pub script: &'static str,
    /// Virtual generated columns, by table: rows do not have them.
    pub left_out: &'static [(&'static str, &'static str)],
    /// Databases besides the three that the script makes.
    pub further_databases: &'static [&'static str],
    /// The types of the schema files that tables get from DDLs, in the order of their versions.
    pub kinds: Option<&'static [u64]>,
}

/// A case for every server.
pub const fn case(name: &'static str, script: &'static str) -> Case {
    Case { name, servers: Servers::All, script, left_out: &[], further_databases: &[], kinds: None }
}

impl Case {
    /// Only for these servers.
    pub const fn on(mut self, servers: Servers) -> Self {
        self.servers = servers;
        self
    }

    /// With virtual generated columns, by table.
    pub const fn leaving_out(mut self, columns: &'static [(&'static str, &'static str)]) -> Self {
        self.left_out = columns;
        self
    }

    /// With databases of these names too.
    pub const fn with_databases(mut self, names: &'static [&'static str]) -> Self {
        self.further_databases = names;
        self
    }

    /// Its tables' DDLs are of these types, and no others.
    pub const fn writes(mut self, kinds: &'static [u64]) -> Self {
        self.kinds = Some(kinds);
        self
    }

    /// Every database that it may make.
    pub fn databases(&self) -> Vec<String> {
        let own = ["{a}", "{b}", "{c}"].map(|name| self.filled(name));
        own.into_iter().chain(self.further_databases.iter().map(|name| (*name).to_owned())).collect()
    }

    /// The statements for this server.
    pub fn statements(&self, server: Version) -> Vec<String> {
        let setup = ["CREATE DATABASE {a}", "CREATE DATABASE {b}", "USE {a}"].map(|line| self.filled(line));
        let lines = self.script.lines().map(str::trim).filter(|line| !line.is_empty());
        let own = lines.filter_map(|line| server.own_line(line)).map(|line| self.filled(line));
        setup.into_iter().chain(own).collect()
    }

    fn filled(&self, line: &str) -> String {
        let name = self.name;
        let named = line.replace("{a}", name).replace("{b}", &format!("{name}_b"));
        named.replace("{c}", &format!("{name}_c")).replace('⏎', "\n")
    }

    /// Runs it on a server; says what that refuses, which must be nothing.
    pub async fn run(&self, server: &DatabaseServer, version: Version) -> Vec<String> {
        let mut session = server.pool().get_conn().await.expect("a server of our own answers");
        session.query_drop("SET time_zone = '+00:00'").await.expect("a session's zone can be set");
        let mut refused = Vec::new();
        for line in self.statements(version) {
            let expected = line.strip_prefix("refused: ");
            let statement = expected.unwrap_or(&line);
            match session.query_drop(statement).await {
                Ok(()) if expected.is_some() => {
                    refused.push(format!("{}: {statement}: it is not", self.name))
                }
                Err(error) if expected.is_none() => {
                    refused.push(format!("{}: {statement}: {error}", self.name));
                }
                Ok(()) | Err(_) => {}
            }
        }
        refused
    }
}

/// A server's kind and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    pub is_mariadb: bool,
    pub major: u64,
    minor: u64,
}

impl Version {
    pub async fn of(server: &DatabaseServer) -> Self {
        let rows = server.query("SELECT VERSION()").await.expect("a server knows its version");
        let text: String = rows[0].get(0).expect("a version is text");
        let mut numbers = text.split('.').map_while(|number| number.parse().ok());
        let mut next = || numbers.next().unwrap_or_else(|| panic!("{text} begins with two numbers"));
        Self { is_mariadb: text.contains("MariaDB"), major: next(), minor: next() }
    }

    /// Whether it is too old to know every statement of the corpus. What it refuses is not in its log either.
    pub fn is_old(self) -> bool {
        (self.major, self.minor) < if self.is_mariadb { (10, 11) } else { (5, 7) }
    }

    /// Whether its log has all that a case is about: newer MariaDBs leave the values of stored columns out.
    pub fn logs(self, case: &Case) -> bool {
        let has_stored = [" STORED", " PERSISTENT"].iter().any(|word| case.script.contains(word));
        !self.is_mariadb || (self.major, self.minor) < (11, 5) || !has_stored
    }

    /// Whether a server of this version is one of these.
    pub fn is_one_of(self, servers: Servers) -> bool {
        match servers {
            Servers::All => true,
            Servers::MariaDb => self.is_mariadb,
            Servers::MySql => !self.is_mariadb,
            Servers::MySql8 => !self.is_mariadb && self.major >= 8,
            Servers::Recent => self.is_mariadb || self.major >= 8,
        }
    }

    /// A line without the servers that it is for; `None` if this is none of them.
    fn own_line(self, line: &str) -> Option<&str> {
        for (mark, servers) in [
            ("mariadb: ", Servers::MariaDb),
            ("mysql: ", Servers::MySql),
            ("mysql8: ", Servers::MySql8),
            ("recent: ", Servers::Recent),
        ] {
            if let Some(statement) = line.strip_prefix(mark) {
                return self.is_one_of(servers).then_some(statement);
            }
        }
        Some(line)
    }
}
