//! DECIMAL: MySQL's binary form to text with full scale.
//!
//! Digits are packed nine to a big-endian four-byte group, counted from the point outwards; the group at either
//! end holds what is left in as few bytes as fit. The sign sits in the top bit, flipped, and a negative number has
//! all its bits flipped.

use super::Fault;
use super::cursor::Cursor;

/// Bytes that hold a group of 0 to 9 digits.
const GROUP_BYTES: [usize; 10] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/// Sign, 65 digits, a point and a leading zero fit in here.
const MAX_TEXT: usize = 80;

/// The text of one number.
pub(crate) struct DecimalText {
    bytes: [u8; MAX_TEXT],
    len: usize,
}

impl DecimalText {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    /// Adds `value` in `digits` digits with leading zeros.
    fn push_padded(&mut self, mut value: u32, digits: usize) {
        for place in (self.len..self.len + digits).rev() {
            self.bytes[place] = b'0' + (value % 10) as u8;
            value /= 10;
        }
        self.len += digits;
    }

    /// Adds `value` without leading zeros, nothing for zero.
    fn push_plain(&mut self, value: u32) {
        if let Some(last) = value.checked_ilog10() {
            self.push_padded(value, last as usize + 1);
        }
    }
}

/// Whether MySQL allows such a type: what [`decode`] counts on.
pub(crate) fn is_legal(precision: u8, scale: u8) -> bool {
    (1..=65).contains(&precision) && scale <= precision && scale <= 38
}

/// Bytes of one DECIMAL(precision, scale).
pub(crate) fn size(precision: u8, scale: u8) -> usize {
    let (whole, scale) = (usize::from(precision - scale), usize::from(scale));
    GROUP_BYTES[whole % 9] + whole / 9 * 4 + scale / 9 * 4 + GROUP_BYTES[scale % 9]
}

/// Reads one DECIMAL(precision, scale), which [is legal](is_legal).
pub(crate) fn decode(cursor: &mut Cursor<'_>, precision: u8, scale: u8) -> Result<DecimalText, Fault> {
    let size = size(precision, scale);
    let (whole, scale) = (usize::from(precision - scale), usize::from(scale));
    let (first, last) = (whole % 9, scale % 9);
    let mut raw = [0; 32];
    let raw = &mut raw[..size];
    raw.copy_from_slice(cursor.take(size)?);
    let negative = raw[0] & 0x80 == 0;
    raw[0] ^= 0x80;
    if negative {
        raw.iter_mut().for_each(|b| *b = !*b);
    }

    let mut raw = Cursor::new(raw);
    let mut text = DecimalText { bytes: [0; MAX_TEXT], len: 0 };
    let mut group = |digits: usize| -> Result<u32, Fault> {
        let value = raw.big(GROUP_BYTES[digits])?;
        if value >= 10_u64.pow(digits as u32) {
            return Err(Fault::corrupt("a DECIMAL has a digit group out of range"));
        }
        Ok(value as u32)
    };
    if negative {
        text.push(b'-');
    }
    let sign = text.len;
    text.push_plain(group(first)?);
    for _ in 0..whole / 9 {
        let value = group(9)?;
        if text.len > sign {
            text.push_padded(value, 9);
        } else {
            text.push_plain(value);
        }
    }
    if text.len == sign {
        text.push(b'0');
    }
    if scale > 0 {
        text.push(b'.');
        for _ in 0..scale / 9 {
            text.push_padded(group(9)?, 9);
        }
        text.push_padded(group(last)?, last);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], precision: u8, scale: u8) -> String {
        let text = decode(&mut Cursor::new(bytes), precision, scale).unwrap();
        String::from_utf8(text.as_bytes().to_vec()).unwrap()
    }

    /// The example of the MySQL source: 1234567890.1234 as DECIMAL(14,4).
    #[test]
    fn the_reference_number_reads_back() {
        let positive = [0x81, 0x0D, 0xFB, 0x38, 0xD2, 0x04, 0xD2];
        assert_eq!(text(&positive, 14, 4), "1234567890.1234");
        let negative = positive.map(|b| !b);
        assert_eq!(text(&negative, 14, 4), "-1234567890.1234");
    }

    #[test]
    fn zero_keeps_its_scale_and_small_numbers_their_leading_zero() {
        assert_eq!(text(&[0x80, 0x00], 4, 2), "0.00");
        assert_eq!(text(&[0x80, 0x05], 4, 2), "0.05");
        assert_eq!(text(&[0x80], 1, 0), "0");
        assert_eq!(text(&[0x85], 1, 1), "0.5");
    }

    #[test]
    fn a_group_beyond_its_digits_is_an_error() {
        assert!(decode(&mut Cursor::new(&[0xFF]), 1, 0).is_err());
        assert!(decode(&mut Cursor::new(&[]), 1, 0).is_err());
    }

    #[test]
    fn the_longest_number_fits() {
        let group = 999_999_999_u32.to_be_bytes();
        let mut bytes = vec![99 | 0x80];
        bytes.extend(group.repeat(7));
        assert_eq!(text(&bytes, 65, 0), "9".repeat(65));
    }
}
