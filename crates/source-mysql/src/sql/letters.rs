//! Names as servers compare them: letter by letter, by tables that know the letters of Unicode 3.
//!
//! | names | are kept, or one | by |
//! |---|---|---|
//! | databases and tables, with `lower_case_table_names` | in lower case | [`lowered`] |
//! | columns, keys | if they are in lower case | [`lowered`] |
//! | savepoints | if all their letters weigh the same in `utf8mb3_general_ci`, where an accent weighs nothing | [`weighed`] |
//! | savepoints since MariaDB 11.5 | if they are in capitals | [`capitals`] |
//!
//! A whole text in lower case is something else: there a Σ at the end of a word is a ς. These tables are those of
//! MySQL 8.0 and MariaDB 10.11, compared letter by letter.

/// The capitals that Unicode has had only since its version 3, from the first to the last of each range: no server changes
/// their case.
const LATER: [(char, char); 17] = [
    ('\u{220}', '\u{220}'),
    ('\u{23A}', '\u{37F}'),
    ('\u{3CF}', '\u{3D8}'),
    ('\u{3F4}', '\u{3FF}'),
    ('\u{48A}', '\u{48A}'),
    ('\u{4C0}', '\u{4C0}'),
    ('\u{4C5}', '\u{4C5}'),
    ('\u{4C9}', '\u{4C9}'),
    ('\u{4CD}', '\u{4CD}'),
    ('\u{4F6}', '\u{4F6}'),
    ('\u{4FA}', '\u{52E}'),
    ('\u{10A0}', '\u{1CBF}'),
    ('\u{1E9E}', '\u{1E9E}'),
    ('\u{1EFA}', '\u{1EFE}'),
    ('\u{2132}', '\u{2132}'),
    ('\u{2183}', '\u{2183}'),
    ('\u{2C00}', '\u{10FFFF}'),
];

/// Letters that weigh as much as the first of their group, besides those that differ from it in case.
const WEIGHTS: &str = "\
    AÀÁÂÃÄÅàáâãäåĀāĂăĄąǍǎǞǟǠǡǺǻȀȁȂȃȦȧḀḁẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặ BḂḃḄḅḆḇ CÇçĆćĈĉĊċČčḈḉ DĎďḊḋḌḍḎḏḐḑḒḓ \
    EÈÉÊËèéêëĒēĔĕĖėĘęĚěȄȅȆȇȨȩḔḕḖḗḘḙḚḛḜḝẸẹẺẻẼẽẾếỀềỂểỄễỆệ FḞḟ GĜĝĞğĠġĢģǦǧǴǵḠḡ HĤĥȞȟḢḣḤḥḦḧḨḩḪḫẖ \
    IÌÍÎÏìíîïĨĩĪīĬĭĮįİǏǐȈȉȊȋḬḭḮḯỈỉỊị JĴĵǰ KĶķǨǩḰḱḲḳḴḵ LĹĺĻļĽľḶḷḸḹḺḻḼḽ MḾḿṀṁṂṃ NÑñŃńŅņŇňǸǹṄṅṆṇṈṉṊṋ \
    OÒÓÔÕÖòóôõöŌōŎŏŐőƠơǑǒǪǫǬǭȌȍȎȏȪȫȬȭȮȯȰȱṌṍṎṏṐṑṒṓỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợ PṔṕṖṗ RŔŕŖŗŘřȐȑȒȓṘṙṚṛṜṝṞṟ \
    SßŚśŜŝŞşŠšȘșṠṡṢṣṤṥṦṧṨṩẛ TŢţŤťȚțṪṫṬṭṮṯṰṱẗ UÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲųƯưǓǔǕǖǗǘǙǚǛǜȔȕȖȗṲṳṴṵṶṷṸṹṺṻỤụỦủỨứỪừỬửỮữỰự \
    VṼṽṾṿ WŴŵẀẁẂẃẄẅẆẇẈẉẘ XẊẋẌẍ YÝýÿŶŷŸȲȳẎẏẙỲỳỴỵỶỷỸỹ ZŹźŻżŽžẐẑẒẓẔẕ ÆǢǣǼǽ ØǾǿ ƷǮǯ \
    ΑΆάἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏὰᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾰᾱᾲᾳᾴᾶᾷᾸᾹᾺᾼ ΕΈέἐἑἒἓἔἕἘἙἚἛἜἝὲῈ \
    ΗΉήἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯὴᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟῂῃῄῆῇῊῌ ΙΊΐΪίϊἰἱἲἳἴἵἶἷἸἹἺἻἼἽἾἿὶῐῑῒῖῗῘῙῚ ΟΌόὀὁὂὃὄὅὈὉὊὋὌὍὸῸ ΡῤῥῬ Σϲ \
    ΥΎΫΰϋύὐὑὒὓὔὕὖὗὙὛὝὟὺῠῡῢῦῧῨῩῪ ΩΏώὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὼᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯῲῳῴῶῷῺῼ ϒϓϔ ІЇї АӐӑӒӓ ГЃѓ ЕЀЁѐёӖӗ ЖӁӂӜӝ \
    ЗӞӟ ИЍѝӢӣӤӥ КЌќ ОӦӧ УЎўӮӯӰӱӲӳ ЧӴӵ ЫӸӹ ЭӬӭ ѴѶѷ ӘӚӛ ӨӪӫ";

/// A name in lower case, as a server keeps it.
pub(crate) fn lowered(name: &str) -> String {
    name.chars().map(lower).collect()
}

/// What a name weighs: two that weigh the same are one savepoint.
pub(crate) fn weighed(name: &str) -> String {
    name.chars().map(weight).collect()
}

/// A name in capitals.
pub(crate) fn capitals(name: &str) -> String {
    name.chars().map(|c| single(c.to_uppercase(), c)).collect()
}

fn lower(c: char) -> char {
    match c {
        'İ' => 'i',
        'Ａ'..='Ｚ' => single(c.to_lowercase(), c),
        _ if is_later(c) => c,
        _ => single(c.to_lowercase(), c),
    }
}

fn weight(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let group = WEIGHTS.split(' ').find(|group| group.contains(c));
    match group.and_then(|group| group.chars().next()) {
        Some(first) => first,
        None => upper(c),
    }
}

fn upper(c: char) -> char {
    let capital = single(c.to_uppercase(), c);
    match capital {
        'Ａ'..='Ｚ' => capital,
        _ if is_later(capital) => c,
        _ => capital,
    }
}

fn is_later(capital: char) -> bool {
    LATER.iter().any(|(first, last)| (*first..=*last).contains(&capital))
}

/// The letter, if it is one; otherwise `c`.
fn single(mut letters: impl Iterator<Item = char>, c: char) -> char {
    match (letters.next(), letters.next()) {
        (Some(letter), None) => letter,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_lowered_by_itself() {
        for (name, kept) in [
            ("Orders_1", "orders_1"),
            ("ΟΔΟΣ", "οδοσ"),
            ("οδος", "οδος"),
            ("İST", "ist"),
            ("ÄÖÜ", "äöü"),
            ("ЖЁ", "жё"),
            ("ＡＺ", "ａｚ"),
            // Letters that no server knows the case of.
            ("STRAẞE", "straẞe"),
            ("ᲐᲑ", "ᲐᲑ"),
            ("Ⱥ", "Ⱥ"),
        ] {
            assert_eq!(lowered(name), kept);
        }
    }

    #[test]
    fn an_accent_weighs_nothing_and_a_blank_does() {
        for (one, other) in
            [("sp", "SP"), ("a", "ä"), ("Å", "a"), ("s", "ß"), ("ŝ", "S"), ("Σ", "ς"), ("ё", "Е"), ("ſ", "s")]
        {
            assert_eq!(weighed(one), weighed(other));
        }
        assert_eq!([capitals("sp_ä"), capitals("aß")], ["SP_Ä", "Aß"]);
        for (one, other) in [("x", "x "), ("o", "ø"), ("ae", "æ"), ("и", "Й"), ("ⱥ", "Ⱥ"), ("1", "١")]
        {
            assert_ne!(weighed(one), weighed(other));
        }
    }

    #[test]
    fn every_group_has_letters_of_its_own() {
        let mut letters: Vec<char> = WEIGHTS.split(' ').flat_map(str::chars).collect();
        let count = letters.len();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), count);
        assert!(WEIGHTS.split(' ').all(|group| group.chars().count() > 1));
    }
}
