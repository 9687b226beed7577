//! What the names in a target tell of the settings it was written with.
//!
//! A contradiction is certain, agreement is not: a target without partitioned tables says nothing of partitions.

use super::error::Difference;
use crate::config::Config;
use crate::layout::data_file::of_compressed;
use crate::layout::{DataDir, DataFileName, DateLevel};
use stage_writer::Compression;

const EXTENSIONS: [(&str, &str); 2] = [(".csv", "csv"), (".json", "canal-json")];

/// The settings that a key contradicts; none if it is no data file's.
pub(super) fn contradictions(key: &str, config: &Config) -> Vec<Difference> {
    let Some((directory, name)) = key.rsplit_once('/') else { return Vec::new() };
    let Some(seen) = Seen::of(directory, name) else { return Vec::new() };
    let mut found = Vec::new();
    let mut compare = |key, was: &dyn ToString, now: &dyn ToString| {
        let (was, now) = (was.to_string(), now.to_string());
        if was != now {
            found.push(Difference { key, was, now });
        }
    };
    let ours = EXTENSIONS.iter().find(|(extension, _)| *extension == config.encoding.extension());
    if let Some((_, protocol)) = ours {
        compare("protocol", &format!("{:?}", seen.protocol), &format!("{protocol:?}"));
    }
    let quoted = |level: DateLevel| format!("{:?}", level.to_string());
    let named = |compression: Compression| format!("{:?}", compression.name());
    compare("compression", &named(seen.compression), &named(config.compression));
    compare("date-separator", &quoted(seen.dates), &quoted(config.date_level));
    if let Some(digits) = seen.digits {
        compare("file-index-digit", &digits, &config.file_index_digits);
    }
    compare("use-table-id-as-path", &seen.by_id, &config.use_table_id_as_path);
    if seen.partitioned && !config.use_table_id_as_path {
        compare("enable-partition-separator", &true, &config.enable_partition_separator);
    }
    compare("enable-table-across-nodes", &seen.dispatcher, &config.enable_table_across_nodes);
    found
}

/// What one data file's name tells.
struct Seen {
    protocol: &'static str,
    compression: Compression,
    dates: DateLevel,
    /// `None` for a number without padding, whose digits were needed in any case.
    digits: Option<usize>,
    by_id: bool,
    partitioned: bool,
    dispatcher: bool,
}

impl Seen {
    fn of(directory: &str, name: &str) -> Option<Self> {
        let (name, compression) = of_compressed(name);
        let (extension, protocol) = EXTENSIONS.into_iter().find(|(end, _)| name.ends_with(end))?;
        let file = DataFileName::parse(name, extension).ok()?;
        let last = directory.rsplit('/').next().unwrap_or_default();
        // A version is a commit-ts and has many more digits than a year.
        let dated = [DateLevel::Year, DateLevel::Month, DateLevel::Day].into_iter();
        let dates = dated.into_iter().find(|level| level.matches(last)).unwrap_or(DateLevel::None);
        let directory = DataDir::parse(directory, dates).ok()?;
        let index = name.strip_suffix(extension)?.rsplit_once(['C', '_'])?.1;
        Some(Self {
            protocol,
            compression,
            dates,
            digits: index.starts_with('0').then_some(index.len()),
            by_id: directory.table().table_id().is_some(),
            partitioned: directory.partition().is_some(),
            dispatcher: file.dispatcher.is_some(),
        })
    }
}
