//! How a session reads the text of its statements.

/// How a statement's text is to be read: what the session's `sql_mode` and the server's kind say about it.
///
/// The default is a session with its server's default `sql_mode`, on MySQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// `ANSI_QUOTES`: double quotes are around names.
    pub ansi_quotes: bool,
    /// `NO_BACKSLASH_ESCAPES`: a backslash in a string is a backslash.
    pub plain_backslashes: bool,
    /// `IGNORE_SPACE`: a blank may stand before the arguments of any function.
    pub ignores_space: bool,
    /// MariaDB's `EMPTY_STRING_IS_NULL`. On MySQL the same bit is another mode.
    pub empty_is_null: bool,
    /// `REAL_AS_FLOAT`: the type `REAL` is a FLOAT.
    pub real_is_float: bool,
    /// `ORACLE`: MariaDB knows the types of Oracle, and means those where both have one of a name.
    pub oracle: bool,
    /// `MAXDB`: the type `TIMESTAMP` is a DATETIME.
    pub maxdb: bool,
    /// The server is a MariaDB: it has executable comments of its own, and leaves out those of MySQL 5.7 and later.
    pub mariadb: bool,
}

impl Dialect {
    /// Reads a session's `sql_mode`, as the log has it: a bit for each mode, the same on both kinds of server.
    pub fn of_sql_mode(bits: u64) -> Self {
        const REAL_AS_FLOAT: u64 = 1;
        const ANSI_QUOTES: u64 = 1 << 2;
        const IGNORE_SPACE: u64 = 1 << 3;
        const ORACLE: u64 = 1 << 9;
        const MAXDB: u64 = 1 << 12;
        const NO_BACKSLASH_ESCAPES: u64 = 1 << 20;
        const EMPTY_STRING_IS_NULL: u64 = 1 << 32;
        Self {
            ansi_quotes: bits & ANSI_QUOTES != 0,
            plain_backslashes: bits & NO_BACKSLASH_ESCAPES != 0,
            ignores_space: bits & IGNORE_SPACE != 0,
            empty_is_null: bits & EMPTY_STRING_IS_NULL != 0,
            real_is_float: bits & REAL_AS_FLOAT != 0,
            oracle: bits & ORACLE != 0,
            maxdb: bits & MAXDB != 0,
            mariadb: false,
        }
    }

    /// Whether the server executes a comment that is marked for this version and later ones; `None`: for all.
    pub(crate) fn executes(self, version: Option<u32>) -> bool {
        /// No server has a version like this: the comment is for nobody, as in dumps.
        const NEVER: u32 = 99_999;
        match version {
            None => true,
            Some(50_700..=NEVER) if self.mariadb => false,
            Some(version) => version < NEVER || (100_000..200_000).contains(&version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn comments_are_executed_by_those_they_are_for() {
        let (mysql, mariadb) = (Dialect::default(), Dialect { mariadb: true, ..Dialect::default() });
        for (version, by_mysql, by_mariadb) in [
            (None, true, true),
            (Some(40_101), true, true),
            (Some(50_706), true, false),
            (Some(80_023), true, false),
            (Some(100_100), true, true),
            (Some(99_999), false, false),
            (Some(999_999), false, false),
        ] {
            let found = (mysql.executes(version), mariadb.executes(version));
            assert_eq!(found, (by_mysql, by_mariadb), "{version:?}");
        }
    }

    #[test]
    fn a_mode_is_read_bit_by_bit() {
        let mode = Dialect::of_sql_mode(1 << 2 | 1 << 20);
        assert!(mode.ansi_quotes && mode.plain_backslashes && !mode.real_is_float);
        assert!(Dialect::of_sql_mode(1).real_is_float);
        assert!(Dialect::of_sql_mode(1 << 3).ignores_space && Dialect::of_sql_mode(1 << 32).empty_is_null);
        assert!(Dialect::of_sql_mode(1 << 9).oracle && Dialect::of_sql_mode(1 << 12).maxdb);
    }
}
