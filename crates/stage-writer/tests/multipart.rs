//! Files that do not fit one request.

mod line;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use line::faults::{Effect, Faulty, Reply, Verb};
use line::{Line, Names, Options, Table, keys, start, text, writer_error};
use pipeline_core::{Body, BoxError, Envelope, Owed, Receipt, RouteId};
use stage_writer::{Batch, ErrorKind, FlushReason, Remote, RemoteConfig, Upload, UploadConfig};
use std::sync::Arc;
use std::time::Duration;
use tower::{Service, ServiceExt};

const FILE: &str = "t/7/0/CDC000001.txt";
const INDEX: &str = "t/7/0/meta/CDC.index";
/// Six pieces of seven bytes behind a header of one.
const CONTENT: &str = "#aaaaaaabbbbbbbcccccccdddddddeeeeeeefffffff";

/// Files above 16 bytes go in parts of 10.
fn small_parts() -> RemoteConfig {
    RemoteConfig { part: 10, single_put: 16, ..Options::default().remote }
}

async fn send(store: &Faulty) -> (Line, Receipt) {
    let mut line = start(Arc::new(store.clone()), Options { remote: small_parts(), ..Options::default() });
    for letter in ["a", "b", "c", "d", "e"] {
        drop(line.send(1, 7, &letter.repeat(7)).await);
    }
    let last = line.send(1, 7, "fffffff").await;
    (line, last)
}

/// One file in parts, whole and visible, in this many uploads.
async fn arrives(store: &Faulty, uploads: usize) {
    let (_line, last) = send(store).await;
    last.flushed().await.unwrap();
    assert_eq!(keys(store.inner()).await, [FILE, INDEX, "t/meta/schema_7"]);
    assert_eq!(text(store.inner(), FILE).await, CONTENT);
    assert_eq!(text(store.inner(), INDEX).await, "CDC000001.txt\n");
    assert_eq!(store.history().asked(Verb::Start, FILE), uploads, "uploads begun");
    store.history().check_indexes();
}

#[tokio::test(start_paused = true)]
async fn parts_are_of_equal_size_and_make_the_file() {
    let store = Faulty::default();
    arrives(&store, 1).await;
    assert_eq!(store.history().parts(), [10, 10, 10, 10, 3]);
    assert_eq!(store.history().asked(Verb::Abort, FILE), 0);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_fits_one_request_goes_in_one() {
    let store = Faulty::default();
    let mut line = start(Arc::new(store.clone()), Options { remote: small_parts(), ..Options::default() });
    line.send(1, 7, &"x".repeat(15)).await.flushed().await.unwrap();
    assert_eq!((store.history().asked(Verb::Start, FILE), store.history().asked(Verb::Put, FILE)), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_failed_part_aborts_the_upload_and_begins_another() {
    for reply in [Reply::Generic, Reply::NotFound, Reply::Silence] {
        let store = Faulty::default();
        store.inject(Verb::Part, FILE, 1, Effect::Never, reply);
        arrives(&store, 2).await;
        assert_eq!(store.history().parts(), [10, 10, 10, 10, 10, 3], "the whole file again, from its start");
        assert_eq!(store.history().asked(Verb::Abort, FILE), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_cannot_begin_is_tried_again() {
    let store = Faulty::default();
    store.inject(Verb::Start, FILE, 2, Effect::Never, Reply::Generic);
    arrives(&store, 3).await;
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_was_applied_is_adopted_however_its_reply_was_lost() {
    for reply in [Reply::Generic, Reply::NotFound, Reply::Silence] {
        let store = Faulty::default();
        store.inject(Verb::Complete, FILE, 1, Effect::Happens, reply);
        arrives(&store, 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_was_applied_is_adopted_later_if_it_cannot_be_read_at_once() {
    let store = Faulty::default();
    store.inject(Verb::Complete, FILE, 1, Effect::Happens, Reply::Generic);
    store.delay(|_, _| Duration::ZERO);
    // The look before the completion succeeds, the one after it does not.
    store.inject(Verb::Get, FILE, 1, Effect::Happens, Reply::Truth);
    store.inject(Verb::Get, FILE, 1, Effect::Never, Reply::Generic);
    arrives(&store, 2).await;
    assert_eq!(store.history().asked(Verb::Complete, FILE), 1, "it is not completed over itself");
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_was_not_applied_is_done_again() {
    let store = Faulty::default();
    store.inject(Verb::Complete, FILE, 1, Effect::Never, Reply::Generic);
    arrives(&store, 2).await;
    assert_eq!(store.history().asked(Verb::Complete, FILE), 2);
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_fails_until_retries_are_over_acknowledges_nothing() {
    let store = Faulty::default();
    store.inject(Verb::Complete, FILE, usize::MAX, Effect::Never, Reply::Generic);
    let (line, last) = send(&store).await;
    let error = last.flushed().await.unwrap_err();
    assert_eq!(writer_error(&error).kind(), ErrorKind::Unavailable);
    assert!(store.history().asked(Verb::Complete, FILE) > 1, "it is tried again before that");
    assert_eq!((line.tally.files(), line.tally.rows(), line.tally.bytes()), (0, 0, 0));
    assert_eq!(keys(store.inner()).await, ["t/meta/schema_7"], "no file, and no index that names it");
}

/// Others' bytes under our name: shorter, and of our file's length.
const FOREIGN: [&str; 2] = ["not ours", "#AAAAAAAbbbbbbbcccccccdddddddeeeeeeefffffff"];

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_is_a_conflict_and_is_not_overwritten() {
    for foreign in FOREIGN {
        let store = Faulty::default();
        store.delay(|verb, _| if verb == Verb::Part { Duration::from_secs(1) } else { Duration::ZERO });
        let (_line, last) = send(&store).await;
        tokio::time::sleep(Duration::from_millis(6_500)).await;
        store.plant(FILE, foreign).await;
        let error = last.flushed().await.unwrap_err();
        assert_eq!(writer_error(&error).kind(), ErrorKind::Conflict);
        assert_eq!(text(store.inner(), FILE).await, foreign);
        assert_eq!(store.history().asked(Verb::Complete, FILE), 0);
        assert_eq!(store.history().asked(Verb::Abort, FILE), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_appears_while_the_outcome_is_unclear_is_not_overwritten() {
    for foreign in FOREIGN {
        let store = Faulty::default();
        store.delay(|verb, _| if verb == Verb::Complete { Duration::from_secs(1) } else { Duration::ZERO });
        store.inject(Verb::Complete, FILE, 1, Effect::Never, Reply::Generic);
        let (_line, last) = send(&store).await;
        tokio::time::sleep(Duration::from_millis(5_500)).await;
        assert_eq!(store.history().asked(Verb::Complete, FILE), 1);
        store.plant(FILE, foreign).await;
        let error = last.flushed().await.unwrap_err();
        assert_eq!(writer_error(&error).kind(), ErrorKind::Conflict);
        assert_eq!(text(store.inner(), FILE).await, foreign);
    }
}

/// Bytes that are kept elsewhere, and may be lost there.
struct Spilled(&'static str, bool);

impl Body for Spilled {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn in_memory(&self) -> bool {
        false
    }

    fn read(bodies: &[Self], buffer: usize) -> BoxStream<'static, Result<Bytes, BoxError>> {
        let chunks = bodies.iter().flat_map(|body| {
            let chunks = body.0.as_bytes().chunks(buffer).map(|chunk| Ok(Bytes::from_static(chunk)));
            chunks.chain(body.1.then(|| Err("a bad disk".into())))
        });
        stream::iter(chunks.collect::<Vec<_>>()).boxed()
    }
}

async fn upload(store: &Faulty, bodies: Vec<Spilled>) -> Result<(), stage_writer::Error> {
    let remote = Remote::new(Arc::new(store.clone()), small_parts());
    // Less memory than two parts: the largest wish is for all there is, so it is granted.
    let config = UploadConfig {
        buffers: 5,
        remember: Duration::from_secs(60),
        clock: || 0,
        ..UploadConfig::default()
    };
    let mut upload = Upload::new(remote, Arc::new(Names), config);
    let batch = Batch {
        group: Table { name: "t", version: 7 },
        bytes: bodies.iter().map(Body::len).sum(),
        rows: bodies.len() as u64,
        bodies,
        reason: FlushReason::Size,
        closed: tokio::time::Instant::now(),
    };
    let envelope = Envelope { route: RouteId(1), owed: Owed::join([]), payload: batch };
    upload.ready().await?.call(envelope).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn spilled_bytes_above_one_part_go_in_parts() {
    let store = Faulty::default();
    upload(&store, vec![Spilled("aaaaaaaaaaaaa", false), Spilled("bb", false)]).await.unwrap();
    assert_eq!(store.history().parts(), [10, 6]);
    assert_eq!(text(store.inner(), FILE).await, "#aaaaaaaaaaaaabb");
}

#[tokio::test(start_paused = true)]
async fn spilled_bytes_of_one_part_go_in_one_request() {
    let store = Faulty::default();
    upload(&store, vec![Spilled("aaaaa", false), Spilled("bbbb", false)]).await.unwrap();
    assert_eq!(store.history().asked(Verb::Put, FILE), 1);
    assert_eq!(text(store.inner(), FILE).await, "#aaaaabbbb");
}

#[tokio::test(start_paused = true)]
async fn bytes_that_do_not_come_back_end_the_upload_and_make_no_file() {
    for lost in ["aaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let store = Faulty::default();
        let error = upload(&store, vec![Spilled(lost, true)]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable);
        assert!(error.to_string().contains(FILE), "the error names the file");
        assert_eq!(keys(store.inner()).await, ["t/meta/schema_7"]);
        assert_eq!(store.history().asked(Verb::Abort, FILE), store.history().asked(Verb::Start, FILE));
    }
}
