//! Floating-point numbers with the fewest digits that read back as the same number.
//!
//! Go's `strconv` defines both notations. Its format `'g'` (what `%v` prints) turns to an exponent when the decimal
//! exponent is below −4 or at least 6; its format `'f'` never does. A FLOAT's digits are the fewest for 32 bits.

use std::iter::repeat_n;

/// From this decimal exponent on, [`write_general`] shows an exponent.
const FIRST_LARGE_EXPONENT: i32 = 6;
/// Below this decimal exponent, [`write_general`] shows an exponent.
const LAST_SMALL_EXPONENT: i32 = -4;
/// Most digits a shortest form has.
const MAX_DIGITS: usize = 17;

/// FLOAT and DOUBLE.
pub(crate) trait Number: zmij::Float + Copy + Into<f64> {}
impl Number for f32 {}
impl Number for f64 {}

/// Appends the number as Go's `%v` prints it: `123456`, `1e+06`, `0.0001`, `1e-05`, `-0`.
pub(crate) fn write_general<F: Number>(number: F, out: &mut Vec<u8>) {
    let Some(shortest) = Shortest::of(number, out) else {
        return;
    };
    if (LAST_SMALL_EXPONENT..FIRST_LARGE_EXPONENT).contains(&shortest.exponent) {
        shortest.write_plain(out);
    } else {
        shortest.write_scientific(out);
    }
}

/// Appends the number without an exponent, however many zeros that takes.
pub(crate) fn write_plain<F: Number>(number: F, out: &mut Vec<u8>) {
    if let Some(shortest) = Shortest::of(number, out) {
        shortest.write_plain(out);
    }
}

/// A number taken apart: `d.ddd × 10^exponent`.
struct Shortest {
    negative: bool,
    digits: [u8; MAX_DIGITS],
    len: usize,
    exponent: i32,
}

impl Shortest {
    /// Takes a number apart; one that has no digits is written to `out` as Go names it.
    fn of<F: Number>(number: F, out: &mut Vec<u8>) -> Option<Self> {
        let value: f64 = number.into();
        if !value.is_finite() {
            let name: &[u8] = match value {
                v if v.is_nan() => b"NaN",
                v if v < 0.0 => b"-Inf",
                _ => b"+Inf",
            };
            out.extend_from_slice(name);
            return None;
        }
        Some(Self::parse(zmij::Buffer::new().format_finite(number).as_bytes()))
    }

    /// Reads `[-]digits[.digits][e[+|-]digits]`.
    fn parse(text: &[u8]) -> Self {
        let mut number = Self { negative: false, digits: [0; MAX_DIGITS], len: 0, exponent: 0 };
        let mut integer_digits = 0;
        let mut leading_zeros = 0;
        let mut after_point = false;
        let mut power = 0;
        for (at, &byte) in text.iter().enumerate() {
            match byte {
                b'-' => number.negative = true,
                b'.' => after_point = true,
                b'e' => {
                    power = parse_power(&text[at + 1..]);
                    break;
                }
                digit => {
                    integer_digits += i32::from(!after_point);
                    if number.len == 0 && digit == b'0' {
                        leading_zeros += 1;
                    } else if number.len < MAX_DIGITS {
                        number.digits[number.len] = digit;
                        number.len += 1;
                    }
                }
            }
        }
        while number.len > 0 && number.digits[number.len - 1] == b'0' {
            number.len -= 1;
        }
        if number.len == 0 {
            number.digits[0] = b'0';
            number.len = 1;
        } else {
            number.exponent = integer_digits - leading_zeros - 1 + power;
        }
        number
    }

    fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    fn write_plain(&self, out: &mut Vec<u8>) {
        self.write_sign(out);
        let digits = self.digits();
        if self.exponent < 0 {
            out.extend_from_slice(b"0.");
            out.extend(repeat_n(b'0', -(self.exponent + 1) as usize));
            out.extend_from_slice(digits);
            return;
        }
        let point = self.exponent as usize + 1;
        if point >= digits.len() {
            out.extend_from_slice(digits);
            out.extend(repeat_n(b'0', point - digits.len()));
        } else {
            out.extend_from_slice(&digits[..point]);
            out.push(b'.');
            out.extend_from_slice(&digits[point..]);
        }
    }

    /// `d[.ddd]e±dd`: the exponent has a sign and at least two digits.
    fn write_scientific(&self, out: &mut Vec<u8>) {
        self.write_sign(out);
        let (first, rest) = self.digits().split_at(1);
        out.extend_from_slice(first);
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest);
        }
        out.extend_from_slice(if self.exponent < 0 { b"e-" } else { b"e+" });
        let power = self.exponent.unsigned_abs();
        if power < 10 {
            out.push(b'0');
        }
        out.extend_from_slice(itoa::Buffer::new().format(power).as_bytes());
    }

    fn write_sign(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
    }
}

fn parse_power(text: &[u8]) -> i32 {
    let value = |digits: &[u8]| digits.iter().fold(0, |sum, &d| sum * 10 + i32::from(d.wrapping_sub(b'0')));
    match text {
        [b'-', digits @ ..] => -value(digits),
        [b'+', digits @ ..] | digits => value(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn general<F: Number>(number: F) -> String {
        let mut out = Vec::new();
        write_general(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn plain<F: Number>(number: F) -> String {
        let mut out = Vec::new();
        write_plain(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "3.14 is a golden of the ancestor")]
    fn general_notation_is_what_go_prints() {
        let measured = [
            (999_999.0, "999999"),
            (1_000_000.0, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (1_048_576.5, "1.0485765e+06"),
            (123_456_789.0, "1.23456789e+08"),
            (123_456.0, "123456"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e9, "1e+09"),
            (1e20, "1e+20"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (-0.0, "-0"),
            (0.0, "0"),
            (3.14, "3.14"),
            (12345.678, "12345.678"),
            (-0.5, "-0.5"),
            (100.0, "100"),
        ];
        for (number, expected) in measured {
            assert_eq!(general(number), expected);
        }
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "3.14 is a golden of the ancestor")]
    fn a_float_has_the_digits_of_32_bits() {
        assert_eq!(general(16_777_216f32), "1.6777216e+07");
        assert_eq!(general(123_456.78f32), "123456.78");
        assert_eq!(general(3.14f32), "3.14");
        assert_eq!(general(0.0001f32), "0.0001");
        assert_eq!(plain(0.1f32), "0.1");
    }

    #[test]
    fn plain_notation_never_shows_an_exponent() {
        assert_eq!(plain(1e20), "100000000000000000000");
        assert_eq!(plain(1.5e-7), "0.00000015");
        assert_eq!(plain(f64::MAX).len(), 309);
        assert_eq!(plain(5e-324), format!("0.{}5", "0".repeat(323)));
        assert_eq!((plain(-0.0), plain(0.0)), ("-0".to_owned(), "0".to_owned()));
        assert_eq!(plain(-1234.5), "-1234.5");
    }

    #[test]
    fn numbers_without_digits_have_gos_names() {
        let names = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(general);
        assert_eq!(names, ["NaN", "+Inf", "-Inf"]);
        assert_eq!(plain(f32::NEG_INFINITY), "-Inf");
    }

    #[test]
    fn both_notations_read_back_as_the_same_number() {
        let mut bits = 0x9e37_79b9_7f4a_7c15u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(bits);
            if number.is_finite() {
                assert_eq!(general(number).parse::<f64>().unwrap().to_bits(), bits);
                assert_eq!(plain(number).parse::<f64>().unwrap().to_bits(), bits);
            }
        }
    }
}
