//! Which date a file goes to: the clock's, or a later one that the store has.
//!
//! ```text
//! <table>/<version>/2024-05-01/    …/2024-05-02/     the store has these
//!                        ▲               ▲
//!                   says the clock   is written to
//! ```
//! Readers take the directories of a table's version in the order of their dates, so rows that land at an earlier date
//! than rows before them are applied before them. No clock is trusted with that: this host's may be behind the one that
//! wrote here before, or be set back, and there are time zones whose days have begun twice at a summer's end. So a version's
//! first file of a run asks which dates there are, in one request; from then on its directory is left for later
//! ones only.
//!
//! Versions need no such care: readers take the older version first, whatever its dates. A new version therefore begins
//! at the clock's date, and this is how a table gets away from a date that a wrong clock has made.

use crate::remote::Remote;
use crate::{Error, Layout};
use object_store::path::Path;
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Settles dates, and says once per table that its dates are ahead of the clock. Clones share what was said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dates {
    /// As many as there are tables with a date ahead of the clock.
    told: Arc<Mutex<FxHashSet<Path>>>,
}

impl Dates {
    /// The directory to write to where the clock says `asked`. Without a date level that is it, and nothing is asked.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn settle<G, L: Layout<G>>(
        &self,
        remote: &Remote,
        layout: &L,
        asked: &Path,
    ) -> Result<Path, Error> {
        let Some((above, date)) = split(asked, layout) else { return Ok(asked.clone()) };
        let above = Path::parse(above).expect("what is above a directory is one");
        let names = remote.directories_in(&above).await?;
        match names.into_iter().filter(|name| layout.is_date(name)).max() {
            Some(latest) if latest.as_str() > date => {
                if self.told.lock().insert(above.clone()) {
                    tracing::warn!(
                        directory = %above, clock = date, latest,
                        "the target is ahead of this machine's clock: files go to its latest date until the clock has \
                         passed it; correct the clock if it is wrong, and if the target's date is, the table's \
                         next DDL begins at the clock's date again"
                    );
                }
                Ok(above.join(latest))
            }
            Some(_) | None => Ok(asked.clone()),
        }
    }
}

/// A directory's path taken apart before its date; `None` if it has none.
pub(super) fn split<'a, G, L: Layout<G> + ?Sized>(path: &'a Path, layout: &L) -> Option<(&'a str, &'a str)> {
    path.as_ref().rsplit_once('/').filter(|(_, name)| layout.is_date(name))
}
