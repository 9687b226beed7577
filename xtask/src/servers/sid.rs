//! A server from Debian's unstable suite, beside the packages of this machine.
//!
//! apt works on a state of its own: an empty list of installed packages, so that every library comes along, and the
//! machine's own sources with another suite, so that the mirror and its keys are those that are trusted here. The
//! packages are unpacked, not installed, and the server runs with the loader and the libraries that came with it.

use super::{bootstrap, must};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const SUITE: &str = "sid";

/// A package with a server in it.
pub(super) struct Package {
    name: &'static str,
    /// The server's program, in `usr/sbin`.
    program: &'static str,
    /// Its system tables are made from scripts.
    has_scripts: bool,
}

pub(super) const MYSQL: Package =
    Package { name: "mysql-server-core", program: "mysqld", has_scripts: false };
pub(super) const MARIADB: Package =
    Package { name: "mariadb-server-core", program: "mariadbd", has_scripts: true };

/// Starts the server with its own loader and libraries. It stands where the base folder is the one above its own.
const STARTER: &str = "#!/bin/sh
usr=$(dirname \"$(dirname \"$(readlink -f \"$0\")\")\")
libraries=$usr/lib/x86_64-linux-gnu
exec \"$libraries/ld-linux-x86-64.so.2\" --library-path \"$libraries\" \"$usr/sbin/PROGRAM\" \"$@\"
";

/// Fetches the server and everything it needs, and unpacks it into the folder.
pub(super) fn get(package: &Package, folder: &Path) -> Result<(), String> {
    let Package { name, program, has_scripts } = package;
    let apt = folder.join("apt");
    let configuration =
        prepare(&apt).map_err(|error| format!("cannot write below {}: {error}", apt.display()))??;
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("APT_CONFIG", &configuration).args(["-q", "--yes"]).args(arguments);
        command
    };
    must(&format!("package lists of {SUITE}"), &mut apt_get(&["update"]))?;
    let mut download = apt_get(&["install", "--download-only", "--no-install-recommends", name]);
    must(&format!("fetch {name}"), &mut download)?;
    let packages =
        std::fs::read_dir(apt.join("archives")).map_err(|error| format!("no packages came: {error}"))?;
    for package in packages.flatten().map(|entry| entry.path()).filter(|path| is_package(path)) {
        let unpacked = Command::new("dpkg-deb").arg("-x").arg(&package).arg(folder).status();
        if !unpacked.is_ok_and(|status| status.success()) {
            return Err(format!("cannot unpack {}", package.display()));
        }
    }
    let starter = folder.join("usr/bin").join(program);
    let written = std::fs::write(&starter, STARTER.replace("PROGRAM", program))
        .and_then(|()| std::fs::set_permissions(&starter, std::fs::Permissions::from_mode(0o755)))
        .and_then(|()| std::fs::remove_dir_all(&apt));
    written.map_err(|error| format!("cannot finish {}: {error}", starter.display()))?;
    if *has_scripts { bootstrap::write(&folder.join("usr")) } else { Ok(()) }
}

fn is_package(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "deb")
}

/// Makes apt's folders and gives its configuration file.
fn prepare(apt: &Path) -> std::io::Result<Result<PathBuf, String>> {
    for folder in ["lists/partial", "archives/partial", "parts"] {
        std::fs::create_dir_all(apt.join(folder))?;
    }
    std::fs::write(apt.join("status"), "")?;
    let Some(sources) = sources() else {
        return Ok(Err("no apt source of this machine's own suite was found".to_owned()));
    };
    // One-line and stanza sources have their own extensions.
    std::fs::write(apt.join("own.list"), sources.lines)?;
    std::fs::write(apt.join("parts/own.sources"), sources.stanzas)?;
    let mut configuration = String::new();
    for (key, place) in [
        ("Dir::State", ""),
        ("Dir::State::lists", "lists"),
        ("Dir::State::status", "status"),
        ("Dir::Cache", ""),
        ("Dir::Cache::archives", "archives"),
        ("Dir::Etc::SourceList", "own.list"),
        ("Dir::Etc::SourceParts", "parts"),
    ] {
        writeln!(configuration, "{key} \"{}\";", apt.join(place).display()).expect("a text takes it");
    }
    // Folders of ours are closed to apt's own user.
    configuration.push_str("APT::Sandbox::User \"root\";\nAcquire::Languages \"none\";\n");
    let file = apt.join("apt.conf");
    std::fs::write(&file, configuration)?;
    Ok(Ok(file))
}

/// Sources of apt, in its two spellings.
#[derive(Debug, Default, PartialEq)]
struct Sources {
    lines: String,
    stanzas: String,
}

/// The sources of this machine's own suite, turned to the other one.
fn sources() -> Option<Sources> {
    let release = std::fs::read_to_string("/etc/os-release").ok()?;
    let own = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="))?.trim_matches('"');
    let parts = std::fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = parts.map(|entry| entry.path()).collect();
    files.push("/etc/apt/sources.list".into());
    let mut sources = Sources::default();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => sources.lines.push_str(&turned_lines(&text, own)),
            Some("sources") => sources.stanzas.push_str(&turned_stanzas(&text, own)),
            Some(_) | None => {}
        }
    }
    (sources != Sources::default()).then_some(sources)
}

/// `deb [options] mirror suite component…`: those of the suite itself, not of its updates or of strangers.
fn turned_lines(text: &str, own: &str) -> String {
    let is_meant = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.first() == Some(&"deb") && words.contains(&own) && words.contains(&"main")
    };
    let turned = |word| if word == own { SUITE } else { word };
    let lines = text.lines().filter(is_meant);
    lines.map(|line| line.split_whitespace().map(turned).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// The same for stanzas of `Key: value` lines.
fn turned_stanzas(text: &str, own: &str) -> String {
    let mut turned = String::new();
    for stanza in text.split("\n\n") {
        let has = |key: &str, word: &str| {
            let values = stanza.lines().filter_map(|line| line.strip_prefix(key));
            values.flat_map(str::split_whitespace).any(|value| value == word)
        };
        if !(has("Suites:", own) && has("Components:", "main")) {
            continue;
        }
        for line in stanza.lines() {
            turned.push_str(if line.starts_with("Suites:") { "Suites: sid" } else { line });
            turned.push('\n');
        }
        turned.push('\n');
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_suite_itself_is_turned() {
        let lines = "# deb mirror bookworm main\n\
                     deb [signed-by=key] mirror bookworm main contrib\n\
                     deb mirror bookworm-updates main\n\
                     deb stranger bookworm stable\n";
        assert_eq!(turned_lines(lines, "bookworm"), "deb [signed-by=key] mirror sid main contrib\n");
        let stanzas = "Types: deb\nURIs: mirror\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: key\n\n\
                       Types: deb\nURIs: mirror\nSuites: bookworm-security\nComponents: main\n";
        let expected = "Types: deb\nURIs: mirror\nSuites: sid\nComponents: main\nSigned-By: key\n\n";
        assert_eq!(turned_stanzas(stanzas, "bookworm"), expected);
    }
}
