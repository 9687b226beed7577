//! What becomes visible, and in which order.

mod line;

use line::faults::{Faulty, Verb};
use line::history::Event;
use line::{Options, Table, keys, start, text};
use pipeline_core::{RouteId, Scope};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_slow_file_holds_back_its_own_route_and_no_other() {
    let store = Faulty::default();
    store.delay(|verb, key| {
        let slow = verb == Verb::Put && key == "t/7/0/CDC000001.txt";
        Duration::from_secs(if slow { 100 } else { 0 })
    });
    let mut line = start(Arc::new(store.clone()), Options { bytes: 1, ..Options::default() });
    let began = Instant::now();
    let slow = line.send(1, 7, "a").await;
    let behind = line.send(1, 7, "b").await;
    for _ in 0..20 {
        line.send(2, 8, "c").await.flushed().await.unwrap();
    }
    line.door.drain(Scope::Route(RouteId(2))).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO, "nobody waited");
    assert!(!slow.is_flushed() && !behind.is_flushed());
    behind.flushed().await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(100));
    store.history().check_indexes();
}

#[tokio::test(start_paused = true)]
async fn one_index_write_covers_the_files_that_gathered_meanwhile() {
    let store = Faulty::default();
    store.delay(|verb, key| {
        let slow = verb == Verb::Put && key.ends_with("CDC.index");
        Duration::from_secs(if slow { 1 } else { 0 })
    });
    let mut line = start(Arc::new(store.clone()), Options { bytes: 1, ..Options::default() });
    let mut receipts = Vec::new();
    for _ in 0..200 {
        receipts.push(line.send(1, 7, "a").await);
    }
    for receipt in receipts {
        receipt.flushed().await.unwrap();
    }
    let writes = store.history().puts("CDC.index").len();
    assert!((2..=4).contains(&writes), "{writes} index writes for 200 files");
    assert_eq!(text(store.inner(), "t/7/0/meta/CDC.index").await, "CDC000200.txt\n");
    store.history().check_indexes();
}

#[tokio::test(start_paused = true)]
async fn a_file_costs_two_requests() {
    let store = Faulty::default();
    let mut line = start(Arc::new(store.clone()), Options::default());
    line.send(1, 7, "first").await.flushed().await.unwrap();
    let before = line.remote.requests_sent();
    for _ in 0..20 {
        line.send(1, 7, "a").await.flushed().await.unwrap();
    }
    assert_eq!(line.remote.requests_sent() - before, 40);
}

#[tokio::test(start_paused = true)]
async fn directories_become_visible_one_after_the_other_however_many_wait() {
    let store = Faulty::default();
    store.delay(|verb, key| {
        let slow = verb == Verb::Put && key == "t/7/0/meta/CDC.index";
        Duration::from_secs(if slow { 10 } else { 0 })
    });
    let mut line = start(Arc::new(store.clone()), Options { bytes: 1, ..Options::default() });
    let mut receipts = Vec::new();
    for version in [7, 8, 9, 10] {
        receipts.push(line.send(1, version, "a").await);
    }
    for receipt in receipts {
        receipt.flushed().await.unwrap();
    }
    let events = store.history().events();
    let done = |version: u64| {
        let done = Event::Done(Verb::Put, format!("t/{version}/0/meta/CDC.index"));
        events.iter().position(|event| *event == done).unwrap()
    };
    assert!(done(7) < done(8) && done(8) < done(9) && done(9) < done(10));
}

#[tokio::test(start_paused = true)]
async fn groups_that_share_a_directory_take_turns_in_it() {
    let store = Faulty::default();
    let mut line = start(Arc::new(store.clone()), Options::default());
    let mut receipts = Vec::new();
    for name in ["t#1", "t#2", "t#1", "t#2"] {
        receipts.push(line.send_of(1, Table { name, version: 7 }, "a").await);
    }
    let drained = tokio::time::timeout(Duration::from_secs(60), line.door.drain(Scope::All)).await;
    drained.expect("nobody waits for another who waits").unwrap();
    assert!(receipts.iter().all(pipeline_core::Receipt::is_flushed));
    let data = keys(store.inner()).await.into_iter().filter(|key| key.ends_with(".txt"));
    let wanted = (1..=4).map(|number| format!("t/7/0/CDC{number:06}.txt"));
    assert!(data.eq(wanted), "{:?}", keys(store.inner()).await);
    assert_eq!(text(store.inner(), "t/7/0/meta/CDC.index").await, "CDC000004.txt\n");
    store.history().check_indexes();
}
