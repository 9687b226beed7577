//! What a server's URL says behind its `?`.

use crate::{Error, Result};
use percent_encoding::percent_decode_str;
use url::Url;

const KNOWN: [&str; 7] =
    ["server-id", "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket", "password-file"];

/// The parameters of a URL: known ones only, each once, none empty.
pub(super) struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    pub(super) fn of(url: &Url) -> Result<Self> {
        let mut given: Vec<(&str, String)> = Vec::new();
        let refused = |text: String| Err(Error::Config(format!("the source's URL {text}")));
        for pair in url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(&key) = KNOWN.iter().find(|&&known| known == key) else {
                return refused(format!("has the unknown parameter {key}; it takes {}", KNOWN.join(", ")));
            };
            // Not as forms are: most values are paths, and a plus sign in a path is one.
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            if value.is_empty() {
                return refused(format!("has an empty {key}; give it a value, or leave it out"));
            }
            if given.iter().any(|(other, _)| *other == key) {
                return refused(format!("has {key} twice; give it once"));
            }
            given.push((key, value));
        }
        Ok(Self(given))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(KNOWN.contains(&name), "{name} would be refused");
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(query: &str) -> Result<Parameters> {
        Parameters::of(&Url::parse(&format!("mysql://db?{query}")).unwrap())
    }

    #[test]
    fn paths_are_taken_as_they_are_written() {
        let given = parameters("socket=/run/c++/my%20sql.sock&ssl-ca=/a%26b").unwrap();
        assert_eq!(given.get("socket"), Some("/run/c++/my sql.sock"));
        assert_eq!(given.get("ssl-ca"), Some("/a&b"));
        assert_eq!(given.get("ssl-key"), None);
    }

    #[test]
    fn what_is_unknown_empty_or_said_twice_is_named_but_not_shown() {
        for (query, text) in [
            ("password=s3cret", "unknown parameter password; it takes server-id, ssl-mode,"),
            ("ssl-ca=", "empty ssl-ca"),
            ("ssl-mode", "empty ssl-mode"),
            ("ssl-mode=required&ssl-mode=disabled", "ssl-mode twice"),
        ] {
            let error = parameters(query).err().unwrap().to_string();
            assert!(error.contains(text) && !error.contains("s3cret"), "{error}");
        }
    }
}
