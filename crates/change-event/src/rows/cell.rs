//! One cell: sixteen bytes, whatever the type.

use crate::{Date, DateTime, Time};
use std::ops::Range;

/// One cell: 16 bytes, strings by their place in the arena.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell {
    Null,
    Int(i64),
    UInt(u64),
    Float(f32),
    Double(f64),
    Decimal(Span),
    Text(Span),
    Bytes(Span),
    Date(Date),
    DateTime(PackedDateTime),
    Time(Time),
    Enum(u64),
    Set(u64),
    Bit(u64),
    Json(Span),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
}

/// A [`DateTime`] in eight bytes, so that a cell stays at sixteen.
#[derive(Clone, Copy, Debug)]
pub(super) struct PackedDateTime(u64);

impl PackedDateTime {
    pub(super) fn pack(v: DateTime) -> Self {
        let mut bits = u64::from(v.date.year);
        for (part, width) in [
            (u64::from(v.date.month), 4),
            (u64::from(v.date.day), 5),
            (u64::from(v.hour), 5),
            (u64::from(v.minute), 6),
            (u64::from(v.second), 6),
            (u64::from(v.micros), 20),
        ] {
            bits = bits << width | part;
        }
        Self(bits)
    }

    pub(super) fn unpack(self) -> DateTime {
        let take = |shift: u32, width: u32| (self.0 >> shift) & ((1 << width) - 1);
        DateTime {
            date: Date { year: (self.0 >> 46) as u16, month: take(42, 4) as u8, day: take(37, 5) as u8 },
            hour: take(32, 5) as u8,
            minute: take(26, 6) as u8,
            second: take(20, 6) as u8,
            micros: take(0, 20) as u32,
        }
    }
}

impl Span {
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_takes_sixteen_bytes() {
        assert_eq!(std::mem::size_of::<Cell>(), 16);
    }

    #[test]
    fn a_datetime_survives_packing() {
        let date = Date { year: 9999, month: 12, day: 31 };
        let v = DateTime { date, hour: 23, minute: 59, second: 59, micros: 999_999 };
        assert_eq!(PackedDateTime::pack(v).unpack(), v);
    }
}
