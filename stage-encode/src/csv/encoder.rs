//! The format: lines and headers.

use super::{BinaryEncoding, CsvConfig, CsvConfigError, quoting::Quoting};
use crate::encoder::{EncodeError, Encoder, Reason};
use change_event::{Generated, Image, Op, RowEvent, RowRef, TableSchema};
use std::ops::Range;
use tracing::warn;

/// CSV, ready to write: what depends on the options is worked out.
#[derive(Clone, Debug)]
pub struct Csv {
    config: CsvConfig,
    pub(super) quoting: Quoting,
    pub(super) binary: BinaryEncoding,
    /// The delimiter and the text for NULL.
    pub(super) null: Box<[u8]>,
    insert: Box<[u8]>,
    update: Box<[u8]>,
    delete: Box<[u8]>,
}

impl Csv {
    /// Makes the format with these options.
    ///
    /// # Errors
    /// As [`CsvConfig::validate`].
    pub fn new(config: CsvConfig) -> Result<Self, CsvConfigError> {
        config.validate()?;
        if config.output_handle_key {
            warn!("csv has no output-handle-key: every column is written");
        }
        Ok(Self::of_valid(config))
    }

    /// The options.
    pub fn config(&self) -> &CsvConfig {
        &self.config
    }

    fn of_valid(config: CsvConfig) -> Self {
        let quoting = Quoting::new(&config);
        let op = |letter: &[u8]| {
            let mut out = Vec::new();
            let start = quoting.open_line(&mut out);
            out.extend_from_slice(letter);
            quoting.close(start, &mut out);
            out.into_boxed_slice()
        };
        Self {
            insert: op(b"I"),
            update: op(b"U"),
            delete: op(b"D"),
            null: [config.delimiter.as_bytes(), config.null.as_bytes()].concat().into(),
            binary: config.binary_encoding_method,
            quoting,
            config,
        }
    }
}

impl Default for Csv {
    fn default() -> Self {
        Self::of_valid(CsvConfig::default())
    }
}

impl Encoder for Csv {
    fn extension(&self) -> &'static str {
        ".csv"
    }

    /// Appends the names of the fields, bare and as they are, if the options ask for them.
    fn header(&self, table: &TableSchema, out: &mut Vec<u8>) {
        if !self.config.output_field_header {
            return;
        }
        out.extend_from_slice(b"ticdc-meta$operation");
        let named = |name: &[u8], out: &mut Vec<u8>| {
            self.quoting.bare(out);
            out.extend_from_slice(name);
        };
        named(b"ticdc-meta$table", out);
        named(b"ticdc-meta$schema", out);
        if self.config.include_commit_ts {
            named(b"ticdc-meta$commit-ts", out);
        }
        if self.config.output_old_value {
            named(b"ticdc-meta$is-update", out);
        }
        for column in table.columns.iter().filter(|column| column.generated != Generated::Virtual) {
            named(column.name.as_bytes(), out);
        }
        out.extend_from_slice(self.config.terminator.as_bytes());
    }

    fn encode(&self, event: &RowEvent, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        let mut lines = Lines { csv: self, event, place: 0..0, out };
        let result = event.rows.iter().try_for_each(|row| lines.row(&row));
        if result.is_err() {
            out.truncate(start);
        }
        result
    }
}

/// The lines of one event.
struct Lines<'a> {
    csv: &'a Csv,
    event: &'a RowEvent,
    /// Where `out` holds the fields that are the same in every line: table, schema, commit-ts. Empty before the
    /// first line.
    place: Range<usize>,
    out: &'a mut Vec<u8>,
}

impl Lines<'_> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), EncodeError> {
        let csv = self.csv;
        match (row.op, row.before.as_ref()) {
            (Op::Insert, _) => self.line(&csv.insert, row.after.as_ref(), false),
            (Op::Delete, before) => self.line(&csv.delete, before, false),
            (Op::Update, before @ Some(_)) if csv.config.output_old_value => {
                self.line(&csv.delete, before, true)?;
                self.line(&csv.insert, row.after.as_ref(), true)
            }
            (Op::Update, _) => self.line(&csv.update, row.after.as_ref(), true),
        }
    }

    fn line(&mut self, op: &[u8], image: Option<&Image<'_>>, is_update: bool) -> Result<(), EncodeError> {
        let table = &*self.event.table;
        let image = image.ok_or_else(|| EncodeError::in_row(&table.name, Reason::MissingImage))?;
        if image.len() != table.columns.len() {
            return Err(EncodeError::in_row(&table.name, Reason::Width));
        }
        self.out.extend_from_slice(op);
        self.place();
        if self.csv.config.output_old_value {
            self.csv.quoting.bare(self.out);
            self.out.extend_from_slice(if is_update { b"true" } else { b"false" });
        }
        for (at, column) in table.columns.iter().enumerate() {
            if column.generated == Generated::Virtual {
                continue;
            }
            let written = self.csv.field(column, &image.value(at), self.out);
            written.map_err(|reason| EncodeError::in_column(&table.name, column, reason))?;
        }
        self.out.extend_from_slice(self.csv.config.terminator.as_bytes());
        Ok(())
    }

    /// Appends table, schema and commit-ts: rendered once, copied from then on.
    fn place(&mut self) {
        if !self.place.is_empty() {
            self.out.extend_from_within(self.place.clone());
            return;
        }
        let start = self.out.len();
        let name = &self.event.table.name;
        self.csv.quoting.string(name.table.as_bytes(), self.out);
        self.csv.quoting.string(name.schema.as_bytes(), self.out);
        if self.csv.config.include_commit_ts {
            self.csv.quoting.bare(self.out);
            self.out.extend_from_slice(itoa::Buffer::new().format(self.event.commit_ts.0).as_bytes());
        }
        self.place = start..self.out.len();
    }
}
