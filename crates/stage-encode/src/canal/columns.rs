//! Which columns an object shows.

use change_event::{Column, Generated, TableSchema};

/// Which columns of a table an object shows. Virtual generated ones are never among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All columns.
    Whole,
    /// The columns of the primary key.
    PrimaryKey,
    /// The columns of the key that stands in for a primary key.
    HandleKey,
}

impl Scope {
    /// The fewest columns that are known to identify a row of the table.
    pub(super) fn handle_key(table: &TableSchema) -> Self {
        let any = |scope: Self| table.columns.iter().any(|column| scope.shows(column));
        [Self::PrimaryKey, Self::HandleKey].into_iter().find(|&scope| any(scope)).unwrap_or(Self::Whole)
    }

    /// Whether the column is shown.
    pub(super) fn shows(self, column: &Column) -> bool {
        column.generated != Generated::Virtual
            && match self {
                Self::Whole => true,
                Self::PrimaryKey => column.primary_key,
                Self::HandleKey => column.handle_key,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use change_event::{ColumnKind, TableName};

    fn handle_key(mark: impl Fn(&mut Column, &mut Column)) -> Scope {
        let mut columns = ["a", "b"].map(|name| Column::new(name, ColumnKind::Int));
        let [a, b] = &mut columns;
        mark(a, b);
        let table = TableSchema {
            name: TableName::new("db", "t"),
            table_id: 1,
            partition: None,
            version: 1,
            columns: columns.into(),
        };
        Scope::handle_key(&table)
    }

    #[test]
    fn the_primary_key_identifies_a_row_first() {
        let scope = handle_key(|a, b| {
            a.primary_key = true;
            b.handle_key = true;
        });
        assert_eq!(scope, Scope::PrimaryKey);
    }

    #[test]
    fn a_unique_key_counts_only_where_it_tells_rows_apart() {
        assert_eq!(handle_key(|a, _| a.handle_key = true), Scope::HandleKey);
        // Of two columns of one key, the other may be NULL: then this one alone says nothing.
        assert_eq!(
            handle_key(|a, b| (a.unique_key, b.unique_key, a.nullable) = (true, true, false)),
            Scope::Whole
        );
    }
}
