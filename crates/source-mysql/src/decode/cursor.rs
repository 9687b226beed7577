//! A reader over bytes that were written by someone else: every step checks that there is enough left.

use super::Fault;

/// The bytes not yet read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Everything that is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `n` bytes.
    #[inline]
    pub(crate) fn take(&mut self, n: usize) -> Result<&'a [u8], Fault> {
        match self.rest.split_at_checked(n) {
            Some((head, tail)) => {
                self.rest = tail;
                Ok(head)
            }
            None => Err(Fault::corrupt("an event ends before its last value")),
        }
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        match self.rest.split_first_chunk::<N>() {
            Some((head, tail)) => {
                self.rest = tail;
                Ok(*head)
            }
            None => Err(Fault::corrupt("an event ends before its last value")),
        }
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, Fault> {
        self.array::<1>().map(|[b]| b)
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_le_bytes)
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    #[inline]
    pub(crate) fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_le_bytes)
    }

    /// A little-endian number of up to eight bytes.
    #[inline]
    pub(crate) fn little(&mut self, bytes: usize) -> Result<u64, Fault> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b)))
    }

    /// A big-endian number of up to eight bytes.
    #[inline]
    pub(crate) fn big(&mut self, bytes: usize) -> Result<u64, Fault> {
        Ok(self.take(bytes)?.iter().fold(0, |n, &b| n << 8 | u64::from(b)))
    }

    /// A number in MySQL's length encoding: one byte, or 2, 3 or 8 after a marker byte.
    pub(crate) fn length(&mut self) -> Result<u64, Fault> {
        match self.u8()? {
            short @ 0..=250 => Ok(u64::from(short)),
            252 => self.little(2),
            253 => self.little(3),
            254 => self.u64(),
            251 | 255 => Err(Fault::corrupt("a length has an impossible first byte")),
        }
    }

    /// As many bytes as the length before them says.
    pub(crate) fn counted(&mut self) -> Result<&'a [u8], Fault> {
        let n = self.length()?;
        self.take(usize::try_from(n).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn numbers_come_out_in_both_orders() {
        let mut c = Cursor::new(&[1, 2, 3, 1, 2, 3]);
        assert_eq!(c.little(3), Ok(0x03_02_01));
        assert_eq!(c.big(3), Ok(0x01_02_03));
        assert!(c.u8().is_err());
    }

    #[test]
    fn lengths_have_four_widths() {
        let mut c = Cursor::new(&[250, 252, 1, 2, 253, 1, 0, 0, 254, 9, 0, 0, 0, 0, 0, 0, 0, 251]);
        assert_eq!(c.length(), Ok(250));
        assert_eq!(c.length(), Ok(513));
        assert_eq!(c.length(), Ok(1));
        assert_eq!(c.length(), Ok(9));
        assert!(c.length().is_err());
    }
}
