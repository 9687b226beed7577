//! At every moment: what is visible follows on what was, and what is acknowledged is visible.

mod line;

use line::faults::{Effect, Faulty, Reply, Verb};
use line::history::{Event, History, number};
use line::{Options, start};
use pipeline_core::{Observer, RouteId, Scope};
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

thread_local! {
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A day of the line lasts twenty seconds of the paused clock.
fn short_days() -> u64 {
    let seconds = BEGAN.get().map_or(0.0, |began| began.elapsed().as_secs_f64());
    (seconds / 20.0 * 86_400_000.0) as u64
}

#[derive(Clone, Debug)]
enum Step {
    Send(u64),
    NextVersion(u64),
    Wait(u64),
    Drain(Option<u64>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (0..3u64).prop_map(Step::Send),
        2 => (0..3u64).prop_map(Step::NextVersion),
        3 => (0..8_000u64).prop_map(Step::Wait),
        1 => proptest::option::of(0..3u64).prop_map(Step::Drain),
    ]
}

/// Numbers that a seed decides.
fn dice(seed: u64) -> impl Fn() -> u64 {
    let thrown = AtomicU64::new(0);
    move || {
        let mut hasher = DefaultHasher::new();
        (seed, thrown.fetch_add(1, Ordering::Relaxed)).hash(&mut hasher);
        hasher.finish()
    }
}

/// A store where most requests are quick and some very slow; if `faulty`, one of eight ends in doubt.
fn weather(seed: u64, faulty: bool) -> Faulty {
    let store = Faulty::default();
    let delays = dice(seed);
    store.delay(move |_, _| {
        let random = delays();
        Duration::from_millis(if random.is_multiple_of(8) { random / 8 % 9_000 } else { random / 8 % 50 })
    });
    let faults = dice(seed ^ 1);
    store.chaos(move |verb, _| {
        let random = faults();
        let effect = if random & 1 == 0 { Effect::Happens } else { Effect::Never };
        let reply = match (verb, random >> 1 & 3) {
            (Verb::Put, 0) => Reply::AlreadyExists,
            (Verb::Put, 1) => Reply::Precondition,
            _ => Reply::Generic,
        };
        if faulty && random >> 3 & 7 == 0 { (effect, reply) } else { (Effect::Happens, Reply::Truth) }
    });
    store
}

async fn run(steps: Vec<Step>, store: Faulty, bytes: u64, lanes: usize) -> Arc<History> {
    BEGAN.set(Some(Instant::now()));
    let mut options = Options { bytes, lanes, clock: short_days, ..Options::default() };
    // Doubt may last: nothing here is meant to give up.
    options.remote.retry.total = Duration::from_secs(3_600);
    let mut line = start(Arc::new(store.clone()), options);
    let (mut versions, mut drains, mut token) = ([0; 3], Vec::new(), 0);
    for step in steps {
        match step {
            Step::Send(route) => {
                let version = (route + 1) * 1000 + versions[route as usize];
                let observer = Observer::new(store.history().clone(), token);
                drop(line.send_observed(route, version, &format!("{token};"), observer).await);
                token += 1;
            }
            Step::NextVersion(route) => versions[route as usize] += 1,
            Step::Wait(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Step::Drain(route) => {
                drains.push(line.door.drain(route.map_or(Scope::All, |route| Scope::Route(RouteId(route)))));
            }
        }
    }
    line.pipeline.close().await.unwrap();
    for drained in drains {
        drained.await.unwrap();
    }
    assert_eq!(line.gate.held(), 0);
    store.history().clone()
}

/// Where each element's file is: its directory and its number there.
fn places(history: &History) -> BTreeMap<u64, (String, u64)> {
    let mut places = BTreeMap::new();
    for event in history.events() {
        if let Event::Put(key, content) = event
            && let Some((directory, name)) = key.rsplit_once('/')
            && name.ends_with(".txt")
        {
            for token in content.trim_start_matches('#').split_terminator(';') {
                let place = (directory.to_owned(), number(name));
                let before = places.insert(token.parse().unwrap(), place.clone());
                assert!(before.is_none_or(|before| before == place), "element {token} is in two files");
            }
        }
    }
    places
}

/// Checks every index write and every flush ack against what is visible at that moment.
fn check(history: &History, routes: &BTreeMap<u64, Vec<u64>>) {
    history.check_indexes();
    let places = places(history);
    let mut visible: BTreeMap<String, u64> = BTreeMap::new();
    let mut sent: BTreeMap<String, u64> = BTreeMap::new();
    let mut flushed = Vec::new();
    let is_visible = |visible: &BTreeMap<String, u64>, token: &u64| {
        let (directory, number) = &places[token];
        visible.get(directory).is_some_and(|up_to| number <= up_to)
    };
    for event in history.events() {
        match event {
            Event::Put(key, content) if key.ends_with("CDC.index") => {
                let directory = key.strip_suffix("/meta/CDC.index").unwrap().to_owned();
                let number = number(&content);
                let mut then = visible.clone();
                then.insert(directory.clone(), number);
                for tokens in routes.values().filter(|tokens| places[&tokens[0]].0[..4] == directory[..4]) {
                    let first_hidden = tokens.iter().position(|token| !is_visible(&then, token));
                    let after = &tokens[first_hidden.unwrap_or(tokens.len())..];
                    let early = after.iter().find(|token| is_visible(&then, token));
                    assert_eq!(early, None, "{directory} {number} makes it visible before its predecessors");
                }
                sent.insert(directory, number);
            }
            Event::Done(Verb::Put, key) if key.ends_with("CDC.index") => {
                let directory = key.strip_suffix("/meta/CDC.index").unwrap();
                visible.insert(directory.to_owned(), sent[directory]);
            }
            Event::Flushed(token) => {
                assert!(is_visible(&visible, &token), "element {token} is acknowledged and not visible");
                flushed.push(token);
            }
            _ => {}
        }
    }
    for tokens in routes.values() {
        let of_route: Vec<u64> = flushed.iter().copied().filter(|token| tokens.contains(token)).collect();
        assert_eq!(of_route, *tokens, "acknowledged in order, and all of them");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_visible_before_its_predecessors_nor_acknowledged_before_it_is_visible(
        steps in proptest::collection::vec(step(), 1..120),
        seed: u64,
        bytes in 1..12u64,
        lanes in 1..3usize,
        faulty: bool,
    ) {
        let mut routes: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let sends = steps.iter().filter_map(|step| if let Step::Send(route) = step { Some(*route) } else { None });
        for (token, route) in sends.enumerate() {
            routes.entry(route).or_default().push(token as u64);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let history = runtime.unwrap().block_on(run(steps, weather(seed, faulty), bytes, lanes));
        check(&history, &routes);
    }
}
