//! Compressed files: what stands in them, how they go, and what becomes of requests that fail.

mod line;

use bytes::Bytes;
use futures::StreamExt;
use futures::future::try_join_all;
use futures::stream::{self, BoxStream};
use line::faults::{Effect, Faulty, Reply, Verb};
use line::{Names, Options, Table, keys};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use pipeline_core::{Body, BoxError, Envelope, Owed, RouteId, Weigh};
use stage_writer::{
    Batch, Compression, Error, ErrorKind, FlushReason, Remote, RemoteConfig, Upload, UploadConfig,
};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use tower::{Service, ServiceExt};

const FILE: &str = "t/7/0/CDC000001.txt";
const KINDS: [Compression; 2] = [Compression::Gzip, Compression::Zstd];
const KIB: usize = 1 << 10;
const ENOUGH: u64 = 64 << 20;

/// Bytes in memory, or such as are read back; the last ones may be lost.
#[derive(Clone)]
struct Rows {
    bytes: Bytes,
    in_memory: bool,
    lost: bool,
}

impl Rows {
    fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), in_memory: true, lost: false }
    }

    fn spilled(self) -> Self {
        Self { in_memory: false, ..self }
    }
}

impl Body for Rows {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn in_memory(&self) -> bool {
        self.in_memory
    }

    fn read(bodies: &[Self], buffer: usize) -> BoxStream<'static, Result<Bytes, BoxError>> {
        let chunks = bodies.iter().flat_map(|body| {
            let buffer = if body.in_memory { usize::MAX } else { buffer };
            let chunks = body.bytes.chunks(buffer).map(|chunk| Ok(Bytes::copy_from_slice(chunk)));
            chunks.chain(body.lost.then(|| Err("a bad disk".into())))
        });
        stream::iter(chunks.collect::<Vec<_>>()).boxed()
    }
}

/// What cannot be made smaller.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

/// What can, by much.
fn lines(bytes: usize) -> Vec<u8> {
    (0..).flat_map(|number| format!("{number},\"a row like others\"\r\n").into_bytes()).take(bytes).collect()
}

fn plain(by: Compression, stored: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match by {
        Compression::Gzip => {
            let mut one = flate2::read::GzDecoder::new(stored);
            one.read_to_end(&mut plain).unwrap();
            assert!(one.into_inner().is_empty(), "one member and nothing behind it");
        }
        Compression::Zstd => plain = zstd::decode_all(stored).unwrap(),
        _ => panic!("{by} is not compressed"),
    }
    plain
}

/// Files above 128 KiB go in parts of 64 KiB.
fn small_parts() -> RemoteConfig {
    RemoteConfig { part: 64 << 10, single_put: 128 << 10, ..Options::default().remote }
}

struct Writer {
    store: Faulty,
    upload: Upload<Table, Rows, Names>,
    by: Compression,
}

impl Writer {
    fn new(by: Compression, buffers: u64) -> Self {
        let store = Faulty::default();
        let remote = Remote::new(Arc::new(store.clone()), small_parts());
        let remember = Duration::from_secs(60);
        let config = UploadConfig { buffers, compression: by, remember, clock: || 0 };
        Self { store, upload: Upload::new(remote, Arc::new(Names), config), by }
    }

    /// Uploads one file, and says what it weighs then.
    async fn write(&mut self, route: u64, bodies: Vec<Rows>) -> Result<u64, Error> {
        self.begin(route, bodies).await.map(|done| done.payload.weight())
    }

    fn begin(
        &mut self,
        route: u64,
        bodies: Vec<Rows>,
    ) -> impl Future<Output = Result<Envelope<stage_writer::upload::Uploaded<Table>>, Error>> + use<> {
        let batch = Batch {
            group: Table { name: ["t", "u", "v", "w"][route as usize], version: 7 },
            bytes: bodies.iter().map(Body::len).sum(),
            rows: bodies.len() as u64,
            bodies,
            reason: FlushReason::Size,
            closed: tokio::time::Instant::now(),
        };
        let envelope = Envelope { route: RouteId(route), owed: Owed::join([]), payload: batch };
        self.upload.call(envelope)
    }

    async fn stored(&self) -> Bytes {
        self.store.inner().get(&Path::from(FILE)).await.unwrap().bytes().await.unwrap()
    }

    /// The file is there, and nothing is in it but these bytes behind the header.
    async fn has(&self, bytes: &[u8]) {
        let plain = plain(self.by, &self.stored().await);
        assert!(plain == [b"#", bytes].concat(), "{}: {} bytes of {}", self.by, plain.len(), bytes.len());
    }

    fn asked(&self, verb: Verb) -> usize {
        self.store.history().asked(verb, FILE)
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_is_one_stream_and_weighs_what_is_stored() {
    for by in KINDS {
        // A block is 256 KiB.
        for bytes in [1, 256 * KIB - 1, 256 * KIB, 1000 * KIB] {
            for rows in [Rows::new(lines(bytes)), Rows::new(lines(bytes)).spilled()] {
                let mut writer = Writer::new(by, ENOUGH);
                let weighs = writer.write(0, vec![rows]).await.unwrap();
                writer.has(&lines(bytes)).await;
                assert_eq!(weighs, writer.stored().await.len() as u64);
                assert!(bytes == 1 || weighs < bytes as u64 / 4, "{by}: {weighs} of {bytes}");
                assert_eq!(
                    (writer.asked(Verb::Put), writer.asked(Verb::Start)),
                    (1, 0),
                    "what comes out counts"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_rows_are_the_same_bytes_however_they_come() {
    for by in KINDS {
        let rows = [lines(700 * KIB), noise(20 * KIB), lines(300 * KIB)].concat();
        let mut all = Vec::new();
        for size in [7, 999, 256 * KIB, 2000 * KIB] {
            for spilled in [false, true] {
                let bodies = rows.chunks(size).map(|rows| Rows::new(rows.to_vec()));
                let bodies = bodies.map(|rows| if spilled { rows.spilled() } else { rows });
                let mut writer = Writer::new(by, ENOUGH);
                writer.write(0, bodies.collect()).await.unwrap();
                all.push(writer.stored().await);
            }
        }
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{by}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_out_large_goes_in_parts_and_again_from_its_start_if_one_fails() {
    for by in KINDS {
        for failures in [0, 1, 2] {
            let rows = noise(300 * KIB);
            let mut writer = Writer::new(by, ENOUGH);
            writer.store.inject(Verb::Part, FILE, failures, Effect::Never, Reply::Generic);
            let weighs = writer.write(0, vec![Rows::new(rows.clone())]).await.unwrap();
            writer.has(&rows).await;
            assert_eq!(weighs, writer.stored().await.len() as u64);
            assert!(weighs <= (300 * KIB + KIB) as u64, "{weighs}");
            let parts = writer.store.history().parts();
            assert_eq!(parts.len(), 5 + failures, "{parts:?}");
            assert!(parts[..parts.len() - 1].iter().all(|&part| part == 64 * KIB), "{parts:?}");
            assert_eq!((writer.asked(Verb::Put), writer.asked(Verb::Start)), (0, 1 + failures));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn between_a_part_and_one_request_it_is_for_the_room_to_say() {
    for by in KINDS {
        for (buffers, in_one) in [(ENOUGH, 1), (5, 0)] {
            let mut writer = Writer::new(by, buffers);
            writer.write(0, vec![Rows::new(noise(100 * KIB))]).await.unwrap();
            writer.has(&noise(100 * KIB)).await;
            assert_eq!((writer.asked(Verb::Put), writer.asked(Verb::Start)), (in_one, 1 - in_one), "{by}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_made_and_reported_as_failed_is_adopted() {
    for by in KINDS {
        for reply in [Reply::Generic, Reply::AlreadyExists, Reply::Silence] {
            let mut writer = Writer::new(by, ENOUGH);
            writer.store.inject(Verb::Put, FILE, 1, Effect::Happens, reply);
            writer.write(0, vec![Rows::new(lines(500 * KIB))]).await.unwrap();
            writer.has(&lines(500 * KIB)).await;

            let mut writer = Writer::new(by, ENOUGH);
            writer.store.inject(Verb::Complete, FILE, 1, Effect::Happens, Reply::Generic);
            // Not even the look that follows: all of it is made anew, and must be the same.
            writer.store.inject(Verb::Get, FILE, 1, Effect::Happens, Reply::Truth);
            writer.store.inject(Verb::Get, FILE, 1, Effect::Never, Reply::Generic);
            writer.write(0, vec![Rows::new(noise(300 * KIB)).spilled()]).await.unwrap();
            writer.has(&noise(300 * KIB)).await;
            assert_eq!((writer.asked(Verb::Start), writer.asked(Verb::Complete)), (2, 1));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_that_do_not_come_back_make_no_file() {
    for by in KINDS {
        for bytes in [10, 300 * KIB] {
            let mut writer = Writer::new(by, ENOUGH);
            let lost = Rows { lost: true, ..Rows::new(noise(bytes)).spilled() };
            let error = writer.write(0, vec![lost]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreadable);
            assert!(error.to_string().contains(FILE), "{error}");
            assert_eq!(keys(writer.store.inner()).await, ["t/meta/schema_7"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_side_by_side_find_their_turn_in_little_room() {
    for by in KINDS {
        let mut writer = Writer::new(by, 5 << 20);
        writer.upload.ready().await.unwrap();
        let rows = |number: usize| match number % 3 {
            0 => vec![Rows::new(noise(300 * KIB))],
            1 => vec![Rows::new(lines(600 * KIB)).spilled(), Rows::new(noise(KIB))],
            _ => vec![Rows::new(lines(KIB)); 5],
        };
        // Its first file is to be published before others go, so each has a directory of its own.
        let files: Vec<_> = (0..4).map(|number| writer.begin(number, rows(number as usize))).collect();
        let all = tokio::time::timeout(Duration::from_secs(60), try_join_all(files));
        all.await.expect("none waits for ever").unwrap();
        let data = keys(writer.store.inner()).await.into_iter().filter(|key| key.contains("/CDC"));
        assert_eq!(data.count(), 4, "{by}");
    }
}
