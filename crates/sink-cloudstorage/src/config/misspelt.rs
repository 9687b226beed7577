//! Every key there is, misspelt by one letter, is refused with the right suggestion.

use super::ConfigError;
use super::keys::{find, find_table, names};
use super::nearest::distance;
use super::without_effect;
use std::collections::BTreeSet;

/// Every text that one letter left out, doubled or mistaken makes of a name.
fn slips(name: &str) -> BTreeSet<String> {
    let at = |index: usize, instead: &str| format!("{}{instead}{}", &name[..index], &name[index + 1..]);
    let slips = |index: usize| {
        let letter = &name[index..=index];
        [at(index, ""), at(index, &letter.repeat(2)), at(index, "q")]
    };
    (0..name.len()).flat_map(slips).filter(|slip| slip != name).collect()
}

#[test]
fn every_name_misspelt_by_one_letter_is_refused_with_that_name() {
    let (mut told, mut skipped) = (0, Vec::new());
    for (name, place) in names() {
        for slip in slips(name) {
            let ambiguous = |(other, at): (&str, _)| {
                slip == other || (at == place && other != name && distance(&slip, other) <= 1)
            };
            if names().any(ambiguous) {
                skipped.push(slip);
                continue;
            }
            let known =
                find_table(&slip, place).is_some() || without_effect::find_table(&slip, place).is_some();
            assert!(!known && without_effect::find_key(&slip, place).is_none(), "{slip}");
            match find(&slip, place) {
                Err(ConfigError::UnknownKey { nearest, right_place: None, .. }) => assert_eq!(nearest, name),
                other => panic!("{slip} in {place:?}: {other:?}"),
            }
            told += 1;
        }
    }
    assert!(told > 3000 && skipped.is_empty(), "{told} told, ambiguous: {skipped:?}");
}
