//! ALTER TABLE: what its list of changes makes of a table.
//!
//! A server reads the list twice, and so does this. First everything that is about what was there, by the names
//! it had *before* the statement (so that `RENAME COLUMN a TO b, RENAME COLUMN b TO a` swaps): drops, new
//! definitions in place, renames. Then, in the order of the list, what is new or moves, by the names of after. Last come
//! the defaults that the list sets on their own.

use super::alter_spec::{AlterSpec, Position};
use super::charset::CharsetChoice;
use super::default_value::Written;
use super::key_def::{KeyDef, KeyKind};
use super::refusal::Refusal;
use super::tracked::{Tracked, convert, same_name};
use change_event::{Column, DdlKind};

/// A table on its way through the list.
struct Draft {
    table: Tracked,
    slots: Vec<Slot>,
    /// The charset that `DEFAULT` stands for: the database's.
    database_charset: String,
    /// Defaults by the names of their columns, and whether those may be missing.
    defaults: Vec<(String, Option<Written>, bool)>,
    /// The changes that had an effect.
    kinds: Vec<DdlKind>,
}

struct Slot {
    /// The name before the statement; a new column has none.
    original: Option<String>,
    column: Column,
}

/// A table after the changes.
pub(super) struct Altered {
    pub(super) table: Tracked,
    /// What the changes amount to; `None` if none of them had an effect.
    pub(super) kind: Option<DdlKind>,
}

/// Makes the changes of a list, but for a rename of the table, which is a statement of its own.
pub(super) fn alter(
    mut table: Tracked,
    specs: Vec<AlterSpec>,
    database_charset: String,
) -> Result<Altered, Refusal> {
    let columns = std::mem::take(table.columns());
    let slots =
        columns.into_iter().map(|column| Slot { original: Some(column.name.clone()), column }).collect();
    let mut draft = Draft { table, slots, database_charset, defaults: Vec::new(), kinds: Vec::new() };
    draft.charsets(&specs);
    for spec in &specs {
        draft.first_reading(spec)?;
    }
    draft.rename_in_keys();
    for spec in specs {
        draft.second_reading(spec)?;
    }
    draft.set_defaults()?;
    Ok(draft.finish())
}

impl Draft {
    /// The charset comes first: columns that the same statement defines already take it.
    fn charsets(&mut self, specs: &[AlterSpec]) {
        let named = |choice: &CharsetChoice, fallback: &str| match choice {
            CharsetChoice::Named(charset) => charset.clone(),
            CharsetChoice::Default => fallback.to_owned(),
        };
        for spec in specs {
            if let AlterSpec::ConvertTo(choice) | AlterSpec::DefaultCharset(choice) = spec {
                self.table.charset = named(choice, &self.database_charset);
            }
            if let AlterSpec::ConvertTo(_) = spec {
                let charset = self.table.charset.clone();
                self.slots.iter_mut().for_each(|slot| convert(&mut slot.column, &charset));
            }
        }
    }

    fn first_reading(&mut self, spec: &AlterSpec) -> Result<(), Refusal> {
        match spec {
            AlterSpec::DropColumn { name, if_exists } => {
                if let Some(index) = self.find(name, *if_exists)? {
                    self.slots.remove(index);
                    self.drop_from_keys(name);
                    self.kinds.push(DdlKind::DropColumn);
                }
            }
            AlterSpec::ModifyColumn { old, column, if_exists, .. } => {
                if let Some(index) = self.find(old, *if_exists)? {
                    let id = self.slots[index].column.id;
                    let column = column.clone().resolve(&self.table.charset);
                    self.slots[index].column = Column { id, ..column };
                    self.kinds.push(DdlKind::ModifyColumn);
                }
            }
            AlterSpec::RenameColumn { from, to, if_exists } => {
                if let Some(index) = self.find(from, *if_exists)? {
                    self.slots[index].column.name.clone_from(to);
                    self.kinds.push(DdlKind::ModifyColumn);
                }
            }
            AlterSpec::DropKey { name, if_exists } => self.drop_key(name, *if_exists),
            AlterSpec::DropConstraint { name } => match self.table.find_key(name) {
                Some(_) => self.drop_key(name, false),
                None => self.kinds.push(DdlKind::DropForeignKey),
            },
            AlterSpec::RenameKey { from, to, if_exists } => {
                let found = self.table.find_key(from);
                if let Some(index) = found {
                    self.table.keys[index].name.clone_from(to);
                }
                if found.is_some() || !if_exists {
                    self.kinds.push(DdlKind::RenameIndex);
                }
            }
            AlterSpec::RenameTable(_) => {}
            // A server takes it only as the single change of a statement.
            AlterSpec::ExchangePartition { .. }
            | AlterSpec::PartitionToTable { .. }
            | AlterSpec::TableToPartition { .. } => {
                return Err(Refusal::Unfollowed("a partition that is moved among other changes"));
            }
            AlterSpec::ConvertTo(_) | AlterSpec::DefaultCharset(_) => self.kinds.push(DdlKind::TableCharset),
            AlterSpec::SystemVersioning(versioned) => {
                self.table.versioned = Some(*versioned);
                self.kinds.push(DdlKind::MultiSchemaChange);
            }
            AlterSpec::DropPeriod(name) => {
                self.table.periods.retain(|period| !same_name(&period.name, name));
                self.kinds.push(DdlKind::MultiSchemaChange);
            }
            AlterSpec::Sequence(_) => self.kinds.push(DdlKind::MultiSchemaChange),
            AlterSpec::Other(kind) => self.kinds.push(*kind),
            AlterSpec::AddPeriod(_)
            | AlterSpec::AddColumn { .. }
            | AlterSpec::AddKey(_)
            | AlterSpec::SetDefault { .. } => {}
        }
        Ok(())
    }

    fn second_reading(&mut self, spec: AlterSpec) -> Result<(), Refusal> {
        match spec {
            AlterSpec::AddColumn { column, position, if_not_exists } => {
                if self.slots.iter().any(|slot| same_name(&slot.column.name, &column.name)) {
                    if !if_not_exists {
                        let table = self.table.schema.name.clone();
                        return Err(Refusal::DuplicateColumn { table, column: column.name });
                    }
                    // A key that is written with it is made all the same, unless it is a second primary one.
                    for kind in &column.keys {
                        self.add_key(KeyDef { if_not_exists: true, ..KeyDef::inline(*kind, &column.name) });
                    }
                    return Ok(());
                }
                for kind in &column.keys {
                    self.table.add_key(KeyDef::inline(*kind, &column.name));
                }
                let id = self.table.take_column_id();
                if column.row_end {
                    self.table.row_end = Some(id);
                }
                let column = Column { id, ..column.resolve(&self.table.charset) };
                self.put(Slot { original: None, column }, self.slots.len(), &position)?;
                self.kinds.push(DdlKind::AddColumn);
            }
            AlterSpec::ModifyColumn { old, column, position, .. } => {
                let Some(index) = self.find(&old, true)? else {
                    return Ok(());
                };
                for kind in &column.keys {
                    self.table.add_key(KeyDef::inline(*kind, &column.name));
                }
                let slot = self.slots.remove(index);
                self.put(slot, index, &position)?;
            }
            AlterSpec::AddKey(key) => self.add_key(key),
            AlterSpec::SetDefault { column, default, if_exists } => {
                self.defaults.push((column, default, if_exists));
            }
            AlterSpec::AddPeriod(period) => {
                self.table.add_period(period);
                self.kinds.push(DdlKind::MultiSchemaChange);
            }
            AlterSpec::DropColumn { .. }
            | AlterSpec::RenameColumn { .. }
            | AlterSpec::DropKey { .. }
            | AlterSpec::DropConstraint { .. }
            | AlterSpec::RenameKey { .. }
            | AlterSpec::RenameTable(_)
            | AlterSpec::ExchangePartition { .. }
            | AlterSpec::PartitionToTable { .. }
            | AlterSpec::TableToPartition { .. }
            | AlterSpec::ConvertTo(_)
            | AlterSpec::DefaultCharset(_)
            | AlterSpec::SystemVersioning(_)
            | AlterSpec::DropPeriod(_)
            | AlterSpec::Sequence(_)
            | AlterSpec::Other(_) => {}
        }
        Ok(())
    }

    /// The defaults come last: MariaDB takes one for a column that the same list adds, before or after it. One that
    /// may be missing is a column of before.
    fn set_defaults(&mut self) -> Result<(), Refusal> {
        for (name, default, if_exists) in std::mem::take(&mut self.defaults) {
            let is_new = |slot: &Slot| slot.original.is_none() && same_name(&slot.column.name, &name);
            let new = self.slots.iter().position(is_new).filter(|_| !if_exists);
            let index = if new.is_some() { new } else { self.find(&name, if_exists)? };
            if let Some(index) = index {
                let column = &mut self.slots[index].column;
                column.default = default.and_then(|written| written.resolve(column.kind, &column.members));
                self.kinds.push(DdlKind::SetDefault);
            }
        }
        Ok(())
    }

    /// The slot of a column by its name before the statement.
    fn find(&self, name: &str, may_be_missing: bool) -> Result<Option<usize>, Refusal> {
        let is_it = |slot: &Slot| slot.original.as_deref().is_some_and(|original| same_name(original, name));
        match self.slots.iter().position(is_it) {
            None if !may_be_missing => Err(self.unknown(name)),
            found => Ok(found),
        }
    }

    fn unknown(&self, column: &str) -> Refusal {
        Refusal::UnknownColumn { table: self.table.schema.name.clone(), column: column.to_owned() }
    }

    fn put(&mut self, slot: Slot, unsaid: usize, position: &Position) -> Result<(), Refusal> {
        let index = match position {
            Position::Unsaid => unsaid,
            Position::First => 0,
            Position::After(name) => {
                let is_it = |slot: &Slot| same_name(&slot.column.name, name);
                1 + self.slots.iter().position(is_it).ok_or_else(|| self.unknown(name))?
            }
        };
        self.slots.insert(index, slot);
        Ok(())
    }

    fn add_key(&mut self, key: KeyDef) {
        let taken = key.name.as_deref().is_some_and(|name| self.table.find_key(name).is_some());
        if key.if_not_exists && taken {
            return;
        }
        self.kinds.push(match key.kind {
            KeyKind::Primary => DdlKind::AddPrimaryKey,
            KeyKind::Unique | KeyKind::Plain => DdlKind::AddIndex,
        });
        self.table.add_key(key);
    }

    /// A key that is not known is dropped too: a table that was first seen in the log shows none.
    fn drop_key(&mut self, name: &str, if_exists: bool) {
        let found = self.table.find_key(name);
        let primary = same_name(name, "PRIMARY");
        if let Some(index) = found {
            self.table.keys.remove(index);
        }
        if found.is_some() || !if_exists {
            self.kinds.push(if primary { DdlKind::DropPrimaryKey } else { DdlKind::DropIndex });
        }
    }

    /// A dropped column leaves its keys; a key without columns is gone.
    fn drop_from_keys(&mut self, column: &str) {
        self.table.keys.retain_mut(|key| {
            let before = key.columns.len();
            key.columns.retain(|name| !same_name(name, column));
            key.columns.len() == before || !key.columns.is_empty()
        });
    }

    fn rename_in_keys(&mut self) {
        let of_keys = self.table.keys.iter_mut().flat_map(|key| &mut key.columns);
        for name in of_keys.chain(self.table.periods.iter_mut().flat_map(|period| &mut period.columns)) {
            let slot = self
                .slots
                .iter()
                .find(|slot| slot.original.as_deref().is_some_and(|original| same_name(original, name)));
            if let Some(slot) = slot {
                name.clone_from(&slot.column.name);
            }
        }
    }

    fn finish(mut self) -> Altered {
        *self.table.columns() = self.slots.into_iter().map(|slot| slot.column).collect();
        self.table.settle_keys();
        let kind = match self.kinds.as_slice() {
            [] => None,
            [kind] => Some(*kind),
            _ => Some(DdlKind::MultiSchemaChange),
        };
        Altered { table: self.table, kind }
    }
}
