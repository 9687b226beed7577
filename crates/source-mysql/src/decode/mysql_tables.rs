//! Where MySQL's charset tables differ from the ones of the web, which `encoding_rs` has.
//!
//! Found by asking a server for every code of every charset and comparing. Each pair is (what the web's table
//! gives, what MySQL's gives). Left out: user-defined characters of ujis and eucjpms, which become U+FFFD.

/// What to replace in the text of a charset after decoding it by the web's table.
pub(super) fn corrections(charset: &str) -> &'static [(char, char)] {
    match charset {
        "sjis" | "ujis" => &JAPANESE,
        "gb2312" => &[('·', '・'), ('—', '―')],
        "koi8u" => &[('\u{2219}', '•'), ('ў', '╝'), ('Ў', '╬')],
        "cp866" => &[('№', 'ⁿ'), ('¤', '²')],
        "hebrew" => &[('¯', '‾')],
        "greek" => &[('‘', 'ʽ'), ('’', 'ʼ')],
        "latin5" => &C1_OF_LATIN5,
        "tis620" => &C1_OF_TIS620,
        "big5" => &BIG5,
        _ => &[],
    }
}

/// Unlike cp932 and eucjpms, these two have the plain signs and not their full-width twins.
const JAPANESE: [(char, char); 7] =
    [('＼', '\\'), ('～', '〜'), ('∥', '‖'), ('－', '−'), ('￠', '¢'), ('￡', '£'), ('￢', '¬')];

const BIG5: [(char, char); 11] = [
    ('‧', '•'),
    ('﹑', '､'),
    ('¯', '‾'),
    ('～', '∼'),
    ('⊕', '♁'),
    ('⊙', '☉'),
    ('∕', '／'),
    ('﹨', '＼'),
    ('￥', '¥'),
    ('￠', '¢'),
    ('￡', '£'),
];

/// ISO 8859-9 has control characters where the web's table has those of the Windows code page.
const C1_OF_LATIN5: [(char, char); 25] = [
    ('€', '\u{80}'),
    ('‚', '\u{82}'),
    ('ƒ', '\u{83}'),
    ('„', '\u{84}'),
    ('…', '\u{85}'),
    ('†', '\u{86}'),
    ('‡', '\u{87}'),
    ('ˆ', '\u{88}'),
    ('‰', '\u{89}'),
    ('Š', '\u{8A}'),
    ('‹', '\u{8B}'),
    ('Œ', '\u{8C}'),
    ('‘', '\u{91}'),
    ('’', '\u{92}'),
    ('“', '\u{93}'),
    ('”', '\u{94}'),
    ('•', '\u{95}'),
    ('–', '\u{96}'),
    ('—', '\u{97}'),
    ('˜', '\u{98}'),
    ('™', '\u{99}'),
    ('š', '\u{9A}'),
    ('›', '\u{9B}'),
    ('œ', '\u{9C}'),
    ('Ÿ', '\u{9F}'),
];

const C1_OF_TIS620: [(char, char); 9] = [
    ('€', '\u{80}'),
    ('…', '\u{85}'),
    ('‘', '\u{91}'),
    ('’', '\u{92}'),
    ('“', '\u{93}'),
    ('”', '\u{94}'),
    ('•', '\u{95}'),
    ('–', '\u{96}'),
    ('—', '\u{97}'),
];

/// A character of MySQL's Big5 in the rows 0xC6 and 0xC7, where the web's table has others: kana, Cyrillic and
/// numbers in circles and parentheses, in stretches of consecutive code points.
pub(super) fn big5_extension(lead: u8, trail: u8) -> Option<char> {
    const STRETCHES: [(u32, u32); 14] = [
        (0x30FE, 1),
        (0x309D, 2),
        (0x3005, 1),
        (0x3041, 83),
        (0x30A1, 86),
        (0x0414, 2),
        (0x0401, 1),
        (0x0416, 7),
        (0x0423, 13),
        (0x0430, 6),
        (0x0451, 1),
        (0x0436, 26),
        (0x2460, 10),
        (0x2474, 10),
    ];
    let place = match (lead, trail) {
        (0xC6, 0xA1..=0xFE) => u32::from(trail) - 0xA1,
        (0xC7, 0x40..=0x7E) => 94 + u32::from(trail) - 0x40,
        (0xC7, 0xA1..=0xFE) => 94 + 63 + u32::from(trail) - 0xA1,
        _ => return None,
    };
    let mut before = 0;
    for (first, length) in STRETCHES {
        if place < before + length {
            return char::from_u32(first + place - before);
        }
        before += length;
    }
    None
}
