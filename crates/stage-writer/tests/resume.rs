//! Where a directory goes on.

mod line;

use line::faults::{Effect, Faulty, Reply, Verb};
use line::{Names, Options, keys, piece, start, text, writer_error};
use object_store::memory::InMemory;
use pipeline_core::{Pipeline, RouteId, Routed};
use stage_writer::{BatchLimits, Batcher, ErrorKind, Remote, RemoteConfig, Upload, UploadConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tower::{Service, ServiceExt};

const INDEX: &str = "t/7/0/meta/CDC.index";

#[tokio::test(start_paused = true)]
async fn files_right_behind_the_index_are_kept_and_those_behind_a_gap_deleted() {
    let store = Faulty::default();
    for key in ["t/7/0/CDC000001.txt", "t/7/0/CDC000002.txt", "t/7/0/CDC000003.txt", "t/7/0/CDC000005.txt"] {
        store.plant(key, "#old").await;
    }
    // Another's, by its name.
    store.plant("t/7/0/CDC04.txt", "foreign").await;
    store.plant(INDEX, "CDC000001.txt\n").await;
    let mut line = start(Arc::new(store.clone()), Options::default());
    let receipt = line.send(1, 7, "new").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(text(store.inner(), INDEX).await, "CDC000001.txt\n", "they wait for the next file");
    receipt.flushed().await.unwrap();
    assert_eq!(
        keys(store.inner()).await,
        [
            "t/7/0/CDC000001.txt",
            "t/7/0/CDC000002.txt",
            "t/7/0/CDC000003.txt",
            "t/7/0/CDC000004.txt",
            "t/7/0/CDC04.txt",
            INDEX,
            "t/meta/schema_7"
        ]
    );
    assert_eq!(text(store.inner(), "t/7/0/CDC000003.txt").await, "#old");
    assert_eq!(text(store.inner(), "t/7/0/CDC000004.txt").await, "#new");
    assert_eq!(text(store.inner(), INDEX).await, "CDC000004.txt\n");
    assert_eq!(line.tally.files(), 1, "what an earlier pipeline wrote is not counted");
}

#[tokio::test(start_paused = true)]
async fn an_index_whose_files_are_gone_is_gone_on_with() {
    let store = Faulty::default();
    store.plant(INDEX, "CDC000005.txt\n").await;
    let mut line = start(Arc::new(store.clone()), Options::default());
    line.send(1, 7, "new").await.flushed().await.unwrap();
    assert_eq!(keys(store.inner()).await, ["t/7/0/CDC000006.txt", INDEX, "t/meta/schema_7"]);
    assert_eq!(text(store.inner(), "t/7/0/CDC000006.txt").await, "#new");
    assert_eq!(text(store.inner(), INDEX).await, "CDC000006.txt\n");
}

#[tokio::test(start_paused = true)]
async fn a_file_whose_number_outgrew_its_padding_is_found() {
    let store = Faulty::default();
    for key in ["t/7/0/CDC999998.txt", "t/7/0/CDC999999.txt", "t/7/0/CDC1000000.txt"] {
        store.plant(key, "#old").await;
    }
    store.plant(INDEX, "CDC999999.txt\n").await;
    let mut line = start(Arc::new(store.clone()), Options::default());
    line.send(1, 7, "new").await.flushed().await.unwrap();
    assert_eq!(text(store.inner(), "t/7/0/CDC1000001.txt").await, "#new");
    assert_eq!(text(store.inner(), INDEX).await, "CDC1000001.txt\n");
}

#[tokio::test(start_paused = true)]
async fn what_a_crash_left_before_the_first_index_becomes_visible_with_the_next_file() {
    let store = Faulty::default();
    for key in ["t/7/0/CDC000001.txt", "t/7/0/CDC000002.txt"] {
        store.plant(key, "#old").await;
    }
    let mut line = start(Arc::new(store.clone()), Options::default());
    line.send(1, 7, "new").await.flushed().await.unwrap();
    assert_eq!(store.history().asked(Verb::Delete, ""), 0);
    assert_eq!(text(store.inner(), "t/7/0/CDC000003.txt").await, "#new");
    assert_eq!(text(store.inner(), INDEX).await, "CDC000003.txt\n");
}

#[tokio::test(start_paused = true)]
async fn where_no_index_proves_what_files_are_none_is_deleted_and_their_directory_is_named() {
    // Retention took the first, or the first and one more, and the index is lost.
    for numbers in [&[2, 3, 4, 5, 6, 7][..], &[2], &[1, 3], &[3, 4]] {
        let store = Faulty::default();
        for number in numbers {
            store.plant(&format!("t/7/0/CDC{number:06}.txt"), "#published").await;
        }
        let before = keys(store.inner()).await;
        let mut line = start(Arc::new(store.clone()), Options::default());
        let error = line.send(1, 7, "new").await.flushed().await.unwrap_err();
        let error = writer_error(&error);
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        let last = format!("CDC{:06}.txt", numbers.last().unwrap());
        assert!(error.to_string().contains(&last) && error.to_string().contains(INDEX), "{error}");
        let mut after = keys(store.inner()).await;
        after.retain(|key| key != "t/meta/schema_7");
        assert_eq!(after, before);
    }
}

#[tokio::test(start_paused = true)]
async fn until_a_directory_has_its_first_index_a_crash_leaves_no_gap_in_it() {
    let store = Faulty::default();
    store.delay(|verb, key| {
        let slow = verb == Verb::Put && (key.ends_with("CDC000001.txt") || key.ends_with("CDC.index"));
        Duration::from_secs(if slow { 10 } else { 0 })
    });
    let mut line = start(Arc::new(store.clone()), Options { bytes: 1, ..Options::default() });
    let mut receipts = Vec::new();
    for _ in 0..8 {
        receipts.push(line.send(1, 7, "row").await);
    }
    let data = || store.history().asked(Verb::Put, "t/7/0/CDC0");
    tokio::time::sleep(Duration::from_secs(19)).await;
    assert_eq!(data(), 1, "the others wait for the index");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(data(), 8, "from then on they go side by side");
    for receipt in receipts {
        receipt.flushed().await.unwrap();
    }
    store.history().check_indexes();
}

#[tokio::test(start_paused = true)]
async fn files_that_nobody_publishes_are_an_error_where_there_is_an_index() {
    let remote = Remote::new(Arc::new(Faulty::default()), RemoteConfig::default());
    let config = UploadConfig {
        buffers: 1 << 20,
        remember: Duration::from_secs(60),
        clock: || 0,
        ..UploadConfig::default()
    };
    let (mut door, _pipeline) = Pipeline::builder()
        .transform(Batcher::new(BatchLimits { bytes: 1, ..BatchLimits::default() }))
        .concurrency(4)
        .service(Upload::new(remote, Arc::new(Names), config))
        .spawn();
    let mut send = async |text| {
        let routed = Routed::new(RouteId(1), piece(7, text));
        door.ready().await?.call(routed).await?.flushed().await
    };
    send("first").await.unwrap();
    let error = send("second").await.unwrap_err();
    assert_eq!(writer_error(&error).kind(), ErrorKind::Refused);
    assert!(writer_error(&error).to_string().contains("put `Publish` behind"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_index_that_is_none_is_corrupt_and_named() {
    for (content, says) in [("garbage", "is not one"), ("CDC18446744073709551615.txt\n", "used up")] {
        let store = Faulty::default();
        store.plant(INDEX, content).await;
        let mut line = start(Arc::new(store.clone()), Options::default());
        let error = line.send(1, 7, "new").await.flushed().await.unwrap_err();
        let error = writer_error(&error);
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(error.to_string().contains("t/7/0") && error.to_string().contains(says), "{error}");
        assert_eq!(text(store.inner(), INDEX).await, content);
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_directory_is_forgotten_and_asked_for_again() {
    let store = Faulty::default();
    let mut line = start(Arc::new(store.clone()), Options::default());
    line.send(1, 7, "a").await.flushed().await.unwrap();
    line.send(1, 7, "b").await.flushed().await.unwrap();
    assert_eq!(store.history().asked(Verb::Get, INDEX), 1);
    // Twice what it is remembered for.
    tokio::time::sleep(Duration::from_secs(121)).await;
    line.send(1, 7, "c").await.flushed().await.unwrap();
    assert_eq!(store.history().asked(Verb::Get, INDEX), 2);
    assert_eq!(text(store.inner(), INDEX).await, "CDC000003.txt\n");
    assert_eq!(text(store.inner(), "t/7/0/CDC000003.txt").await, "#c");
}

#[tokio::test(start_paused = true)]
async fn a_directory_with_uploads_under_way_is_not_forgotten() {
    for remember in [Duration::ZERO, Duration::from_secs(60)] {
        let store = Faulty::default();
        store.delay(|verb, key| {
            let slow = verb == Verb::Put && key.ends_with("CDC000001.txt");
            Duration::from_secs(if slow { 200 } else { 0 })
        });
        let mut line = start(Arc::new(store.clone()), Options { remember, ..Options::default() });
        let slow = line.send(1, 7, "a").await;
        tokio::time::sleep(Duration::from_secs(100)).await;
        let behind = line.send(1, 7, "b").await;
        tokio::time::sleep(Duration::from_secs(50)).await;
        assert!(!slow.is_flushed() && !behind.is_flushed());
        behind.flushed().await.unwrap();
        assert!(slow.is_flushed());
        assert_eq!(store.history().asked(Verb::Get, INDEX), 1);
        assert_eq!(store.history().asked(Verb::Delete, ""), 0);
        assert_eq!(text(store.inner(), "t/7/0/CDC000002.txt").await, "#b");
    }
}

#[tokio::test(start_paused = true)]
async fn back_in_a_directory_that_is_still_busy_nothing_is_taken_for_left_over() {
    let store = Faulty::default();
    store.delay(|verb, key| {
        let slow = verb == Verb::Put && (key.ends_with("CDC.index") || key.ends_with("CDC000001.txt"));
        Duration::from_secs(if slow { 10 } else { 0 })
    });
    let options = Options { bytes: 1, ..Options::default() };
    let mut line = start(Arc::new(store.clone()), options);
    let mut receipts = Vec::new();
    for (version, text) in [(7, "a"), (7, "b"), (8, "c"), (7, "d"), (8, "e"), (7, "f")] {
        receipts.push(line.send(1, version, text).await);
    }
    for receipt in receipts {
        receipt.flushed().await.unwrap();
    }
    assert_eq!(store.history().asked(Verb::Delete, ""), 0);
    for (key, content) in [("7/0/CDC000003", "#d"), ("8/0/CDC000002", "#e"), ("7/0/CDC000004", "#f")] {
        assert_eq!(text(store.inner(), &format!("t/{key}.txt")).await, content);
    }
    assert_eq!(text(store.inner(), INDEX).await, "CDC000004.txt\n");
    store.history().check_indexes();
}

#[tokio::test(start_paused = true)]
async fn the_first_files_own_error_is_told_and_not_that_others_waited_for_it() {
    for fails in ["CDC000001.txt", "CDC.index"] {
        let store = Faulty::default();
        store.inject(Verb::Put, fails, 1, Effect::Never, Reply::NotFound);
        store.delay(|verb, _| Duration::from_secs(if verb == Verb::Put { 10 } else { 0 }));
        let mut line = start(Arc::new(store.clone()), Options { bytes: 1, ..Options::default() });
        let mut receipts = Vec::new();
        for _ in 0..8 {
            receipts.push(line.send(1, 7, "row").await);
        }
        for receipt in receipts {
            let error = receipt.flushed().await.unwrap_err();
            assert!(writer_error(&error).to_string().contains(fails), "{error:?}");
        }
    }
}

static SET_BACK: AtomicU64 = AtomicU64::new(0);

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_does_not_lead_back() {
    const DAY: u64 = 86_400_000;
    let store = Arc::new(InMemory::new());
    let clock = || SET_BACK.load(Ordering::Relaxed);
    let mut line = start(store.clone(), Options { clock, ..Options::default() });
    for (now, key, content) in [
        (DAY - 1, "t/7/0/CDC000001.txt", "#a"),
        (DAY, "t/7/1/CDC000001.txt", "#b"),
        (DAY - 1, "t/7/1/CDC000002.txt", "#c"),
    ] {
        SET_BACK.store(now, Ordering::Relaxed);
        line.send(1, 7, &content[1..]).await.flushed().await.unwrap();
        assert_eq!(text(&*store, key).await, content);
    }
}
