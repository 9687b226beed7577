//! Paths and file names, read and made (`output-format` 2.1 to 2.7).

use super::{DateSeparator, Options};
use std::fmt;

/// Database and table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableKey {
    /// The database.
    pub schema: String,
    /// The table; empty for a database.
    pub table: String,
}

impl TableKey {
    /// Joins the two halves.
    pub fn new(schema: impl Into<String>, table: impl Into<String>) -> Self {
        Self { schema: schema.into(), table: table.into() }
    }
}

impl fmt::Display for TableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// A name as it stands in a path: a few are escaped, byte for byte, by the sink's own rule.
pub fn in_path(name: &str, is_schema: bool) -> String {
    let whole = matches!(name, "." | "..") || (is_schema && matches!(name, ".spillway" | "metadata"));
    let bytes = name.as_bytes();
    let reads_as_escape = |at: usize| {
        let digits = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let digits = digits.filter(|pair| !pair.contains(|c: char| !"0123456789ABCDEF".contains(c)));
        let code = digits.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        code.is_some_and(|code| code < 32 || [0x7F, b'/', b'.', b'%', b'm'].contains(&code))
    };
    let mut text = Vec::new();
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            _ if whole && at == 0 => text.extend(format!("%{byte:02X}").bytes()),
            b'/' | 0x7F | 0..32 => text.extend(format!("%{byte:02X}").bytes()),
            b'%' if reads_as_escape(at) => text.extend(b"%25"),
            _ => text.push(byte),
        }
    }
    String::from_utf8(text).expect("only ASCII was replaced")
}

/// A data directory. The order is the one in which a consumer replays directories.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DirKey {
    /// The table version.
    pub version: u64,
    /// The physical id of a partition; 0 without a partition level.
    pub partition: u64,
    /// The date's text; empty without a date level.
    pub date: String,
    /// The table's folder: `<schema>/<table>`, or `<table id>`.
    pub place: Place,
}

/// Where a table's folder is. Folders by name come before those by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `<schema>/<table>`
    Name(TableKey),
    /// `<table id>`
    Id(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(key) => write!(f, "{}/{}", key.schema, key.table),
            Self::Id(id) => write!(f, "{id}"),
        }
    }
}

impl fmt::Display for DirKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.place, self.version)?;
        if self.partition != 0 {
            write!(f, "/{}", self.partition)?;
        }
        if !self.date.is_empty() {
            write!(f, "/{}", self.date)?;
        }
        Ok(())
    }
}

impl DirKey {
    /// What rows keep their order in: a partition, or the table. By id, a partition is a table of its own.
    pub fn lane(&self) -> u64 {
        match self.place {
            Place::Name(_) => self.partition,
            Place::Id(id) => id,
        }
    }

    /// Reads the path of a data directory; `None` if it is none.
    pub fn parse(path: &str, separator: DateSeparator) -> Option<Self> {
        let mut parts: Vec<&str> = path.split('/').collect();
        let mut date = "";
        if separator != DateSeparator::None {
            date = parts.pop().filter(|date| separator.accepts(date))?;
        }
        let (place, version, partition) = match parts[..] {
            [id, version] => (Place::Id(number(id)?), version, "0"),
            [schema, table, version] => (Place::Name(TableKey::new(schema, table)), version, "0"),
            [schema, table, version, partition] => {
                (Place::Name(TableKey::new(schema, table)), version, partition)
            }
            _ => return None,
        };
        Some(Self { version: number(version)?, partition: number(partition)?, date: date.to_owned(), place })
    }
}

/// Whose index file it is: that of a directory, or of one dispatcher in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexName {
    /// The directory.
    pub dir: DirKey,
    /// The dispatcher, if file names have one.
    pub dispatcher: Option<String>,
}

impl IndexName {
    /// Reads the path of an index file; `None` if it is none.
    pub fn parse(path: &str, separator: DateSeparator) -> Option<Self> {
        let (dir, name) = path.rsplit_once("/meta/")?;
        let middle = name.strip_prefix("CDC")?.strip_suffix(".index")?;
        let dispatcher = match middle {
            "" => None,
            _ => Some(middle.strip_prefix('_')?.to_owned()),
        };
        Some(Self { dir: DirKey::parse(dir, separator)?, dispatcher })
    }

    /// The path of the index file itself.
    pub fn path(&self) -> String {
        let dispatcher = self.dispatcher.as_ref().map(|id| format!("_{id}"));
        format!("{}/meta/CDC{}.index", self.dir, dispatcher.unwrap_or_default())
    }

    /// The base name of one of its data files.
    pub fn data_file(&self, index: u64, options: &Options) -> String {
        let (width, extension) = (options.index_width, options.extension());
        match &self.dispatcher {
            None => format!("CDC{index:0width$}{extension}"),
            Some(id) => format!("CDC_{id}_{index:0width$}{extension}"),
        }
    }

    /// The number in an index file: that of its last data file. `None` if the content is anything but that file's
    /// exact name and a line feed.
    pub fn parse_content(&self, content: &str, options: &Options) -> Option<u64> {
        let name = content.strip_suffix('\n')?;
        let stem = name.strip_suffix(&options.extension())?;
        let digits = stem.trim_start_matches("CDC").rsplit('_').next()?;
        let index = digits.parse().ok()?;
        (self.data_file(index, options) == name).then_some(index)
    }
}

/// The path of a schema file: `<folder>/meta/schema_<version>_<checksum>.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaName {
    /// What precedes `/meta/`: a database, a table's folder or a table id.
    pub folder: String,
    /// The table version.
    pub version: u64,
    /// The checksum.
    pub checksum: u32,
}

impl SchemaName {
    /// Reads the path of a schema file; `None` if it is none.
    pub fn parse(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once("/meta/")?;
        let stem = name.strip_prefix("schema_")?.strip_suffix(".json")?;
        let (version, checksum) = stem.split_once('_')?;
        let is_padded = checksum.len() == 10 && checksum.bytes().all(|c| c.is_ascii_digit());
        Some(Self {
            folder: folder.to_owned(),
            version: number(version)?,
            checksum: checksum.parse().ok().filter(|_| is_padded)?,
        })
    }
}

/// Whether a base name is that of a data file.
pub(super) fn is_data_file(name: &str, options: &Options) -> bool {
    let stem = name.strip_prefix("CDC").and_then(|rest| rest.strip_suffix(&options.extension()));
    let digits = stem.and_then(|stem| stem.rsplit('_').next());
    digits.is_some_and(|digits| {
        digits.len() >= options.index_width && digits.bytes().all(|c| c.is_ascii_digit())
    })
}

/// A decimal number without padding.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::Format;

    #[test]
    fn directories_read_by_their_number_of_levels() {
        use DateSeparator::{Day, Month, None as NoDate};
        for (path, separator) in [
            ("s/t/5", NoDate),
            ("s/t/5/7", NoDate),
            ("12/5", NoDate),
            ("s/t/5/2026-03-01", Day),
            ("s/t/5/7/2026-03-01", Day),
            ("12/5/2026-03", Month),
        ] {
            let key = DirKey::parse(path, separator).unwrap_or_else(|| panic!("{path}"));
            assert_eq!((key.version, key.to_string().as_str()), (5, path));
        }
        assert_eq!(DirKey::parse("s/t/5/7", NoDate).unwrap().partition, 7);
    }

    #[test]
    fn a_path_of_another_shape_is_no_directory() {
        use DateSeparator::{Day, Month, None as NoDate};
        for (path, separator) in [
            ("s/t/2026-06-23", Day),
            ("s/t/5/2026-06-23", Month),
            ("s/t/05", NoDate),
            ("s/t/5/6/7", NoDate),
            ("5", NoDate),
        ] {
            assert_eq!(DirKey::parse(path, separator), None, "{path}");
        }
    }

    #[test]
    fn versions_sort_before_everything_else() {
        let key = |path| DirKey::parse(path, DateSeparator::Day).unwrap();
        let mut keys = [
            key("z/z/9/2026-01-01"),
            key("a/a/10/2026-01-01"),
            key("b/b/9/2026-01-02"),
            key("7/9/2026-01-01"),
        ];
        keys.sort();
        let sorted = keys.map(|key| key.to_string());
        assert_eq!(sorted, ["z/z/9/2026-01-01", "7/9/2026-01-01", "b/b/9/2026-01-02", "a/a/10/2026-01-01"]);
    }

    #[test]
    fn an_index_file_holds_the_exact_name_of_its_last_data_file() {
        let options = Options { index_width: 6, format: Format::CanalJson, ..Options::default() };
        let plain = IndexName::parse("s/t/5/2026-03-01/meta/CDC.index", DateSeparator::Day).unwrap();
        let named = IndexName::parse("s/t/5/2026-03-01/meta/CDC_1_2.index", DateSeparator::Day).unwrap();
        assert_eq!(plain.parse_content("CDC000012.json\n", &options), Some(12));
        assert_eq!(plain.parse_content("CDC1000000.json\n", &options), Some(1_000_000));
        assert_eq!(named.parse_content("CDC_1_2_000012.json\n", &options), Some(12));
        for torn in ["", "CDC000012.json", "CDC0012.json\n", "CDC_1_2_000012.json\n", "CDC000012.csv\n"] {
            assert_eq!(plain.parse_content(torn, &options), None, "{torn:?}");
        }
        assert_eq!(named.path(), "s/t/5/2026-03-01/meta/CDC_1_2.index");
        assert_eq!(IndexName::parse("s/t/5/meta/notCDC.index", DateSeparator::None), None);
    }

    #[test]
    fn schema_names_carry_a_padded_checksum() {
        let name = SchemaName::parse("s/t/meta/schema_100_0000000012.json").unwrap();
        assert_eq!((name.folder.as_str(), name.version, name.checksum), ("s/t", 100, 12));
        for other in ["s/t/meta/schema_100_12.json", "s/t/meta/schema_100_0000000012.json.tmp.x"] {
            assert_eq!(SchemaName::parse(other), None);
        }
    }
}
