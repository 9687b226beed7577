//! Rebuilt tables against a server's.

use super::difference::rows_difference;
use super::table::Values;
use super::text_form::{canonical, expression, quoted, text};
use super::{Difference, Options, Replayed, Table, TableKey, TableRows};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Pool, Value};
use std::collections::BTreeSet;

/// Compares all tables of these databases: the same tables, with the same columns and rows.
///
/// # Errors
/// The first difference.
pub async fn compare_databases(
    pool: &Pool,
    databases: &[&str],
    replayed: &Replayed,
    options: &Options,
) -> Result<(), Difference> {
    let mut server = Server::connect(pool).await?;
    let on_server = server.tables(databases).await?;
    let concerned = |key: &&TableKey| databases.contains(&key.schema.as_str());
    let in_bucket: BTreeSet<TableKey> = replayed.tables.keys().filter(concerned).cloned().collect();
    if in_bucket != on_server {
        let names = |keys: &BTreeSet<TableKey>, others: &BTreeSet<TableKey>| {
            keys.difference(others).map(TableKey::to_string).collect()
        };
        return Err(Difference::Tables {
            only_bucket: names(&in_bucket, &on_server),
            only_server: names(&on_server, &in_bucket),
        });
    }
    for key in &in_bucket {
        server.compare(key, &replayed.tables[key], options).await?;
    }
    Ok(())
}

/// Compares one rebuilt table with the server's table of the same name.
///
/// # Errors
/// The first difference.
pub async fn compare_table(
    pool: &Pool,
    key: &TableKey,
    table: &Table,
    options: &Options,
) -> Result<(), Difference> {
    Server::connect(pool).await?.compare(key, table, options).await
}

/// A connection that speaks UTC.
struct Server {
    connection: Conn,
}

impl Server {
    async fn connect(pool: &Pool) -> Result<Self, Difference> {
        let connection = pool.get_conn().await.map_err(sql("a connection"))?;
        let mut server = Self { connection };
        server.ask("SET time_zone = '+00:00'", ()).await?;
        Ok(server)
    }

    /// Asks over the binary protocol, so that floats arrive as floats.
    async fn ask(
        &mut self,
        query: &str,
        params: impl Into<Params> + Send,
    ) -> Result<Vec<Vec<Value>>, Difference> {
        let rows: Vec<mysql_async::Row> =
            self.connection.exec(query, params.into()).await.map_err(sql(query))?;
        Ok(rows.into_iter().map(mysql_async::Row::unwrap).collect())
    }

    async fn tables(&mut self, databases: &[&str]) -> Result<BTreeSet<TableKey>, Difference> {
        let query =
            "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE'";
        let rows = self.ask(query, ()).await?;
        let keys = rows.iter().map(|row| TableKey::new(text(&row[0]), text(&row[1])));
        Ok(keys.filter(|key| databases.contains(&key.schema.as_str())).collect())
    }

    async fn compare(&mut self, key: &TableKey, table: &Table, options: &Options) -> Result<(), Difference> {
        self.compare_columns(key, table, options).await?;
        let mut server = Table::new(table.columns.clone());
        let mut selected = Vec::new();
        for column in &table.columns {
            selected.push(expression(key, column, &options.format)?);
        }
        let query =
            format!("SELECT {} FROM {}.{}", selected.join(", "), quoted(&key.schema), quoted(&key.table));
        for row in self.ask(&query, ()).await? {
            let values: Vec<Option<String>> =
                row.iter().map(|value| (*value != Value::NULL).then(|| text(value))).collect();
            insert(&mut server, canonical(key, &table.columns, &values)?, 1);
        }
        let mut bucket = Table::new(table.columns.clone());
        match &table.rows {
            TableRows::Keyed(rows) => {
                for values in rows.values() {
                    insert(&mut bucket, canonical(key, &table.columns, values)?, 1);
                }
            }
            TableRows::Bag(rows) => {
                for (values, count) in rows {
                    insert(&mut bucket, canonical(key, &table.columns, values)?, *count);
                }
            }
        }
        rows_difference(key, &bucket, &server)
    }

    async fn compare_columns(
        &mut self,
        key: &TableKey,
        table: &Table,
        options: &Options,
    ) -> Result<(), Difference> {
        let query = "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? \
                     ORDER BY ORDINAL_POSITION";
        let rows = self.ask(query, (key.schema.as_str(), key.table.as_str())).await?;
        let is_left_out = |name: &String| options.left_out.contains(&(key.clone(), name.clone()));
        let server: Vec<String> =
            rows.iter().map(|row| text(&row[0])).filter(|name| !is_left_out(name)).collect();
        let bucket: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        if bucket == server {
            return Ok(());
        }
        Err(Difference::Columns { table: key.clone(), bucket, server })
    }
}

fn sql(what: impl Into<String>) -> impl FnOnce(mysql_async::Error) -> Difference {
    let what = what.into();
    move |source| Difference::Sql { what, source }
}

fn insert(table: &mut Table, values: Values, count: usize) {
    let key = table.key_of(&values);
    match &mut table.rows {
        TableRows::Keyed(rows) => drop(rows.insert(key.unwrap_or_default(), values)),
        TableRows::Bag(rows) => *rows.entry(values).or_default() += count,
    }
}
