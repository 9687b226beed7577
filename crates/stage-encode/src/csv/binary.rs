//! Bytes as text: standard base64 with padding, and lower-case hexadecimal.
//!
//! Both grow the output once, to its final length, and then fill it from a table.

/// Base64's digits (RFC 4648 section 4).
const BASE64_DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Two hexadecimal digits for each byte.
const HEX_PAIRS: [[u8; 2]; 256] = hex_pairs();

const fn hex_pairs() -> [[u8; 2]; 256] {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
}

/// Appends the bytes as base64.
pub(super) fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, b'=');
    let text = &mut out[start..];
    let (groups, rest) = bytes.as_chunks::<3>();
    let (places, tail) = text.split_at_mut(groups.len() * 4);
    let digit = |bits: u32| BASE64_DIGITS[(bits & 63) as usize];
    for (&[a, b, c], place) in groups.iter().zip(places.as_chunks_mut::<4>().0) {
        let bits = u32::from_be_bytes([0, a, b, c]);
        *place = [digit(bits >> 18), digit(bits >> 12), digit(bits >> 6), digit(bits)];
    }
    match (rest, tail) {
        (&[a], [first, second, ..]) => {
            let bits = u32::from(a) << 4;
            (*first, *second) = (digit(bits >> 6), digit(bits));
        }
        (&[a, b], [first, second, third, ..]) => {
            let bits = u32::from_be_bytes([0, 0, a, b]) << 2;
            (*first, *second, *third) = (digit(bits >> 12), digit(bits >> 6), digit(bits));
        }
        _ => {}
    }
}

/// Appends the bytes as lower-case hexadecimal.
pub(super) fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + bytes.len() * 2, 0);
    for (&byte, place) in bytes.iter().zip(out[start..].as_chunks_mut::<2>().0) {
        *place = HEX_PAIRS[usize::from(byte)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: fn(&[u8], &mut Vec<u8>), bytes: &[u8]) -> String {
        let mut out = b">".to_vec();
        write(bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn base64_pads_to_fours() {
        // The vectors of RFC 4648 section 10.
        let vectors = [
            ("", ">"),
            ("f", ">Zg=="),
            ("fo", ">Zm8="),
            ("foo", ">Zm9v"),
            ("foob", ">Zm9vYg=="),
            ("fooba", ">Zm9vYmE="),
            ("foobar", ">Zm9vYmFy"),
        ];
        for (plain, encoded) in vectors {
            assert_eq!(text(write_base64, plain.as_bytes()), encoded);
        }
        assert_eq!(text(write_base64, b"hello world"), ">aGVsbG8gd29ybGQ=");
        assert_eq!(text(write_base64, &[0xfb, 0xef, 0xff]), ">++//");
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(text(write_hex, b"hello world"), ">68656c6c6f20776f726c64");
        assert_eq!(text(write_hex, &[0, 0xaf, 0xff]), ">00afff");
    }
}
