//! Numbers handed out, complete and visible.

use super::dates::{Dates, split};
use super::opening::{First, Opening};
use super::resume::{Start, begins, resume};
use crate::remote::{Remote, Standing};
use crate::{Error, Layout, Past};
use object_store::path::Path;
use parking_lot::Mutex;
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex as AsyncMutex, OnceCell, watch};

/// What is known of one directory. Shared by the uploads and index writes that are under way in it.
#[derive(Debug)]
pub struct Directory<G> {
    /// Where the clock sends its files…
    asked: Path,
    /// …and where they go in fact: settled before the first of them.
    settled: OnceLock<Path>,
    dates: Dates,
    group: G,
    /// The directory the route wrote to before, until all of that is visible.
    before: Mutex<Option<Arc<Directory<G>>>>,
    /// Each ends when one of the route's earlier directories is done with that may have the path of this one.
    same_path: Vec<watch::Receiver<()>>,
    /// Never sent through: it ends with this directory.
    lives: watch::Sender<()>,
    /// What was there when this was made; asked of the store once.
    start: OnceCell<Ground>,
    /// Where files wait for the first index, if there is none.
    opening: Opening,
    /// Files handed a number so far. Numbers follow the order of the batches.
    handed_out: Mutex<u64>,
    /// The highest number whose data file is durable, as are all before it.
    complete: Mutex<u64>,
    /// What the index says. Held while an index is written, so that writes never overtake each other.
    visible: AsyncMutex<Visible>,
}

/// What a directory's files stand on.
#[derive(Clone, Copy, Debug)]
struct Ground {
    /// The file that the first one of ours follows on.
    last: u64,
    lacks_index: bool,
}

#[derive(Debug, Default)]
struct Visible {
    number: u64,
    index: Standing,
}

impl<G> Directory<G> {
    /// A directory nothing is known of yet, whose files become visible after those of `before`.
    pub(crate) fn new<L: Layout<G>>(
        asked: Path,
        group: G,
        mut before: Option<Arc<Self>>,
        dates: Dates,
        layout: &L,
    ) -> Self {
        let settled = OnceLock::new();
        let mut same_path = Vec::new();
        // Where a known date is left for a later one there is nothing to ask, and nobody to wait for.
        if before.as_ref().is_some_and(|before| before.is_earlier_date(&asked, layout)) {
            settled.get_or_init(|| asked.clone());
        } else {
            // Back in a directory that was left a moment ago, what is under way there must not pass for left over.
            // Which date it had may not be settled yet, so all dates of the same version count.
            let here = above_date(&asked, layout);
            let is_twin = |directory: &Arc<Self>| above_date(&directory.asked, layout) == here;
            let earlier = chain(before.clone());
            let twins = earlier.iter().filter(|directory| is_twin(directory));
            same_path.extend(twins.map(|directory| directory.lives.subscribe()));
            // Another group in the very place has ended before this one's first file is written. It would not while this
            // one keeps it.
            before = before.filter(|before| !is_twin(before));
        }
        Self {
            asked,
            settled,
            dates,
            group,
            before: Mutex::new(before),
            same_path,
            lives: watch::Sender::new(()),
            start: OnceCell::new(),
            opening: Opening::default(),
            handed_out: Mutex::new(0),
            complete: Mutex::new(0),
            visible: AsyncMutex::default(),
        }
    }

    /// Whether a file of `group` belongs here that the clock sends to `asked`: to this date, or to an earlier one. As
    /// long as this date is not settled, which takes one request, to any of the same version: two directories that turn
    /// out to be one would wait for each other.
    pub(crate) fn takes(&self, asked: &Path, group: &G, layout: &impl Layout<G>) -> bool
    where
        G: PartialEq,
    {
        let same_place = match (split(self.path(), layout), split(asked, layout)) {
            (Some((above, date)), Some((asked_above, asked_date))) => {
                above == asked_above && (asked_date <= date || self.settled.get().is_none())
            }
            _ => self.path() == asked,
        };
        same_place && self.group == *group
    }

    /// Whether this is known to be an earlier date of the same version.
    fn is_earlier_date(&self, later: &Path, layout: &impl Layout<G>) -> bool {
        let settled = self.settled.get().and_then(|path| split(path, layout));
        settled.zip(split(later, layout)).is_some_and(|((above, date), (later_above, later_date))| {
            above == later_above && date < later_date
        })
    }

    /// Where it is, as far as that is known.
    fn path(&self) -> &Path {
        self.settled.get().unwrap_or(&self.asked)
    }

    /// The key of data file `number`.
    pub(crate) fn data_file(&self, number: u64, layout: &(impl Layout<G> + ?Sized)) -> Path {
        self.path().clone().join(layout.data_name(&self.group, number))
    }

    /// What the files here have in common.
    pub(crate) fn group(&self) -> &G {
        &self.group
    }

    /// Takes the next place. Call it in the order the files are to be visible. What the first one gets with it is kept
    /// until it is published.
    pub(crate) fn take_place(&self) -> (u64, Option<First>) {
        let mut handed_out = self.handed_out.lock();
        *handed_out += 1;
        (*handed_out, (*handed_out == 1).then(|| self.opening.first()))
    }

    /// The number of the file that took `place`, counting on from what the store has. The first to ask prepares the
    /// directory; where that has no index, all but the first wait for it.
    ///
    /// # Errors
    /// Those of the store, [`Corrupt`](crate::ErrorKind::Corrupt) for an index that is not one or is missing, and
    /// [`Refused`](crate::ErrorKind::Refused) if nobody publishes the first file.
    pub(crate) async fn number<L: Layout<G>>(
        &self,
        place: u64,
        remote: &Remote,
        layout: &L,
    ) -> Result<u64, Error> {
        let ground = self.start.get_or_try_init(|| async {
            for mut earlier in self.same_path.iter().cloned() {
                while earlier.changed().await.is_ok() {}
            }
            // A later date of a version that was written to a moment ago has its companions.
            let past = match self.settled.get() {
                Some(_) => Past::CompanionsIfIndex,
                None => layout.past(&self.group),
            };
            let start = if begins(remote, layout, &self.group, past).await? {
                self.settled.get_or_init(|| self.asked.clone());
                Start::at_nothing(layout)
            } else {
                let path = match self.settled.get() {
                    Some(path) => path,
                    None => {
                        let path = self.dates.settle(remote, layout, &self.asked).await?;
                        self.settled.get_or_init(|| path)
                    }
                };
                resume(remote, layout, &self.group, path, past).await?
            };
            *self.visible.lock().await = Visible { number: start.visible, index: start.index };
            Ok::<_, Error>(Ground { last: start.last, lacks_index: start.lacks_index })
        });
        let ground = *ground.await?;
        if ground.lacks_index && place > 1 {
            self.opening.passed(self.path()).await?;
        }
        ground.last.checked_add(place).ok_or_else(|| {
            Error::corrupt(format!("the numbers of {} are used up; move the directory away", self.path()))
        })
    }

    /// Says that file `number` is durable, as are all before it.
    pub(crate) fn completed(&self, number: u64) {
        let mut complete = self.complete.lock();
        *complete = number.max(*complete);
    }

    /// Makes file `number` visible, after all files of the directories before this one. One index write covers every
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
        // A directory's files are all complete before the next one's first is. The oldest comes first: the one just
        // before this may itself still wait for its own.
        let before = self.before.lock().clone();
        for earlier in chain(before).into_iter().rev() {
            let complete = *earlier.complete.lock();
            earlier.write_index(complete, remote, layout).await?;
        }
        *self.before.lock() = None;
        self.write_index(number, remote, layout).await
    }

    /// Writes the index, if the layout has one, unless it covers `number` already.
    async fn write_index<L: Layout<G>>(&self, number: u64, remote: &Remote, layout: &L) -> Result<(), Error> {
        let Some(index) = layout.index() else { return Ok(()) };
        let mut visible = self.visible.lock().await;
        if visible.number < number {
            let complete = *self.complete.lock();
            let (path, text) = (index.key(&self.group, self.path()), index.text(&self.group, complete));
            let index = remote.supersede(&path, visible.index.clone(), text).await?;
            *visible = Visible { number: complete, index };
            self.opening.published();
        }
        Ok(())
    }
}

/// A directory's path without its date.
fn above_date<'p, G>(path: &'p Path, layout: &impl Layout<G>) -> &'p str {
    split(path, layout).map_or(path.as_ref(), |(above, _)| above)
}

/// A directory and those before it that are not known to be visible, the newest first.
fn chain<G>(newest: Option<Arc<Directory<G>>>) -> Vec<Arc<Directory<G>>> {
    std::iter::successors(newest, |directory| directory.before.lock().clone()).collect()
}
