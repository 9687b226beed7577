//! Under which conditions a get is answered, and which part of the object it wants.

use super::answer::Refusal;
use super::buckets::Object;
use super::call::Call;
use jiff::fmt::rfc2822;
use std::ops::Range;

/// What of an object is wanted.
pub(super) enum Part {
    Whole,
    Range(Range<usize>),
}

/// What a get wants, if its conditions hold: RFC 9110, sections 13.2.2 and 14.
pub(super) fn wanted(call: &Call, object: &Object) -> Result<Part, Refusal> {
    let tag = object.tag();
    let lists = |list: &str| list == "*" || list.split(',').any(|one| one.trim() == tag);
    // A header has whole seconds, and so it is compared by these.
    let changed_after = |date: &str| {
        rfc2822::parse(date).is_ok_and(|date| object.changed.as_second() > date.timestamp().as_second())
    };
    let fails = match (call.header("if-match"), call.header("if-unmodified-since")) {
        (Some(list), _) => !lists(list),
        (None, date) => date.is_some_and(changed_after),
    };
    if fails {
        return Err(Refusal::PreconditionFailed);
    }
    let is_known = match (call.header("if-none-match"), call.header("if-modified-since")) {
        (Some(list), _) => lists(list),
        (None, date) => date.is_some_and(|date| !changed_after(date)),
    };
    if is_known {
        return Err(Refusal::NotModified);
    }
    match call.header("range").and_then(|range| range.strip_prefix("bytes=")) {
        None => Ok(Part::Whole),
        Some(range) => part(range, object.bytes.len()).map(Part::Range).ok_or(Refusal::InvalidRange),
    }
}

/// `FIRST-LAST`, `FIRST-` or `-LENGTH` of this many bytes.
fn part(range: &str, length: usize) -> Option<Range<usize>> {
    let (first, last) = range.split_once('-')?;
    let range = match (first.parse::<usize>().ok(), last.parse::<usize>().ok()) {
        (Some(first), Some(last)) => first..length.min(last.saturating_add(1)),
        (Some(first), None) => first..length,
        (None, Some(suffix)) => length.saturating_sub(suffix)..length,
        (None, None) => return None,
    };
    (!range.is_empty()).then_some(range)
}
