//! Whatever is wrong with what the command is given, it says so in one sentence, tells no secret, and leaves nothing
//! behind that a reader would take for whole.

mod bad_input_case;
mod sample;

use bad_input_case::{Case, SECRET};
use object_store::local::LocalFileSystem;
use std::sync::Arc;
use tests::consumer::Bucket;
use tests::{Fault, FaultProxy, MariaDb, Moto, Spillway, contents};

const FORMAT: &str = "protocol=csv&include-commit-ts=true";

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_no_binlog_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "these are not the rows you are looking for").unwrap();
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let here = folder.path().display().to_string();
    for (source, says) in [
        ("/no/such/binlog.000001".to_owned(), &["/no/such/binlog.000001", "No such file"][..]),
        (text.display().to_string(), &["notes.txt", "is not a binlog"]),
        (empty.display().to_string(), &["empty"]),
        (here.clone(), &[here.as_str()]),
        ("postgres://user@localhost/db".to_owned(), &["postgres", "mysql"]),
        ("mysql://".to_owned(), &["source", "host"]),
        (format!("mysql://user:{SECRET}@localhost:port"), &["--source"]),
    ] {
        Case::new(&source, FORMAT).fails_in_the_input(says).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_binlog_gives_what_is_whole_and_says_where_it_ends() {
    let whole = std::fs::read(sample::path()).unwrap();
    let out = tempfile::tempdir().unwrap();
    let complete =
        Spillway::into_folder(sample::path(), out.path(), sample::PARAMETERS).config(sample::CONFIG);
    complete.run().await.succeeded();
    let all = Bucket::read_folder(out.path(), &sample::options()).await.unwrap().row_count();

    let step = whole.len() / 9;
    let mut before = 0;
    for at in [2, 20, 300].into_iter().chain((1..9).map(|part| part * step)).chain([whole.len() - 1]) {
        let (torn, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let source = torn.path().join("shop.binlog");
        std::fs::write(&source, &whole[..at]).unwrap();
        let command = Spillway::into_folder(&source, out.path(), sample::PARAMETERS).config(sample::CONFIG);
        let ended = command.run().await;
        assert!(matches!(ended.code(), Some(1 | 2)), "{at} bytes: {ended:?}");
        let error = ended.failed(ended.code().unwrap());
        assert!(error.contains("shop.binlog"), "{at} bytes: {error}");
        assert!(at < 4 || error.contains("torn"), "{at} bytes: {error}");

        let bucket = Bucket::read_folder(out.path(), &sample::options()).await.unwrap();
        bucket.commit_ts_order_per_table().unwrap();
        bucket.replay().unwrap();
        assert!(bucket.unpublished.is_empty(), "{at} bytes: {:?}", bucket.unpublished);
        let rows = bucket.row_count();
        assert!(before <= rows && rows <= all, "{rows} of {all} rows in {at} bytes");
        before = rows;

        // The same command goes on when the file is whole.
        std::fs::write(&source, &whole).unwrap();
        command.run().await.succeeded();
        let healed = Bucket::read_folder(out.path(), &sample::options()).await.unwrap();
        healed.commit_ts_order_per_table().unwrap();
        assert_eq!(healed.row_count(), all, "{at} bytes, then the rest");
    }
    assert!(before > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_sink_uri_is_explained() {
    let source = sample::path().display().to_string();
    for (parameters, says) in [
        ("protocol=csv&flush-interval=abc", &["flush-interval", "abc"][..]),
        ("protocol=csv&file-size=x", &["file-size", "x"]),
        ("protocol=csv&worker-count=-1", &["worker-count", "-1", "greater than 0"]),
        ("protocol=csv&spool-disk-quota=0", &["spool-disk-quota", "0"]),
        ("protocol=csv&spool-memory-quota=16MiB", &["\"16MiB\"", "a number of bytes", "such as"]),
        ("protocol=csv&flush-intervall=5s", &["flush-intervall", "did you mean \"flush-interval\"?"]),
        ("protocol=csv&file-size=4096&file-size=8192", &["file-size", "twice"]),
        ("protocol=avro", &["protocol", "avro", "canal-json"]),
        ("", &["protocol", "csv"]),
        ("protocol=csv&column-selectors=x", &["column-selectors", "[sink]"]),
        ("protocol=csv&spool-base-dir=spool", &["spool-base-dir", "absolute"]),
    ] {
        Case::new(&source, parameters).fails_in_the_input(says).await;
    }
    for (sink, says) in [
        ("ftp://host/dir?protocol=csv", &["ftp", "use file, s3"][..]),
        ("gcs://?protocol=csv", &["no bucket", "gcs://bucket/prefix"]),
        ("azure://box/p?protocol=csv&access-key=x", &["access-key", "s3 bucket"]),
        ("out?protocol=csv", &["--sink"]),
        ("file:///dev/null/out?protocol=csv", &["/dev/null/out", "directory"]),
        ("file:///proc/out?protocol=csv", &["/proc/out", "directory"]),
    ] {
        Case::new(&source, "").sink(sink).fails_in_the_input(says).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_file_that_cannot_be_used_is_explained() {
    let source = sample::path().display().to_string();
    for (toml, says) in [
        ("[sink", &["TOML"][..]),
        ("sink = 3", &["sink"]),
        ("[sink]\ndate-seperator = \"day\"", &["date-seperator", "did you mean \"date-separator\"?"]),
        ("[sink]\ndate-separator = \"week\"", &["date-separator", "week"]),
        ("[sink.csv]\ndelimiter = \"\"", &["delimiter"]),
        ("[sink.cloud-storage-config]\nflush-interval = 5", &["flush-interval"]),
    ] {
        Case::new(&source, FORMAT).config(toml).fails_in_the_input(says).await;
    }
    let missing = ["--config=/no/such/file.toml", "--config=/"];
    for (argument, says) in missing.into_iter().zip(["/no/such/file.toml", "--config /"]) {
        Case::new(&source, FORMAT).arg(argument).fails_in_the_input(&[says]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_missing_or_forbidden_is_named() {
    let source = sample::path().display().to_string();
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let with_secret = |uri: String| {
        let uri = uri.replace("secret-access-key=test", &format!("secret-access-key={SECRET}"));
        format!("{uri}&{FORMAT}")
    };
    let missing = with_secret(moto.sink_uri("no-such-bucket", "p"));
    Case::new(&source, "").sink(&missing).fails_in_the_input(&["no-such-bucket", "create it"]).await;

    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    proxy.set(Fault::AnswerBefore(403));
    let forbidden = with_secret(Moto::sink_uri_behind(proxy.address(), "bucket", "p"));
    Case::new(&source, "").sink(&forbidden).fails_in_the_input(&["bucket", "allow them to put"]).await;
    proxy.set(Fault::AnswerBefore(401));
    Case::new(&source, "")
        .sink(&forbidden)
        .fails_in_the_input(&["bucket", "does not know these credentials"])
        .await;
    assert!(contents(&moto.store("bucket").unwrap(), "").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_is_named_and_no_password_is_told() {
    let mariadb = MariaDb::start().await.unwrap();
    let address = mariadb.url().rsplit_once('@').unwrap().1.to_owned();
    mariadb.query("CREATE USER poor@'127.0.0.1' IDENTIFIED BY 'right'").await.unwrap();
    mariadb.query("CREATE USER humble@'127.0.0.1' IDENTIFIED BY 'right'").await.unwrap();
    mariadb.query("GRANT SELECT ON *.* TO humble@'127.0.0.1'").await.unwrap();
    let closed = format!("mysql://poor:{SECRET}@127.0.0.1:1");
    let away = &["cannot reach 127.0.0.1:1: ", "onnection refused", "see that it runs", "--wait-for-source"];
    for copies in ["--snapshot=never", "--snapshot=initial"] {
        Case::new(&closed, FORMAT).arg(copies).fails_in_the_input(away).await;
    }
    let socket = "mysql://poor@localhost?socket=/no/such.sock";
    let says = &["cannot reach /no/such.sock: ", "No such file", "see that it runs"];
    Case::new(socket, FORMAT).fails_in_the_input(says).await;
    let nobody = format!("mysql://poor:{SECRET}@no-such-host.invalid");
    let says = &["cannot reach no-such-host.invalid:3306: ", "lookup", "see that it runs"];
    Case::new(&nobody, FORMAT).fails_in_the_input(says).await;
    let wrong = format!("mysql://poor:{SECRET}@{address}");
    Case::new(&wrong, FORMAT).fails_in_the_input(&["poor", "Access denied"]).await;
    let from_environment = format!("mysql://poor@{address}");
    let case = Case::new(&from_environment, FORMAT).env("SPILLWAY_SOURCE_PASSWORD", SECRET);
    case.fails_in_the_input(&["poor", "Access denied"]).await;
    mariadb.query("CREATE USER secured@'127.0.0.1' IDENTIFIED BY 'right' REQUIRE SSL").await.unwrap();
    let secured = format!("mysql://secured:right@{address}");
    Case::new(&secured, FORMAT).fails_in_the_input(&["the account demands TLS (REQUIRE SSL)"]).await;
    let unprivileged = format!("mysql://humble:right@{address}");
    Case::new(&unprivileged, FORMAT).fails_in_the_input(&["REPLICATION"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_log_whole_rows_is_told_how_to() {
    for (option, says) in [
        ("--binlog-format=STATEMENT", &["binlog_format", "ROW"]),
        ("--binlog-format=MIXED", &["binlog_format", "ROW"]),
        ("--binlog-row-image=MINIMAL", &["binlog_row_image", "FULL"]),
        ("--skip-log-bin", &["log", "bin"]),
    ] {
        let mariadb = MariaDb::start_with(&[option]).await.unwrap();
        Case::new(&mariadb.url(), FORMAT).fails_in_the_input(says).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_position_that_does_not_fit_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let command =
        Spillway::into_folder(sample::path(), folder.path(), sample::PARAMETERS).config(sample::CONFIG);
    command.run().await.succeeded();
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let before = contents(&*store, "").await.unwrap();
    let saved = folder.path().join(".spillway/source.json");
    let good = std::fs::read_to_string(&saved).unwrap();
    for (text, says) in [
        ("", "source.json"),
        (&good[..good.len() / 2], "source.json"),
        (&good.replacen("\"version\":", "\"version\":9", 1), "version 9"),
        (&good.replace("schemas-", "lost-"), "lost-"),
        (&good.replace("shop.binlog", "other.binlog"), "other.binlog"),
    ] {
        std::fs::write(&saved, text).unwrap();
        let ended = command.run().await;
        assert!(ended.failed(2).contains(says), "{says}: {ended:?}");
        assert_eq!(std::fs::read_to_string(&saved).unwrap(), text, "it is left as it is");
    }
    assert!(before == contents(&*store, "").await.unwrap());
}
