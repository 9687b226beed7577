//! Reading, comparing and writing at start.

use super::error::{Difference, KEY, WrittenWithError};
use super::file::File;
use super::names::contradictions;
use super::setting::settings;
use crate::config::Config;
use object_store::path::Path;
use stage_writer::{ErrorKind, Remote, Standing};

/// How many of a target's names are looked at where the file is missing: what a store lists in one request.
const LOOKED_AT: usize = 1000;

/// Compares what a target was written with to what is set, and takes that down where nothing says it yet. Says whether
/// the target was empty.
///
/// # Errors
/// [`WrittenWithError`]; nothing is written then.
pub(crate) async fn check(remote: &Remote, config: &Config, place: &str) -> Result<bool, WrittenWithError> {
    let key = Path::from(KEY);
    let now = settings(config);
    loop {
        let standing = remote.standing(&key).await?;
        if let Some(text) = standing.content() {
            let unusable = |why| WrittenWithError::Unusable { place: place.to_owned(), why };
            let file = File::read(text).map_err(unusable)?;
            return match file.differences(&now).map_err(unusable)? {
                same if same.is_empty() => Ok(false),
                differences => Err(differ(place, differences, is_empty(remote).await?)),
            };
        }
        let was_empty = adopt(remote, config, place).await?;
        match remote.supersede(&key, Standing::default(), File::of(&now).text()).await {
            Ok(_) => return Ok(was_empty),
            // Somebody else has just written it: it is compared like any other.
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether a target that was checked has the file under another case of its name too, as some file systems do.
///
/// # Errors
/// Those of the store.
pub(crate) async fn ignores_case(remote: &Remote) -> Result<bool, WrittenWithError> {
    Ok(remote.read(&Path::from(KEY.to_uppercase())).await?.is_some())
}

/// Looks at what a target holds that does not say what it was written with, and says whether it is empty.
async fn adopt(remote: &Remote, config: &Config, place: &str) -> Result<bool, WrittenWithError> {
    let keys = others(remote).await?;
    if keys.is_empty() {
        return Ok(true);
    }
    let found = keys.iter().map(|key| contradictions(key, config)).find(|found| !found.is_empty());
    if let Some(differences) = found {
        return Err(differ(place, differences, false));
    }
    tracing::warn!(
        place,
        "the target does not say what it was written with; it is taken to be what is set now, as far as its names \
         do not contradict, and kept in {KEY}"
    );
    Ok(false)
}

fn differ(place: &str, differences: Vec<Difference>, empty: bool) -> WrittenWithError {
    let delete =
        if empty { ", or delete .spillway/written-with.json, since no data is there yet" } else { "" };
    WrittenWithError::Differs { place: place.to_owned(), differences, delete }
}

async fn is_empty(remote: &Remote) -> Result<bool, stage_writer::Error> {
    Ok(others(remote).await?.is_empty())
}

/// The first keys of a target, without the sink's own.
async fn others(remote: &Remote) -> Result<Vec<String>, stage_writer::Error> {
    let keys = remote.first_keys(LOOKED_AT).await?;
    Ok(keys.into_iter().filter(|key| !key.starts_with(".spillway/")).collect())
}
