//! From a location to a store.

use super::{Location, NoopStore, memory};
use object_store::{ObjectStore, path::Path, prefix::PrefixStore};
use stage_writer::{DurableLocal, advice};
use std::sync::Arc;
use thiserror::Error;

/// A store that could not be opened: fix the sink URI, or what it points at.
#[derive(Debug, Error)]
#[error("cannot open {place}: {advice}")]
pub struct OpenError {
    place: String,
    advice: &'static str,
    /// `None` if this build does not have the store at all.
    source: Option<object_store::Error>,
}

/// Opens the store at a location. Sends nothing over a network yet: [`probe`](stage_writer::probe()) does.
///
/// Keys are relative to the location's prefix. A local directory is created when missing.
///
/// # Errors
/// [`OpenError`] for a directory that cannot be created, options that do not fit together, or a bucket of a kind
/// whose feature is off.
pub fn open(location: &Location) -> Result<Arc<dyn ObjectStore>, OpenError> {
    let failed = |advice, source| OpenError { place: location.to_string(), advice, source: Some(source) };
    #[cfg(feature = "cloud")]
    let unfit = |source| failed("check the options of the sink URI, and the credentials", source);
    #[cfg(not(all(feature = "s3", feature = "gcs", feature = "azure")))]
    let not_built = |advice| OpenError { place: location.to_string(), advice, source: None };
    match location {
        Location::File(directory) => {
            let store = DurableLocal::open(directory).map_err(|error| failed(advice(&error), error))?;
            Ok(Arc::new(store))
        }
        #[cfg(feature = "s3")]
        Location::S3(s3) => Ok(below(&s3.prefix, super::s3::build(s3).map_err(unfit)?)),
        #[cfg(not(feature = "s3"))]
        Location::S3(_) => Err(not_built("this build has no S3; build it with the feature `s3`")),
        #[cfg(feature = "gcs")]
        Location::Gcs(gcs) => Ok(below(&gcs.prefix, super::gcs::build(gcs).map_err(unfit)?)),
        #[cfg(not(feature = "gcs"))]
        Location::Gcs(_) => Err(not_built("this build has no GCS; build it with the feature `gcs`")),
        #[cfg(feature = "azure")]
        Location::Azure(azure) => Ok(below(&azure.prefix, super::azure::build(azure).map_err(unfit)?)),
        #[cfg(not(feature = "azure"))]
        Location::Azure(_) => Err(not_built("this build has no Azure; build it with the feature `azure`")),
        Location::Memory { name, prefix } => Ok(below(prefix, memory::shared(name))),
        Location::Noop => Ok(Arc::new(NoopStore::default())),
    }
}

/// The store as seen from a prefix.
fn below(prefix: &Path, store: impl ObjectStore) -> Arc<dyn ObjectStore> {
    if prefix.is_root() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix.clone())) }
}
