//! Rows that move between a partition and a table, all at once and without a trace in the log: only the statement tells.
//!
//! Two tables change, and only one of their files has the statement, which a consumer must run once
//! (`output-format` 7.4 on EXCHANGE PARTITION; MariaDB's CONVERT is told likewise).

use super::create::build_like;
use super::events::{Events, change};
use super::refusal::Refusal;
use super::text::Text;
use super::tracker::Schemas;
use change_event::{CommitTs, DdlKind, Influence, TableName, TableSchema};
use std::sync::Arc;

impl Schemas {
    /// The rows of a partition and those of a table change places; the shapes of both are alike. The table's file has
    /// the statement.
    pub(super) fn exchange(
        &mut self,
        partitioned: &TableName,
        with: &TableName,
        text: &Text<'_>,
        events: &mut Events,
    ) -> Result<(), Refusal> {
        self.known(with)?;
        let at = events.next_at();
        let partitioned_columns = self.at_version(partitioned, at)?;
        let changes = vec![
            change(DdlKind::ExchangePartition, text.alone(), with, Some(self.at_version(with, at)?)),
            change(DdlKind::ExchangePartition, "", partitioned, Some(partitioned_columns)),
        ];
        events.push(Influence::Tables(vec![partitioned.clone(), with.clone()]), changes);
        Ok(())
    }

    /// A partition becomes a table. MariaDB takes the partitioned table's own name for one, and then the partition is gone.
    pub(super) fn partition_to_table(
        &mut self,
        partitioned: &TableName,
        to: &TableName,
        text: &Text<'_>,
        events: &mut Events,
    ) -> Result<(), Refusal> {
        let at = events.next_at();
        if to == partitioned {
            let columns = self.at_version(partitioned, at)?;
            let dropped = change(DdlKind::DropPartition, text.alone(), partitioned, Some(columns));
            events.push(Influence::Tables(vec![partitioned.clone()]), vec![dropped]);
            return Ok(());
        }
        let mut tracked = build_like(to.clone(), &self.known(partitioned)?);
        let schema = Arc::make_mut(&mut tracked.schema);
        schema.version = at.0;
        schema.table_id = self.fresh_id(to, Some(at));
        let changes = vec![
            change(
                DdlKind::DropPartition,
                text.alone(),
                partitioned,
                Some(self.at_version(partitioned, at)?),
            ),
            change(DdlKind::CreateTable, "", to, Some(self.put(tracked))),
        ];
        events.push(Influence::Tables(vec![partitioned.clone()]), changes);
        Ok(())
    }

    /// A table becomes a partition, and is gone.
    pub(super) fn table_to_partition(
        &mut self,
        partitioned: &TableName,
        from: &TableName,
        text: &Text<'_>,
        events: &mut Events,
    ) -> Result<(), Refusal> {
        let gone = self.known(from)?.schema;
        let at = events.next_at();
        let changes = vec![
            change(DdlKind::AddPartition, text.alone(), partitioned, Some(self.at_version(partitioned, at)?)),
            change(DdlKind::DropTable, "", from, Some(gone)),
        ];
        self.remove(from);
        events.push(Influence::Tables(vec![partitioned.clone(), from.clone()]), changes);
        Ok(())
    }

    /// The same columns under a new version.
    fn at_version(&mut self, name: &TableName, at: CommitTs) -> Result<Arc<TableSchema>, Refusal> {
        let mut tracked = self.known(name)?;
        Arc::make_mut(&mut tracked.schema).version = at.0;
        Ok(self.put(tracked))
    }
}
