//! Every interleaving of the gate, the receipt, the marker and the mailbox.
//!
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test --release -p pipeline-core --test loom`
#![cfg(loom)]

use loom::future::block_on;
use loom::thread;
use pipeline_core::gate::{Entry, Gate, Lease, Levels};
use pipeline_core::model;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// A gate that shuts above two bytes and opens when nothing is held.
fn gate() -> Gate {
    Gate::new(Levels { high: 2, low: 0 })
}

fn enter(entry: &mut Entry, bytes: u64) -> Lease {
    block_on(entry.ready());
    entry.enter(bytes)
}

/// Three threads that all wait, or share much, have too many interleavings: those with up to three preemptions are tried.
fn bounded(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// A waker that remembers.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls an entry once; whoever then drops it, or forgets about it, was perhaps invited.
fn poll_once(entry: &mut Entry) -> (Poll<()>, Arc<Woken>) {
    let woken = Arc::<Woken>::default();
    let waker = Waker::from(woken.clone());
    (entry.poll_ready(&mut Context::from_waker(&waker)), woken)
}

fn assert_empty(gate: &Gate) {
    assert_eq!((gate.held(), gate.waiting(), gate.is_shut()), (0, 0, false));
}

#[test]
fn every_entry_comes_in_while_leases_are_dropped() {
    bounded(|| {
        let gate = gate();
        let lease = enter(&mut gate.entry(), 3);
        let waiters = [1, 3].map(|bytes| {
            let mut entry = gate.entry();
            thread::spawn(move || drop(enter(&mut entry, bytes)))
        });
        drop(lease);
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        assert_empty(&gate);
    });
}

#[test]
fn every_entry_comes_in_while_two_threads_let_go() {
    loom::model(|| {
        let gate = gate();
        let (one, two) = (enter(&mut gate.entry(), 1), enter(&mut gate.entry(), 2));
        let other = thread::spawn(move || drop(two));
        let mut entry = gate.entry();
        let waiter = thread::spawn(move || drop(enter(&mut entry, 3)));
        drop(one);
        other.join().unwrap();
        waiter.join().unwrap();
        assert_empty(&gate);
    });
}

#[test]
fn an_entry_that_is_dropped_while_invited_passes_it_on() {
    loom::model(|| {
        let gate = gate();
        let lease = enter(&mut gate.entry(), 3);
        let mut going = gate.entry();
        let goes = thread::spawn(move || {
            // Whatever it was told, and whether it was invited since: it goes.
            let (_told, _woken) = poll_once(&mut going);
            drop(going);
        });
        let mut staying = gate.entry();
        let stays = thread::spawn(move || drop(enter(&mut staying, 1)));
        drop(lease);
        goes.join().unwrap();
        stays.join().unwrap();
        assert_empty(&gate);
    });
}

#[test]
fn an_entry_that_is_invited_and_idle_keeps_nobody_out() {
    loom::model(|| {
        let gate = gate();
        let lease = enter(&mut gate.entry(), 3);
        let mut idle = gate.entry();
        let (_told, _woken) = poll_once(&mut idle);
        let mut entry = gate.entry();
        let waiter = thread::spawn(move || drop(enter(&mut entry, 1)));
        drop(lease);
        waiter.join().unwrap();
        drop(idle);
        assert_empty(&gate);
    });
}

#[test]
fn no_waiter_sleeps_before_an_open_gate_with_nothing_behind_it() {
    loom::model(|| {
        let gate = gate();
        let (one, two) = (enter(&mut gate.entry(), 1), enter(&mut gate.entry(), 2));
        let mut entries = [gate.entry(), gate.entry()];
        let other = thread::spawn(move || drop(two));
        let third = thread::spawn(move || drop(one));
        let polled = entries.each_mut().map(poll_once);
        other.join().unwrap();
        third.join().unwrap();
        assert!(!gate.is_shut() && gate.held() == 0);
        assert_eq!(gate.waiting(), 0);
        for (told, woken) in polled {
            assert!(told.is_ready() || woken.0.load(Ordering::Relaxed), "a waiter is asleep");
        }
    });
}

#[test]
fn pressure_is_heard_whenever_the_gate_shuts() {
    loom::model(|| {
        let gate = gate();
        let mut pressure = gate.pressure();
        let mut entry = gate.entry();
        let shuts = thread::spawn(move || enter(&mut entry, 3));
        block_on(poll_fn(|cx| pressure.poll_shut(cx)));
        drop(shuts.join().unwrap());
        assert_empty(&gate);
    });
}

#[test]
fn both_acks_reach_a_waiter_that_polls_meanwhile() {
    loom::model(|| {
        let gate = gate();
        let (front, held) = (enter(&mut gate.entry(), 1), enter(&mut gate.entry(), 1));
        let (mut owed, enqueued) = model::receipt(Some(front));
        let stage = thread::spawn(move || {
            owed.hold(held);
            owed.enqueue();
            owed.flush();
        });
        let receipt = block_on(enqueued).expect("enqueued");
        assert!(gate.held() <= 1, "the enqueue ack lets the front door's lease go first");
        block_on(receipt.flushed()).expect("flushed");
        assert_eq!(gate.held(), 0, "the flush ack lets the lease go first");
        stage.join().unwrap();
    });
}

#[test]
fn a_flush_ack_alone_is_both() {
    loom::model(|| {
        let (owed, enqueued) = model::receipt(None);
        let stage = thread::spawn(move || owed.flush());
        let receipt = block_on(enqueued).expect("enqueued");
        block_on(receipt.flushed()).expect("flushed");
        stage.join().unwrap();
    });
}

#[test]
fn a_loss_reaches_a_waiter_that_polls_meanwhile() {
    for enqueues in [false, true] {
        loom::model(move || {
            let (mut owed, enqueued) = model::receipt(None);
            let stage = thread::spawn(move || {
                if enqueues {
                    owed.enqueue();
                }
                drop(owed);
            });
            if let Ok(receipt) = block_on(enqueued) {
                assert!(enqueues, "nothing was enqueued");
                block_on(receipt.flushed()).expect_err("lost, not flushed");
            }
            stage.join().unwrap();
        });
    }
}

#[test]
fn a_marker_is_acknowledged_when_its_last_part_is() {
    loom::model(|| {
        let (parts, drained) = model::marker(2);
        let lanes: Vec<_> = parts.into_iter().map(|part| thread::spawn(move || part.acknowledge())).collect();
        block_on(drained).expect("acknowledged");
        lanes.into_iter().for_each(|lane| lane.join().unwrap());
    });
}

#[test]
fn a_marker_with_a_lost_part_is_lost_whatever_the_others_do() {
    loom::model(|| {
        let (mut parts, drained) = model::marker(2);
        let (lost, good) = (parts.remove(0), parts.remove(0));
        let one = thread::spawn(move || drop(lost));
        let other = thread::spawn(move || good.acknowledge());
        block_on(drained).expect_err("lost");
        one.join().unwrap();
        other.join().unwrap();
    });
}

#[test]
fn what_is_left_in_a_mailbox_arrives_or_is_refused_while_it_closes() {
    loom::model(|| {
        let (sender, mut receiver) = model::lane();
        let sender = Arc::new(sender);
        let (mut parts, drained) = model::marker(1);
        let pushes = sender.clone();
        let part = parts.remove(0);
        let source = thread::spawn(move || pushes.push(part));
        let closes = thread::spawn(move || sender.close());
        let mut arrived = false;
        while let Some(marker) = block_on(poll_fn(|cx| receiver.poll_next(cx))) {
            marker.acknowledge();
            arrived = true;
        }
        drop(receiver);
        source.join().unwrap();
        closes.join().unwrap();
        assert_eq!(block_on(drained).is_ok(), arrived, "what did not arrive is told to be lost");
    });
}

#[test]
fn what_is_left_in_the_mailbox_of_a_dropped_lane_is_lost() {
    loom::model(|| {
        let (sender, receiver) = model::lane();
        let (mut parts, mut drained) = model::marker(1);
        let part = parts.remove(0);
        let source = thread::spawn(move || sender.push(part));
        drop(receiver);
        block_on(poll_fn(|cx| Pin::new(&mut drained).poll(cx)))
            .expect_err("nobody is there to acknowledge it");
        source.join().unwrap();
    });
}

/// A lane's task that finds its turn taken goes to sleep; whoever has the turn may have looked before the news came.
#[test]
fn a_lane_that_found_its_turn_taken_is_woken_when_the_turn_is_given_back() {
    use loom::sync::atomic::AtomicUsize;
    bounded(|| {
        let turns = Arc::new(model::Turns::new());
        let bell = loom::sync::Arc::new(loom::sync::Notify::new());
        let (news, heard) =
            (loom::sync::Arc::new(AtomicUsize::new(0)), loom::sync::Arc::new(AtomicUsize::new(0)));
        let run = {
            let (turns, bell, news, heard) = (turns.clone(), bell.clone(), news.clone(), heard.clone());
            move || {
                if turns.begin() {
                    heard.fetch_add(news.swap(0, Ordering::SeqCst), Ordering::SeqCst);
                    if turns.end() {
                        bell.notify();
                    }
                }
            }
        };
        let store = {
            let (bell, news) = (bell.clone(), news.clone());
            thread::spawn(move || {
                // Not a store: loom may order one after a swap that came later.
                news.swap(1, Ordering::SeqCst);
                bell.notify();
            })
        };
        let caller = thread::spawn(run.clone());
        while heard.load(Ordering::SeqCst) == 0 {
            bell.wait();
            run();
        }
        store.join().unwrap();
        caller.join().unwrap();
    });
}
