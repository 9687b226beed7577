//! Whether nothing was written before what it builds on.

use super::journal::{Event, What};
use super::names::{IndexName, SchemaName};
use super::{Bucket, DataFile, SchemaFile, TableKey, Violation, ddl_text};
use bytes::Bytes;
use std::collections::HashMap;

/// What a journal and the bucket at its end say about each moment. Moments count the journal's lines.
pub(super) struct History<'a> {
    bucket: &'a Bucket,
    events: Vec<Event>,
    /// When an object was first written whole.
    written: HashMap<&'a str, usize>,
    /// When a row first became visible.
    published: HashMap<(&'a TableKey, &'a Bytes), usize>,
}

impl<'a> History<'a> {
    pub(super) fn new(bucket: &'a Bucket, writes: Vec<Event>, prefix: &str) -> Self {
        let events: Vec<Event> = writes
            .into_iter()
            .filter_map(|event| {
                let path = event.path.strip_prefix(prefix)?.trim_start_matches('/').to_owned();
                Some(Event { path, ..event })
            })
            .collect();
        let mut history = Self { bucket, events, written: HashMap::new(), published: HashMap::new() };
        history.note_objects();
        history.note_rows();
        history
    }

    fn note_objects(&mut self) {
        let data = self.bucket.files.iter().map(|file| file.path.as_str());
        let schemas = self.bucket.schema_files.iter().map(|schema| schema.path.as_str());
        let known: HashMap<&str, &'a str> = data.chain(schemas).map(|path| (path, path)).collect();
        for (moment, event) in self.events.iter().enumerate() {
            let known = known.get(event.path.as_str());
            if let (Some(path), What::Ended) = (known, &event.what) {
                self.written.entry(path).or_insert(moment);
            }
        }
    }

    /// Walks through the index files in the order in which they were written.
    fn note_rows(&mut self) {
        let mut asked: HashMap<&str, u64> = HashMap::new();
        let mut covered: HashMap<&str, u64> = HashMap::new();
        for (moment, event) in self.events.iter().enumerate() {
            let path = event.path.as_str();
            let Some(index) = self.index_of(path) else { continue };
            if let What::Started(content) = &event.what {
                asked.insert(path, self.last_of(&index, content));
                continue;
            }
            let last = asked.get(path).copied().unwrap_or(0);
            let from = covered.insert(path, last).unwrap_or(0);
            let is_new = |file: &&DataFile| file.owner == index && (from + 1..=last).contains(&file.index);
            for file in self.bucket.files.iter().filter(is_new) {
                for row in &file.rows {
                    self.published.entry((&file.table, &row.raw)).or_insert(moment);
                }
            }
        }
    }

    /// The index file of this path, if it is one.
    fn index_of(&self, path: &str) -> Option<IndexName> {
        IndexName::parse(path, self.bucket.options.date_separator)
    }

    /// The number in an index file; 0 if it is torn.
    fn last_of(&self, index: &IndexName, content: &Bytes) -> u64 {
        let content = String::from_utf8_lossy(content);
        index.parse_content(&content, &self.bucket.options).unwrap_or(0)
    }

    /// Checks every write.
    pub(super) fn check(&self) -> Result<(), Violation> {
        for (moment, event) in self.events.iter().enumerate() {
            if let What::Started(content) = &event.what {
                self.check_write(moment, &event.path, content)?;
            }
        }
        Ok(())
    }

    /// Checks one write that starts at this moment.
    fn check_write(&self, moment: usize, path: &str, content: &Bytes) -> Result<(), Violation> {
        if let Some(index) = self.index_of(path) {
            return self.check_index(moment, &index, self.last_of(&index, content));
        }
        if SchemaName::parse(path).is_some() {
            let schema = self.bucket.schema_files.iter().find(|schema| schema.path == path);
            return schema.map_or(Ok(()), |schema| self.check_ddl(moment, schema, content));
        }
        if path == "metadata" {
            let text = String::from_utf8_lossy(content);
            let digits = text.trim_matches(|c: char| !c.is_ascii_digit());
            let checkpoint: u64 = digits.parse().unwrap_or(0);
            return self.check_rows(moment, &text, |_, commit_ts| commit_ts <= checkpoint);
        }
        Ok(())
    }

    fn check_index(&self, moment: usize, index: &IndexName, last: u64) -> Result<(), Violation> {
        let folder = index.dir.place.to_string();
        let schemas = self.bucket.schema_files.iter();
        let schemas = schemas.filter(|schema| schema.folder == folder && schema.version == index.dir.version);
        let data = self.bucket.files.iter();
        let data = data.filter(|file| file.owner == *index && file.index <= last);
        let needed = schemas.map(|schema| &schema.path).chain(data.map(|file| &file.path));
        for needed in needed {
            // What the journal did not see was there before it.
            let written = self.written.get(needed.as_str());
            if written.is_some_and(|&written| written > moment) {
                return Err(Violation::WriteOrder { early: index.path(), late: needed.clone() });
            }
        }
        Ok(())
    }

    /// A schema file that a DDL wrote comes after every older row of the tables that the DDL concerns. A new view concerns
    /// all of them.
    fn check_ddl(&self, moment: usize, schema: &SchemaFile, content: &Bytes) -> Result<(), Violation> {
        // The same file may have been written without a query before, along with the first data.
        let has_query = !String::from_utf8_lossy(content).contains("\"Query\": \"\",");
        if !has_query {
            return Ok(());
        }
        let old =
            ddl_text::renamed_from(&schema.query, &schema.key).filter(|_| matches!(schema.kind, 14 | 47));
        let is_view = schema.kind == 21;
        self.check_rows(moment, &schema.path, |table, commit_ts| {
            let whole_database = schema.key.table.is_empty() && table.schema == schema.key.schema;
            let concerned = is_view || whole_database || *table == schema.key || Some(table) == old.as_ref();
            concerned && commit_ts < schema.version
        })
    }

    /// Checks that the rows that are concerned were visible before this moment.
    fn check_rows(
        &self,
        moment: usize,
        early: &str,
        concerned: impl Fn(&TableKey, u64) -> bool,
    ) -> Result<(), Violation> {
        for file in &self.bucket.files {
            for row in file.rows.iter().filter(|row| concerned(&file.table, row.commit_ts)) {
                let published = self.published.get(&(&file.table, &row.raw));
                if published.is_some_and(|&published| published > moment) {
                    return Err(Violation::WriteOrder {
                        early: early.to_owned(),
                        late: format!("{} with commit-ts {}", file.path, row.commit_ts),
                    });
                }
            }
        }
        Ok(())
    }
}
