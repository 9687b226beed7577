//! Who wrote a log, where servers write it differently.

/// Whose log it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flavor {
    #[default]
    MySql,
    MariaDb,
}

/// A server as its log's format description names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerVersion {
    pub(crate) flavor: Flavor,
    /// Major, minor and patch; `None` where the name has fewer numbers.
    version: [Option<u32>; 3],
}

/// Whether the metadata has a bit for the sign of a YEAR, which has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum YearSign {
    Logged,
    NotLogged,
    /// It changed in one of these versions.
    Unclear,
}

impl ServerVersion {
    /// Reads `8.0.15`, `5.7.22-log` or `10.11.19-MariaDB-log`.
    pub(crate) fn of(server: &str) -> Self {
        let flavor = if server.contains("MariaDB") { Flavor::MariaDb } else { Flavor::MySql };
        // For old clients some MariaDB servers put a MySQL version before their own.
        let own = match flavor {
            Flavor::MariaDb => server.strip_prefix("5.5.5-").unwrap_or(server),
            Flavor::MySql => server,
        };
        let mut numbers = own.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Self { flavor, version: [next(), next(), next()] }
    }

    /// MySQL since 5.6.1, MariaDB since 5.3.
    pub(crate) fn knows_checksums(self) -> bool {
        self.since(match self.flavor {
            Flavor::MySql => [5, 6, 1],
            Flavor::MariaDb => [5, 3, 0],
        })
    }

    /// Whether each file of its log says at its head which GTIDs came before, none included: MariaDB since 10.0.2, MySQL since
    /// 5.7.6; MySQL 5.6 does only where it has any.
    pub(crate) fn always_logs_gtids_before(self) -> bool {
        self.since(match self.flavor {
            Flavor::MySql => [5, 7, 6],
            Flavor::MariaDb => [10, 0, 2],
        })
    }

    /// Whether `binlog_row_metadata` exists: MySQL since 8.0.1, MariaDB since 10.5.
    pub(crate) fn can_log_names(self) -> bool {
        self.since(match self.flavor {
            Flavor::MySql => [8, 0, 1],
            Flavor::MariaDb => [10, 5, 0],
        })
    }

    /// Whether it may leave generated columns out of its rows whatever `binlog_row_image` is: MariaDB 11.8 does, 11.4.5 does
    /// not.
    pub(crate) fn may_leave_out_generated(self) -> bool {
        self.flavor == Flavor::MariaDb && self.since([11, 4, 6])
    }

    /// Whether an accent makes another name of a savepoint's: MariaDB since 11.5, whose names are compared by
    /// `utf8mb3_general1400_as_ci`. Others go by `utf8mb3_general_ci`.
    pub(crate) fn compares_accents(self) -> bool {
        self.flavor == Flavor::MariaDb && self.since([11, 5, 0])
    }

    /// MySQL's list of types with a sign bit got YEAR when it moved to a file of its own, which is of 2020: that is
    /// after 8.0.19, and before 8.0.22.
    pub(crate) fn year_sign(self) -> YearSign {
        if self.flavor == Flavor::MariaDb || self.since([8, 0, 22]) {
            return YearSign::Logged;
        }
        match self.version {
            [Some(8), Some(0), None | Some(20..)] => YearSign::Unclear,
            _ => YearSign::NotLogged,
        }
    }

    fn since(self, version: [u32; 3]) -> bool {
        self.version.map(Option::unwrap_or_default) >= version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_name_and_numbers() {
        assert!(!ServerVersion::of("5.5.62-log").knows_checksums());
        assert!(ServerVersion::of("8.0.36").knows_checksums());
        assert!(!ServerVersion::of("5.7.22-log").can_log_names());
        assert!(ServerVersion::of("5.7.22-log").always_logs_gtids_before());
        assert!(!ServerVersion::of("5.6.51").always_logs_gtids_before());
        assert!(!ServerVersion::of("5.5.5-10.4.8-MariaDB-log").can_log_names());
        let maria = ServerVersion::of("10.11.19-MariaDB-0+deb12u1-log");
        assert_eq!((maria.flavor, maria.can_log_names()), (Flavor::MariaDb, true));
    }

    #[test]
    fn the_sign_bit_of_year_came_during_mysql_8_0() {
        for (server, sign) in [
            ("8.0.15", YearSign::NotLogged),
            ("8.0.19-debug", YearSign::NotLogged),
            ("8.0.20", YearSign::Unclear),
            ("8.0.mysql_aurora", YearSign::Unclear),
            ("8.0.22", YearSign::Logged),
            ("9.7.0", YearSign::Logged),
            ("10.5.4-MariaDB", YearSign::Logged),
        ] {
            assert_eq!(ServerVersion::of(server).year_sign(), sign, "{server}");
        }
    }
}
