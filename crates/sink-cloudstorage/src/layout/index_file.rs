//! The index file: how far the data files of a directory count.
//!
//! Its content is the name of the last file that counts and one newline; files 1 to that one exist. Consumers open
//! nothing beyond it.

use super::data_file::PREFIX;
use super::{DataDir, DataFileName, DateLevel, LayoutError};

/// The directory inside a data directory where its index files live.
const META: &str = "meta";
const EXTENSION: &str = ".index";

/// The key of an index file, read back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IndexKey {
    /// The data directory it speaks for.
    pub dir: DataDir,
    /// The dispatcher's text, if the layout puts it into names.
    pub dispatcher: Option<String>,
}

impl IndexKey {
    /// Reads the key of an index file back.
    ///
    /// # Errors
    /// [`LayoutError::NoDataPath`] if it is not one at this date level.
    pub fn parse(path: &str, level: DateLevel) -> Result<Self, LayoutError> {
        let mismatch = || LayoutError::NoDataPath(path.to_owned());
        let (parent, name) = path.rsplit_once('/').ok_or_else(mismatch)?;
        let (dir, meta) = parent.rsplit_once('/').ok_or_else(mismatch)?;
        if meta != META {
            return Err(mismatch());
        }
        let middle =
            name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(EXTENSION)).ok_or_else(mismatch)?;
        let dispatcher = match middle.strip_prefix('_') {
            Some(id) => Some(id.to_owned()),
            None if middle.is_empty() => None,
            None => return Err(mismatch()),
        };
        let dir = DataDir::parse(dir, level).map_err(|_| mismatch())?;
        Ok(Self { dir, dispatcher })
    }
}

/// Where a directory's index file is, below the directory.
pub(super) fn index_name(dispatcher: Option<&str>) -> String {
    match dispatcher {
        Some(id) => format!("{META}/{PREFIX}_{id}{EXTENSION}"),
        None => format!("{META}/{PREFIX}{EXTENSION}"),
    }
}

/// The content of an index file whose last file is `name`.
pub fn index_content(name: &str) -> String {
    format!("{name}\n")
}

/// Reads the content of an index file back.
///
/// # Errors
/// [`LayoutError::InvalidFileName`] if it names no data file.
pub fn parse_index_content(content: &str, extension: &str) -> Result<DataFileName, LayoutError> {
    DataFileName::parse(content.strip_suffix('\n').unwrap_or(content), extension)
}

#[cfg(test)]
mod tests {
    use super::{IndexKey, index_content, parse_index_content};
    use crate::layout::DateLevel;

    #[test]
    fn index_keys_parse_back() {
        for (path, level, dispatcher) in [
            ("schema1/table1/123456/2023-05-09/meta/CDC.index", DateLevel::Day, None),
            ("12345/5/meta/CDC_742.index", DateLevel::None, Some("742")),
            ("s/t/5/55/2023/meta/CDC_742.index", DateLevel::Year, Some("742")),
        ] {
            let key = IndexKey::parse(path, level).expect(path);
            assert_eq!(key.dispatcher.as_deref(), dispatcher);
            assert!(path.starts_with(key.dir.key().as_ref()), "{path}");
        }
    }

    #[test]
    fn unsupported_index_paths_are_refused() {
        for (path, level) in [
            ("test/binary_columns_dummy/2026-06-23/meta/CDC.index", DateLevel::Day),
            ("schema1/table1/123456/2023-05-09/meta/notCDC.index", DateLevel::Day),
            ("schema1/table1/123456/2023-05-09/meta/CDC.index", DateLevel::Month),
            ("schema1/table1/123456/2023-05-09/meta/CDCx.index", DateLevel::Day),
            ("schema1/table1/123456/2023-05-09/CDC.index", DateLevel::Day),
            ("12345/meta/CDC.index", DateLevel::None),
            ("meta/CDC.index", DateLevel::None),
            ("CDC.index", DateLevel::None),
            ("s/t/5/meta/CDC.index#123", DateLevel::None),
        ] {
            let error = IndexKey::parse(path, level).expect_err(path).to_string();
            assert_eq!(error, format!("cannot match dml path pattern for {path:?}"));
        }
    }

    #[test]
    fn the_content_is_a_name_and_a_newline() {
        let content = index_content("CDC_742_000002.csv");
        assert_eq!(content, "CDC_742_000002.csv\n");
        let name = parse_index_content(&content, ".csv").expect("our own content");
        assert_eq!((name.dispatcher.as_deref(), name.index), (Some("742"), 2));
        assert!(parse_index_content("CDC000001.csv\n\n", ".csv").is_err());
        assert!(parse_index_content("", ".csv").is_err());
    }
}
