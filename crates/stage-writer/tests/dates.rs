//! Files never go to an earlier date than the one that a reader already takes first.

mod line;

use line::faults::{Faulty, Verb};
use line::history::Event;
use line::{Options, keys, start, text};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

const DAY: u64 = 86_400_000;

thread_local! {
    /// Each test's own: its runtime has one thread.
    static NOW: Cell<u64> = const { Cell::new(0) };
}

fn options() -> Options {
    Options { clock: || NOW.get(), ..Options::default() }
}

/// How often the dates of a version were asked for.
fn asked(store: &Faulty, version: &str) -> usize {
    let asked = Event::Asked(Verb::List, version.to_owned());
    store.history().events().iter().filter(|event| **event == asked).count()
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_clock_is_behind_goes_on_at_the_date_that_is_there() {
    let store = Faulty::default();
    NOW.set(5 * DAY);
    start(Arc::new(store.clone()), options()).send(1, 7, "insert").await.flushed().await.unwrap();
    NOW.set(4 * DAY);
    start(Arc::new(store.clone()), options()).send(1, 7, "update").await.flushed().await.unwrap();
    assert_eq!(text(store.inner(), "t/7/5/CDC000002.txt").await, "#update");
    assert_eq!(text(store.inner(), "t/7/5/meta/CDC.index").await, "CDC000002.txt\n");
    assert!(keys(store.inner()).await.iter().all(|key| !key.starts_with("t/7/4/")));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_date_does_not_count_and_the_latest_of_many_does() {
    let store = Faulty::default();
    for key in
        ["t/7/1/CDC000001.txt", "t/7/3/CDC000001.txt", "t/7/2/CDC000001.txt", "t/7/x/y", "t/7/9", "t/8/8/z"]
    {
        store.plant(key, "#old").await;
    }
    start(Arc::new(store.clone()), options()).send(1, 7, "new").await.flushed().await.unwrap();
    assert_eq!(text(store.inner(), "t/7/3/CDC000002.txt").await, "#new");
}

#[tokio::test(start_paused = true)]
async fn a_new_version_begins_at_the_clocks_date() {
    let store = Faulty::default();
    let mut line = start(Arc::new(store.clone()), options());
    // Some clock said 9, and was wrong.
    store.plant("t/7/9/CDC000001.txt", "#old").await;
    NOW.set(DAY);
    for (version, key) in [(7, "t/7/9/CDC000002.txt"), (8, "t/8/1/CDC000001.txt"), (7, "t/7/9/CDC000003.txt")]
    {
        line.send(1, version, "new").await.flushed().await.unwrap();
        assert_eq!(text(store.inner(), key).await, "#new");
    }
}

#[tokio::test(start_paused = true)]
async fn dates_are_asked_for_once_per_version_and_midnight_costs_nothing() {
    let store = Faulty::default();
    let mut line = start(Arc::new(store.clone()), options());
    for day in [0, 0, 1, 1, 3, 2] {
        NOW.set(day * DAY);
        line.send(1, 7, "a").await.flushed().await.unwrap();
    }
    assert_eq!(asked(&store, "t/7"), 1);
    line.send(1, 8, "a").await.flushed().await.unwrap();
    assert_eq!((asked(&store, "t/7"), asked(&store, "t/8")), (1, 1));
    assert_eq!(text(store.inner(), "t/7/3/meta/CDC.index").await, "CDC000002.txt\n");
}

#[tokio::test(start_paused = true)]
async fn another_lane_asks_for_itself_after_the_clock_was_set_back() {
    let store = Faulty::default();
    let mut line = start(Arc::new(store.clone()), Options { lanes: 4, ..options() });
    NOW.set(5 * DAY);
    line.send(1, 7, "a").await.flushed().await.unwrap();
    NOW.set(4 * DAY);
    // The table has moved to other dispatchers.
    for route in 2..6 {
        line.send(route, 7, "b").await.flushed().await.unwrap();
    }
    let index = text(store.inner(), "t/7/5/meta/CDC.index").await;
    assert_eq!(index, "CDC000005.txt\n");
}

#[tokio::test(start_paused = true)]
async fn an_idle_table_is_asked_for_again_and_still_does_not_go_back() {
    let store = Faulty::default();
    let mut line = start(Arc::new(store.clone()), options());
    NOW.set(5 * DAY);
    line.send(1, 7, "a").await.flushed().await.unwrap();
    tokio::time::sleep(Duration::from_secs(61)).await;
    NOW.set(4 * DAY);
    line.send(1, 7, "b").await.flushed().await.unwrap();
    assert_eq!(text(store.inner(), "t/7/5/CDC000002.txt").await, "#b");
    assert_eq!(asked(&store, "t/7"), 2);
}

#[tokio::test(start_paused = true)]
async fn midnight_may_pass_while_the_dates_are_being_asked_for() {
    for (planted, expected) in [
        (None, [("t/7/0/CDC000001.txt", "#a"), ("t/7/0/CDC000002.txt", "#b")]),
        (Some("t/7/5/CDC000001.txt"), [("t/7/5/CDC000002.txt", "#a"), ("t/7/5/CDC000003.txt", "#b")]),
    ] {
        let store = Faulty::default();
        store.delay(|verb, key| Duration::from_secs(if verb == Verb::List && key == "t/7" { 10 } else { 0 }));
        if let Some(planted) = planted {
            store.plant(planted, "#old").await;
        }
        NOW.set(0);
        let mut line = start(Arc::new(store.clone()), Options { bytes: 1, ..options() });
        let mut receipts = vec![line.send(1, 7, "a").await];
        tokio::time::sleep(Duration::from_secs(1)).await;
        NOW.set(DAY);
        receipts.push(line.send(1, 7, "b").await);
        for receipt in receipts {
            receipt.flushed().await.unwrap();
        }
        for (key, content) in expected {
            assert_eq!(text(store.inner(), key).await, content);
        }
        assert_eq!(store.history().asked(Verb::Delete, ""), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn back_in_a_version_whose_files_are_under_way_an_earlier_clock_does_not_lead_back() {
    let store = Faulty::default();
    store.delay(|verb, key| {
        let slow = verb == Verb::Put && (key.ends_with("CDC.index") || key.ends_with("CDC000001.txt"));
        Duration::from_secs(if slow { 10 } else { 0 })
    });
    let mut line = start(Arc::new(store.clone()), Options { bytes: 1, ..options() });
    let mut receipts = Vec::new();
    for (day, version, text) in [(5, 7, "a"), (5, 8, "b"), (4, 7, "c"), (3, 8, "d"), (6, 7, "e")] {
        NOW.set(day * DAY);
        receipts.push(line.send(1, version, text).await);
    }
    for receipt in receipts {
        receipt.flushed().await.unwrap();
    }
    for (key, content) in [
        ("7/5/CDC000001", "#a"),
        ("8/5/CDC000001", "#b"),
        ("7/5/CDC000002", "#c"),
        ("8/5/CDC000002", "#d"),
        ("7/6/CDC000001", "#e"),
    ] {
        assert_eq!(text(store.inner(), &format!("t/{key}.txt")).await, content);
    }
    store.history().check_indexes();
}
