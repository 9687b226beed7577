//! One directory that has expired: listed, or removed.

use crate::layout::{DateLevel, IndexKey, data_file};
use object_store::ObjectMeta;
use object_store::path::Path;
use stage_writer::{Error, Remote};

/// A directory that has expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiredDirectory {
    /// Its key: one table, one version, one date.
    pub key: Path,
    /// How many files it holds, or held; indexes count. What is not named like a sink's file does not, and stays.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What is in a directory.
struct Contents {
    data: Vec<ObjectMeta>,
    indexes: Vec<ObjectMeta>,
}

impl Contents {
    async fn read(remote: &Remote, directory: &Path) -> Result<Self, Error> {
        let (mut data, mut indexes) = (Vec::new(), Vec::new());
        for object in remote.objects_below(directory).await? {
            let key = object.location.as_ref();
            let inside = key.strip_prefix(directory.as_ref()).unwrap_or_default().trim_start_matches('/');
            if data_file::is_named_like_one(inside) {
                data.push(object);
            } else if IndexKey::parse(key, DateLevel::Day).is_ok() {
                indexes.push(object);
            }
        }
        Ok(Self { data, indexes })
    }

    fn sum(&self, key: Path) -> ExpiredDirectory {
        let all = || self.data.iter().chain(&self.indexes);
        ExpiredDirectory { key, files: all().count() as u64, bytes: all().map(|object| object.size).sum() }
    }
}

pub(super) async fn list(remote: Remote, directory: Path) -> Result<ExpiredDirectory, Error> {
    Ok(Contents::read(&remote, &directory).await?.sum(directory))
}

/// The index goes last: should this be cut off, it still says of the files that are left how far they count.
pub(super) async fn remove(remote: Remote, directory: Path) -> Result<ExpiredDirectory, Error> {
    let contents = Contents::read(&remote, &directory).await?;
    let keys =
        |objects: &[ObjectMeta]| objects.iter().map(|object| object.location.clone()).collect::<Vec<_>>();
    remote.delete_all(&directory, &keys(&contents.data)).await?;
    remote.delete_all(&directory, &keys(&contents.indexes)).await?;
    Ok(contents.sum(directory))
}
