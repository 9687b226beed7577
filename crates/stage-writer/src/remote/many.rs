//! Many objects at once: what stands below a directory, and away with it.

use super::Remote;
use super::retry::Attempts;
use crate::Error;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};

/// As many as the stores take in one request for deletion.
const AT_ONCE: usize = 1_000;

impl Remote {
    /// Everything below a directory, at any depth.
    ///
    /// # Errors
    /// As for [`replace`](Remote::replace).
    pub async fn objects_below(&self, directory: &Path) -> Result<Vec<ObjectMeta>, Error> {
        let list = || self.request(self.store.list(Some(directory)).try_collect());
        Attempts::new(self, directory).run("list", list).await
    }

    /// Deletes objects, a thousand in a request where the store can; those that are not there are fine. `directory` is
    /// what errors name.
    ///
    /// # Errors
    /// As for [`replace`](Remote::replace). Some may be gone then.
    pub async fn delete_all(&self, directory: &Path, objects: &[Path]) -> Result<(), Error> {
        for some in objects.chunks(AT_ONCE) {
            let delete = || self.request(self.delete_once(some));
            Attempts::new(self, directory).run("delete from", delete).await?;
        }
        Ok(())
    }

    async fn delete_once(&self, objects: &[Path]) -> object_store::Result<()> {
        let objects = stream::iter(objects.to_vec()).map(Ok).boxed();
        let mut deleted = self.store.delete_stream(objects);
        while let Some(outcome) = deleted.next().await {
            match outcome {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
