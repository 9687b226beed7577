//! Whether a store holds something of a kind.

use super::Remote;
use super::retry::Attempts;
use crate::Error;
use futures::TryStreamExt;
use object_store::ObjectStore;
use object_store::path::Path;

impl Remote {
    /// An object of the kind that is wanted, or `None`. Stops at the first: a store that holds many lists few.
    ///
    /// # Errors
    /// As for [`replace`](Remote::replace).
    pub async fn any(&self, wanted: impl Fn(&Path) -> bool) -> Result<Option<Path>, Error> {
        let look = || {
            self.request(async {
                let mut listed = self.store.list(None);
                while let Some(object) = listed.try_next().await? {
                    if wanted(&object.location) {
                        return Ok(Some(object.location));
                    }
                }
                Ok(None)
            })
        };
        Attempts::new(self, &Path::from("anything")).run("list", look).await
    }
}
