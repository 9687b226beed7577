//! Where a directory goes on: asked of the store once, before its first file.
//!
//! | index | data files found | goes on after | and |
//! |---|---|---|---|
//! | the layout has none | any | the highest | nothing is deleted: retention may have left any gap |
//! | says n | beyond n without a gap | the last of them | they become visible with the next file |
//! | | behind a gap | | deleted: the index proves that they were never published |
//! | is not there | none, or 1 to m | m | they become visible with the next file |
//! | | any others | nothing | refused: nothing proves what they are |
//!
//! Where it is [known](crate::Layout::past) beforehand that there is nothing, nothing is asked.
//!
//! In the last row either the index was lost, or somebody else's files are there. Going on behind them could show
//! rows twice or out of order, and deleting them could take away what was published long ago; a crash does not lead
//! there ([`opening`](super::opening)). So it is left to a person.

use crate::layout::IndexFile;
use crate::remote::{Remote, Standing};
use crate::{Error, Layout, Past};
use object_store::PutPayload;
use object_store::path::Path;

/// What a directory has at start.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// The index file as it stands.
    pub(super) index: Standing,
    /// The number it says.
    pub(super) visible: u64,
    /// The file that the next one follows on.
    pub(super) last: u64,
    /// Whether there should be an index, and is none.
    pub(super) lacks_index: bool,
}

impl Start {
    /// That of a group without files.
    pub(super) fn at_nothing<G, L: Layout<G>>(layout: &L) -> Self {
        Self { lacks_index: layout.index().is_some(), ..Self::default() }
    }
}

/// Sees to it that a group's companions stand, and says whether it is proved to have no files.
///
/// # Errors
/// Those of the store.
pub(super) async fn begins<G, L: Layout<G>>(
    remote: &Remote,
    layout: &L,
    group: &G,
    past: Past,
) -> Result<bool, Error> {
    match past {
        Past::None => return Ok(true),
        Past::CompanionsIfIndex => return Ok(false),
        Past::Unknown | Past::NoneUnlessCompanions => {}
    }
    let mut created = false;
    for (path, content) in layout.companions(group) {
        let payload = PutPayload::from_bytes(content);
        created |= match past {
            Past::NoneUnlessCompanions => remote.begin(&path, payload).await?,
            _ => remote.ensure(&path, payload).await.map(|()| false)?,
        };
    }
    Ok(created)
}

/// Reads a directory's index, and looks at what is beyond that.
///
/// # Errors
/// Those of the store, and [`Corrupt`](crate::ErrorKind::Corrupt) for an index that is not one, or is missing.
pub(super) async fn resume<G, L: Layout<G>>(
    remote: &Remote,
    layout: &L,
    group: &G,
    directory: &Path,
    past: Past,
) -> Result<Start, Error> {
    let Some(index) = layout.index() else {
        if past == Past::CompanionsIfIndex {
            begins(remote, layout, group, Past::Unknown).await?;
        }
        let found = beyond(remote, layout, group, directory, 0).await?;
        return Ok(Start { last: highest(&found), ..Start::default() });
    };
    let path = index.key(group, directory);
    let standing = remote.standing(&path).await?;
    match standing.content() {
        Some(content) => {
            let visible = parse(index, group, &path, content)?;
            let last = behind_index(remote, layout, group, directory, visible).await?;
            Ok(Start { index: standing, visible, last, lacks_index: false })
        }
        None => {
            if past == Past::CompanionsIfIndex {
                begins(remote, layout, group, Past::Unknown).await?;
            }
            let found = beyond(remote, layout, group, directory, 0).await?;
            let last = only_a_run(&found).ok_or_else(|| unproved(directory, &path, &found))?;
            Ok(Start { index: standing, visible: 0, last, lacks_index: true })
        }
    }
}

fn parse<G>(index: &dyn IndexFile<G>, group: &G, path: &Path, content: &[u8]) -> Result<u64, Error> {
    index.parse(group, content).map_err(|error| {
        let what = format!("the index {path} is not one; restore it, or move its directory away");
        Error::corrupt(what).because(error)
    })
}

/// The last file that follows on the visible ones without a gap. What is behind a gap is deleted.
async fn behind_index<G, L: Layout<G>>(
    remote: &Remote,
    layout: &L,
    group: &G,
    directory: &Path,
    visible: u64,
) -> Result<u64, Error> {
    let mut last = visible;
    for (number, name) in beyond(remote, layout, group, directory, visible).await? {
        if last.checked_add(1) == Some(number) {
            tracing::info!(%directory, name, "a data file beyond the index becomes visible with the next one");
            last = number;
        } else {
            tracing::warn!(%directory, name, "deleting a data file behind a gap: it was never published");
            remote.delete(&directory.clone().join(name.as_str())).await?;
        }
    }
    Ok(last)
}

/// Data files by their numbers, in order.
type Found = Vec<(u64, String)>;

fn highest(found: &Found) -> u64 {
    found.last().map_or(0, |(number, _)| *number)
}

/// The last number, if there are all from 1 on.
fn only_a_run(found: &Found) -> Option<u64> {
    let highest = highest(found);
    // Names of one number are the same, so none is there twice.
    (highest == found.len() as u64).then_some(highest)
}

fn unproved(directory: &Path, index: &Path, found: &Found) -> Error {
    let last = found.last().map_or("", |(_, name)| name);
    Error::corrupt(format!(
        "{directory} has data files up to {last}, not all of them from the first on, and no index {index}: nothing \
         proves that they were never published, so none is deleted; if they were, put the index back, if not, move \
         them away"
    ))
}

/// More files of one directory than can be on their way at once.
const AHEAD: u64 = 10_000;

/// Data files with a number above `visible`, in order: listed from the visible one on, or all if a longer name of a later
/// one may sort before it.
async fn beyond<G, L: Layout<G>>(
    remote: &Remote,
    layout: &L,
    group: &G,
    directory: &Path,
    visible: u64,
) -> Result<Found, Error> {
    let name = |number| layout.data_name(group, number);
    let after = Some(name(visible)).filter(|last| *last < name(visible.saturating_add(AHEAD)));
    let names = remote.names_after(directory, after.as_deref()).await?;
    let numbered = names.into_iter().filter_map(|name| {
        let number = layout.data_number(group, &name)?;
        // Another spelling of a number is another's file.
        (number > visible && layout.data_name(group, number) == name).then_some((number, name))
    });
    let mut numbered: Found = numbered.collect();
    numbered.sort_unstable();
    Ok(numbered)
}
