//! The sink URI: where the store is, and parameters.

use super::keys::{Place, find};
use super::store_options::{self, Options, StoreKind};
use super::{ConfigError, given::Given};
use crate::store::Location;
use object_store::path::Path;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use toml::Value;
use url::Url;

/// A sink URI, taken apart. Its `Debug` shows no secrets.
///
/// * `file:///dir`: a local directory. A host is dropped, with a warning: `file://data/x` means `/x`.
/// * `s3://bucket/prefix`, `gcs://bucket/prefix` (or `gs`), `azure://container/prefix` (or `azblob`), with the options of
///   the cloud as parameters.
/// * `memory://name/prefix`: a store in this process, found again by its name.
/// * `noop://`: a store that keeps nothing.
///
/// Parameter names count in any case, with `_` for `-`. A `+` in a value is a plus sign and not a space.
#[derive(Debug)]
pub struct SinkUri {
    location: Location,
    parameters: BTreeMap<&'static str, String>,
}

impl SinkUri {
    /// Takes a URI apart.
    ///
    /// # Errors
    /// A scheme that is not supported, a parameter that is not known or given twice, an option of a store that is not
    /// supported or out of its range.
    pub fn parse(uri: &str) -> Result<Self, ConfigError> {
        if uri.is_empty() {
            let why = "failed to open cloud storage sink, empty SinkURI";
            return Err(ConfigError::Uri(why.to_owned()));
        }
        let url = Url::parse(uri).map_err(|error| ConfigError::Uri(error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() || url.port().is_some() {
            let why = "it may not name a user, a password or a port; use the parameters of the storage";
            return Err(ConfigError::Uri(why.to_owned()));
        }
        if url.fragment().is_some() {
            return Err(ConfigError::Uri("write # as %23".to_owned()));
        }
        let kind = StoreKind::of_scheme(url.scheme());
        let (parameters, options) = parameters(url.query().unwrap_or_default(), kind)?;
        let host = url.host_str().unwrap_or_default();
        let location = match (kind, url.scheme()) {
            (Some(kind), _) => store_options::location(kind, host, prefix(&url)?, options)?,
            (None, "file") => file(host, &url)?,
            (None, "memory") => Location::Memory { name: host.to_owned(), prefix: prefix(&url)? },
            (None, "noop") => Location::Noop,
            (None, other) => return Err(ConfigError::UnsupportedScheme(other.to_owned())),
        };
        Ok(Self { location, parameters })
    }

    /// Where the store is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Sets the keys that the URI sets.
    pub(super) fn set(&self, given: &mut Given) {
        for (key, value) in &self.parameters {
            given.set(key, Value::String(value.clone()));
        }
    }
}

type Parameters = BTreeMap<&'static str, String>;

/// The parameters, and those that are about a store of this kind; others have none.
fn parameters(query: &str, kind: Option<StoreKind>) -> Result<(Parameters, Options), ConfigError> {
    let (mut ours, mut of_store) = (Parameters::new(), Options::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decoded(key)?.to_ascii_lowercase().replace('_', "-");
        let (target, key) = match store_options::find(&key) {
            Some((key, kinds)) if kind.is_some_and(|kind| kinds.contains(&kind)) => (&mut of_store, key),
            Some((key, kinds)) => return Err(store_options::misplaced(key, kinds)),
            None => (&mut ours, find(&key, Place::Uri)?),
        };
        if target.insert(key, decoded(value)?).is_some() {
            return Err(ConfigError::Repeated(key.to_owned()));
        }
    }
    Ok((ours, of_store))
}

fn decoded(text: &str) -> Result<String, ConfigError> {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(ConfigError::Uri("an escaped text is not UTF-8".to_owned())),
    }
}

fn file(host: &str, url: &Url) -> Result<Location, ConfigError> {
    let directory = decoded(url.path())?;
    if directory.trim_matches('/').is_empty() {
        let why = "it names no directory; write file:///path/to/directory";
        return Err(ConfigError::Uri(why.to_owned()));
    }
    if !host.is_empty() {
        tracing::warn!(host, directory, "the host of a file URI is dropped; write file:///path/to/directory");
    }
    Ok(Location::File(directory.into()))
}

fn prefix(url: &Url) -> Result<Path, ConfigError> {
    Path::parse(decoded(url.path().trim_matches('/'))?).map_err(|error| ConfigError::Uri(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::SinkUri;
    use crate::store::Location;

    fn location(uri: &str) -> Location {
        SinkUri::parse(uri).expect(uri).location
    }

    fn refusal(uri: &str) -> String {
        SinkUri::parse(uri).expect_err(uri).to_string()
    }

    #[test]
    fn locations_are_found() {
        assert_eq!(location("file:///data/a%20b"), Location::File("/data/a b".into()));
        assert_eq!(location("file://data/test"), Location::File("/test".into()));
        assert_eq!(location("FILE:///data"), Location::File("/data".into()));
        assert_eq!(location("noop://"), Location::Noop);
        assert_eq!(location("memory://one/two/50%25").to_string(), "memory://one/two/50%");
        assert_eq!(location("s3://My_Bucket//a/b/").to_string(), "s3://My_Bucket/a/b");
        assert_eq!(location("s3://bucket").to_string(), "s3://bucket");
    }

    #[test]
    fn other_schemes_are_refused_by_name() {
        for scheme in ["xxx", "local", "kafka"] {
            assert!(refusal(&format!("{scheme}://a/b")).contains(&format!("unsupported scheme: {scheme}")));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (uri, why) in [
            ("", "empty SinkURI"),
            ("no uri", "invalid"),
            ("file://", "names no directory"),
            ("file:///", "names no directory"),
            ("s3://", "bucket"),
            ("s3://user:pass@bucket", "may not name a user"),
            ("s3://bucket:9000", "a port"),
            ("s3://bucket/a//b", "empty path segment"),
            ("file:///a#b", "%23"),
            ("file:///a?protocol=%ff", "not UTF-8"),
            ("file:///a?protocol=csv&PROTOCOL=csv", "twice"),
            ("file:///a?endpoint=http://x", "does not belong"),
        ] {
            let error = refusal(uri);
            assert!(error.contains(why), "{uri}: {error}");
        }
    }

    #[test]
    fn parameters_are_read_in_any_spelling_and_a_plus_is_a_plus() {
        let uri = SinkUri::parse("file:///a?Protocol=csv&include_commit_ts=true&null=a+b%2B").expect("a URI");
        let parameters: Vec<_> = uri.parameters.into_iter().collect();
        let want = [("include-commit-ts", "true"), ("null", "a+b+"), ("protocol", "csv")];
        assert_eq!(parameters, want.map(|(key, value)| (key, value.to_owned())));
    }
}
