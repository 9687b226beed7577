//! Files that are older than somebody wants to keep them.

mod watched;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use proptest::prelude::*;
use sink_cloudstorage::config::{Config, SinkUri};
use sink_cloudstorage::expiry::{Expired, Expiry, ExpiryError};
use sink_cloudstorage::layout::DateLevel;
use stage_writer::DurableLocal;
use std::collections::BTreeSet;
use std::sync::Arc;
use watched::Watched;

/// 2021-01-10T12:00:00Z as a checkpoint.
const CHECKPOINT: u64 = 1_610_280_000_000 << 18;

fn config(settings: &str) -> Config {
    let toml = "[sink.cloud-storage-config]\nfile-expiration-days = 3\n";
    let uri = format!("memory://x?protocol=csv{settings}");
    Config::read(&SinkUri::parse(&uri).unwrap(), toml).unwrap()
}

async fn put(store: &dyn ObjectStore, key: &str) {
    store.put(&Path::parse(key).unwrap(), PutPayload::from(Bytes::from_static(b"12345"))).await.unwrap();
}

async fn filled(store: &dyn ObjectStore, keys: impl IntoIterator<Item = impl AsRef<str>>) {
    let metadata = format!("{{\"checkpoint-ts\":{CHECKPOINT}}}");
    store.put(&Path::from("metadata"), PutPayload::from(metadata)).await.unwrap();
    for key in keys {
        put(store, key.as_ref()).await;
    }
}

async fn keys(store: &dyn ObjectStore) -> BTreeSet<String> {
    store.list(None).map_ok(|object| object.location.to_string()).try_collect().await.unwrap()
}

async fn removed(settings: &str, store: Arc<dyn ObjectStore>) -> Option<Expired> {
    Expiry::over(&config(settings), store).unwrap().remove(|_| ()).await.unwrap()
}

/// What goes, and what stays.
const MIXED: [(&str, bool); 23] = [
    ("shop/orders/470/2021-01-06/CDC00000000000000000001.csv", true),
    ("shop/orders/470/2021-01-06/CDC00000000000000000002.csv", true),
    ("shop/orders/470/2021-01-06/CDC00000000000000000003.csv.gz", true),
    ("shop/orders/470/2021-01-06/CDC_742_000001.json.zst", true),
    ("shop/orders/470/2021-01-06/meta/CDC.index", true),
    ("shop/orders/470/2021-01-07/CDC00000000000000000001.csv", false),
    ("shop/orders/470/2021-01-07/meta/CDC.index", false),
    ("shop/orders/471/55/2020-12-31/CDC000001.json", true),
    ("shop/orders/471/55/2020-12-31/meta/CDC_12.index", true),
    ("shop/orders/471/55/2020-12-31/CDC_12_000001.json", true),
    ("shop/orders/meta/schema_470_0123456789.json", false),
    ("shop/meta/schema_470_0123456789.json", false),
    ("shop/2020-01-01/470/2021-01-10/CDC000001.csv", false),
    ("shop/2020-01-01/meta/schema_470_0123456789.json", false),
    ("2020-01-01/orders/470/2021-01-09/CDC000001.csv", false),
    ("2020-01-01/orders/470/2020-01-01/CDC000001.csv", true),
    // Of others: neither data nor index.
    ("shop/orders/470/2021-01-06/notes.txt", false),
    ("shop/orders/470/2021-01-06/CDC.csv", false),
    ("shop/orders/470/2021-01-06/CDC000001.csv.bz2", false),
    ("shop/orders/470/2021-01-06/deeper/CDC000001.csv", false),
    ("archive/2020-01-01/all.csv", false),
    (".spillway/parked/2020-01-01/x.json", false),
    ("2020-01-01/CDC000001.csv", false),
];

#[tokio::test]
async fn what_has_expired_goes_and_everything_else_stays() {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    filled(&*store, MIXED.map(|(key, _)| key)).await;
    let before = keys(&*store).await;
    let mut listed = Vec::new();
    let found = Expiry::over(&config(""), store.clone()).unwrap().list(|one| listed.push(one)).await.unwrap();
    assert_eq!(keys(&*store).await, before, "a list removes nothing");
    let gone = MIXED.iter().filter(|(_, gone)| *gone).count() as u64;
    let all = Expired {
        checkpoint: change_event::CommitTs(CHECKPOINT),
        first_kept: "2021-01-07".into(),
        directories: 3,
        files: gone,
        bytes: 5 * gone,
    };
    assert_eq!(found.as_ref(), Some(&all));
    assert_eq!(listed.iter().map(|one| one.files).sum::<u64>(), gone);
    assert_eq!(removed("", store.clone()).await, Some(all));
    let stays = MIXED.iter().filter(|(_, gone)| !gone).map(|(key, _)| (*key).to_owned());
    assert_eq!(keys(&*store).await, stays.chain(["metadata".to_owned()]).collect());
    assert_eq!(removed("", store).await.unwrap().files, 0, "nothing is left to go");
}

#[tokio::test]
async fn by_table_id_the_date_stands_behind_two_numbers() {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let (old, new) = ("7/470/2021-01-06/CDC000001.csv", "7/470/2021-01-07/CDC000001.csv");
    filled(&*store, [old, new, "5/7/470/2021-01-06/CDC000001.csv"]).await;
    assert_eq!(removed("&use-table-id-as-path=true", store.clone()).await.unwrap().files, 1);
    assert!(!keys(&*store).await.contains(old) && keys(&*store).await.contains(new));
}

#[tokio::test]
async fn without_a_checkpoint_nothing_expires_and_without_days_nothing_can() {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    put(&*store, "s/t/1/1999-01-01/CDC000001.csv").await;
    assert_eq!(removed("", store.clone()).await, None);
    assert_eq!(keys(&*store).await.len(), 1);
    let never = Config { file_expiration_days: 0, ..config("") };
    assert!(matches!(Expiry::over(&never, store.clone()), Err(ExpiryError::NoAge)));
    let monthly = Config { date_level: DateLevel::Month, ..config("") };
    let error = Expiry::over(&monthly, store).unwrap_err().to_string();
    assert!(error.starts_with("date-separator is month, and files expire by the day"), "{error}");
}

#[tokio::test]
async fn the_files_of_dates_that_stay_are_not_listed() {
    let inner = Arc::new(InMemory::new());
    let old = (0..5).map(|table| format!("s/t{table}/1/2021-01-01/CDC000001.csv"));
    let new =
        (0..5).flat_map(|table| (7..=9).map(move |day| format!("s/t{table}/1/2021-01-0{day}/CDC000001.csv")));
    filled(&*inner, old.chain(new)).await;
    let watched = Arc::new(Watched::over(inner));
    assert_eq!(removed("", watched.clone()).await.unwrap().directories, 5);
    // The top, one database, five tables with a version each; then five dates.
    assert_eq!(watched.listed(), (1 + 1 + 5 + 5, 5), "levels, and whole directories");
    let whole = watched.listed_whole();
    assert!(whole.iter().all(|directory| directory.ends_with("2021-01-01")), "{whole:?}");
}

#[tokio::test(start_paused = true)]
async fn an_index_outlives_the_files_that_it_names() {
    const FILES: usize = 6;
    for deletions in 0..=FILES {
        let inner = Arc::new(InMemory::new());
        let files = (1..FILES).map(|index| format!("s/t/1/2021-01-01/CDC{index:06}.csv"));
        filled(&*inner, files.chain(["s/t/1/2021-01-01/meta/CDC.index".to_owned()])).await;
        let watched = Arc::new(Watched::over(inner.clone()).failing_after(deletions));
        let expiry = Expiry::over(&config("&retry-timeout=1s"), watched).unwrap();
        let end = expiry.remove(|_| ()).await;
        assert_eq!(end.is_err(), deletions < FILES, "{end:?}");
        let left = keys(&*inner).await;
        let data = left.iter().filter(|key| key.ends_with(".csv")).count();
        assert_eq!(data, (FILES - 1).saturating_sub(deletions));
        assert!(data == 0 || left.iter().any(|key| key.ends_with(".index")), "{left:?}");
        // What was cut off goes the next time.
        assert_eq!(removed("", inner.clone()).await.unwrap().files, (FILES - deletions) as u64);
        assert_eq!(keys(&*inner).await, BTreeSet::from(["metadata".to_owned()]));
    }
}

/// A local directory is left without empty ones; whoever writes beside it at the same time loses nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_directories_go_and_writers_beside_are_not_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(DurableLocal::open(folder.path()).unwrap());
    for round in 1..=20 {
        let old = format!("s/t/{round}/2021-01-01");
        filled(&*store, [format!("{old}/CDC000001.csv"), format!("{old}/meta/CDC.index")]).await;
        let writer = tokio::spawn({
            let store = store.clone();
            async move {
                for index in 1..=3 {
                    put(&*store, &format!("s/t/{round}/2021-01-09/CDC{index:06}.csv")).await;
                    put(&*store, &format!("s/t/{round}/2021-01-09/meta/CDC.index")).await;
                }
            }
        });
        assert_eq!(removed("", store.clone()).await.unwrap().files, 2);
        writer.await.unwrap();
        assert!(!folder.path().join(&old).exists(), "round {round}");
        assert!(folder.path().join(format!("s/t/{round}/2021-01-09/CDC000003.csv")).exists());
    }
    // A version whose last date goes, goes too; a table keeps its schema file.
    filled(&*store, ["s/u/1/2021-01-01/CDC000001.csv", "s/u/meta/schema_1_0123456789.json"]).await;
    removed("", store).await.unwrap();
    assert!(!folder.path().join("s/u/1").exists() && folder.path().join("s/u/meta").exists());
}

/// A key of the layout, and whether its rows are before the first date that is kept.
fn data_key() -> impl Strategy<Value = (String, bool)> {
    let names = ("[a-c]|2020-01-0[1-3]|meta|[1-3]", "[a-c]|2020-01-0[1-3]|meta|[1-3]");
    (names, 1..4u64, proptest::option::of(1..4u8), (1..=12u8, 1..=28u8, 2019..=2021), 1..4u8).prop_map(
        |((schema, table), version, partition, (month, day, year), index)| {
            let partition = partition.map(|id| format!("/{id}")).unwrap_or_default();
            let date = format!("{year}-{month:02}-{day:02}");
            let expired = (year, month, day) < (2021, 1, 7);
            (format!("{schema}/{table}/{version}{partition}/{date}/CDC{index:06}.csv"), expired)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn among_any_files_exactly_those_before_the_first_date_go(files in proptest::collection::vec(data_key(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            filled(&*store, files.iter().map(|(key, _)| key)).await;
            removed("", store.clone()).await;
            let stay = files.iter().filter(|(_, expired)| !expired).map(|(key, _)| key.clone());
            assert_eq!(keys(&*store).await, stay.chain(["metadata".to_owned()]).collect());
        });
    }
}
