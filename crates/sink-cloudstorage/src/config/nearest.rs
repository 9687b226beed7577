//! What a misspelt key may have meant.

/// The key that a misspelt one is nearest to: one of its own table, unless it looks far more like one that stands
/// elsewhere, which comes with its place. The first of several.
pub(super) fn meant<P>(
    text: &str,
    here: impl Iterator<Item = &'static str>,
    elsewhere: impl Iterator<Item = (&'static str, P)>,
) -> (&'static str, Option<P>) {
    let here = here.map(|key| (distance(text, key), key)).min_by_key(|(edits, _)| *edits);
    let elsewhere =
        elsewhere.map(|(key, place)| (distance(text, key), key, place)).min_by_key(|(edits, ..)| *edits);
    match (here, elsewhere) {
        (here, Some((edits, key, place)))
            if is_slip(edits, text) && here.is_none_or(|(edits_here, _)| 2 * edits < edits_here) =>
        {
            (key, Some(place))
        }
        (here, _) => (here.map_or("", |(_, key)| key), None),
    }
}

/// Whether so many edits to a text may be a slip: up to a third of it.
fn is_slip(edits: usize, text: &str) -> bool {
    3 * edits <= text.len()
}

/// How many bytes must be added, taken away or changed to make one text of the other (Levenshtein).
pub(super) fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, meant};

    #[test]
    fn the_distance_counts_edits() {
        for (a, b, edits) in
            [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2), ("x", "x", 0)]
        {
            assert_eq!((distance(a, b), distance(b, a)), (edits, edits), "{a} {b}");
        }
    }

    const HERE: [&str; 3] = ["file-size", "flush-interval", "flush-concurrency"];
    const ELSEWHERE: [(&str, u8); 3] = [("rules", 1), ("memory-quota", 2), ("file-index", 3)];

    fn slip(text: &str) -> (&'static str, Option<u8>) {
        meant(text, HERE.into_iter(), ELSEWHERE.into_iter())
    }

    #[test]
    fn a_slip_finds_its_key() {
        assert_eq!(slip("flush-intervall"), ("flush-interval", None));
        assert_eq!(slip("filesize"), ("file-size", None));
    }

    #[test]
    fn a_key_of_another_place_must_be_far_nearer() {
        assert_eq!(slip("memory_quota"), ("memory-quota", Some(2)));
        assert_eq!(slip("file-indx"), ("file-index", Some(3)), "one edit, and four to file-size");
        assert_eq!(slip("file-ind"), ("file-size", None), "two edits, and four");
        assert_eq!(slip("xules"), ("rules", Some(1)));
        assert_eq!(slip("xuxes").1, None, "two letters of five are no slip");
        assert_eq!(meant("rule", [].into_iter(), ELSEWHERE.into_iter()), ("rules", Some(1)));
    }
}
