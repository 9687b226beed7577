//! Bytes that no server wrote: an error at most, never a panic.
//!
//! The events keep correct checksums, so that the damage gets past them.

mod made_up;
mod reading;

use made_up::{CHECKSUM, EVENTS, HEADER, event, read, seal};
use proptest::prelude::*;
use source_mysql::Error;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Transactions from the recorded log with some bytes changed, anywhere behind the headers.
    #[test]
    fn changed_bytes_do_not_panic(
        from in any::<prop::sample::Index>(),
        flips in prop::collection::vec((0_usize..24, any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (head, events) = &*EVENTS;
        let from = from.index(events.len());
        let mut some = events[from..].iter().take(24).cloned().collect::<Vec<_>>();
        for event in &mut some {
            event.truncate(event.len() - CHECKSUM);
        }
        for (event, place, byte) in flips {
            if let Some(event) = some.get_mut(event).filter(|event| event.len() > HEADER) {
                let place = HEADER + place.index(event.len() - HEADER);
                event[place] = byte;
            }
        }
        let log = [head.clone()].into_iter().chain(some.into_iter().map(seal)).flatten().collect::<Vec<u8>>();
        if let Err(Error::Torn { offset, .. }) = read(&log) {
            prop_assert!(offset <= log.len() as u64);
        }
    }

    /// Events of any kind and any content, in a transaction.
    #[test]
    fn made_up_events_do_not_panic(
        bodies in prop::collection::vec((kinds(), prop::collection::vec(any::<u8>(), 0..200)), 1..8),
    ) {
        let (head, _) = &*EVENTS;
        let mut log = [head.clone(), event(162, &[0; 19])].concat();
        for (kind, body) in bodies {
            log.extend(event(kind, &body));
        }
        prop_assert!(read(&log).is_err(), "an open transaction at least");
    }

    /// Any bytes at all behind the magic.
    #[test]
    fn any_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let log = [b"\xFEbin", &bytes[..]].concat();
        prop_assert!(read(&log).is_err());
    }
}

/// Every kind, the ones we decode more often. None that ends the transaction.
fn kinds() -> impl Strategy<Value = u8> {
    prop_oneof![
        prop::sample::select(vec![19, 23, 24, 25, 30, 40, 165, 166]),
        any::<u8>().prop_filter("ends or restarts", |kind| ![2, 15, 16, 38, 165].contains(kind)),
    ]
}

/// A flipped bit without a new checksum is found by the old one.
#[test]
fn a_checksum_that_does_not_match_is_an_error() {
    let (head, events) = &*EVENTS;
    let mut log = [head.clone(), events.concat()].concat();
    let place = log.len() / 2;
    log[place] ^= 1;
    let text = read(&log).unwrap_err().to_string();
    assert!(text.contains("corrupt") && text.contains("offset"), "{text}");
}

/// The sizes of events are believed only as far as the file goes.
#[test]
fn a_huge_event_is_torn_and_not_allocated() {
    let (head, _) = &*EVENTS;
    let mut event = vec![0; HEADER];
    event[4] = 2;
    event[9..13].copy_from_slice(&u32::MAX.to_le_bytes());
    let log = [head.clone(), event].concat();
    assert!(matches!(read(&log), Err(Error::Torn { offset: 256, .. })));
}
