//! Two servers, table by table.

use super::Failure;
use super::target::{quoted, quoted_table};
use crate::consumer::TableKey;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Pool, Row, Value};
use std::collections::BTreeSet;

/// What was compared, and what differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Tables of the source.
    pub tables: usize,
    /// Its views.
    pub views: usize,
    /// Their values.
    pub cells: usize,
    /// What differs, one sentence each; of a table's rows the first that does.
    pub differences: Vec<String>,
}

/// Compares databases: their defaults, their tables, and of each table the whole definition, the columns and the rows.
/// So are views, but for whose they are; sequences and the next value of an AUTO_INCREMENT are left out.
///
/// # Errors
/// `Server` if one of the two could not be asked.
pub async fn compare_servers(source: &Pool, target: &Pool, databases: &[&str]) -> Result<Compared, Failure> {
    let (mut source, mut target) = (Side::connect(source).await?, Side::connect(target).await?);
    let mut compared = Compared::default();
    for database in databases {
        let (here, there) = (source.defaults(database).await?, target.defaults(database).await?);
        if here != there {
            compared
                .differences
                .push(format!("database {database}: {here} on the source, {there} on the target"));
        }
    }
    let (here, there) = (source.views(databases).await?, target.views(databases).await?);
    compared.views = here.len();
    if let Some(difference) = first_difference(&here, &there) {
        compared.differences.push(format!("a view is {difference}"));
    }
    let (here, there) = (source.tables(databases).await?, target.tables(databases).await?);
    for (only, side) in [(here.difference(&there), "source"), (there.difference(&here), "target")] {
        compared.differences.extend(only.map(|table| format!("{table} is only on the {side}")));
    }
    compared.tables = here.len();
    for table in here.intersection(&there) {
        compare_table(&mut compared, table, &mut source, &mut target).await?;
    }
    Ok(compared)
}

async fn compare_table(
    compared: &mut Compared,
    table: &TableKey,
    source: &mut Side,
    target: &mut Side,
) -> Result<(), Failure> {
    let (here, there) = (source.columns(table).await?, target.columns(table).await?);
    if let Some(difference) = first_difference(&here, &there) {
        compared.differences.push(format!("{table}: a column is {difference}"));
    }
    let (definition, replayed) = (source.definition(table).await?, target.definition(table).await?);
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.trim().trim_end_matches(',').to_owned()).collect()
    };
    if let Some(difference) = first_difference(&lines(&definition), &lines(&replayed)) {
        compared.differences.push(format!("{table}: its definition has {difference}"));
    }
    let (here, there) = (source.rows(table).await?, target.rows(table).await?);
    compared.cells += here.iter().map(Vec::len).sum::<usize>();
    let texts = |rows: &[Vec<Value>]| {
        let mut texts: Vec<String> = rows.iter().map(|row| row_text(row)).collect();
        texts.sort();
        texts
    };
    if let Some(difference) = first_difference(&texts(&here), &texts(&there)) {
        compared.differences.push(format!("{table}: a row is {difference}"));
    }
    Ok(())
}

/// Where two lists part.
fn first_difference(source: &[String], target: &[String]) -> Option<String> {
    let shared = source.iter().zip(target).take_while(|(here, there)| here == there).count();
    let side = |list: &[String]| list.get(shared).map_or_else(|| "nothing".to_owned(), Clone::clone);
    (shared < source.len().max(target.len()))
        .then(|| format!("{} on the source, {} on the target", side(source), side(target)))
}

fn row_text(row: &[Value]) -> String {
    let values: Vec<String> = row.iter().map(|value| value.as_sql(false)).collect();
    format!("({})", values.join(", "))
}

/// One of the two servers.
struct Side(Conn);

impl Side {
    async fn connect(pool: &Pool) -> Result<Self, Failure> {
        let mut connection = pool.get_conn().await.map_err(Failure::server("a connection"))?;
        let setting = "SET time_zone = '+00:00'";
        connection.query_drop(setting).await.map_err(Failure::server(setting))?;
        Ok(Self(connection))
    }

    /// Asks over the binary protocol, so that floats arrive as floats.
    async fn ask(&mut self, query: String) -> Result<Vec<Vec<Value>>, Failure> {
        let rows: Vec<Row> = self.0.exec(query.as_str(), ()).await.map_err(Failure::server(query))?;
        Ok(rows.into_iter().map(Row::unwrap).collect())
    }

    async fn texts(&mut self, query: String) -> Result<Vec<Vec<String>>, Failure> {
        let rows = self.ask(query).await?;
        Ok(rows.iter().map(|row| row.iter().map(text).collect()).collect())
    }

    /// A database's charset and collation.
    async fn defaults(&mut self, database: &str) -> Result<String, Failure> {
        let rows = self
            .texts(format!(
                "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA \
                 WHERE SCHEMA_NAME = {}",
                literal(database)
            ))
            .await?;
        Ok(rows.first().map_or_else(|| "not there".to_owned(), |row| row.join(", ")))
    }

    async fn tables(&mut self, databases: &[&str]) -> Result<BTreeSet<TableKey>, Failure> {
        let names: Vec<String> = databases.iter().map(|database| literal(database)).collect();
        let rows = self
            .texts(format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ({}) \
                 AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')",
                names.join(", ")
            ))
            .await?;
        Ok(rows.iter().map(|row| TableKey::new(row[0].as_str(), row[1].as_str())).collect())
    }

    /// Views as the server has read them.
    async fn views(&mut self, databases: &[&str]) -> Result<Vec<String>, Failure> {
        let names: Vec<String> = databases.iter().map(|database| literal(database)).collect();
        let rows = self
            .texts(format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, SECURITY_TYPE \
                 FROM information_schema.VIEWS WHERE TABLE_SCHEMA IN ({}) ORDER BY TABLE_SCHEMA, TABLE_NAME",
                names.join(", ")
            ))
            .await?;
        Ok(rows.iter().map(|row| row.join(" | ")).collect())
    }

    async fn columns(&mut self, table: &TableKey) -> Result<Vec<String>, Failure> {
        let query = |expression: &str| {
            format!(
                "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLUMN_DEFAULT, EXTRA, COLLATION_NAME, \
                 COLUMN_COMMENT{expression} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} \
                 AND TABLE_NAME = {} ORDER BY ORDINAL_POSITION",
                literal(&table.schema),
                literal(&table.table)
            )
        };
        let rows = match self.texts(query(", GENERATION_EXPRESSION")).await {
            Ok(rows) => rows,
            // Old servers have no such columns, or do not tell.
            Err(_) => self.texts(query("")).await?,
        };
        Ok(rows.iter().map(|row| row.join(" | ")).collect())
    }

    /// What SHOW CREATE TABLE says, but for the next AUTO_INCREMENT and the charsets of columns.
    async fn definition(&mut self, table: &TableKey) -> Result<String, Failure> {
        let query = format!("SHOW CREATE TABLE {}", quoted_table(table));
        let rows: Vec<Row> = self.0.query(query.as_str()).await.map_err(Failure::server(query))?;
        let definition = rows.into_iter().next().and_then(|row| row.get::<String, _>(1)).unwrap_or_default();
        Ok(without_charsets(&without_auto_increment(&definition)))
    }

    async fn rows(&mut self, table: &TableKey) -> Result<Vec<Vec<Value>>, Failure> {
        let columns = self
            .texts(format!(
                "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} \
                 ORDER BY ORDINAL_POSITION",
                literal(&table.schema),
                literal(&table.table)
            ))
            .await?;
        let names: Vec<String> = columns.iter().map(|row| quoted(&row[0])).collect();
        self.ask(format!("SELECT {} FROM {}", names.join(", "), quoted_table(table))).await
    }
}

/// Cuts ` AUTO_INCREMENT=7` out of the options of a table.
fn without_auto_increment(definition: &str) -> String {
    let Some((before, after)) = definition.rsplit_once(" AUTO_INCREMENT=") else {
        return definition.to_owned();
    };
    format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Cuts ` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin` out of the columns of a table. MySQL shows either where a statement
/// has named it, and its log names what the server's own statement, a CREATE TABLE … SELECT, did not; the collation that
/// a column has in fact is compared besides.
fn without_charsets(definition: &str) -> String {
    let lines = definition.lines().map(|line| match line.trim_start().starts_with('`') {
        true => without_word_behind(&without_word_behind(line, " CHARACTER SET "), " COLLATE "),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn without_word_behind(line: &str, words: &str) -> String {
    let Some((before, rest)) = line.split_once(words) else { return line.to_owned() };
    format!("{before}{}", rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
}

fn literal(text: &str) -> String {
    Value::from(text).as_sql(false)
}

fn text(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => other.as_sql(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_part_where_they_differ_first() {
        let list = |items: &[&str]| -> Vec<String> { items.iter().map(|item| (*item).to_owned()).collect() };
        let difference = |here: &[&str], there: &[&str]| first_difference(&list(here), &list(there));
        assert_eq!(difference(&["a", "b"], &["a", "b"]), None);
        assert_eq!(difference(&["a", "b"], &["a"]).unwrap(), "b on the source, nothing on the target");
        assert_eq!(difference(&["a", "b"], &["a", "c"]).unwrap(), "b on the source, c on the target");
    }

    #[test]
    fn only_the_next_number_is_cut_out_of_a_definition() {
        let cut = without_auto_increment(
            "CREATE TABLE `t` (\n) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4",
        );
        assert_eq!(cut, "CREATE TABLE `t` (\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
    }

    #[test]
    fn charsets_of_columns_need_not_be_shown_alike() {
        let table = |a: &str, b: &str| {
            format!(
                "CREATE TABLE `t` (\n  `a` text{a},\n  `b` enum('x'){b} DEFAULT 'x',\n) DEFAULT CHARSET=latin1 COLLATE=latin1_bin"
            )
        };
        let shown = table(" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", " CHARACTER SET latin1");
        assert_eq!(without_charsets(&shown), table("", ""));
        assert_eq!(without_charsets(&table(" COLLATE utf8mb4_bin NOT NULL", "")), table(" NOT NULL", ""));
    }
}
