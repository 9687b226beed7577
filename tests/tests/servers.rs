//! The servers of these tests are real: each does what its tests lean on.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, RetryConfig};
use tests::{Database, Fault, FaultProxy, MariaDb, Moto};

#[tokio::test]
async fn mariadb_answers_and_writes_a_row_binlog() {
    let mariadb = MariaDb::start().await.unwrap();
    let (file, start) = mariadb.binlog_end().await.unwrap();
    mariadb.query("CREATE DATABASE d").await.unwrap();
    mariadb.query("CREATE TABLE d.t (id INT PRIMARY KEY)").await.unwrap();
    mariadb.query("INSERT INTO d.t VALUES (7)").await.unwrap();

    let rows = mariadb.query("SELECT id FROM d.t").await.unwrap();
    assert_eq!(rows[0].get::<i32, _>(0), Some(7));
    let formats = mariadb.query("SELECT @@binlog_format").await.unwrap();
    assert_eq!(formats[0].get::<String, _>(0).as_deref(), Some("ROW"));
    let (same_file, end) = mariadb.binlog_end().await.unwrap();
    assert!(file == same_file && end > start);
    assert_eq!(
        mariadb.binlog_dir().join(file).metadata().unwrap().len(),
        end,
        "the whole binlog can be read from its folder"
    );
    assert!(mariadb.url().starts_with("mysql://root@127.0.0.1:"));
    assert!(mariadb.query("SELECT nonsense").await.is_err());
}

#[tokio::test]
async fn moto_keeps_objects_and_honours_a_conditional_put() {
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let store = moto.store("bucket").unwrap();
    let key = Path::from("a/b");
    let create = || store.put_opts(&key, "one".into(), PutMode::Create.into());
    create().await.unwrap();
    assert!(matches!(create().await, Err(object_store::Error::AlreadyExists { .. })));
    assert_eq!(store.get(&key).await.unwrap().bytes().await.unwrap().as_ref(), b"one");
    assert!(moto.sink_uri("bucket", "p").starts_with("s3://bucket/p?endpoint=http://127.0.0.1:"));
}

/// Puts through a proxy without retries, and says whether the client and then the server saw it succeed.
async fn put_under(fault: Fault) -> (bool, bool) {
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    let retries = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let client = Moto::client(proxy.address(), "bucket").with_retry(retries);
    let store = client.build().unwrap();
    proxy.set_times(1, fault, |request| request.writes("/key"));
    let key = Path::from("key");
    let client_saw_success = tokio::select! {
        put = store.put(&key, "x".into()) => put.is_ok(),
        () = proxy.until_hanging(1) => false,
    };
    assert_eq!(proxy.faults(), usize::from(fault != Fault::Pass), "{fault:?}");
    let is_stored = store.head(&key).await.is_ok();
    assert_eq!(is_stored, moto.store("bucket").unwrap().head(&key).await.is_ok());
    (client_saw_success, is_stored)
}

#[tokio::test]
async fn a_fault_before_the_server_leaves_nothing_and_one_after_it_leaves_the_effect() {
    let (sees_success, sees_failure) = (true, false);
    let (effect, no_effect) = (true, false);
    for (fault, outcome) in [
        (Fault::Pass, (sees_success, effect)),
        (Fault::CutBefore, (sees_failure, no_effect)),
        (Fault::CutAfter, (sees_failure, effect)),
        (Fault::CutDuringAnswer, (sees_failure, effect)),
        (Fault::AnswerBefore(503), (sees_failure, no_effect)),
        (Fault::AnswerAfter(500), (sees_failure, effect)),
        (Fault::HangBefore, (sees_failure, no_effect)),
        (Fault::HangAfter, (sees_failure, effect)),
    ] {
        assert_eq!(put_under(fault).await, outcome, "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusing_proxy_lets_nothing_through_until_it_stops() {
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    let retries = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let client = Moto::client(proxy.address(), "bucket").with_retry(retries);
    let store = client.build().unwrap();
    let key = Path::from("key");
    proxy.set_refusing(true);
    assert!(store.put(&key, "x".into()).await.is_err());
    assert!(proxy.log().is_empty(), "it does not even read the request");
    proxy.set_refusing(false);
    store.put(&key, "x".into()).await.unwrap();
    assert_eq!(proxy.log().len(), 1);
}

#[tokio::test]
async fn large_and_listed_answers_pass_the_proxy_unchanged() {
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    let store = Moto::store_behind(proxy.address(), "bucket").unwrap();
    let large = vec![b'x'; 3 << 20];
    store.put(&Path::from("large"), large.clone().into()).await.unwrap();
    let back = store.get(&Path::from("large")).await.unwrap().bytes().await.unwrap();
    assert_eq!(back, large);
    let listed = store.list_with_delimiter(None).await.unwrap();
    assert_eq!(listed.objects.len(), 1);
    store.delete(&Path::from("large")).await.unwrap();
    assert!(store.head(&Path::from("large")).await.is_err());
}

#[tokio::test]
async fn the_named_database_answers_and_knows_where_its_log_ends() {
    let database = Database::start().await.unwrap();
    let version: String = database.query("SELECT VERSION()").await.unwrap()[0].get(0).unwrap();
    let name = Database::name();
    let (kind, number) = name.split_once('-').unwrap_or((&name, ""));
    let is_mariadb = version.contains("MariaDB");
    assert!(version.starts_with(number) && is_mariadb == (kind == "mariadb"), "{name} is {version}");
    let (file, start) = database.binlog_end().await.unwrap();
    database.query("CREATE DATABASE d").await.unwrap();
    let (same_file, end) = database.binlog_end().await.unwrap();
    assert!(file == same_file && end > start);
}
