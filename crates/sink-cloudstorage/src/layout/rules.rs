//! The layout as configured: the settings that choose among all the forms.

use super::index_file::index_name;
use super::{DataDir, DataFileName, DateLevel, LayoutError, TableDir};
use change_event::TableSchema;
use dispatcher::DispatcherId;
use jiff::tz::TimeZone;
use object_store::path::Path;

/// The settings that say what the files of a table are called.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The date level of data directories.
    pub date_level: DateLevel,
    /// Whose calendar the dates are of.
    pub time_zone: TimeZone,
    /// How many digits a file index is padded to.
    pub index_digits: usize,
    /// The extension of data files, with its dot; `.csv.gz` where they are compressed.
    pub extension: String,
    /// Directories are named by table id and not by name.
    pub table_id_as_path: bool,
    /// Partitions get a directory each.
    pub partition_level: bool,
    /// Data and index files carry the dispatcher's id.
    pub dispatcher_in_names: bool,
}

impl Layout {
    /// The directory of a table.
    ///
    /// # Errors
    /// [`LayoutError::UnsafeName`] for a name that cannot stand in a key.
    pub fn table_dir(&self, table: &TableSchema) -> Result<TableDir, LayoutError> {
        if self.table_id_as_path {
            // The physical id: a partition is a table of its own here.
            Ok(TableDir::id(table.partition.unwrap_or(table.table_id)))
        } else {
            TableDir::named(&table.name.schema, &table.name.table)
        }
    }

    /// The directory of a table's data files at a wall clock in milliseconds since the Unix epoch.
    ///
    /// `version` is the effective table version, which may be older than the table's own.
    ///
    /// # Errors
    /// [`LayoutError::UnsafeName`] for a name that cannot stand in a key.
    pub fn data_dir(
        &self,
        table: &TableSchema,
        version: u64,
        wall_millis: u64,
    ) -> Result<DataDir, LayoutError> {
        let mut dir = DataDir::new(self.table_dir(table)?, version);
        if let Some(partition) = table.partition.filter(|_| self.partition_level) {
            dir = dir.with_partition(partition);
        }
        Ok(dir.at(self.date_level, wall_millis, &self.time_zone))
    }

    /// The name of the data file at `index`, from 1.
    pub fn data_file_name(&self, dispatcher: DispatcherId, index: u64) -> String {
        DataFileName::new(self.named(dispatcher), index).text(self.index_digits, &self.extension)
    }

    /// The key of the data file at `index`, from 1.
    pub fn data_key(&self, dir: &DataDir, dispatcher: DispatcherId, index: u64) -> Path {
        dir.key_of(&self.data_file_name(dispatcher, index))
    }

    /// The key of a directory's index file.
    pub fn index_key(&self, dir: &DataDir, dispatcher: DispatcherId) -> Path {
        let id = self.named(dispatcher).map(|id| id.to_string());
        dir.key_of(&index_name(id.as_deref()))
    }

    /// The key of the index file in a directory that is known by its key.
    pub fn index_in(&self, directory: &Path, dispatcher: DispatcherId) -> Path {
        let id = self.named(dispatcher).map(|id| id.to_string());
        super::name::key(format!("{directory}/{}", index_name(id.as_deref())))
    }

    fn named(&self, dispatcher: DispatcherId) -> Option<DispatcherId> {
        self.dispatcher_in_names.then_some(dispatcher)
    }
}
