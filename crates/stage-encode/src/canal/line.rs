//! One row as one object.

use super::{CanalConfig, columns::Scope, java_type, json_text, mysql_type, object::Object, value};
use crate::encoder::{EncodeError, Reason};
use change_event::{Image, Op, RowEvent, RowRef, TableSchema};
use std::ops::Range;

/// Writes the lines of one event.
///
/// The parts of a line that the next line repeats are rendered once, into the output, and copied from there.
pub(super) struct Lines<'a> {
    config: &'a CanalConfig,
    event: &'a RowEvent,
    /// Wall clock, milliseconds.
    ts: u64,
    /// What a DELETE shows.
    delete_scope: Scope,
    /// Whether `sqlType` is the same in every row.
    types_are_fixed: bool,
    repeated: [Range<usize>; PARTS],
    out: &'a mut Vec<u8>,
}

/// A part of a line that other lines of the event repeat.
#[derive(Clone, Copy)]
enum Part {
    /// From the start of the line to the type of the change.
    Head,
    /// From there to `sqlType`.
    Times,
    /// From there to the end of `mysqlType`.
    Types,
    /// `Types`, in a DELETE that shows fewer columns.
    DeleteTypes,
}

const PARTS: usize = 4;

impl<'a> Lines<'a> {
    /// Starts on an event.
    ///
    /// # Errors
    /// [`Reason::NoColumns`] if there is nothing to show.
    pub(super) fn of(
        config: &'a CanalConfig,
        event: &'a RowEvent,
        ts: u64,
        out: &'a mut Vec<u8>,
    ) -> Result<Self, EncodeError> {
        let table = &*event.table;
        if !table.columns.iter().any(|column| Scope::Whole.shows(column)) {
            return Err(EncodeError::in_row(&table.name, Reason::NoColumns));
        }
        let delete_scope = match config.delete_only_output_handle_key_columns {
            true => Scope::handle_key(table),
            false => Scope::Whole,
        };
        let types_are_fixed = !table.columns.iter().any(java_type::depends_on_value);
        let repeated = [const { 0..0 }; PARTS];
        Ok(Self { config, event, ts, delete_scope, types_are_fixed, repeated, out })
    }

    /// Appends one row's line.
    ///
    /// # Errors
    /// If the row does not fit its table.
    pub(super) fn row(&mut self, row: &RowRef<'_>) -> Result<(), EncodeError> {
        let (kind, scope, shown) = match row.op {
            Op::Insert => ("INSERT", Scope::Whole, row.after),
            Op::Update => ("UPDATE", Scope::Whole, row.after),
            Op::Delete => ("DELETE", self.delete_scope, row.before),
        };
        let shown = self.checked(shown)?;
        self.part(Part::Head, Self::head);
        self.out.extend_from_slice(kind.as_bytes());
        self.part(Part::Times, Self::times);
        self.types(scope, shown);
        self.out.extend_from_slice(b",\"old\":");
        match row.op {
            Op::Update => {
                let before = self.checked(row.before)?;
                let after = self.config.updated_columns_only().then_some(shown);
                self.images(before, scope, after);
            }
            Op::Insert | Op::Delete => self.out.extend_from_slice(b"null"),
        }
        self.out.extend_from_slice(b",\"data\":");
        self.images(shown, scope, None);
        self.tail();
        Ok(())
    }

    fn table(&self) -> &'a TableSchema {
        &self.event.table
    }

    /// The image, if it is there and fits the table.
    fn checked<'r>(&self, image: Option<Image<'r>>) -> Result<Image<'r>, EncodeError> {
        let table = self.table();
        let image = image.ok_or_else(|| EncodeError::in_row(&table.name, Reason::MissingImage))?;
        match image.len() == table.columns.len() {
            true => Ok(image),
            false => Err(EncodeError::in_row(&table.name, Reason::Width)),
        }
    }

    /// Appends a part: rendered the first time, copied from then on.
    fn part(&mut self, part: Part, render: impl FnOnce(&mut Self)) {
        let known = self.repeated[part as usize].clone();
        if known.is_empty() {
            let start = self.out.len();
            render(self);
            self.repeated[part as usize] = start..self.out.len();
        } else {
            self.out.extend_from_within(known);
        }
    }

    fn head(&mut self) {
        let table = self.table();
        self.out.extend_from_slice(b"{\"id\":0,\"database\":");
        self.name(&table.name.schema);
        self.out.extend_from_slice(b",\"table\":");
        self.name(&table.name.table);
        self.out.extend_from_slice(b",\"pkNames\":[");
        for (at, column) in table.primary_key().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.name(column);
        }
        self.out.extend_from_slice(b"],\"isDdl\":false,\"type\":\"");
    }

    fn times(&mut self) {
        self.out.extend_from_slice(b"\",\"es\":");
        self.number(self.event.commit_ts.millis());
        self.out.extend_from_slice(b",\"ts\":");
        self.number(self.ts);
        self.out.extend_from_slice(b",\"sql\":\"\",\"sqlType\":");
    }

    /// `sqlType` and `mysqlType`.
    fn types(&mut self, scope: Scope, image: Image<'_>) {
        let part = if scope == Scope::Whole { Part::Types } else { Part::DeleteTypes };
        if self.types_are_fixed {
            self.part(part, |lines| {
                lines.sql_types(scope, image);
                lines.mysql_types(scope);
            });
        } else {
            self.sql_types(scope, image);
            self.part(part, |lines| lines.mysql_types(scope));
        }
    }

    fn sql_types(&mut self, scope: Scope, image: Image<'_>) {
        let mut fields = Object::open(self.out);
        for (at, column) in self.event.table.columns.iter().enumerate() {
            if scope.shows(column) {
                fields
                    .name(&column.name)
                    .extend_from_slice(java_type::java_type(column, &image.value(at)).as_bytes());
            }
        }
        fields.close();
    }

    fn mysql_types(&mut self, scope: Scope) {
        self.out.extend_from_slice(b",\"mysqlType\":");
        let mut fields = Object::open(self.out);
        for column in self.event.table.columns.iter().filter(|column| scope.shows(column)) {
            let out = fields.name(&column.name);
            out.push(b'"');
            match self.config.content_compatible {
                true => mysql_type::write_full(column, out),
                false => mysql_type::write_name(column, out),
            }
            out.push(b'"');
        }
        fields.close();
    }

    /// `[{…}]` with the values of one image: all, or only those that are not the same in another image.
    fn images(&mut self, image: Image<'_>, scope: Scope, unlike: Option<Image<'_>>) {
        self.out.push(b'[');
        let same = |at| unlike.is_some_and(|other| value::same_text(image.value(at), other.value(at)));
        let mut fields = Object::open(self.out);
        for (at, column) in self.event.table.columns.iter().enumerate() {
            if scope.shows(column) && !same(at) {
                value::write(column, &image.value(at), fields.name(&column.name));
            }
        }
        fields.close();
        self.out.push(b']');
    }

    fn tail(&mut self) {
        if self.config.enable_tidb_extension {
            self.out.extend_from_slice(b",\"_tidb\":{\"commitTs\":");
            self.number(self.event.commit_ts.0);
            self.out.push(b'}');
        }
        self.out.push(b'}');
        self.out.extend_from_slice(self.config.terminator.as_bytes());
    }

    fn name(&mut self, name: &str) {
        self.out.push(b'"');
        json_text::write_utf8(name.as_bytes(), self.out);
        self.out.push(b'"');
    }

    fn number(&mut self, number: u64) {
        self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}
