//! Dates and times as text: `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS[.f]`, `[-]HH:MM:SS[.f]`.

use change_event::{Column, Date, DateTime, Time};

/// Most digits a fraction of a second has.
const MAX_FRACTION_DIGITS: usize = 6;

/// How many digits of the second's fraction a column shows.
pub(crate) fn fraction_digits(column: &Column) -> usize {
    column.decimals.map_or(0, |digits| (digits as usize).min(MAX_FRACTION_DIGITS))
}

/// Appends `YYYY-MM-DD`.
pub(crate) fn write_date(date: Date, out: &mut Vec<u8>) {
    match date.year {
        year @ 0..10_000 => {
            two_digits(year / 100, out);
            two_digits(year % 100, out);
        }
        year => out.extend_from_slice(itoa::Buffer::new().format(year).as_bytes()),
    }
    out.push(b'-');
    two_digits(date.month.into(), out);
    out.push(b'-');
    two_digits(date.day.into(), out);
}

/// Appends `YYYY-MM-DD HH:MM:SS`, and a fraction of so many digits.
pub(crate) fn write_datetime(v: DateTime, fraction_digits: usize, out: &mut Vec<u8>) {
    write_date(v.date, out);
    out.push(b' ');
    clock(v.hour.into(), v.minute, v.second, out);
    fraction(v.micros, fraction_digits, out);
}

/// Appends `[-]HH:MM:SS`, and a fraction of so many digits; the hours may have three digits.
pub(crate) fn write_time(v: Time, fraction_digits: usize, out: &mut Vec<u8>) {
    if v.negative {
        out.push(b'-');
    }
    clock(v.hours, v.minutes, v.seconds, out);
    fraction(v.micros, fraction_digits, out);
}

fn clock(hours: u16, minutes: u8, seconds: u8, out: &mut Vec<u8>) {
    two_digits(hours, out);
    out.push(b':');
    two_digits(minutes.into(), out);
    out.push(b':');
    two_digits(seconds.into(), out);
}

/// At least two digits; more if the number has more.
fn two_digits(v: u16, out: &mut Vec<u8>) {
    match u8::try_from(v) {
        Ok(v @ 0..100) => out.extend_from_slice(&[b'0' + v / 10, b'0' + v % 10]),
        Ok(_) | Err(_) => out.extend_from_slice(itoa::Buffer::new().format(v).as_bytes()),
    }
}

fn fraction(micros: u32, digits: usize, out: &mut Vec<u8>) {
    if digits == 0 {
        return;
    }
    let mut text = *b".000000";
    let mut rest = micros.min(999_999);
    for place in text[1..].iter_mut().rev() {
        *place += (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&text[..=digits]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    const MORNING: DateTime = DateTime {
        date: Date { year: 987, month: 6, day: 5 },
        hour: 4,
        minute: 3,
        second: 2,
        micros: 10_203,
    };

    #[test]
    fn the_fraction_is_cut_to_its_digits() {
        let shown = |digits| text(|out| write_datetime(MORNING, digits, out));
        assert_eq!(shown(0), "0987-06-05 04:03:02");
        assert_eq!(shown(3), "0987-06-05 04:03:02.010");
        assert_eq!(shown(6), "0987-06-05 04:03:02.010203");
    }

    #[test]
    fn a_zero_date_is_legal() {
        let zero = Date { year: 0, month: 0, day: 0 };
        assert_eq!(text(|out| write_date(zero, out)), "0000-00-00");
    }

    #[test]
    fn a_time_may_be_negative_and_longer_than_a_day() {
        let time = Time { negative: true, hours: 838, minutes: 59, seconds: 1, micros: 500_000 };
        assert_eq!(text(|out| write_time(time, 1, out)), "-838:59:01.5");
    }

    #[test]
    fn parts_beyond_the_calendar_are_shown_as_they_are() {
        let odd = Date { year: 12_345, month: 200, day: 99 };
        assert_eq!(text(|out| write_date(odd, out)), "12345-200-99");
    }

    #[test]
    fn a_column_shows_at_most_six_digits() {
        let mut column = Column::new("at", change_event::ColumnKind::DateTime);
        assert_eq!(fraction_digits(&column), 0);
        column.decimals = Some(9);
        assert_eq!(fraction_digits(&column), 6);
    }
}
