//! The gate, poll by poll.

use pipeline_core::gate::{Entry, Gate, Lease, Levels};
use tokio_test::task::{self, Spawn};
use tokio_test::{assert_pending, assert_ready};

fn gate() -> Gate {
    Gate::new(Levels { high: 100, low: 60 })
}

/// Takes `bytes` in by an entry of its own.
fn fill(gate: &Gate, bytes: u64) -> Lease {
    let mut entry = task::spawn(gate.entry());
    assert_ready!(poll(&mut entry));
    take(&mut entry, bytes)
}

fn poll(entry: &mut Spawn<Entry>) -> std::task::Poll<()> {
    entry.enter(|cx, mut entry| entry.poll_ready(cx))
}

fn take(entry: &mut Spawn<Entry>, bytes: u64) -> Lease {
    Entry::enter(entry, bytes)
}

/// Entries that wait before a shut gate, in order of arrival.
fn waiters<const N: usize>(gate: &Gate) -> [Spawn<Entry>; N] {
    std::array::from_fn(|_| {
        let mut entry = task::spawn(gate.entry());
        assert_pending!(poll(&mut entry));
        entry
    })
}

#[test]
fn a_gate_shuts_above_high_and_not_at_it() {
    let gate = gate();
    let _at_high = fill(&gate, 100);
    assert!(!gate.is_shut());
    let _above = fill(&gate, 1);
    assert!(gate.is_shut());
    assert_eq!((gate.held(), gate.peak(), gate.shut_count()), (101, 101, 1));
}

#[test]
fn a_shut_gate_opens_at_low_and_not_before() {
    let gate = gate();
    let leases = [fill(&gate, 60), fill(&gate, 1), fill(&gate, 40)];
    let [mut waiter] = waiters(&gate);
    let [last, one, forty] = leases;
    drop(forty);
    assert!(gate.is_shut(), "61 is above low");
    assert!(!waiter.is_woken());
    assert_pending!(poll(&mut waiter));
    drop(one);
    assert!(!gate.is_shut());
    assert!(waiter.is_woken());
    assert_ready!(poll(&mut waiter));
    drop(last);
}

#[test]
fn readiness_is_kept_until_enter_even_if_the_gate_shuts() {
    let gate = gate();
    let mut entry = task::spawn(gate.entry());
    assert_ready!(poll(&mut entry));
    let _above = fill(&gate, 101);
    assert!(gate.is_shut());
    assert_ready!(poll(&mut entry));
    let _lease = take(&mut entry, 7);
    assert_eq!(gate.held(), 108);
    assert_pending!(poll(&mut entry));
}

#[test]
fn a_clone_starts_without_readiness() {
    let gate = gate();
    let mut entry = task::spawn(gate.entry());
    assert_ready!(poll(&mut entry));
    let mut clone = task::spawn((*entry).clone());
    let _above = fill(&gate, 101);
    assert_pending!(poll(&mut clone));
}

#[test]
#[should_panic = "follows a `poll_ready` that said ready"]
fn entering_without_readiness_is_a_defect() {
    drop(gate().entry().enter(1));
}

#[test]
fn an_element_heavier_than_the_limit_passes_an_open_gate() {
    let gate = gate();
    let heavy = fill(&gate, 10_000);
    assert!(gate.is_shut());
    let [mut waiter] = waiters(&gate);
    drop(heavy);
    assert!(waiter.is_woken());
    assert_ready!(poll(&mut waiter));
    let _second = take(&mut waiter, 10_000);
    assert_eq!(gate.peak(), 10_000, "one at a time");
}

#[test]
fn an_element_without_weight_is_charged_one_byte() {
    let gate = gate();
    let weightless: Vec<Lease> = (0..101).map(|_| fill(&gate, 0)).collect();
    assert!(gate.is_shut());
    assert_eq!(weightless.iter().map(Lease::bytes).sum::<u64>(), 101);
}

#[test]
fn waiters_enter_one_after_the_other_within_the_room() {
    let gate = gate();
    let last = fill(&gate, 60);
    let above = fill(&gate, 41);
    let [mut first, mut second, mut third] = waiters(&gate);
    drop(above);
    assert!(first.is_woken());
    assert!(!second.is_woken(), "an opening invites the first and no herd");
    assert_ready!(poll(&mut first));
    let _first = take(&mut first, 30);
    assert!(second.is_woken(), "90 leaves room");
    assert!(!third.is_woken());
    assert_ready!(poll(&mut second));
    let _second = take(&mut second, 30);
    assert!(gate.is_shut());
    assert!(third.is_woken(), "the second invited it before it entered");
    assert_pending!(poll(&mut third));
    assert_eq!(gate.peak(), 120, "at most one element above high");
    drop(last);
}

#[test]
fn who_arrives_at_an_open_gate_stands_behind_those_who_wait() {
    let gate = gate();
    let _last = fill(&gate, 60);
    let above = fill(&gate, 41);
    let [mut first, mut second] = waiters(&gate);
    drop(above);
    let mut late = task::spawn(gate.entry());
    assert_pending!(poll(&mut late));
    assert_ready!(poll(&mut first));
    assert!(second.is_woken() && !late.is_woken());
    assert_ready!(poll(&mut second));
    assert!(late.is_woken());
    assert_ready!(poll(&mut late));
}

#[test]
fn an_invited_waiter_that_finds_the_gate_shut_again_keeps_its_place() {
    let gate = gate();
    let _last = fill(&gate, 60);
    let above = fill(&gate, 41);
    let [mut first, mut second] = waiters(&gate);
    let mut admitted = task::spawn(gate.entry());
    drop(above);
    assert!(first.is_woken());
    // Comes in before the first is polled, as an entry that was let in earlier may.
    assert_pending!(poll(&mut admitted));
    assert_ready!(poll(&mut first));
    let again = take(&mut first, 50);
    assert!(gate.is_shut() && second.is_woken());
    assert_pending!(poll(&mut second));
    drop(again);
    assert!(second.is_woken(), "it is before the one that came later");
    assert!(!admitted.is_woken());
}

#[test]
fn an_invited_waiter_that_is_dropped_passes_the_invitation_on() {
    let gate = gate();
    let _last = fill(&gate, 60);
    let above = fill(&gate, 41);
    let [first, mut second] = waiters(&gate);
    drop(above);
    assert!(first.is_woken() && !second.is_woken());
    drop(first);
    assert!(second.is_woken());
    assert_ready!(poll(&mut second));
}

#[test]
fn a_waiter_that_is_dropped_leaves_the_line() {
    let gate = gate();
    let above = fill(&gate, 101);
    let [first, second] = waiters(&gate);
    assert_eq!(gate.waiting(), 2);
    drop(first);
    assert_eq!(gate.waiting(), 1);
    assert!(!second.is_woken(), "the gate is still shut");
    drop(above);
    assert!(second.is_woken());
}

#[test]
fn an_invited_waiter_that_never_polls_holds_nobody_up_for_good() {
    let gate = gate();
    let (last, more) = (fill(&gate, 30), fill(&gate, 30));
    let above = fill(&gate, 41);
    let [first, mut second, mut third, mut fourth] = waiters(&gate);
    drop(above);
    assert!(first.is_woken() && !second.is_woken());
    drop(more);
    assert!(second.is_woken() && !third.is_woken(), "every release invites one");
    drop(last);
    assert!(third.is_woken() && fourth.is_woken(), "nothing is held: all are invited");
    for entry in [&mut fourth, &mut third, &mut second] {
        assert_ready!(poll(entry));
    }
    assert_eq!(gate.waiting(), 0);
}

#[test]
fn a_cancelled_wait_keeps_its_place_and_keeps_nobody_out() {
    let gate = gate();
    let last = fill(&gate, 60);
    let above = fill(&gate, 41);
    let mut entry = gate.entry();
    {
        let mut wait = task::spawn(entry.ready());
        assert_pending!(wait.poll());
    }
    let [mut second] = waiters(&gate);
    drop(above);
    assert!(!second.is_woken(), "the first place is still taken");
    drop(last);
    assert!(second.is_woken());
    assert_ready!(poll(&mut second));
    assert_ready!(task::spawn(entry.ready()).poll());
}

#[test]
fn pressure_wakes_when_the_gate_shuts_and_stays_until_it_opens() {
    let gate = gate();
    let mut pressure = task::spawn(gate.pressure());
    assert_pending!(pressure.enter(|cx, mut pressure| pressure.poll_shut(cx)));
    let mut clone = task::spawn((*pressure).clone());
    assert_pending!(clone.enter(|cx, mut pressure| pressure.poll_shut(cx)));
    let last = fill(&gate, 60);
    assert!(!pressure.is_woken());
    let above = fill(&gate, 41);
    assert!(pressure.is_woken() && clone.is_woken());
    assert_ready!(pressure.enter(|cx, mut pressure| pressure.poll_shut(cx)));
    assert_ready!(pressure.enter(|cx, mut pressure| pressure.poll_shut(cx)));
    drop(above);
    assert_pending!(pressure.enter(|cx, mut pressure| pressure.poll_shut(cx)));
    drop(last);
}

#[test]
#[should_panic = "low level must not exceed"]
fn a_low_level_above_high_is_refused() {
    drop(Gate::new(Levels { high: 1, low: 2 }));
}

#[test]
fn a_gate_over_elements_shuts_above_their_number_and_opens_at_low() {
    let bytes = Levels { high: 1000, low: 500 };
    let gate = Gate::over(bytes, Levels { high: 3, low: 1 });
    let mut leases: Vec<Lease> = (0..4).map(|_| fill(&gate, 1)).collect();
    assert!(gate.is_shut() && gate.elements() == 4);
    leases.truncate(2);
    assert!(gate.is_shut(), "two are more than low");
    leases.truncate(1);
    assert!(!gate.is_shut());
    drop(fill(&gate, 1001));
    assert_eq!((gate.elements(), gate.held()), (1, 1));
}
