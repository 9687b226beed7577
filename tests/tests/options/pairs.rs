//! Few combinations in which every two values meet: a covering array of strength two.

use std::collections::BTreeSet;

/// A value of one option and a value of a later one: `(place, value)` twice.
type Pair = ((usize, usize), (usize, usize));

/// Combinations of options, of which the one at a place has so many values, in which every value of every option stands
/// beside every value of every other.
///
/// Each begins with a pair that is still to come, and then takes, option by option, the value that brings the most others
/// along.
pub fn pairwise(counts: &[usize]) -> Vec<Vec<usize>> {
    let mut missing = all_pairs(counts);
    let mut combinations = Vec::new();
    while let Some(&(one, other)) = missing.first() {
        let mut chosen: Vec<Option<usize>> = vec![None; counts.len()];
        (chosen[one.0], chosen[other.0]) = (Some(one.1), Some(other.1));
        for place in 0..counts.len() {
            if chosen[place].is_none() {
                let brings = |value: &usize| {
                    let others = chosen.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?)));
                    others.filter(|&other| missing.contains(&pair((place, *value), other))).count()
                };
                // Of equal ones the first, which is the default.
                chosen[place] = (0..counts[place]).rev().max_by_key(brings);
            }
        }
        let combination: Vec<usize> = chosen.into_iter().flatten().collect();
        missing.retain(|&pair| !meets(&combination, pair));
        combinations.push(combination);
    }
    combinations
}

/// Whether a combination has both values.
fn meets(combination: &[usize], (one, other): Pair) -> bool {
    combination[one.0] == one.1 && combination[other.0] == other.1
}

fn pair(one: (usize, usize), other: (usize, usize)) -> Pair {
    (one.min(other), one.max(other))
}

fn all_pairs(counts: &[usize]) -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    for other in 0..counts.len() {
        for one in 0..other {
            for value in 0..counts[one] {
                pairs.extend((0..counts[other]).map(|second| ((one, value), (other, second))));
            }
        }
    }
    pairs
}

#[test]
fn every_two_values_meet_in_few_combinations() {
    for counts in [&[2, 2, 2, 2][..], &[2, 3, 4, 2, 3, 2, 2, 3, 2], &[5, 1, 2]] {
        let combinations = pairwise(counts);
        for other in 0..counts.len() {
            for one in 0..other {
                for (value, second) in (0..counts[one]).flat_map(|v| (0..counts[other]).map(move |s| (v, s)))
                {
                    let both = |row: &&Vec<usize>| row[one] == value && row[other] == second;
                    assert!(combinations.iter().any(|row| both(&row)), "{one}={value}, {other}={second}");
                }
            }
        }
        let all: usize = counts.iter().product();
        println!("{counts:?}: {} of {all} combinations", combinations.len());
        assert!(combinations.len() <= all && combinations.len() <= 20);
    }
}
