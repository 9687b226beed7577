//! The name of a data file.
//!
//! ```text
//! CDC<index>.<ext>                  the index zero-padded to `file-index-digit`, longer ones whole
//! CDC_<dispatcher>_<index>.<ext>    with tables across nodes
//! CDC….<ext>.gz, CDC….<ext>.zst      compressed
//! ```

use super::{LayoutError, data_dir::number};
use dispatcher::DispatcherId;
use stage_writer::Compression;

/// Whether a file in a data directory is named like data, whatever its format and however compressed.
pub(crate) fn is_named_like_one(name: &str) -> bool {
    let (name, _) = of_compressed(name);
    name.rsplit_once('.').is_some_and(|(stem, _)| DataFileName::parse(stem, "").is_ok())
}

/// A file's name before it was compressed, and how it was.
pub(crate) fn of_compressed(name: &str) -> (&str, Compression) {
    let mut kinds = Compression::ALL.iter().filter(|kind| **kind != Compression::None);
    let compressed = kinds.find_map(|&kind| Some((name.strip_suffix(kind.extension())?, kind)));
    compressed.unwrap_or((name, Compression::None))
}

/// What every data file and index file starts with.
pub(super) const PREFIX: &str = "CDC";
/// The fewest digits an index is written with.
const FEWEST_DIGITS: usize = 6;

/// The name of a data file: whose it is and which in its directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DataFileName {
    /// The dispatcher's text, if the layout puts it into names.
    pub dispatcher: Option<String>,
    /// The place in the directory, from 1.
    pub index: u64,
}

impl DataFileName {
    /// The name of the file at `index`.
    pub fn new(dispatcher: Option<DispatcherId>, index: u64) -> Self {
        Self { dispatcher: dispatcher.map(|id| id.to_string()), index }
    }

    /// The name's text; `extension` includes its dot.
    pub fn text(&self, digits: usize, extension: &str) -> String {
        let index = self.index;
        match &self.dispatcher {
            Some(id) => format!("{PREFIX}_{id}_{index:0digits$}{extension}"),
            None => format!("{PREFIX}{index:0digits$}{extension}"),
        }
    }

    /// Reads a name back, whatever number of digits it was written with.
    ///
    /// # Errors
    /// [`LayoutError::InvalidFileName`] if it is not a data file's name.
    pub fn parse(name: &str, extension: &str) -> Result<Self, LayoutError> {
        Self::recognise(name, extension).ok_or_else(|| LayoutError::InvalidFileName(name.to_owned()))
    }

    fn recognise(name: &str, extension: &str) -> Option<Self> {
        let rest = name.strip_prefix(PREFIX)?.strip_suffix(extension)?;
        if rest.len() < FEWEST_DIGITS {
            return None;
        }
        let (dispatcher, index) = match rest.strip_prefix('_') {
            Some(rest) => {
                let (dispatcher, index) = rest.rsplit_once('_')?;
                (Some(dispatcher).filter(|id| !id.is_empty())?.to_owned().into(), index)
            }
            None => (None, rest),
        };
        // An index of no digits at all is no number either.
        let index = number(index)?;
        Some(Self { dispatcher, index })
    }
}

#[cfg(test)]
mod tests {
    use super::{DataFileName, is_named_like_one};
    use dispatcher::DispatcherId;
    use proptest::prelude::*;

    #[test]
    fn names_of_any_width_parse() {
        for (name, index) in [("CDC000011.json", 11), ("CDC1000000.json", 1_000_000)] {
            let parsed = DataFileName::parse(name, ".json").expect(name);
            assert_eq!((parsed.dispatcher, parsed.index), (None, index));
        }
    }

    #[test]
    fn the_dispatcher_ends_at_the_last_underscore() {
        let parsed = DataFileName::parse("CDC_a_b_000002.csv", ".csv").expect("a data file's name");
        assert_eq!((parsed.dispatcher.as_deref(), parsed.index), (Some("a_b"), 2));
    }

    #[test]
    fn other_names_are_refused() {
        for name in [
            "CDC00011.json",
            "cdc000011.json",
            "CDC000011.csv",
            "CDC00001x.json",
            "CDC+00011.json",
            "CDC_000011.json",
            "CDC__000011.json",
            "CDC_12_.json",
            "CDC000011.json#17",
            "schema_1_0123456789.json",
            "",
        ] {
            let error = DataFileName::parse(name, ".json").expect_err(name).to_string();
            assert_eq!(error, format!("filename in storage sink is invalid: {name:?}"));
        }
    }

    #[test]
    fn whatever_the_format_and_however_compressed_a_name_is_a_data_files() {
        for name in ["CDC000011.csv", "CDC_742_000011.json", "CDC000011.csv.gz", "CDC_742_000011.json.zst"] {
            assert!(is_named_like_one(name), "{name}");
        }
        for name in
            ["CDC000011.gz", "CDC000011.csv.bz2", "CDC000011.csv.gz.zst", "CDC.csv.gz", "CDC000011", ".gz"]
        {
            assert!(!is_named_like_one(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_buffers(index: u64, digits in 6..=20_usize, id: Option<(u64, u64)>) {
            let name = DataFileName::new(id.map(|(low, high)| DispatcherId { low, high }), index);
            let text = name.text(digits, ".csv");
            prop_assert_eq!(DataFileName::parse(&text, ".csv"), Ok(name));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            drop(DataFileName::parse(&text, ".csv"));
        }
    }
}
