//! Requests that fail, or whose outcome is unclear: data files and companions.

mod line;

use line::faults::{Effect, Faulty, Reply, Verb};
use line::{Line, Options, keys, start, text, writer_error};
use pipeline_core::{RouteId, Scope};
use stage_writer::{Conditional, ErrorKind, RemoteConfig};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tower::ServiceExt;

const FILE: &str = "t/7/0/CDC000001.txt";
const INDEX: &str = "t/7/0/meta/CDC.index";

fn line(store: &Faulty) -> Line {
    start(Arc::new(store.clone()), Options::default())
}

/// One piece through the line, to the one file it should make.
async fn arrives(store: &Faulty, line: &mut Line) {
    line.send(1, 7, "a").await.flushed().await.unwrap();
    assert_eq!(keys(store.inner()).await, [FILE, INDEX, "t/meta/schema_7"]);
    assert_eq!(text(store.inner(), FILE).await, "#a");
    assert_eq!(text(store.inner(), INDEX).await, "CDC000001.txt\n");
    store.history().check_indexes();
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_of_any_request_heals() {
    for (verb, key) in [
        (Verb::Put, "CDC000001"),
        (Verb::Put, "CDC.index"),
        (Verb::Put, "schema_7"),
        (Verb::Get, "schema_7"),
        (Verb::Get, "CDC.index"),
        (Verb::List, "t/7/0"),
    ] {
        let store = Faulty::default();
        store.inject(verb, key, 3, Effect::Never, Reply::Generic);
        arrives(&store, &mut line(&store)).await;
        assert_eq!(store.history().asked(verb, key), 4, "{verb:?} {key}: three failures and a success");
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_between_attempts_double_up_to_the_longest() {
    let store = Faulty::default();
    store.inject(Verb::Put, "CDC000001", 6, Effect::Never, Reply::Generic);
    let mut line = line(&store);
    let receipt = line.send(1, 7, "a").await;
    tokio::time::sleep(Duration::from_millis(5_000)).await;
    let closed = Instant::now();
    receipt.flushed().await.unwrap();
    // 0.1, 0.2, 0.4, 0.8, 1 and 1 seconds, each between half of that and all of it.
    let took = closed.elapsed();
    assert!(took >= Duration::from_millis(1_700) && took <= Duration::from_millis(3_600), "{took:?}");
    assert_eq!(store.history().asked(Verb::Put, "CDC000001"), 7);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_applied_is_adopted_however_its_reply_was_lost() {
    for reply in [Reply::Generic, Reply::AlreadyExists, Reply::Silence] {
        let store = Faulty::default();
        store.inject(Verb::Put, "CDC000001", 1, Effect::Happens, reply);
        arrives(&store, &mut line(&store)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn already_exists_where_nothing_is_means_try_again() {
    for key in ["CDC000001", "CDC.index", "schema_7"] {
        let store = Faulty::default();
        store.inject(Verb::Put, key, 2, Effect::Never, Reply::AlreadyExists);
        arrives(&store, &mut line(&store)).await;
        assert_eq!(store.history().asked(Verb::Put, key), 3, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_is_sent_again() {
    let store = Faulty::default();
    for (verb, key) in [(Verb::Get, "schema_7"), (Verb::List, "t/7/0"), (Verb::Put, "CDC.index")] {
        store.inject(verb, key, 1, Effect::Never, Reply::Silence);
    }
    let began = Instant::now();
    arrives(&store, &mut line(&store)).await;
    let waited = 3 * RemoteConfig::default().timeout;
    assert!(began.elapsed() >= waited && began.elapsed() < waited + Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_name_taken_by_other_bytes_is_a_conflict_and_they_stay() {
    for foreign in ["not ours", "#b"] {
        let store = Faulty::default();
        // Time for somebody else, after the directory was looked at.
        store.inject(Verb::Put, "CDC000001", 1, Effect::Never, Reply::Generic);
        let mut line = line(&store);
        let receipt = line.send(1, 7, "a").await;
        tokio::time::sleep(Duration::from_millis(5_001)).await;
        assert_eq!(store.history().asked(Verb::Put, "CDC000001"), 1);
        store.plant(FILE, foreign).await;
        let error = receipt.flushed().await.unwrap_err();
        assert_eq!(writer_error(&error).kind(), ErrorKind::Conflict);
        assert!(writer_error(&error).to_string().contains(FILE), "the error names the file");
        assert_eq!(text(store.inner(), FILE).await, foreign);
        assert!(store.history().puts(INDEX).is_empty(), "nothing became visible");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_ignores_conditions_is_looked_at_before_each_create() {
    let options = || Options {
        remote: RemoteConfig { conditional: Conditional::Ignored, ..Options::default().remote },
        ..Options::default()
    };
    let store = Faulty::default();
    arrives(&store, &mut start(Arc::new(store.clone()), options())).await;
    assert_eq!(store.history().asked(Verb::Get, "CDC000001"), 1);

    let store = Faulty::default();
    store.inject(Verb::Put, "CDC000001", 1, Effect::Happens, Reply::Generic);
    arrives(&store, &mut start(Arc::new(store.clone()), options())).await;
    assert_eq!(store.history().asked(Verb::Put, "CDC000001"), 1, "adopted, not written again");

    let store = Faulty::default();
    store.inject(Verb::Get, "CDC000001", 1, Effect::Never, Reply::Generic);
    let mut line = start(Arc::new(store.clone()), options());
    let receipt = line.send(1, 7, "a").await;
    tokio::time::sleep(Duration::from_millis(5_001)).await;
    store.plant(FILE, "#b").await;
    assert_eq!(writer_error(&receipt.flushed().await.unwrap_err()).kind(), ErrorKind::Conflict);
    assert_eq!(text(store.inner(), FILE).await, "#b");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_ends_everything_at_once() {
    // A bucket that is gone does not come back with its data.
    for (verb, key, reply) in [
        (Verb::Put, "t/7/0/CDC000001", Reply::NotFound),
        (Verb::Put, "t/7/0/meta/CDC.index", Reply::NotFound),
        (Verb::Put, "schema_7", Reply::NotFound),
        (Verb::Get, "schema_7", Reply::NotImplemented),
        (Verb::Get, "t/7/0/meta/CDC.index", Reply::NotImplemented),
        (Verb::List, "t/7/0", Reply::NotImplemented),
    ] {
        let store = Faulty::default();
        store.inject(verb, key, usize::MAX, Effect::Never, reply);
        // The other route hangs, and must not keep anybody waiting.
        store.inject(Verb::Put, "t/8/0/CDC", usize::MAX, Effect::Never, Reply::Silence);
        let mut line = line(&store);
        let hanging = line.send(2, 8, "b").await;
        let refused = line.send(1, 7, "a").await;
        let began = Instant::now();
        let drains = [line.door.drain(Scope::Route(RouteId(2))), line.door.drain(Scope::All)];
        let mut errors = vec![refused.flushed().await.unwrap_err(), hanging.flushed().await.unwrap_err()];
        for drained in drains {
            errors.push(drained.await.unwrap_err());
        }
        errors.push(line.door.ready().await.map(drop).unwrap_err());
        errors.push(line.pipeline.close().await.unwrap_err());
        for error in &errors {
            assert_eq!(writer_error(error).kind(), ErrorKind::Refused, "{verb:?} {key} {reply:?}");
            assert_eq!(writer_error(error).to_string(), writer_error(&errors[0]).to_string());
        }
        assert_eq!(began.elapsed(), Duration::ZERO, "no retry, no waiting");
        assert_eq!(store.history().asked(verb, key), 1);
        assert_eq!(line.tally.files(), 0);
        assert_eq!(line.gate.held(), 0, "nothing is held any more");
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_written_nothing_yet_is_refused_at_once() {
    for reply in [Reply::PermissionDenied, Reply::Unauthenticated, Reply::Forbidden] {
        for (verb, key) in [(Verb::Get, "schema_7"), (Verb::Put, "schema_7")] {
            let store = Faulty::default();
            store.inject(verb, key, 1, Effect::Never, reply);
            let error = line(&store).send(1, 7, "a").await.flushed().await.unwrap_err();
            assert_eq!(writer_error(&error).kind(), ErrorKind::Refused, "{verb:?} {key} {reply:?}");
            assert_eq!(store.history().asked(verb, key), 1);
        }
        let store = Faulty::default();
        store.inject(Verb::List, "", 1, Effect::Never, reply);
        let error = line(&store).remote.first_keys(1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "a listing, {reply:?}");
    }
}

/// Each request of a table's later version, once the store has taken an earlier one.
const LATER: [(Verb, &str); 6] = [
    (Verb::Get, "schema_8"),
    (Verb::Put, "schema_8"),
    (Verb::Get, "t/8/0/meta/CDC.index"),
    (Verb::List, "t/8/0"),
    (Verb::Put, "t/8/0/CDC000001"),
    (Verb::Put, "t/8/0/meta/CDC.index"),
];

#[tokio::test(start_paused = true)]
async fn a_right_that_is_withdrawn_for_a_while_heals() {
    for (verb, key) in LATER {
        for reply in [Reply::PermissionDenied, Reply::Unauthenticated, Reply::Forbidden, Reply::Full] {
            let store = Faulty::default();
            let mut line = line(&store);
            arrives(&store, &mut line).await;
            store.inject(verb, key, 3, Effect::Never, reply);
            line.send(1, 8, "b").await.flushed().await.unwrap();
            assert_eq!(text(store.inner(), "t/8/0/CDC000001.txt").await, "#b");
            assert_eq!(store.history().asked(verb, key), 4, "{verb:?} {key} {reply:?}");
            store.history().check_indexes();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_right_that_stays_withdrawn_is_told_when_retries_are_over() {
    for (verb, key) in LATER {
        for (reply, says) in [
            (Reply::PermissionDenied, "these credentials may not"),
            (Reply::Unauthenticated, "it does not know these credentials"),
            (Reply::Forbidden, "these credentials may not"),
            (Reply::Full, "its storage is full"),
        ] {
            let store = Faulty::default();
            let mut line = line(&store);
            arrives(&store, &mut line).await;
            store.inject(verb, key, usize::MAX, Effect::Never, reply);
            let error = line.send(1, 8, "b").await.flushed().await.unwrap_err();
            let error = writer_error(&error);
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.to_string().contains(says), "{verb:?} {key} {reply:?}: {error}");
            let asked = store.history().asked(verb, key);
            assert!((10..=22).contains(&asked), "{asked} attempts in ten seconds with pauses up to a second");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_store_may_be_emptied_before_anything_was_written() {
    let store = Faulty::default();
    store.inject(Verb::Put, "schema_7", 3, Effect::Never, Reply::Full);
    arrives(&store, &mut line(&store)).await;
    assert_eq!(store.history().asked(Verb::Put, "schema_7"), 4);
}

#[tokio::test(start_paused = true)]
async fn when_retries_are_over_the_store_is_unavailable() {
    for (verb, key) in [(Verb::Put, "CDC000001"), (Verb::Put, "CDC.index"), (Verb::Put, "schema_7")] {
        let store = Faulty::default();
        store.inject(verb, key, usize::MAX, Effect::Never, Reply::Generic);
        let mut line = line(&store);
        let receipt = line.send(1, 7, "a").await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let began = Instant::now();
        let error = receipt.flushed().await.unwrap_err();
        assert_eq!(writer_error(&error).kind(), ErrorKind::Unavailable);
        let took = began.elapsed().as_secs();
        assert!((9..=10).contains(&took), "ten seconds of retries, not {took}");
        let asked = store.history().asked(verb, key);
        assert!((10..=22).contains(&asked), "{asked} attempts with pauses up to a second");
    }
}

#[tokio::test(start_paused = true)]
async fn an_index_that_cannot_be_written_acknowledges_nothing() {
    let store = Faulty::default();
    store.inject(Verb::Put, "CDC.index", usize::MAX, Effect::Never, Reply::Generic);
    let mut line = line(&store);
    let receipt = line.send(1, 7, "a").await;
    let drained = line.door.drain(Scope::Route(RouteId(1)));
    assert!(drained.await.is_err());
    assert!(!receipt.is_flushed() && receipt.flushed().await.is_err());
    assert_eq!((line.tally.files(), line.tally.rows(), line.tally.bytes()), (0, 0, 0));
    assert_eq!(keys(store.inner()).await, [FILE, "t/meta/schema_7"], "durable, but not visible");
}

#[tokio::test(start_paused = true)]
async fn without_its_companion_no_index_appears() {
    let store = Faulty::default();
    store.inject(Verb::Put, "schema_7", usize::MAX, Effect::Never, Reply::Generic);
    let mut line = line(&store);
    assert!(line.send(1, 7, "a").await.flushed().await.is_err());
    assert_eq!(keys(store.inner()).await, [] as [&str; 0]);
}
