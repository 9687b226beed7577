//! The directory of one table.

use super::LayoutError;
use super::name::{check_name, name_in_key, schema_in_key, table_in_key};
use std::fmt;

/// The directory of one table: `<schema>/<table>`, or the table's id.
///
/// Its names are shown as they stand in a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableDir(Inner);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Inner {
    Named { schema: String, table: String },
    Id(i64),
}

impl TableDir {
    /// The directory by names.
    ///
    /// # Errors
    /// [`LayoutError::UnsafeName`] for a name that cannot stand in a key.
    pub fn named(schema: &str, table: &str) -> Result<Self, LayoutError> {
        check_name("schema", schema)?;
        check_name("table", table)?;
        Ok(Self(Inner::Named { schema: schema.to_owned(), table: table.to_owned() }))
    }

    /// The directory whose names stand in a key as these texts.
    ///
    /// # Errors
    /// [`LayoutError::UnsafeName`] for an empty one.
    pub fn in_key(schema: &str, table: &str) -> Result<Self, LayoutError> {
        Self::named(&name_in_key(schema), &name_in_key(table))
    }

    /// The directory by the physical table id.
    pub fn id(id: i64) -> Self {
        Self(Inner::Id(id))
    }

    /// The table id, in table-id mode.
    pub fn table_id(&self) -> Option<i64> {
        match &self.0 {
            Inner::Named { .. } => None,
            Inner::Id(id) => Some(*id),
        }
    }

    /// Schema and table as a consumer has them: in table-id mode the id's text and an empty table.
    pub fn names(&self) -> (String, String) {
        match &self.0 {
            Inner::Named { schema, table } => (schema.clone(), table.clone()),
            Inner::Id(id) => (id.to_string(), String::new()),
        }
    }
}

impl fmt::Display for TableDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Named { schema, table } => {
                write!(f, "{}/{}", schema_in_key(schema), table_in_key(table))
            }
            Inner::Id(id) => id.fmt(f),
        }
    }
}
