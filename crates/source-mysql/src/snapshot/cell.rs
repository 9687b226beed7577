//! A value of an answer as the log has it.

use super::json_again;
use crate::decode::{Charset, Fault, Zone, vector};
use change_event::{Column, ColumnKind, Date, DateTime, RowWriter, Time, Value};
use mysql_async::Value as Sent;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What the server sends of a column, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell {
    Int,
    UInt,
    Float,
    Double,
    Decimal,
    Bit,
    Enum,
    Set,
    Date,
    DateTime,
    Timestamp,
    Time,
    /// In the column's own charset: nothing is converted on the way.
    Text(Charset),
    Bytes,
    /// Bytes, or the text of one of MariaDB's own types, which are stored in so many bytes.
    Plugin(usize),
    /// MySQL's.
    Json,
    /// MariaDB's is text.
    JsonText(Charset),
    Vector,
}

impl Cell {
    pub(super) fn of(column: &Column, mariadb: bool) -> Result<Self, Fault> {
        use ColumnKind as K;
        let charset = || Charset::named(column.charset.as_deref().unwrap_or("utf8mb4"));
        Ok(match column.kind {
            K::TinyInt | K::SmallInt | K::MediumInt | K::Int | K::BigInt if column.unsigned => Self::UInt,
            K::TinyInt | K::SmallInt | K::MediumInt | K::Int | K::BigInt | K::Year => Self::Int,
            K::Float => Self::Float,
            K::Double => Self::Double,
            K::Decimal => Self::Decimal,
            K::Bit => Self::Bit,
            K::Date => Self::Date,
            K::DateTime => Self::DateTime,
            K::Timestamp => Self::Timestamp,
            K::Time => Self::Time,
            K::Char if mariadb && column.is_binary() => match column.length {
                Some(bytes @ (4 | 16)) => Self::Plugin(bytes as usize),
                _ => Self::Bytes,
            },
            K::Char | K::VarChar | K::VarString | K::TinyText | K::Text | K::MediumText | K::LongText => {
                if column.is_binary() {
                    Self::Bytes
                } else {
                    Self::Text(charset()?)
                }
            }
            K::Enum => Self::Enum,
            K::Set => Self::Set,
            K::Json if mariadb => Self::JsonText(charset()?),
            K::Json => Self::Json,
            K::Vector => Self::Vector,
            K::Geometry | K::Unspecified => Self::Bytes,
        })
    }

    /// Whether it must be asked of the answer if it is text.
    pub(super) fn may_be_text(self) -> bool {
        matches!(self, Self::Plugin(_))
    }

    /// Adds a value to a row. `is_text`: what may be text is.
    pub(super) fn write(
        self,
        sent: &Sent,
        is_text: bool,
        zone: &Zone,
        room: &mut Vec<u8>,
        row: &mut RowWriter<'_>,
    ) -> Result<(), Fault> {
        let value = match (self, sent) {
            (_, Sent::NULL) => Value::Null,
            (Self::Int, Sent::Int(v)) => Value::Int(*v),
            (Self::Int, Sent::UInt(v)) => Value::Int(*v as i64),
            (Self::UInt, _) => Value::UInt(unsigned(sent)?),
            (Self::Enum, _) => Value::Enum(unsigned(sent)?),
            (Self::Set, _) => Value::Set(unsigned(sent)?),
            (Self::Float, Sent::Float(v)) => Value::Float(*v),
            (Self::Double, Sent::Double(v)) => Value::Double(*v),
            (Self::Decimal, Sent::Bytes(text)) => {
                decimal(text, room);
                Value::Decimal(room)
            }
            (Self::Bit, Sent::Bytes(bytes)) => {
                Value::Bit(bytes.iter().fold(0, |bits, &byte| bits << 8 | u64::from(byte)))
            }
            (Self::Date, Sent::Date(..)) => Value::Date(datetime(sent)?.date),
            (Self::DateTime, Sent::Date(..)) => Value::DateTime(datetime(sent)?),
            (Self::Timestamp, Sent::Date(..)) => Value::DateTime(in_zone(datetime(sent)?, zone)),
            (Self::Time, &Sent::Time(negative, days, hours, minutes, seconds, micros)) => {
                let hours = days * 24 + u32::from(hours);
                Value::Time(Time { negative, hours: hours as u16, minutes, seconds, micros })
            }
            (Self::Text(charset), Sent::Bytes(bytes)) => {
                return Ok(row.value(Value::Text(&charset.to_utf8(bytes)))?);
            }
            (Self::JsonText(charset), Sent::Bytes(bytes)) => {
                return Ok(row.value(Value::Json(&charset.to_utf8(bytes)))?);
            }
            (Self::Bytes, Sent::Bytes(bytes)) => Value::Bytes(bytes),
            (Self::Plugin(_), Sent::Bytes(bytes)) if !is_text => Value::Bytes(bytes),
            (Self::Plugin(length), Sent::Bytes(text)) => {
                return Ok(row.value(Value::Bytes(&stored(text, length)?))?);
            }
            (Self::Json, Sent::Bytes(text)) => {
                room.clear();
                json_again::write(text, room);
                Value::Json(room)
            }
            (Self::Vector, Sent::Bytes(floats)) => {
                room.clear();
                vector(floats, room)?;
                Value::Text(room)
            }
            _ => return Err(unlike()),
        };
        Ok(row.value(value)?)
    }
}

fn unlike() -> Fault {
    Fault::corrupt("the server sent a value of another type than its column has")
}

fn unsigned(sent: &Sent) -> Result<u64, Fault> {
    match sent {
        Sent::UInt(v) => Ok(*v),
        Sent::Int(v) => Ok(*v as u64),
        _ => Err(unlike()),
    }
}

/// Without the zeros in front that ZEROFILL shows.
fn decimal(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (&b"-"[..], digits),
        digits => (&b""[..], digits),
    };
    let whole = digits.iter().position(|&byte| byte == b'.').unwrap_or(digits.len());
    let zeros = digits[..whole].iter().take_while(|&&byte| byte == b'0').count().min(whole.saturating_sub(1));
    out.extend_from_slice(sign);
    if whole == 0 {
        out.push(b'0');
    }
    out.extend_from_slice(&digits[zeros..]);
}

fn datetime(sent: &Sent) -> Result<DateTime, Fault> {
    match *sent {
        Sent::Date(year, month, day, hour, minute, second, micros) => {
            Ok(DateTime { date: Date { year, month, day }, hour, minute, second, micros })
        }
        _ => Err(unlike()),
    }
}

/// From UTC, as the readers' sessions have it. The zero timestamp has no zone.
fn in_zone(utc: DateTime, zone: &Zone) -> DateTime {
    if utc.date.year == 0 {
        return utc;
    }
    let of_day = i64::from(utc.hour) * 3_600 + i64::from(utc.minute) * 60 + i64::from(utc.second);
    let seconds = days_since_1970(utc.date) * 86_400 + of_day;
    u32::try_from(seconds).map_or(utc, |seconds| zone.civil(seconds, utc.micros))
}

/// By eras of 400 years that begin on March 1st.
fn days_since_1970(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// MariaDB's UUID, INET6 and INET4 as they are logged, from their text.
fn stored(text: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
    let text = std::str::from_utf8(text).map_err(|_| unlike())?;
    if length == 4 {
        return text.parse::<Ipv4Addr>().map(|ip| ip.octets().to_vec()).map_err(|_| unlike());
    }
    if let Ok(ip) = text.parse::<Ipv6Addr>() {
        return Ok(ip.octets().to_vec());
    }
    uuid::Uuid::try_parse(text).map(|uuid| uuid.into_bytes().to_vec()).map_err(|_| unlike())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::{TimeZone, offset};

    #[test]
    fn a_decimal_has_one_zero_before_its_point_at_least_and_no_more_than_it_needs() {
        for (sent, logged) in [
            ("0007.50", "7.50"),
            ("-0.99", "-0.99"),
            ("000", "0"),
            ("00.5", "0.5"),
            ("-.5", "-0.5"),
            ("10", "10"),
        ] {
            let mut out = Vec::new();
            decimal(sent.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), logged);
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for days in (0..50_000).step_by(7) {
            let day = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let date = Date { year: day.year() as u16, month: day.month() as u8, day: day.day() as u8 };
            assert_eq!(days_since_1970(date), days, "{day}");
        }
    }

    #[test]
    fn a_timestamp_moves_to_the_zone_and_zero_stays_zero() {
        let zone = Zone::new(TimeZone::fixed(offset(8)));
        let date = Date { year: 2022, month: 8, day: 31 };
        let there = in_zone(DateTime { date, hour: 20, minute: 7, second: 0, micros: 5 }, &zone);
        assert_eq!((there.date.month, there.date.day, there.hour, there.micros), (9, 1, 4, 5));
        let zero =
            DateTime { date: Date { year: 0, month: 0, day: 0 }, hour: 0, minute: 0, second: 0, micros: 0 };
        assert_eq!(in_zone(zero, &zone), zero);
    }

    #[test]
    fn mariadbs_own_types_come_as_they_are_stored() {
        assert_eq!(stored(b"1.2.3.4", 4).unwrap(), [1, 2, 3, 4]);
        assert_eq!(stored(b"::1", 16).unwrap()[15], 1);
        assert!(stored(b"nonsense", 16).is_err());
    }
}
