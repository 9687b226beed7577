//! The tables: one for every kind of key.

use crate::dice::Dice;
use tests::consumer::TableKey;

/// The database.
pub const DATABASE: &str = "seq";

/// What a column holds: very few values, so that rows meet.
#[derive(Clone, Copy, Debug)]
pub enum Domain {
    Int,
    MaybeInt,
    /// Words that a case-insensitive collation takes for the same.
    Word,
    /// Words of which only the first letter is the key.
    Prefix,
    Money,
    Moment,
    /// Among them both zeros.
    Real,
}

/// A table, and which of its columns are written.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub definition: &'static str,
    pub columns: &'static [(&'static str, Domain)],
}

use Domain::{Int, MaybeInt, Moment, Money, Prefix, Real, Word};

/// Written with every transaction; tells which commit is which.
pub const MARKS: &str = "marks";

/// The one table whose changes stay when their transaction is rolled back. It makes the server log savepoints, too.
pub const LASTING: &Table = &TABLES[0];

#[rustfmt::skip]
pub const TABLES: &[Table] = &[
    table("lasting", "id INT PRIMARY KEY, v INT) ENGINE = MyISAM", &[("id", Int), ("v", Int)]),
    table("int_pk", "id INT PRIMARY KEY, v INT)", &[("id", Int), ("v", Int)]),
    table("shadow", "id INT PRIMARY KEY, was INT)", &[("id", Int), ("was", MaybeInt)]),
    table("parted", "id INT PRIMARY KEY, v INT) PARTITION BY HASH (id) PARTITIONS 3", &[("id", Int), ("v", Int)]),
    table("pair_pk", "a INT, b INT, v INT, PRIMARY KEY (a, b))", &[("a", Int), ("b", Int), ("v", Int)]),
    table("with_uk", "id INT PRIMARY KEY, u INT, v INT, UNIQUE (u))", &[("id", Int), ("u", MaybeInt), ("v", Int)]),
    table("pair_uk", "id INT PRIMARY KEY, u INT, w INT, UNIQUE (u, w))", &[("id", Int), ("u", MaybeInt), ("w", MaybeInt)]),
    table("word_pk", "id VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, v INT)", &[("id", Word), ("v", Int)]),
    table("prefix_pk", "id VARCHAR(10) CHARACTER SET latin1 NOT NULL, v INT, PRIMARY KEY (id(1)))", &[("id", Prefix), ("v", Int)]),
    table("money_pk", "price DECIMAL(8,2), at DATETIME(3), v INT, PRIMARY KEY (price, at))", &[("price", Money), ("at", Moment), ("v", Int)]),
    table("real_pk", "id DOUBLE PRIMARY KEY, v INT)", &[("id", Real), ("v", Int)]),
    table("made_uk", "id INT PRIMARY KEY, base INT, made INT AS (base % 3) STORED, UNIQUE (made))", &[("id", Int), ("base", MaybeInt)]),
    table("only_uk", "u INT NOT NULL, v INT, UNIQUE (u))", &[("u", Int), ("v", Int)]),
    table("maybe_uk", "u INT, v INT, UNIQUE (u))", &[("u", MaybeInt), ("v", Int)]),
    table("keyless", "a INT, v INT)", &[("a", Int), ("v", Int)]),
];

const fn table(
    name: &'static str,
    definition: &'static str,
    columns: &'static [(&'static str, Domain)],
) -> Table {
    Table { name, definition, columns }
}

/// What `int_pk` does to `shadow` by itself.
const TRIGGERS: [&str; 2] = [
    "CREATE TRIGGER moved AFTER UPDATE ON int_pk FOR EACH ROW REPLACE INTO shadow VALUES (NEW.id, OLD.id)",
    "CREATE TRIGGER gone AFTER DELETE ON int_pk FOR EACH ROW DELETE FROM shadow WHERE id = OLD.id",
];

/// The statements that make everything.
pub fn definitions() -> Vec<String> {
    let database =
        [format!("CREATE DATABASE {DATABASE} DEFAULT CHARACTER SET utf8mb4"), format!("USE {DATABASE}")];
    let marks = format!("CREATE TABLE {MARKS} (n INT PRIMARY KEY)");
    let tables = TABLES.iter().map(|table| format!("CREATE TABLE {} ({}", table.name, table.definition));
    let triggers = TRIGGERS.map(str::to_owned);
    database.into_iter().chain([marks]).chain(tables).chain(triggers).collect()
}

impl Table {
    pub fn key(&self) -> TableKey {
        TableKey::new(DATABASE, self.name)
    }

    /// The columns that are written: `(a, b)`.
    pub fn list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!("({})", names.join(", "))
    }

    /// Values for them.
    pub fn row(&self, dice: &mut Dice) -> String {
        let values: Vec<String> = self.columns.iter().map(|(_, domain)| domain.literal(dice)).collect();
        format!("({})", values.join(", "))
    }

    /// Several such rows.
    pub fn rows(&self, dice: &mut Dice, most: u64) -> String {
        let rows: Vec<String> = (0..=dice.below(most)).map(|_| self.row(dice)).collect();
        rows.join(", ")
    }
}

impl Domain {
    fn values(self) -> &'static [&'static str] {
        match self {
            Int => &["1", "2", "3", "4", "5"],
            MaybeInt => &["NULL", "NULL", "1", "2", "3", "4"],
            Word => &["'a'", "'A'", "'á'", "'b'", "'B'", "'b '", "'c'"],
            Prefix => &["'a'", "'ab'", "'ac'", "'b'", "'bd'", "'cé'"],
            Money => &["0.50", "1.00", "1.50"],
            Moment => &["'2024-02-29 00:00:00'", "'2024-02-29 00:00:00.001'", "'2024-02-29 00:00:01'"],
            Real => &["0", "-0e0", "1.5", "-1.5"],
        }
    }

    /// One of its values.
    pub fn literal(self, dice: &mut Dice) -> String {
        dice.one_of(self.values()).to_owned()
    }

    /// A value that is none of them: room for two rows to trade theirs.
    pub fn spare(self) -> &'static str {
        match self {
            Int | MaybeInt => "-1",
            Word | Prefix => "'zz'",
            Money => "-1.00",
            Moment => "'2000-01-01 00:00:00'",
            Real => "-9.5",
        }
    }

    /// An expression for a value near that of a column, and the way back.
    pub fn near(self, column: &str, up: bool) -> String {
        let sign = if up { '+' } else { '-' };
        match self {
            Int | MaybeInt => format!("{column} {sign} 1"),
            Word => format!("{}({column})", if up { "UPPER" } else { "LOWER" }),
            Prefix => format!("CONCAT(LEFT({column}, 1), '{}')", if up { "x" } else { "y" }),
            Money => format!("{column} {sign} 0.50"),
            Moment => format!("{column} {sign} INTERVAL 1 SECOND"),
            Real => format!("{column} {sign} 1.5"),
        }
    }
}
