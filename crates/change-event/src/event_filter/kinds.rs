//! The kinds of changes, by the names that TiCDC has for them.

use super::IgnoredRows;
use crate::{DdlKind, Op};
use thiserror::Error;

/// A name that no kind of change has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no kind of event; kinds are such as insert, delete, drop table, alter table, all dml and all ddl"
)]
pub struct UnknownEvent(pub String);

/// Some kinds of changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    rows: IgnoredRows,
    statements: Vec<&'static Means>,
}

/// What a name means.
#[derive(Debug)]
enum Means {
    Nothing,
    AllRows,
    Row(Op),
    AllStatements,
    /// Every kind but those that make, drop, rename or empty a table or a view.
    AlterTable,
    Statements(&'static [DdlKind]),
}

use Means::{AllRows, AllStatements, AlterTable, Nothing, Row, Statements};

/// Every name. What a MySQL log has no statement for (`recover table`) means nothing.
const NAMES: &[(&str, Means)] = &[
    ("none", Nothing),
    ("all", AllStatements),
    ("all dml", AllRows),
    ("all ddl", AllStatements),
    ("insert", Row(Op::Insert)),
    ("update", Row(Op::Update)),
    ("delete", Row(Op::Delete)),
    ("create schema", Statements(&[DdlKind::CreateDatabase])),
    ("create database", Statements(&[DdlKind::CreateDatabase])),
    ("drop schema", Statements(&[DdlKind::DropDatabase])),
    ("drop database", Statements(&[DdlKind::DropDatabase])),
    ("modify schema charset and collate", Statements(&[DdlKind::DatabaseCharset])),
    ("create table", Statements(&[DdlKind::CreateTable])),
    ("drop table", Statements(&[DdlKind::DropTable])),
    ("rename table", Statements(&[DdlKind::RenameTable])),
    ("truncate table", Statements(&[DdlKind::TruncateTable])),
    ("alter table", AlterTable),
    ("create index", Statements(&[DdlKind::AddIndex])),
    ("drop index", Statements(&[DdlKind::DropIndex])),
    ("add table partition", Statements(&[DdlKind::AddPartition])),
    ("drop table partition", Statements(&[DdlKind::DropPartition])),
    ("truncate table partition", Statements(&[DdlKind::TruncatePartition])),
    ("exchange table partition", Statements(&[DdlKind::ExchangePartition])),
    ("reorganize table partition", Statements(&[DdlKind::ReorganizePartition])),
    ("alter table partitioning", Statements(&[DdlKind::AlterTablePartitioning])),
    ("remove table partitioning", Statements(&[DdlKind::RemovePartitioning])),
    ("rebase auto id", Statements(&[DdlKind::RebaseAutoId])),
    ("modify table comment", Statements(&[DdlKind::TableComment])),
    ("modify table charset and collate", Statements(&[DdlKind::TableCharset])),
    ("add column", Statements(&[DdlKind::AddColumn])),
    ("drop column", Statements(&[DdlKind::DropColumn])),
    ("modify column", Statements(&[DdlKind::ModifyColumn])),
    ("set default value", Statements(&[DdlKind::SetDefault])),
    ("add primary key", Statements(&[DdlKind::AddPrimaryKey])),
    ("drop primary key", Statements(&[DdlKind::DropPrimaryKey])),
    ("add foreign key", Statements(&[DdlKind::AddForeignKey])),
    ("drop foreign key", Statements(&[DdlKind::DropForeignKey])),
    ("rename index", Statements(&[DdlKind::RenameIndex])),
    ("alter index visibility", Statements(&[DdlKind::AlterIndexVisibility])),
    ("add check constraint", Statements(&[DdlKind::AddCheckConstraint])),
    ("drop check constraint", Statements(&[DdlKind::DropCheckConstraint])),
    ("alter check constraint", Statements(&[DdlKind::AlterCheckConstraint])),
    ("multi schema change", Statements(&[DdlKind::MultiSchemaChange])),
    ("create view", Statements(&[DdlKind::CreateView])),
    ("drop view", Statements(&[DdlKind::DropView])),
    ("recover table", Nothing),
    ("alter ttl info", Nothing),
    ("alter ttl remove", Nothing),
];

impl Kinds {
    /// Reads names, whatever their case.
    pub(super) fn read(names: &[String]) -> Result<Self, UnknownEvent> {
        let mut kinds = Self::default();
        for given in names {
            let is_it = |(name, _): &&(&str, Means)| name.eq_ignore_ascii_case(given.trim());
            let Some((_, means)) = NAMES.iter().find(is_it) else {
                return Err(UnknownEvent(given.clone()));
            };
            match means {
                Nothing => {}
                AllRows => {
                    let all = [Op::Insert, Op::Update, Op::Delete].into_iter();
                    kinds.rows = all.fold(kinds.rows, IgnoredRows::with);
                }
                Row(op) => kinds.rows = kinds.rows.with(*op),
                AllStatements | AlterTable | Statements(_) => kinds.statements.push(means),
            }
        }
        Ok(kinds)
    }

    /// The kinds of row changes.
    pub(super) fn rows(&self) -> IgnoredRows {
        self.rows
    }

    /// Whether a kind of statement is among them.
    pub(super) fn statement(&self, kind: DdlKind) -> bool {
        self.statements.iter().any(|means| match means {
            AllStatements => true,
            AlterTable => is_alter_table(kind),
            Statements(kinds) => kinds.contains(&kind),
            Nothing | AllRows | Row(_) => false,
        })
    }
}

fn is_alter_table(kind: DdlKind) -> bool {
    use DdlKind::{
        CreateDatabase, CreateTable, CreateView, DatabaseCharset, DropDatabase, DropTable, DropView,
        RenameTable, TruncateTable,
    };
    let of_databases = matches!(kind, CreateDatabase | DropDatabase | DatabaseCharset);
    let of_views = matches!(kind, CreateView | DropView);
    !of_databases && !of_views && !matches!(kind, CreateTable | DropTable | RenameTable | TruncateTable)
}
