//! DATE, TIME, DATETIME and TIMESTAMP: their packed forms, and the output's time zone.

use super::Fault;
use super::cursor::Cursor;
use change_event::{Date, DateTime, Time};
use jiff::{Timestamp, tz::TimeZone};

/// Microseconds of a fraction that is stored in so many bytes.
const FRACTION_UNIT: [u64; 4] = [0, 10_000, 100, 1];

/// Bytes that hold `fsp` fractional digits.
pub(crate) fn fraction_bytes(fsp: u8) -> usize {
    usize::from(fsp).div_ceil(2)
}

pub(crate) fn date(cursor: &mut Cursor<'_>) -> Result<Date, Fault> {
    let packed = cursor.little(3)?;
    Ok(Date { year: (packed >> 9) as u16, month: (packed >> 5 & 0xF) as u8, day: (packed & 0x1F) as u8 })
}

/// A TIME with fraction: offset by half its range, so that bytes compare like values.
pub(crate) fn time(cursor: &mut Cursor<'_>, fsp: u8) -> Result<Time, Fault> {
    let fraction = fraction_bytes(fsp);
    let bits = 8 * (3 + fraction) as u32;
    let packed = cursor.big(3 + fraction)? as i64 - (1 << (bits - 1));
    Ok(unpack_time(packed, 8 * fraction as u32, FRACTION_UNIT[fraction]))
}

/// A TIME packed as hours, minutes and seconds above a fraction of `fraction_bits`.
pub(crate) fn unpack_time(packed: i64, fraction_bits: u32, unit: u64) -> Time {
    let magnitude = packed.unsigned_abs();
    let whole = magnitude >> fraction_bits;
    let fraction = magnitude & ((1 << fraction_bits) - 1);
    Time {
        negative: packed < 0,
        hours: (whole >> 12 & 0x3FF) as u16,
        minutes: (whole >> 6 & 0x3F) as u8,
        seconds: (whole & 0x3F) as u8,
        micros: (fraction * unit) as u32,
    }
}

/// A DATETIME with fraction: five bytes of packed date and time, then the fraction.
pub(crate) fn datetime(cursor: &mut Cursor<'_>, fsp: u8) -> Result<DateTime, Fault> {
    let packed = cursor.big(5)?.wrapping_sub(1 << 39) & ((1 << 40) - 1);
    let fraction = fraction_bytes(fsp);
    let micros = cursor.big(fraction)? * FRACTION_UNIT[fraction];
    Ok(unpack_datetime(packed, micros as u32))
}

/// A date and a time of day packed into 40 bits.
pub(crate) fn unpack_datetime(packed: u64, micros: u32) -> DateTime {
    let (ymd, hms) = (packed >> 17, packed & 0x1_FFFF);
    let months = ymd >> 5;
    DateTime {
        date: Date { year: (months / 13) as u16, month: (months % 13) as u8, day: (ymd & 0x1F) as u8 },
        hour: (hms >> 12) as u8,
        minute: (hms >> 6 & 0x3F) as u8,
        second: (hms & 0x3F) as u8,
        micros,
    }
}

/// A TIMESTAMP with fraction: seconds since the epoch, then the fraction.
pub(crate) fn timestamp(cursor: &mut Cursor<'_>, fsp: u8, zone: &Zone) -> Result<DateTime, Fault> {
    let seconds = cursor.array().map(u32::from_be_bytes)?;
    let fraction = fraction_bytes(fsp);
    let micros = cursor.big(fraction)? * FRACTION_UNIT[fraction];
    Ok(zone.civil(seconds, micros as u32))
}

/// A TIME from before MySQL 5.6: a signed decimal number hhmmss.
pub(crate) fn old_time(cursor: &mut Cursor<'_>) -> Result<Time, Fault> {
    let raw = cursor.little(3)? as i64;
    let signed = raw << 40 >> 40;
    let n = signed.unsigned_abs();
    Ok(Time {
        negative: signed < 0,
        hours: (n / 10_000) as u16,
        minutes: (n / 100 % 100) as u8,
        seconds: (n % 100) as u8,
        micros: 0,
    })
}

/// A DATETIME from before MySQL 5.6: a decimal number yyyymmddhhmmss.
pub(crate) fn old_datetime(cursor: &mut Cursor<'_>) -> Result<DateTime, Fault> {
    let n = cursor.u64()?;
    let (date, time) = (n / 1_000_000, n % 1_000_000);
    let year =
        u16::try_from(date / 10_000).map_err(|_| Fault::corrupt("a DATETIME has an impossible year"))?;
    Ok(DateTime {
        date: Date { year, month: (date / 100 % 100) as u8, day: (date % 100) as u8 },
        hour: (time / 10_000) as u8,
        minute: (time / 100 % 100) as u8,
        second: (time % 100) as u8,
        micros: 0,
    })
}

/// A TIMESTAMP from before MySQL 5.6.
pub(crate) fn old_timestamp(cursor: &mut Cursor<'_>, zone: &Zone) -> Result<DateTime, Fault> {
    Ok(zone.civil(cursor.u32()?, 0))
}

/// The time zone TIMESTAMP values are shown in.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    zone: TimeZone,
    /// No rules to look up: the usual case, and the fast one.
    utc: bool,
}

impl Zone {
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self { utc: zone == TimeZone::UTC, zone }
    }

    /// The wall clock at that second. Second 0 is MySQL's zero timestamp and has no zone.
    pub(crate) fn civil(&self, seconds: u32, micros: u32) -> DateTime {
        if seconds == 0 && micros == 0 {
            return unpack_datetime(0, 0);
        }
        let mut local = i64::from(seconds);
        if !self.utc
            && let Ok(instant) = Timestamp::from_second(local)
        {
            local += i64::from(self.zone.to_offset(instant).seconds());
        }
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400) as u32);
        DateTime {
            date: civil_date(days),
            hour: (second / 3_600) as u8,
            minute: (second / 60 % 60) as u8,
            second: (second % 60) as u8,
            micros,
        }
    }
}

/// The Gregorian date so many days after 1970-01-01, by eras of 400 years that begin on March 1st.
fn civil_date(days: i64) -> Date {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Date { year: year as u16, month: month as u8, day: day as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(v: DateTime) -> (u16, u8, u8, u8, u8, u8, u32) {
        (v.date.year, v.date.month, v.date.day, v.hour, v.minute, v.second, v.micros)
    }

    #[test]
    fn a_negative_time_with_fraction_reads_back() {
        // -00:00:01.5 as TIME(1): one unit of the whole below zero, plus half of the next.
        let packed = (1_i64 << 31) - (1 << 8) - 50;
        let bytes = (packed as u32).to_be_bytes();
        let t = time(&mut Cursor::new(&bytes), 1).unwrap();
        assert_eq!((t.negative, t.hours, t.minutes, t.seconds, t.micros), (true, 0, 0, 1, 500_000));
    }

    #[test]
    fn every_day_agrees_with_the_calendar() {
        let epoch = jiff::civil::date(1970, 1, 1);
        for days in (0..50_000).step_by(7) {
            let expected = epoch.checked_add(jiff::Span::new().days(days)).unwrap();
            let date = civil_date(days);
            assert_eq!(
                (date.year, date.month, date.day),
                (expected.year() as u16, expected.month() as u8, expected.day() as u8)
            );
        }
    }

    #[test]
    fn a_timestamp_moves_to_the_zone_and_zero_stays_zero() {
        let bytes = [1_661_936_820_u32.to_be_bytes().as_slice(), &[0x01, 0xC8]].concat();
        let utc = timestamp(&mut Cursor::new(&bytes), 3, &Zone::new(TimeZone::UTC)).unwrap();
        assert_eq!(parts(utc), (2022, 8, 31, 9, 7, 0, 45_600));
        let east = Zone::new(TimeZone::fixed(jiff::tz::offset(8)));
        let there = timestamp(&mut Cursor::new(&bytes), 3, &east).unwrap();
        assert_eq!(parts(there), (2022, 8, 31, 17, 7, 0, 45_600));
        let zero = timestamp(&mut Cursor::new(&[0; 4]), 0, &east).unwrap();
        assert_eq!(parts(zero), (0, 0, 0, 0, 0, 0, 0));
    }

    #[test]
    fn the_old_forms_are_decimal_numbers() {
        let bytes = 20_151_220_235_858_u64.to_le_bytes();
        let v = old_datetime(&mut Cursor::new(&bytes)).unwrap();
        assert_eq!(parts(v), (2015, 12, 20, 23, 58, 58, 0));
        let bytes = (-8_385_959_i32).to_le_bytes();
        let t = old_time(&mut Cursor::new(&bytes[..3])).unwrap();
        assert_eq!((t.negative, t.hours, t.minutes, t.seconds), (true, 838, 59, 59));
    }
}
