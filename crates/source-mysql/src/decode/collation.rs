//! Collation numbers to charset names, as the servers number them.

/// The charset of a collation, by MySQL's and MariaDB's numbers; `None` for one we do not know.
///
/// MariaDB adds 1024 for a collation's "no pad" twin, gives its own language rules blocks of 32 from 576 on,
/// and its UCA 14 rules blocks of 256 from 2048 on.
pub(crate) fn charset_of(collation: u64) -> Option<&'static str> {
    const UNICODE: [&str; 5] = ["utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32"];
    let number = match collation {
        2048..=3327 => return Some(UNICODE[(collation as usize - 2048) / 256]),
        1024..=2047 => collation - 1024,
        _ => collation,
    };
    Some(match number {
        1 | 84 => "big5",
        2 | 9 | 21 | 27 | 77 => "latin2",
        3 | 69 => "dec8",
        4 | 80 => "cp850",
        5 | 8 | 15 | 31 | 47 | 48 | 49 | 94 => "latin1",
        6 | 72 => "hp8",
        7 | 74 => "koi8r",
        10 | 82 => "swe7",
        11 | 65 => "ascii",
        12 | 91 => "ujis",
        13 | 88 => "sjis",
        14 | 23 | 50 | 51 | 52 => "cp1251",
        16 | 71 => "hebrew",
        18 | 89 => "tis620",
        19 | 85 => "euckr",
        20 | 41 | 42 | 79 => "latin7",
        22 | 75 => "koi8u",
        24 | 86 => "gb2312",
        25 | 70 => "greek",
        26 | 34 | 44 | 66 | 99 => "cp1250",
        28 | 87 => "gbk",
        29 | 58 | 59 => "cp1257",
        30 | 78 => "latin5",
        32 | 64 => "armscii8",
        33 | 76 | 83 | 192..=215 | 223 | 576..=607 => "utf8mb3",
        35 | 90 | 128..=151 | 159 | 640..=671 => "ucs2",
        36 | 68 => "cp866",
        37 | 73 => "keybcs2",
        38 | 43 => "macce",
        39 | 53 => "macroman",
        40 | 81 => "cp852",
        45 | 46 | 224..=247 | 255..=323 | 608..=639 => "utf8mb4",
        54 | 55 | 101..=124 | 672..=703 => "utf16",
        56 | 62 => "utf16le",
        57 | 67 => "cp1256",
        60 | 61 | 160..=183 | 736..=767 => "utf32",
        63 => "binary",
        92 | 93 => "geostd8",
        95 | 96 => "cp932",
        97 | 98 => "eucjpms",
        248..=250 => "gb18030",
        _ => return None,
    })
}

/// The most bytes one character takes in a charset, by which the server multiplies column lengths.
pub(crate) fn max_bytes_per_char(charset: &str) -> u32 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8mb3" | "ujis" | "eucjpms" => 3,
        "big5" | "gbk" | "gb2312" | "sjis" | "cp932" | "euckr" | "ucs2" => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::charset_of;

    #[test]
    fn both_servers_numbers_are_known() {
        assert_eq!(charset_of(8), Some("latin1"));
        assert_eq!(charset_of(255), Some("utf8mb4"), "MySQL 8's default");
        assert_eq!(charset_of(1070), Some("utf8mb4"), "MariaDB's utf8mb4_nopad_bin");
        assert_eq!(charset_of(2304), Some("utf8mb4"), "MariaDB's utf8mb4_uca1400_ai_ci");
        assert_eq!(charset_of(63), Some("binary"));
        assert_eq!(charset_of(999), None);
    }
}
