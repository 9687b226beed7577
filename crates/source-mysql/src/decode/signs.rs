//! Which columns are UNSIGNED: a bit for each number in the metadata, highest first.
//!
//! MySQL before about 8.0.22 has no bit for a YEAR, later servers and MariaDB do. The server's version decides. Two
//! things refute a reading whatever the version: bits that are left over must fill the last byte, and be zero; and
//! where statements of the log said which columns are UNSIGNED, the only reading that says the same is the right one.

use super::Fault;
use super::physical::Physical;
use super::server_version::{Flavor, YearSign};
use super::table_map::TableMap;
use change_event::Column;

/// The columns' signs by column; `None` for one that has no sign bit.
type Reading = Vec<Option<bool>>;

/// Reads the signs of a table map that has any. `declared`: each column as the statements have it, if they do.
pub(crate) fn unsigned(map: &TableMap<'_>, declared: &[Option<&Column>]) -> Result<Reading, Fault> {
    let has_year = map.physical.contains(&Physical::Year);
    if map.server.flavor == Flavor::MariaDb || !has_year {
        return reading(map, true).ok_or_else(misfit);
    }
    let logged = map.server.year_sign();
    let expected = logged != YearSign::NotLogged;
    let mut readings = [expected, !expected].into_iter().filter_map(|year| reading(map, year));
    let first = readings.next().ok_or_else(misfit)?;
    let Some(second) = readings.next() else {
        return Ok(first);
    };
    match (fits(&first, declared), fits(&second, declared)) {
        (false, true) => Ok(second),
        (true, false) => Ok(first),
        _ if logged != YearSign::Unclear || same_numbers(&first, &second, &map.physical) => Ok(first),
        _ => Err(Fault::unsupported(
            "a log of MySQL 8.0.20 or 8.0.21 does not tell which numbers beside a YEAR are UNSIGNED; \
             begin where the table was created (--start earliest)",
        )),
    }
}

/// One reading, unless the bits refute it.
fn reading(map: &TableMap<'_>, year_has_bit: bool) -> Option<Reading> {
    let signs = map.metadata.signs;
    let mut next = 0;
    let mut bit = || {
        let byte = signs.get(next / 8).copied().unwrap_or_default();
        next += 1;
        byte & (0x80 >> ((next - 1) % 8)) != 0
    };
    let columns = map.physical.iter().map(|&physical| match physical {
        Physical::Year if !year_has_bit => None,
        physical if physical.has_sign() => Some(bit()),
        _ => None,
    });
    let columns: Reading = columns.collect();
    let count = next;
    let padding_is_zero = (count..signs.len() * 8).all(|i| signs[i / 8] & (0x80 >> (i % 8)) == 0);
    (signs.len() == count.div_ceil(8) && padding_is_zero).then_some(columns)
}

fn misfit() -> Fault {
    Fault::corrupt("the signs in its metadata are not those of its columns")
}

/// Whether no number has another sign than its statement gave it.
fn fits(reading: &Reading, declared: &[Option<&Column>]) -> bool {
    reading.iter().zip(declared).all(|(sign, declared)| match (sign, declared) {
        (Some(unsigned), Some(column)) if column.kind.is_integer() => *unsigned == column.unsigned,
        _ => true,
    })
}

fn same_numbers(one: &Reading, other: &Reading, physical: &[Physical]) -> bool {
    one.iter()
        .zip(other)
        .zip(physical)
        .all(|((one, other), &physical)| physical == Physical::Year || one == other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::physical::Physical as P;
    use crate::decode::server_version::ServerVersion;
    use change_event::ColumnKind;

    /// `id INT, y YEAR, u TINYINT UNSIGNED, v INT UNSIGNED` with these bits, in this server's log.
    fn read(server: &str, signs: &[u8], declared: [bool; 4]) -> Result<[bool; 4], Fault> {
        let mut map = TableMap::empty(ServerVersion::of(server));
        map.physical = vec![P::Int(4), P::Year, P::Int(1), P::Int(4)];
        map.metadata.signs = signs;
        let columns = declared.map(|unsigned| Column { unsigned, ..Column::new("c", ColumnKind::Int) });
        let known = [0, 1, 2, 3].map(|i| (declared != [true; 4] && i != 1).then_some(&columns[i]));
        unsigned(&map, &known).map(|signs| [0, 1, 2, 3].map(|i| i != 1 && signs[i] == Some(true)))
    }

    /// Stands for a table that no statement of the log described.
    const UNKNOWN: [bool; 4] = [true; 4];
    const RIGHT: [bool; 4] = [false, false, true, true];

    #[test]
    fn a_year_takes_a_bit_on_new_servers_and_none_on_old_ones() {
        assert_eq!(read("8.0.15", &[0b0110_0000], UNKNOWN), Ok(RIGHT));
        assert_eq!(read("9.7.0", &[0b0111_0000], UNKNOWN), Ok(RIGHT));
        assert_eq!(read("9.7.0", &[0b0011_0000], UNKNOWN), Ok(RIGHT));
        assert_eq!(read("10.11.19-MariaDB", &[0b0111_0000], UNKNOWN), Ok(RIGHT));
    }

    #[test]
    fn bits_beyond_the_columns_refute_a_reading() {
        assert_eq!(read("8.0.15", &[0b0111_0000], UNKNOWN), Ok(RIGHT), "a version string may lie");
        assert!(read("9.7.0", &[0b0111_1000], UNKNOWN).is_err());
        assert!(read("9.7.0", &[0b0111_0000, 0], UNKNOWN).is_err());
    }

    #[test]
    fn a_known_shape_refutes_the_version() {
        assert_eq!(read("9.7.0", &[0b0110_0000], RIGHT), Ok(RIGHT));
        assert_eq!(read("8.0.21", &[0b0110_0000], RIGHT), Ok(RIGHT));
        // Where neither fits the table changed, and the log knows better.
        assert_eq!(read("8.0.15", &[0b0110_0000], [false; 4]), Ok(RIGHT));
    }

    #[test]
    fn between_the_versions_only_what_is_certain_is_taken() {
        let fault = read("8.0.21", &[0b0110_0000], UNKNOWN).unwrap_err();
        assert!(fault.at("f", 4).to_string().contains("--start earliest"));
        assert_eq!(read("8.0.21", &[0], UNKNOWN), Ok([false; 4]));
    }
}
