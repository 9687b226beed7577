//! The laws, on what was seen of a run.

use super::seen::{MarkerSent, Out, Seen, concerns};
use pipeline_core::{Error, RouteId, Scope};
use std::collections::BTreeMap;

/// Order: per route, out as in; all of it if the pipeline ended well.
pub fn order(seen: &Seen, ended_well: bool) {
    let mut out: BTreeMap<RouteId, Vec<u64>> = BTreeMap::new();
    for came in seen.lanes.lock().unwrap().values().flatten() {
        if let Out::Data(route, numbers) = came {
            out.entry(*route).or_default().extend(numbers);
        }
    }
    for (route, numbers) in &out {
        assert!(
            (0..).zip(numbers).all(|(place, number)| place == *number),
            "{route} came out as {numbers:?}"
        );
    }
    if ended_well {
        let sent = seen.sent.lock().unwrap().len();
        assert_eq!(out.values().map(Vec::len).sum::<usize>(), sent, "all that went in came out");
    }
}

/// Marker: each exactly once and in its place, in every lane of its scope.
pub fn markers(seen: &Seen, ended_well: bool) {
    let lanes = seen.lanes.lock().unwrap();
    let markers = seen.markers.lock().unwrap();
    let mut left: Vec<&MarkerSent> = markers.iter().filter(|marker| marker.scope != Scope::All).collect();
    for (lane, out) in lanes.iter() {
        let here = |route: RouteId| out.iter().any(|came| matches!(came, Out::Data(of, _) if *of == route));
        let mut left_of_all: Vec<&MarkerSent> =
            markers.iter().filter(|marker| marker.scope == Scope::All).collect();
        let mut count: BTreeMap<RouteId, u64> = BTreeMap::new();
        for came in out {
            match came {
                Out::Data(route, numbers) => {
                    let count = count.entry(*route).or_default();
                    *count += numbers.len() as u64;
                    for marker in left.iter().chain(&left_of_all) {
                        let before = marker.before.get(route).copied().unwrap_or(0);
                        let overtakes = concerns(marker.scope, *route) && *count > before;
                        assert!(
                            !overtakes,
                            "{numbers:?} of {route} overtook {:?} in lane {lane}",
                            marker.scope
                        );
                    }
                }
                Out::Marker(scope) => {
                    let waiting = if *scope == Scope::All { &mut left_of_all } else { &mut left };
                    let place = waiting.iter().position(|marker| marker.scope == *scope);
                    let marker = waiting.remove(place.expect("a marker comes out once"));
                    for (route, before) in &marker.before {
                        let out = count.get(route).copied().unwrap_or(0);
                        let counts = concerns(*scope, *route) && (*scope != Scope::All || here(*route));
                        assert!(!counts || out >= *before, "{scope:?} overtook {route} in lane {lane}");
                    }
                }
            }
        }
        assert!(!ended_well || left_of_all.is_empty(), "lane {lane} kept a marker of all routes");
    }
    assert!(!ended_well || left.is_empty(), "markers did not come out: {left:?}");
}

/// Receipt, two stages, fate: each settled once, and by the pipeline's first error if it was not flushed.
pub fn receipts(seen: &Seen, end: &Result<(), Error>) {
    for (token, sent) in seen.sent.lock().unwrap().iter().enumerate() {
        assert_eq!(sent.settled.len(), 1, "element {token} is settled once");
        match &sent.settled[0] {
            Ok(()) => assert_eq!(sent.enqueued, 1, "a flush ack implies an enqueue ack"),
            Err(error) => {
                assert!(sent.enqueued <= 1, "one enqueue ack at most");
                is_first_error(error, end);
            }
        }
    }
}

/// Fate: nobody hears of another error than the first.
pub fn is_first_error(error: &Error, end: &Result<(), Error>) {
    let first = end.as_ref().expect_err("only a pipeline that failed loses anything");
    let text = |error: &Error| std::error::Error::source(error).map(ToString::to_string);
    assert_eq!((error.kind(), text(error)), (first.kind(), text(first)));
}
