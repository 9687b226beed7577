//! The level over stores of several kinds, in a time of their own.

use super::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const TIMEOUT: Duration = Duration::from_secs(300);
const BASE: Duration = Duration::from_millis(50);

/// A store that is asked all the time, by as many as may ask it.
struct Asked<S> {
    store: S,
    bytes: Option<u64>,
    level: Level,
    now: Duration,
    /// When each request will end, and as what.
    under_way: BinaryHeap<Reverse<(Duration, u64, usize)>>,
    outcomes: Vec<Outcome>,
    answered: usize,
    failed: usize,
}

/// What a store does of a request that comes when so many are under way with it.
type Reply = (Duration, Ended);

impl<S: FnMut(usize) -> Reply> Asked<S> {
    fn new(most: usize, store: S) -> Self {
        let level = Level::new(Concurrency::Adaptive { first: 64.min(most), most }, TIMEOUT);
        let (now, under_way, outcomes) = (Duration::ZERO, BinaryHeap::new(), Vec::new());
        Self { store, bytes: Some(1_000), level, now, under_way, outcomes, answered: 0, failed: 0 }
    }

    /// Asks until `end`; what it says is how many were answered and how many failed meanwhile.
    fn until(&mut self, end: Duration) -> (usize, usize) {
        let before = (self.answered, self.failed);
        while self.now < end {
            while self.under_way.len() < self.level.now() {
                let (took, ended) = (self.store)(self.under_way.len() + 1);
                let epoch = self.level.epoch();
                self.outcomes.push(Outcome { ended, took, bytes: self.bytes, epoch });
                // Each a microsecond after the one before, as they are sent.
                self.now += Duration::from_micros(1);
                self.under_way.push(Reverse((self.now + took, epoch, self.outcomes.len() - 1)));
                self.level.sent(self.under_way.len());
            }
            self.level.short();
            let Reverse((time, _, outcome)) = self.under_way.pop().expect("something is under way");
            self.now = time.max(self.now);
            let outcome = self.outcomes[outcome];
            match outcome.ended {
                Ended::Answered => self.answered += 1,
                Ended::Failed | Ended::Unknown => self.failed += 1,
            }
            self.level.ended(outcome, self.under_way.len());
        }
        (self.answered - before.0, self.failed - before.1)
    }
}

#[test]
fn a_store_that_takes_any_number_gets_the_most_within_a_few_latencies() {
    let mut asked = Asked::new(512, |_| (BASE, Ended::Answered));
    asked.until(BASE * 4);
    assert_eq!(asked.level.now(), 512);
    asked.until(BASE * 400);
    assert_eq!(asked.level.now(), 512);
}

#[test]
fn a_store_that_queues_is_kept_busy_and_not_buried() {
    // It works at 100 requests at a time; more of them only wait.
    let mut asked =
        Asked::new(4096, |under_way| (BASE.mul_f64((under_way as f64 / 100.0).max(1.0)), Ended::Answered));
    asked.until(BASE * 200);
    let (answered, _) = asked.until(BASE * 1_200);
    assert!(answered > 95_000, "it could do 100,000 in that time, and did {answered}");
    assert!((100..=500).contains(&asked.level.now()), "{}", asked.level.now());
}

#[test]
fn throttling_lowers_it_and_it_comes_back() {
    let throttles = std::cell::Cell::new(true);
    let mut asked = Asked::new(512, |under_way| match throttles.get() && under_way > 40 {
        true => (BASE, Ended::Failed),
        false => (BASE, Ended::Answered),
    });
    asked.until(BASE * 100);
    let (answered, failed) = asked.until(BASE * 1_100);
    assert!(asked.level.now() <= 64, "{}", asked.level.now());
    assert!(failed * 8 < answered, "{failed} of {} were refused", answered + failed);
    assert!(answered > 1_000 * 40 / 2, "it could do 40,000 in that time, and did {answered}");
    throttles.set(false);
    asked.until(BASE * 1_300);
    assert_eq!(asked.level.now(), 512);
}

#[test]
fn an_outage_leaves_few_and_ends() {
    let down = std::cell::Cell::new(true);
    let mut asked = Asked::new(512, |_| (BASE, if down.get() { Ended::Failed } else { Ended::Answered }));
    asked.until(BASE * 50);
    assert_eq!(asked.level.now(), LEAST);
    down.set(false);
    asked.until(BASE * 250);
    assert_eq!(asked.level.now(), 512);
}

#[test]
fn a_failure_now_and_then_is_no_trouble() {
    let mut count = 0;
    let mut asked = Asked::new(512, |_| {
        count += 1;
        (BASE, if count % 200 == 0 { Ended::Failed } else { Ended::Answered })
    });
    asked.until(BASE * 100);
    assert_eq!(asked.level.now(), 512);
}

#[test]
fn a_store_that_becomes_slower_for_good_is_believed() {
    let latency = std::cell::Cell::new(BASE);
    let mut asked = Asked::new(512, |_| (latency.get(), Ended::Answered));
    asked.until(BASE * 10);
    for slower in [10, 30] {
        latency.set(BASE * slower);
        let now = asked.now;
        asked.until(now + BASE * slower * 200);
        assert_eq!(asked.level.now(), 512);
    }
}

#[test]
fn nothing_is_learnt_from_large_requests_but_that_they_take_too_long() {
    // A line that carries so many at a time that each takes a second for each of them.
    let mut asked = Asked::new(512, |under_way| (Duration::from_secs(under_way as u64), Ended::Answered));
    asked.bytes = Some(8 << 20);
    asked.until(Duration::from_secs(5_000));
    assert!(asked.level.now() <= 32, "{}", asked.level.now());
    let mut asked = Asked::new(512, |_| (BASE, Ended::Answered));
    asked.bytes = Some(8 << 20);
    asked.until(BASE * 100);
    assert_eq!(asked.level.now(), 64);
}

#[test]
fn what_nobody_waits_for_is_not_raised_and_what_is_fixed_stays() {
    let outcome = |level: &Level, ended| Outcome { ended, took: BASE, bytes: Some(0), epoch: level.epoch() };
    let mut level = Level::new(Concurrency::Adaptive { first: 64, most: 512 }, TIMEOUT);
    for _ in 0..10_000 {
        level.sent(20);
        assert_eq!(level.ended(outcome(&level, Ended::Answered), 19), None);
    }
    assert_eq!(level.now(), 64);
    let mut level = Level::new(Concurrency::Fixed(64), TIMEOUT);
    for _ in 0..10_000 {
        level.sent(64);
        level.short();
        assert_eq!(level.ended(outcome(&level, Ended::Failed), 63), None);
    }
    assert_eq!(level.now(), 64);
}

/// So many requests at once, with times spread as those of stores are, and nobody behind them.
fn burst(level: &mut Level, count: usize) {
    let epoch = level.epoch();
    (1..=count).for_each(|in_flight| level.sent(in_flight));
    for number in 0..count {
        // The quickest first. The last ones take twenty times as long as most.
        let took = BASE.mul_f64(0.5 + 10.0 * (number as f64 / count as f64).powi(8));
        let outcome = Outcome { ended: Ended::Answered, took, bytes: Some(1_000), epoch };
        level.ended(outcome, count - number - 1);
    }
}

#[test]
fn the_slowest_of_a_burst_come_last_and_are_no_sign() {
    let mut level = Level::new(Concurrency::Adaptive { first: 64, most: 512 }, TIMEOUT);
    for _ in 0..100 {
        burst(&mut level, 64);
        assert_eq!(level.now(), 64);
    }
}

#[test]
fn two_failures_among_few_requests_cost_half_and_no_more() {
    let mut asked = Asked::new(512, |_| (BASE, Ended::Answered));
    asked.until(BASE * 10);
    let mut level = asked.level;
    level.round = Round { in_flight: 2, ..Round::default() };
    for _ in 0..2 {
        level.failed(level.epoch(), 2);
    }
    assert_eq!(level.now(), 256);
}

#[test]
fn after_an_outage_large_requests_alone_come_back_to_what_they_had_at_first() {
    let down = std::cell::Cell::new(true);
    let mut asked = Asked::new(512, |_| (BASE, if down.get() { Ended::Failed } else { Ended::Answered }));
    asked.bytes = Some(8 << 20);
    asked.until(BASE * 50);
    assert_eq!(asked.level.now(), LEAST);
    down.set(false);
    asked.until(BASE * 250);
    assert_eq!(asked.level.now(), 64);
}
