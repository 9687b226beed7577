//! The parameters of the sink URI that are about one kind of store.
//!
//! | room | what lives there |
//! |---|---|
//! | `keys` | every key there is, and the kinds of store that it is about |
//! | `s3`, `gcs`, `azure` | the options of each cloud become its location |

mod azure;
mod gcs;
mod keys;
mod s3;

pub(super) use keys::{StoreKind, find, misplaced, names, right_place};

use super::ConfigError;
use crate::store::Location;
use object_store::path::Path;
use std::collections::BTreeMap;

/// Options by their keys, all of them known to the store that they are for.
pub(super) type Options = BTreeMap<&'static str, String>;

/// Makes a location of a bucket, a prefix and the options.
///
/// # Errors
/// A bucket without a name; an option that this build does not support, or that is out of its range.
pub(super) fn location(
    kind: StoreKind,
    bucket: &str,
    prefix: Path,
    options: Options,
) -> Result<Location, ConfigError> {
    if bucket.is_empty() {
        return Err(ConfigError::Uri(format!("it names no bucket; write {}", kind.example())));
    }
    match kind {
        StoreKind::S3 => s3::location(bucket, prefix, options).map(Location::S3),
        StoreKind::Gcs => gcs::location(bucket, prefix, options).map(Location::Gcs),
        StoreKind::Azure => azure::location(bucket, prefix, options).map(Location::Azure),
    }
}

/// Refuses options that ask for something this build does not do: to ignore one would break a promise silently.
fn refuse(options: &Options, not_supported: &[&'static str]) -> Result<(), ConfigError> {
    let asked =
        |key: &&&'static str| options.get(**key).is_some_and(|value| !matches!(value.as_str(), "" | "false"));
    match not_supported.iter().find(asked) {
        Some(key) => Err(ConfigError::NotSupported { key }),
        None => Ok(()),
    }
}

/// Takes an option out; an empty one is none.
fn take(options: &mut Options, key: &str) -> Option<String> {
    options.remove(key).filter(|value| !value.is_empty())
}

/// Takes the server's URL out.
fn take_endpoint(options: &mut Options) -> Result<Option<String>, ConfigError> {
    let Some(endpoint) = take(options, "endpoint") else { return Ok(None) };
    if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
        return Err(invalid("endpoint", &endpoint, "a URL that starts with http:// or https://"));
    }
    // Keys are put behind it, with a slash of their own.
    Ok(Some(endpoint.trim_end_matches('/').to_owned()))
}

fn invalid(key: &'static str, value: &str, allowed: &'static str) -> ConfigError {
    ConfigError::Value { key, value: format!("{value:?}"), allowed }
}
