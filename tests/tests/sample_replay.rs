//! The sample binlog replays to the tables of a server that the very log was applied to.

mod in_process;
mod sample;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::sync::Arc;
use tests::MariaDb;
use tests::consumer::{Bucket, Options, compare_databases};
use tests::executing::{compare_servers, replay_onto};

/// The sample's bucket as a reader finds it.
async fn bucket(parameters: &str, options: &Options) -> Bucket {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let config = in_process::config_with(parameters, sample::CONFIG);
    in_process::read(&config, Arc::clone(&store), &sample::path()).await.unwrap();
    Bucket::read(store, "", options).await.unwrap()
}

/// A server that has applied the sample.
async fn server() -> MariaDb {
    let server = MariaDb::start_with(&sample::SERVER).await.unwrap();
    sample::apply_to(&server);
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rebuilt_sample_has_its_servers_tables() {
    let server = server().await;
    for (parameters, options) in
        [(sample::PARAMETERS, sample::options()), (sample::CANAL_JSON, sample::canal_json_options())]
    {
        let bucket = bucket(parameters, &options).await;
        let replayed = bucket.replay().unwrap();
        let compared = compare_databases(&server.pool(), &sample::DATABASES, &replayed, &options).await;
        compared.unwrap_or_else(|difference| panic!("{parameters}: {difference}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_executed_sample_has_its_servers_tables() {
    let server = server().await;
    for (parameters, options) in
        [(sample::PARAMETERS, sample::options()), (sample::CANAL_JSON, sample::canal_json_options())]
    {
        let bucket = bucket(parameters, &options).await;
        // Its statements were written in this `sql_mode`: some turn NULL into an empty string.
        let lenient = [sample::SERVER[0], "--sql-mode=ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION"];
        let target = MariaDb::start_with(&lenient).await.unwrap();
        let (counts, replayed) = replay_onto(&target.pool(), &bucket).await;
        replayed.unwrap();
        let compared = compare_servers(&server.pool(), &target.pool(), &sample::DATABASES).await.unwrap();
        println!("{parameters}: {counts:?}, {} tables, {} cells", compared.tables, compared.cells);
        assert!(compared.differences.is_empty(), "{parameters}: {:#?}", compared.differences);
        assert!(compared.tables >= 12 && compared.cells > 20_000, "{compared:?}");
    }
}
