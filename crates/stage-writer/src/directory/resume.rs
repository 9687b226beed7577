//! Where a directory goes on: asked of the store once, before its first file.

use crate::remote::{Remote, Standing};
use crate::{Error, Layout};
use object_store::PutPayload;
use object_store::path::Path;

/// What a directory has at start.
#[derive(Debug)]
pub(super) struct Start {
    /// The index file as it stands.
    pub(super) index: Standing,
    /// The number it says.
    pub(super) visible: u64,
    /// The last file that follows on the visible ones without a gap.
    pub(super) last: u64,
}

/// Prepares a directory: creates its companions, reads its index, and looks at what is beyond that.
///
/// # Errors
/// Those of the store, and [`Corrupt`](crate::ErrorKind::Corrupt) for an index that is not one.
pub(super) async fn resume<G, L: Layout<G>>(
    remote: &Remote,
    layout: &L,
    group: &G,
    directory: &Path,
) -> Result<Start, Error> {
    for (path, content) in layout.companions(group) {
        remote.ensure(&path, PutPayload::from_bytes(content)).await?;
    }
    let path = layout.index(group, directory);
    let index = remote.standing(&path).await?;
    let visible = match index.content() {
        Some(content) => layout.parse_index(group, content).map_err(|error| {
            let what = format!("the index {path} is not one; restore it, or move its directory away");
            Error::corrupt(what).because(error)
        })?,
        None => 0,
    };
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
    Ok(Start { index, visible, last })
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
) -> Result<Vec<(u64, String)>, Error> {
    let name = |number| layout.data_name(group, number);
    let after = Some(name(visible)).filter(|last| *last < name(visible.saturating_add(AHEAD)));
    let names = remote.names_after(directory, after.as_deref()).await?;
    let numbered = names.into_iter().filter_map(|name| {
        let number = layout.data_number(group, &name)?;
        // Another spelling of a number is another's file.
        (number > visible && layout.data_name(group, number) == name).then_some((number, name))
    });
    let mut numbered: Vec<_> = numbered.collect();
    numbered.sort_unstable();
    Ok(numbered)
}
