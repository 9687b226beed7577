//! Durations as Go's `time.ParseDuration` reads and `String` writes them: `5s`, `1m30s`, `500ms`.

use std::time::Duration;

/// Reads a duration: numbers with units, largest first or in any other order, with or without decimals.
///
/// `None` for anything else, a negative duration included: no key takes one.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(number);
        let unit = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        nanos = nanos.checked_add(term(number, nanos_in(unit)?)?)?;
        rest = after;
    }
    u64::try_from(nanos).ok().map(Duration::from_nanos)
}

/// A number with decimals, times a unit.
fn term(number: &str, unit: u128) -> Option<u128> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && decimals.is_empty() || decimals.contains('.') {
        return None;
    }
    let mut nanos = match whole {
        "" => 0,
        digits => digits.parse::<u64>().ok()? as u128 * unit,
    };
    let mut worth = unit;
    for digit in decimals.bytes() {
        worth /= 10;
        nanos += u128::from(digit - b'0') * worth;
    }
    Some(nanos)
}

fn nanos_in(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        // Both signs for micro are in use: U+00B5 and U+03BC.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// Writes a duration for an operator: whole units, largest first, without those that are 0.
pub fn text(duration: Duration) -> String {
    if duration.is_zero() {
        return "0s".to_owned();
    }
    let mut nanos = duration.as_nanos();
    let mut text = String::new();
    for unit in ["h", "m", "s", "ms", "us", "ns"] {
        let worth = nanos_in(unit).unwrap_or(1);
        if nanos >= worth {
            text += &format!("{}{unit}", nanos / worth);
            nanos %= worth;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{parse, text};
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn go_durations_are_read() {
        for (text, millis) in [
            ("5s", 5_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            ("1.5h", 5_400_000),
            (".5s", 500),
            ("1.s", 1_000),
            ("2h0m0.25s", 7_200_250),
            ("3000us", 3),
            ("3000µs", 3),
            ("1000000ns", 1),
            ("+1s", 1_000),
            ("0", 0),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "5", "s", "5 s", "-5s", "5x", "1.2.3s", ".s", "5s4", "99999999999h", "1e3s", "5S"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_buffers(nanos: u64) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(parse(&text(duration)), Some(duration));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,20}") {
            parse(&text);
        }
    }
}
