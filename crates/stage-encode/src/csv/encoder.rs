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
        Self {
            null: [config.delimiter.as_bytes(), config.null.as_bytes()].concat().into(),
            binary: config.binary_encoding_method,
            quoting: Quoting::new(&config),
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
        let plain = self.quoting.needs_no_care(event.rows.strings());
        let mut lines = Lines { csv: self, event, plain, start: Start::default(), out };
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
    /// Whether no string of the event needs care: searched once for all of them, not piece by piece.
    plain: bool,
    /// How the last line starts.
    start: Start,
    out: &'a mut Vec<u8>,
}

/// What stands before the columns: the same in every line that says the same of its row.
#[derive(Default)]
struct Start {
    /// Where `out` holds it; empty before the first line.
    at: Range<usize>,
    op: u8,
    is_update: bool,
}

impl Lines<'_> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), EncodeError> {
        match (row.op, row.before.as_ref()) {
            (Op::Insert, _) => self.line(b'I', row.after.as_ref(), false),
            (Op::Delete, before) => self.line(b'D', before, false),
            (Op::Update, before @ Some(_)) if self.csv.config.output_old_value => {
                self.line(b'D', before, true)?;
                self.line(b'I', row.after.as_ref(), true)
            }
            (Op::Update, _) => self.line(b'U', row.after.as_ref(), true),
        }
    }

    fn line(&mut self, op: u8, image: Option<&Image<'_>>, is_update: bool) -> Result<(), EncodeError> {
        let table = &*self.event.table;
        let image = image.ok_or_else(|| EncodeError::in_row(&table.name, Reason::MissingImage))?;
        if image.len() != table.columns.len() {
            return Err(EncodeError::in_row(&table.name, Reason::Width));
        }
        self.start(op, is_update);
        for (at, column) in table.columns.iter().enumerate() {
            if column.generated == Generated::Virtual {
                continue;
            }
            let written = self.csv.field(column, &image.value(at), self.plain, self.out);
            written.map_err(|reason| EncodeError::in_column(&table.name, column, reason))?;
        }
        self.out.extend_from_slice(self.csv.config.terminator.as_bytes());
        Ok(())
    }

    /// Appends what stands before the columns: rendered once, copied while it stays the same.
    fn start(&mut self, op: u8, is_update: bool) {
        let Start { at, op: last_op, is_update: last_is_update } = &self.start;
        if (*last_op, *last_is_update) == (op, is_update) && !at.is_empty() {
            return self.out.extend_from_within(at.clone());
        }
        let (csv, out) = (self.csv, &mut *self.out);
        let start = out.len();
        let text = csv.quoting.open_line(out);
        out.push(op);
        csv.quoting.close(text, out);
        csv.quoting.string(self.event.table.name.table.as_bytes(), out);
        csv.quoting.string(self.event.table.name.schema.as_bytes(), out);
        if csv.config.include_commit_ts {
            csv.quoting.bare(out);
            out.extend_from_slice(itoa::Buffer::new().format(self.event.commit_ts.0).as_bytes());
        }
        if csv.config.output_old_value {
            csv.quoting.bare(out);
            out.extend_from_slice(if is_update { b"true" } else { b"false" });
        }
        self.start = Start { at: start..out.len(), op, is_update };
    }
}
