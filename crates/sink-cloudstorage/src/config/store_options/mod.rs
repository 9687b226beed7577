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
/// A bucket without a name; an option that is out of its range, or contradicts another.
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

/// Takes an option out that is on or off.
fn take_flag(options: &mut Options, key: &'static str) -> Result<Option<bool>, ConfigError> {
    match take(options, key).as_deref() {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(invalid(key, other, "true or false")),
    }
}

fn invalid(key: &'static str, value: &str, allowed: &'static str) -> ConfigError {
    ConfigError::Value { key, value: format!("{value:?}"), allowed }
}
