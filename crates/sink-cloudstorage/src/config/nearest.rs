//! What a misspelt key may have meant.

/// The candidate with the fewest edits to the text; the first of several.
pub(super) fn nearest(text: &str, candidates: impl Iterator<Item = &'static str>) -> &'static str {
    candidates.min_by_key(|candidate| distance(text, candidate)).unwrap_or("")
}

/// How many bytes must be added, taken away or changed to make one text of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
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
    use super::{distance, nearest};

    #[test]
    fn the_distance_counts_edits() {
        for (a, b, edits) in
            [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2), ("x", "x", 0)]
        {
            assert_eq!((distance(a, b), distance(b, a)), (edits, edits), "{a} {b}");
        }
    }

    #[test]
    fn a_slip_finds_its_key() {
        let keys = ["file-size", "flush-interval", "flush-concurrency"];
        assert_eq!(nearest("flush-intervall", keys.into_iter()), "flush-interval");
        assert_eq!(nearest("filesize", keys.into_iter()), "file-size");
    }
}
