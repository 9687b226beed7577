//! The file's text, and the differences between a file and what is set.

use super::error::{Difference, Unusable};
use super::setting::Setting;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of the file's form, not of the settings in it.
const VERSION: u64 = 1;

/// The file, parsed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct File {
    version: u64,
    settings: Map<String, Value>,
}

impl File {
    /// The file of settings.
    pub(super) fn of(settings: &[Setting]) -> Self {
        let settings = settings.iter().map(|setting| (setting.key.to_owned(), setting.value.clone()));
        Self { version: VERSION, settings: settings.collect() }
    }

    /// Its text: for people too.
    pub(super) fn text(&self) -> Bytes {
        let mut text = serde_json::to_vec_pretty(self).expect("texts and numbers are JSON");
        text.push(b'\n');
        Bytes::from(text)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`Unusable`]: it is no such file, or a later version's.
    pub(super) fn read(text: &[u8]) -> Result<Self, Unusable> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
        }
        let Versioned { version } = serde_json::from_slice(text).map_err(Unusable::Damaged)?;
        if version != VERSION {
            return Err(Unusable::Version { found: version, known: VERSION });
        }
        serde_json::from_slice(text).map_err(Unusable::Damaged)
    }

    /// What differs from `now`, in its order.
    ///
    /// # Errors
    /// [`Unusable`]: it has a setting that is not known here.
    pub(super) fn differences(&self, now: &[Setting]) -> Result<Vec<Difference>, Unusable> {
        let mut differences: Vec<Difference> = Vec::new();
        for Setting { key, value, before, under } in now {
            let was = match self.settings.get(*key) {
                Some(was) => was,
                // It had no effect then: what made it have one is a difference already.
                None if differences.iter().any(|difference| Some(difference.key) == *under) => continue,
                None => before,
            };
            if was != value {
                differences.push(Difference { key, was: was.to_string(), now: value.to_string() });
            }
        }
        let unknown = self.settings.keys().find(|key| !KNOWN.contains(&key.as_str()));
        match unknown {
            Some(key) => Err(Unusable::Setting(key.clone())),
            None => Ok(differences),
        }
    }
}

/// Every key that may stand in the file, under any settings.
pub(super) const KNOWN: &[&str] = &[
    "protocol",
    "compression",
    "date-separator",
    "file-index-digit",
    "use-table-id-as-path",
    "enable-partition-separator",
    "enable-table-across-nodes",
    "time-zone",
    "output-column-id",
    "output-raw-change-event",
    "column-selectors",
    "delimiter",
    "quote",
    "terminator",
    "null",
    "include-commit-ts",
    "output-old-value",
    "output-field-header",
    "output-handle-key",
    "binary-encoding-method",
    "enable-tidb-extension",
    "content-compatible",
    "only-output-updated-columns",
    "delete-only-output-handle-key-columns",
];
