//! One directory of one route: which number is next, and which is visible.
//!
//! ```text
//! CDC1 CDC2 … CDCn │ CDCn+1 … CDCm      index says n: up to n visible, the rest on its way
//!          visible │ uploading
//! ```

use crate::remote::Remote;
use crate::{Error, Layout};
use bytes::Bytes;
use object_store::PutPayload;
use object_store::path::Path;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};

/// What is known of one directory. Shared by the uploads and index writes that are under way in it.
#[derive(Debug)]
pub struct Directory<G> {
    path: Path,
    group: G,
    /// The directory the route wrote to before, until all of that is visible.
    before: Mutex<Option<Arc<Directory<G>>>>,
    /// How many files were visible when this was made; asked of the store once.
    start: OnceCell<u64>,
    /// Files handed a number so far. Numbers follow the order of the batches.
    handed_out: Mutex<u64>,
    /// The highest number whose data file is durable, as are all before it.
    complete: Mutex<u64>,
    /// The number the index says. Held while an index is written, so that writes never overtake each other.
    visible: AsyncMutex<u64>,
}

impl<G> Directory<G> {
    /// A directory nothing is known of yet, whose files become visible after those of `before`.
    pub(crate) fn new(path: Path, group: G, before: Option<Arc<Self>>) -> Self {
        Self {
            path,
            group,
            before: Mutex::new(before),
            start: OnceCell::new(),
            handed_out: Mutex::new(0),
            complete: Mutex::new(0),
            visible: AsyncMutex::new(0),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The key of data file `number`.
    pub(crate) fn data_file(&self, number: u64, layout: &(impl Layout<G> + ?Sized)) -> Path {
        self.path.clone().join(layout.data_name(&self.group, number))
    }

    /// What every file here starts with.
    pub(crate) fn header(&self, layout: &(impl Layout<G> + ?Sized)) -> Bytes {
        layout.header(&self.group)
    }

    /// Takes the next place. Call it in the order the files are to be visible.
    pub(crate) fn take_place(&self) -> u64 {
        let mut handed_out = self.handed_out.lock();
        *handed_out += 1;
        *handed_out
    }

    /// The number of the file that took `place`, counting on from what the store has.
    ///
    /// The first to ask prepares the directory: its companions are created, its index is read, and data files beyond
    /// the index are deleted. Those were never published, their rows never acknowledged, so their source sends them
    /// again; were they left, the next index would make them visible out of order.
    ///
    /// # Errors
    /// Those of the store, and [`Corrupt`](crate::ErrorKind::Corrupt) for an index that is not one.
    pub(crate) async fn number<L: Layout<G>>(
        &self,
        place: u64,
        remote: &Remote,
        layout: &L,
    ) -> Result<u64, Error> {
        let group = &self.group;
        let start = self.start.get_or_try_init(|| async {
            for (path, content) in layout.companions(group) {
                remote.ensure(&path, PutPayload::from_bytes(content)).await?;
            }
            let visible = match remote.read(&layout.index(group, &self.path)).await? {
                Some(content) => layout.parse_index(group, &content)?,
                None => 0,
            };
            for name in remote.names_after(&self.path, &layout.data_name(group, visible)).await? {
                if layout.data_number(group, &name).is_some_and(|number| number > visible) {
                    tracing::warn!(directory = %self.path, name, "deleting a data file that was never published");
                    remote.delete(&self.path.clone().join(name.as_str())).await?;
                }
            }
            Ok::<_, Error>(visible)
        });
        Ok(start.await? + place)
    }

    /// Says that file `number` is durable, as are all before it.
    pub(crate) fn completed(&self, number: u64) {
        let mut complete = self.complete.lock();
        *complete = number.max(*complete);
    }

    /// Makes file `number` visible, after all files of the directory before this one. One index write covers every
    /// file that is complete when it starts, so of many that wait here most find their work done.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn publish<L: Layout<G>>(
        &self,
        number: u64,
        remote: &Remote,
        layout: &L,
    ) -> Result<(), Error> {
        let before = self.before.lock().clone();
        if let Some(before) = before {
            before.publish_complete(remote, layout).await?;
            *self.before.lock() = None;
        }
        let mut visible = self.visible.lock().await;
        if *visible < number {
            *visible = self.write_index(remote, layout).await?;
        }
        Ok(())
    }

    /// Makes every complete file visible. All files of a directory are complete before the next one's first is.
    async fn publish_complete<L: Layout<G>>(&self, remote: &Remote, layout: &L) -> Result<(), Error> {
        let mut visible = self.visible.lock().await;
        if *visible < *self.complete.lock() {
            *visible = self.write_index(remote, layout).await?;
        }
        Ok(())
    }

    async fn write_index<L: Layout<G>>(&self, remote: &Remote, layout: &L) -> Result<u64, Error> {
        let complete = *self.complete.lock();
        remote
            .replace(&layout.index(&self.group, &self.path), layout.index_text(&self.group, complete))
            .await?;
        Ok(complete)
    }
}
