//! The dispatcher's text in file names.

use std::fmt;
use uuid::Uuid;

/// The id of a dispatcher, as two 64-bit halves.
///
/// Its text is the decimal low half followed at once by the decimal high half, without separator or padding
/// (`output-format` 2.2). Different ids can share a text (1,23 and 12,3); random ids do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DispatcherId {
    low: u64,
    high: u64,
}

impl DispatcherId {
    /// Joins two halves.
    pub const fn new(low: u64, high: u64) -> Self {
        Self { low, high }
    }
}

impl From<Uuid> for DispatcherId {
    /// Bytes 0 to 7 are the low half, 8 to 15 the high one, both little-endian.
    fn from(id: Uuid) -> Self {
        let number = u128::from_le_bytes(*id.as_bytes());
        Self::from(number)
    }
}

impl From<u128> for DispatcherId {
    /// The number's own low and high halves.
    fn from(number: u128) -> Self {
        Self::new(number as u64, (number >> 64) as u64)
    }
}

impl fmt::Display for DispatcherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::DispatcherId;
    use uuid::Uuid;

    #[test]
    fn the_text_is_low_then_high_in_decimal() {
        assert_eq!(DispatcherId::new(7, 42).to_string(), "742");
        assert_eq!(DispatcherId::from((42_u128 << 64) | 7).to_string(), "742");
    }

    #[test]
    fn a_uuid_is_read_as_two_little_endian_halves() {
        let mut bytes = [0; 16];
        (bytes[0], bytes[1], bytes[8]) = (1, 1, 5);
        assert_eq!(DispatcherId::from(Uuid::from_bytes(bytes)).to_string(), "2575");
    }
}
