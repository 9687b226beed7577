//! What a server is told before its first start, where it does not know `--initialize-insecure`.
//!
//! MySQL before 5.7 and every MariaDB make their system tables from scripts that come with them. Their own programs for
//! that want a machine on which they are installed; so the scripts are put together here, and whoever starts a server
//! feeds it `share/bootstrap.sql` with `--bootstrap`.

use std::path::Path;

/// What the scripts lean on: a database, and that root needs no password. A statement a line.
const HEAD: &str = "CREATE DATABASE IF NOT EXISTS mysql;
USE mysql;
SET @auth_root_socket=NULL, @skip_auth_anonymous=1;
";

/// The scripts, in their order. Each version has its own choice of them, under the name of its kind.
const SCRIPTS: [&str; 3] = ["system_tables.sql", "performance_tables.sql", "system_tables_data.sql"];

/// An account without a name takes those of others who come from this machine.
const NO_ANONYMOUS: &str = "DELETE FROM mysql.user WHERE User = '';\n";

/// Writes the script of the server whose base folder this is.
pub(super) fn write(base: &Path) -> Result<(), String> {
    let share = base.join("share");
    let scripts = match share.join("mariadb") {
        own if own.is_dir() => own,
        _ => share.clone(),
    };
    let mut script = HEAD.to_owned();
    let mut found = 0;
    for (kind, end) in [("mysql_", NO_ANONYMOUS), ("mariadb_", "")] {
        let texts = SCRIPTS.iter().filter_map(|name| {
            // Not every text in there is UTF-8.
            let text = std::fs::read(scripts.join(format!("{kind}{name}"))).ok()?;
            Some(String::from_utf8_lossy(&text).into_owned())
        });
        let texts: Vec<String> = texts.collect();
        found += texts.len();
        if !texts.is_empty() {
            script.extend(texts);
            script.push_str(end);
        }
    }
    if found < 2 {
        return Err(format!("the scripts for its system tables are not in {}", scripts.display()));
    }
    let file = share.join("bootstrap.sql");
    std::fs::write(&file, script).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_of_a_version_are_put_together_in_their_order() {
        let base = std::env::temp_dir().join(format!("spillway-bootstrap-{}", std::process::id()));
        let scripts = base.join("share/mariadb");
        std::fs::create_dir_all(&scripts).unwrap();
        assert!(write(&base).unwrap_err().contains("not in"), "a server without scripts");
        std::fs::write(scripts.join("mariadb_system_tables_data.sql"), "two;\n").unwrap();
        std::fs::write(scripts.join("mariadb_system_tables.sql"), "one;\n").unwrap();
        write(&base).unwrap();
        let script = std::fs::read_to_string(base.join("share/bootstrap.sql")).unwrap();
        assert_eq!(script.strip_prefix(HEAD), Some("one;\ntwo;\n"));
        std::fs::remove_dir_all(&base).unwrap();
    }
}
