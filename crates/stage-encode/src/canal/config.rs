//! The options of canal-json.

/// The options of canal-json. Every combination is legal.
///
/// The ancestor's `output-row-key` is not among them: it shows the key of the row in TiKV, and a row of a MySQL
/// source has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanalConfig {
    /// Whether each object ends with `"_tidb":{"commitTs":…}`.
    pub enable_tidb_extension: bool,
    /// Whether `mysqlType` shows the whole type (`int(11) unsigned`) and not its name alone. Implies
    /// [`only_output_updated_columns`](Self::only_output_updated_columns), as it does in the ancestor.
    pub content_compatible: bool,
    /// Whether an UPDATE's `old` shows changed columns only.
    pub only_output_updated_columns: bool,
    /// Whether a DELETE shows only the columns that identify the row: those of the primary key; without one those of
    /// [a unique key that allows no NULL](change_event::Column::handle_key); without that all of them, since nothing
    /// less identifies the row.
    pub delete_only_output_handle_key_columns: bool,
    /// What ends a line. Default CR LF.
    pub terminator: String,
}

impl Default for CanalConfig {
    fn default() -> Self {
        Self {
            enable_tidb_extension: false,
            content_compatible: false,
            only_output_updated_columns: false,
            delete_only_output_handle_key_columns: false,
            terminator: "\r\n".to_owned(),
        }
    }
}

impl CanalConfig {
    /// Whether `old` shows changed columns only, by either option that says so.
    pub(super) fn updated_columns_only(&self) -> bool {
        self.only_output_updated_columns || self.content_compatible
    }
}
