//! The date level of a data directory.

use super::LayoutError;
use jiff::{Timestamp, tz::TimeZone};
use std::fmt;

/// How finely data directories are split by the date of the flush.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateLevel {
    /// No date level.
    None,
    /// `YYYY`.
    Year,
    /// `YYYY-MM`.
    Month,
    /// `YYYY-MM-DD`.
    #[default]
    Day,
}

impl DateLevel {
    /// Reads a `date-separator`, whatever its case; the empty text means none.
    ///
    /// The ancestor checks the text without regard to case but compares it with regard to it, so that `Day` passes
    /// and then behaves like `none`. Here `Day` is `day`.
    pub fn parse(text: &str) -> Result<Self, LayoutError> {
        match text.to_ascii_lowercase().as_str() {
            "none" | "" => Ok(Self::None),
            "year" => Ok(Self::Year),
            "month" => Ok(Self::Month),
            "day" => Ok(Self::Day),
            _ => Err(LayoutError::InvalidDateSeparator(text.to_owned())),
        }
    }

    /// The directory name for a wall clock in milliseconds since the Unix epoch, as the zone's calendar has it.
    pub fn directory(self, wall_millis: u64, zone: &TimeZone) -> Option<String> {
        let format = match self {
            Self::None => return None,
            Self::Year => "%Y",
            Self::Month => "%Y-%m",
            Self::Day => "%Y-%m-%d",
        };
        let at = i64::try_from(wall_millis)
            .ok()
            .and_then(|millis| Timestamp::from_millisecond(millis).ok())
            .unwrap_or(Timestamp::MAX);
        Some(at.to_zoned(zone.clone()).strftime(format).to_string())
    }

    /// Whether a directory name is a date of this level.
    pub fn matches(self, name: &str) -> bool {
        let shape = match self {
            Self::None => return false,
            Self::Year => "dddd",
            Self::Month => "dddd-dd",
            Self::Day => "dddd-dd-dd",
        };
        name.len() == shape.len()
            && name.bytes().zip(shape.bytes()).all(|(byte, want)| match want {
                b'd' => byte.is_ascii_digit(),
                dash => byte == dash,
            })
    }
}

impl fmt::Display for DateLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DateLevel;
    use jiff::tz::{Offset, TimeZone};

    /// 2022-12-31 23:30:00 UTC.
    const NEW_YEARS_EVE: u64 = 1_672_529_400_000;

    #[test]
    fn a_date_is_the_zones_own() {
        let utc = TimeZone::UTC;
        let tokyo = TimeZone::fixed(Offset::constant(9));
        let at = |level: DateLevel, zone: &TimeZone| level.directory(NEW_YEARS_EVE, zone);
        assert_eq!(at(DateLevel::None, &utc), None);
        assert_eq!(at(DateLevel::Year, &utc).as_deref(), Some("2022"));
        assert_eq!(at(DateLevel::Month, &utc).as_deref(), Some("2022-12"));
        assert_eq!(at(DateLevel::Day, &utc).as_deref(), Some("2022-12-31"));
        assert_eq!(at(DateLevel::Day, &tokyo).as_deref(), Some("2023-01-01"));
    }

    #[test]
    fn an_absurd_clock_gives_the_last_date_there_is() {
        let date = DateLevel::Year.directory(u64::MAX, &TimeZone::UTC);
        assert_eq!(date.as_deref(), Some("9999"));
    }

    #[test]
    fn separators_are_read_in_any_case() {
        assert_eq!(DateLevel::parse("Day"), Ok(DateLevel::Day));
        assert_eq!(DateLevel::parse("MONTH"), Ok(DateLevel::Month));
        assert_eq!(DateLevel::parse(""), Ok(DateLevel::None));
        assert!(DateLevel::parse("hour").is_err());
    }

    #[test]
    fn dates_have_exactly_their_levels_shape() {
        assert!(DateLevel::Day.matches("2023-05-09"));
        assert!(DateLevel::Month.matches("2023-05"));
        assert!(DateLevel::Year.matches("2023"));
        for (level, name) in [
            (DateLevel::Day, "2023-05"),
            (DateLevel::Day, "2023-05-0x"),
            (DateLevel::Month, "2023-05-09"),
            (DateLevel::Year, "20233"),
            (DateLevel::None, "2023"),
        ] {
            assert!(!level.matches(name), "{level} {name}");
        }
    }
}
