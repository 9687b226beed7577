//! Compressed data files, through the whole line: they are those of a run without, once they are unpacked.

mod in_process;
mod sample;

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use std::collections::BTreeMap;
use std::sync::Arc;
use tests::consumer::{Bucket, Compression, Options};
use tests::contents;

const KINDS: [(&str, Compression); 2] = [("gzip", Compression::Gzip), ("zstd", Compression::Zstd)];

fn with(parameters: &str, compression: &str) -> String {
    format!("{parameters}&compression={compression}")
}

/// The sample into a store that may hold something already.
async fn read(parameters: &str, store: &Arc<dyn ObjectStore>) {
    let config = in_process::config_with(parameters, sample::CONFIG);
    in_process::read(&config, store.clone(), &sample::path()).await.unwrap();
}

fn memory() -> Arc<dyn ObjectStore> {
    Arc::new(InMemory::new())
}

/// A bucket with its data files unpacked and named as such, in its index files too.
fn unpacked(contents: BTreeMap<String, Bytes>, by: Compression) -> BTreeMap<String, Vec<u8>> {
    let plain = |(key, bytes): (String, Bytes)| match key.strip_suffix(by.extension()) {
        Some(name) => (name.to_owned(), by.plain(&bytes).unwrap().to_vec()),
        None if key.ends_with(".index") => {
            let name = std::str::from_utf8(&bytes).unwrap().trim_end_matches('\n');
            let name = name.strip_suffix(by.extension()).unwrap_or_else(|| panic!("{key}: {name}"));
            (key, format!("{name}\n").into_bytes())
        }
        None => (key, bytes.to_vec()),
    };
    contents.into_iter().map(plain).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn unpacked_every_file_is_byte_for_byte_that_of_a_run_without() {
    let store = memory();
    read(sample::PARAMETERS, &store).await;
    let plain: BTreeMap<_, _> = contents(&*store, "").await.unwrap().into_iter().collect();
    assert!(plain.len() > 100, "{} objects are not what the sample makes", plain.len());
    for (name, by) in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
        read(&with(sample::PARAMETERS, name), &store).await;
        let compressed = contents(&*store, "").await.unwrap();
        let data = compressed.keys().filter(|key| key.ends_with(by.extension())).count();
        assert!(data > 50, "{name}: {data} data files");
        let unpacked = unpacked(compressed, by);
        let differs =
            |key: &&String| plain.get(*key).map(|bytes| &bytes[..]) != unpacked.get(*key).map(|b| &b[..]);
        let keys: Vec<_> = plain.keys().chain(unpacked.keys()).filter(differs).collect();
        assert!(keys.is_empty(), "{name}: these are not the same: {keys:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_unpacks_finds_the_same_tables_in_either_format() {
    for (parameters, options) in
        [(sample::PARAMETERS, sample::options()), (sample::CANAL_JSON, sample::canal_json_options())]
    {
        let store = memory();
        read(parameters, &store).await;
        let plain = Bucket::read(store, "", &options).await.unwrap();
        let tables = plain.replay().unwrap().tables;
        for (name, by) in KINDS {
            let store = memory();
            read(&with(parameters, name), &store).await;
            let options = Options { compression: by, ..options.clone() };
            let bucket = Bucket::read(store, "", &options).await.unwrap();
            bucket.commit_ts_order_per_table().unwrap();
            assert_eq!(bucket.unpublished, [""; 0]);
            assert!(bucket.replay().unwrap().tables == tables, "{name}: {parameters}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_finds_compressed_files_goes_on_behind_them() {
    for (name, by) in KINDS {
        let store = memory();
        let parameters = with(sample::PARAMETERS, name);
        let options = Options { compression: by, restarts: true, ..sample::options() };
        read(&parameters, &store).await;
        let once = Bucket::read(store.clone(), "", &options).await.unwrap();
        read(&parameters, &store).await;
        let twice = Bucket::read(store, "", &options).await.unwrap();
        assert_eq!(
            twice.files.len(),
            2 * once.files.len(),
            "{name}: each directory has all of its rows again"
        );
        assert_eq!((twice.row_count(), twice.unpublished), (2 * once.row_count(), Vec::new()));
    }
}
