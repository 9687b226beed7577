//! Rows of three shapes.

use crate::options::Shape;
use change_event::{
    Column, ColumnKind, CommitTs, Date, DateTime, Op, RowEvent, Rows, RowsBuilder, RowsError, TableName,
    TableSchema, Time, Value,
};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Makes the transactions of one table: copies of a few that are made once, so that little of what is measured is the
/// harness.
pub(crate) struct Source {
    pub(crate) table: Arc<TableSchema>,
    stock: Arc<Stock>,
    /// What was taken from the stock last.
    last: Option<(Kind, Alike)>,
    sent: u64,
}

impl Source {
    pub(crate) fn new(stock: &Arc<Stock>, number: u64) -> Self {
        let table = TableSchema {
            name: TableName::new("sbtest", format!("sbtest{number}")),
            table_id: number as i64,
            partition: None,
            version: 1,
            columns: columns(stock.shape),
        };
        Self { table: Arc::new(table), stock: stock.clone(), last: None, sent: 0 }
    }

    /// The next transaction: so many rows, all inserts or all deletes.
    pub(crate) fn event(&mut self, op: Op, rows: u64) -> Result<RowEvent, RowsError> {
        let all = match &self.last {
            Some((of, all)) if *of == (op, rows) => all,
            _ => &self.last.insert(((op, rows), self.stock.of(op, rows)?)).1,
        };
        let rows = all[self.sent as usize % all.len()].clone();
        self.sent += 1;
        Ok(RowEvent { table: self.table.clone(), commit_ts: CommitTs(self.sent), rows })
    }
}

/// What a transaction does, and to how many rows.
type Kind = (Op, u64);

/// Transactions of one kind.
type Alike = Arc<[Rows]>;

/// Transactions of one shape, shared by all tables.
pub(crate) struct Stock {
    shape: Shape,
    text: Vec<u8>,
    made: Mutex<HashMap<Kind, Alike>>,
}

/// So many different ones of a kind…
const DIFFERENT: usize = 16;
/// … unless one of them takes up this much.
const ENOUGH: usize = 256 << 10;

impl Stock {
    pub(crate) fn new(shape: Shape) -> Arc<Self> {
        Arc::new(Self { shape, text: text(), made: Mutex::default() })
    }

    fn of(&self, op: Op, rows: u64) -> Result<Alike, RowsError> {
        let mut made = self.made.lock();
        if let Some(all) = made.get(&(op, rows)) {
            return Ok(all.clone());
        }
        let (mut all, mut bytes) = (Vec::new(), 0);
        while all.len() < DIFFERENT && bytes < ENOUGH {
            let mut builder = RowsBuilder::new(columns(self.shape).len());
            let first = 1 + all.len() as u64 * rows;
            (first..first + rows).try_for_each(|id| self.row(op, id, &mut builder))?;
            let rows = builder.build();
            bytes += rows.bytes();
            all.push(rows);
        }
        let all = Alike::from(all);
        made.insert((op, rows), all.clone());
        Ok(all)
    }

    fn row(&self, op: Op, id: u64, builder: &mut RowsBuilder) -> Result<(), RowsError> {
        let start = (id % 3800) as usize;
        let (key, number) = (Value::Int(id as i64), Value::Int((id * 7919 % 1_000_000) as i64));
        match self.shape {
            Shape::Tiny => builder.push(op, [key, number]),
            Shape::Sysbench => {
                let c = Value::Text(&self.text[start..start + 119]);
                let pad = Value::Text(&self.text[start + 120..start + 179]);
                builder.push(op, [key, number, c, pad])
            }
            Shape::Wide => builder.push(op, (0..60).map(|at| self.wide(at, id))),
        }
    }

    fn wide(&self, at: usize, id: u64) -> Value<'_> {
        let (start, small) = ((id as usize + at) % 3900, id % 100);
        let date = Date { year: 2020, month: 1 + (id % 12) as u8, day: 1 + (id % 28) as u8 };
        match at % 15 {
            0 => Value::Int(id as i64),
            1 => Value::UInt(id),
            2 => Value::Double(id as f64 / 7.0),
            3 => Value::Float(small as f32 / 3.0),
            4 => Value::Decimal(b"12345.6789"),
            5 => Value::Text(&self.text[start..start + 20]),
            6 => Value::Text(&self.text[start..start + 100]),
            7 => Value::Bytes(&self.text[start..start + 16]),
            8 => Value::Date(date),
            9 => Value::DateTime(DateTime { date, hour: 12, minute: 34, second: 56, micros: 789_000 }),
            10 => Value::Time(Time { negative: false, hours: 12, minutes: 34, seconds: 56, micros: 0 }),
            11 => Value::Enum(1 + id % 3),
            12 => Value::Set(id % 8),
            13 => Value::Json(br#"{"a":1,"b":[true,null]}"#),
            _ => Value::Null,
        }
    }
}

fn columns(shape: Shape) -> Vec<Column> {
    let mut id = Column::new("id", ColumnKind::Int);
    (id.primary_key, id.nullable) = (true, false);
    let number = Column::new("k", ColumnKind::Int);
    let text = |name: &str, kind, length| Column {
        length: Some(length),
        charset: Some("utf8mb4".to_owned()),
        ..Column::new(name, kind)
    };
    match shape {
        Shape::Tiny => vec![id, number],
        Shape::Sysbench => {
            vec![id, number, text("c", ColumnKind::Char, 120), text("pad", ColumnKind::Char, 60)]
        }
        Shape::Wide => (0..60).map(|at| wide_column(at, text)).collect(),
    }
}

fn wide_column(at: usize, text: impl Fn(&str, ColumnKind, u32) -> Column) -> Column {
    use ColumnKind::*;
    let name = format!("column_{at}");
    let members = ["one", "two", "three"].map(str::to_owned).to_vec();
    match at % 15 {
        0 if at == 0 => Column { primary_key: true, nullable: false, ..Column::new(name, BigInt) },
        0 => Column::new(name, BigInt),
        1 => Column { unsigned: true, ..Column::new(name, BigInt) },
        2 => Column::new(name, Double),
        3 => Column::new(name, Float),
        4 => Column { length: Some(10), decimals: Some(4), ..Column::new(name, Decimal) },
        5 => text(&name, VarChar, 20),
        6 => text(&name, VarChar, 100),
        7 => Column { charset: Some("binary".to_owned()), ..Column::new(name, VarChar) },
        8 => Column::new(name, ColumnKind::Date),
        9 => Column { decimals: Some(3), ..Column::new(name, ColumnKind::DateTime) },
        10 => Column::new(name, ColumnKind::Time),
        11 => Column { members, ..Column::new(name, Enum) },
        12 => Column { members, ..Column::new(name, Set) },
        13 => Column::new(name, Json),
        _ => Column::new(name, Int),
    }
}

/// The text that character columns are cut from: groups of digits, as sysbench makes them.
fn text() -> Vec<u8> {
    let mut state = 42_u64;
    let digit = |at: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if at % 12 == 11 { b'-' } else { b'0' + (state >> 33) as u8 % 10 }
    };
    (0..4096).map(digit).collect()
}
