//! What is wrong with a target is told as what it is.

mod line;
mod sample;
mod tmpfs;

use change_event::{ChangeEvent, CommitTs, DdlChange, DdlEvent, DdlKind, Influence, TableName, TableSchema};
use dispatcher::Dispatchers;
use futures::TryStreamExt;
use line::{inserts, table};
use object_store::ObjectStore;
use pipeline_core::BoxError;
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::config::{Config, SinkUri};
use std::path::Path;
use std::sync::Arc;
use tests::consumer::names::in_path;
use tests::{Fault, FaultProxy, Moto, Spillway};
use tmpfs::Tmpfs;

async fn told(sink: &str) -> String {
    let sink = format!("{sink}{}protocol=csv&retry-timeout=1s", if sink.contains('?') { "&" } else { "?" });
    let ended = Spillway::new(sample::path().display().to_string(), sink).run().await;
    assert!(matches!(ended.code(), Some(1 | 2)), "{ended:?}");
    let error = ended.failed(ended.code().unwrap()).to_owned();
    println!("{error}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_bucket_from_being_written_is_named() {
    let moto = Moto::start().await.unwrap();
    let missing = told(&moto.sink_uri("never-made", "p")).await;
    assert!(missing.contains("there is no such bucket; create it, or correct the sink URI"), "{missing}");
    let nobody = "127.0.0.1:1".parse().unwrap();
    let refused = told(&Moto::sink_uri_behind(nobody, "b", "p")).await;
    assert!(refused.contains("nothing listens there; check the endpoint's host and port"), "{refused}");
    let unknown =
        told("s3://b/p?endpoint=http://no-such-host.invalid&access-key=k&secret-access-key=s").await;
    assert!(unknown.contains("the endpoint's host is not known"), "{unknown}");

    let anonymous = told(&format!("s3://bucket/p?endpoint=http://{}", moto.address())).await;
    assert!(anonymous.contains("credentials"), "{anonymous}");

    moto.create_bucket("bucket").await.unwrap();
    for (status, says) in [
        (301, "the bucket is in another region or at another endpoint; set region and endpoint to its own"),
        (401, "it does not know these credentials"),
        (403, "these credentials may not; allow them to put, get, list and delete objects there"),
    ] {
        let proxy = FaultProxy::start(moto.address()).await.unwrap();
        proxy.set_rule(move |request| match request.method.as_str() {
            "PUT" => Fault::AnswerBefore(status),
            _ => Fault::Pass,
        });
        let error = told(&Moto::sink_uri_behind(proxy.address(), "bucket", "p")).await;
        assert!(error.contains(says), "{status}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_directory_from_being_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for below in [file.clone(), file.join("below")] {
        let error = told(&format!("file://{}", below.display())).await;
        assert!(error.contains("a part of the path is a file, where a directory is needed"), "{error}");
    }
    // What the sink wants to make directories of is in the way as a file, and the other way round.
    let sink = folder.path().join("sink");
    std::fs::create_dir(&sink).unwrap();
    std::fs::write(sink.join("shop"), "").unwrap();
    let error = told(&format!("file://{}", sink.display())).await;
    assert!(error.contains("shop") && error.contains("a part of the path is a file"), "{error}");
    let sink = folder.path().join("another");
    std::fs::create_dir_all(sink.join("metadata")).unwrap();
    let error = told(&format!("file://{}", sink.display())).await;
    assert!(error.contains("metadata") && error.contains("a directory has the name of the file"), "{error}");

    let Some(disk) = Tmpfs::mount("400k") else { return };
    disk.resize("16k");
    let error = told(&format!("file://{}/out", disk.path().display())).await;
    assert!(error.contains("the directory's disk is full; make room on it"), "{error}");
}

/// Writes one row of a table; `created` writes its database's DDL first.
async fn write(uri: &str, table: &Arc<TableSchema>, created: bool) -> Result<(), BoxError> {
    let spool = tempfile::tempdir()?;
    let uri = SinkUri::parse(uri)?;
    let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..Config::read(&uri, "")? };
    let storage = CloudStorage::open(&config, uri.location()).await?;
    let dispatchers = Dispatchers::builder(storage.sink()).spawn()?;
    if created {
        let change = DdlChange {
            kind: DdlKind::CreateDatabase,
            query: "CREATE DATABASE x".to_owned(),
            schema: table.name.schema.clone(),
            table: String::new(),
            columns: None,
            renamed_from: None,
        };
        let influence = Influence::Database(table.name.schema.clone());
        let event = DdlEvent { commit_ts: CommitTs(5), influence, changes: vec![change] };
        dispatchers.handle(ChangeEvent::Ddl(Arc::new(event))).await?;
    }
    dispatchers.handle(ChangeEvent::Rows(inserts(table, 8, 0..1, "v"))).await?;
    dispatchers.handle(ChangeEvent::Resolved(CommitTs(8))).await?;
    dispatchers.finish().await?;
    storage.close().await
}

fn named(schema: &str, name: &str) -> Arc<TableSchema> {
    let usual = table("t", 7);
    Arc::new(TableSchema { name: TableName::new(schema, name), ..(*usual).clone() })
}

/// What the files of a folder are called, as the file system has it.
fn files(folder: &Path, below: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => files(&entry.path(), &format!("{name}/"), found),
            false => found.push(name),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_name_stands_in_a_directory_and_in_a_bucket_and_nearly_all_verbatim() {
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let names = [
        "..",
        ".",
        "../../a",
        "a/b",
        "/",
        "tab\tnewline\n",
        "metadata",
        ".spillway",
        "%2F",
        "a%2Fb",
        "meta",
        "55",
        "2024",
        "CDC000001.csv",
        "metadata2",
        "a b",
        " a ",
        "a.",
        "...",
        "a#1",
        "100%",
        "%2f",
        "a?b",
        "a*b",
        "~x",
        "\"q\"",
        "a\\b",
        "<t>",
        "[x]",
        "{y}",
        "a|b",
        "`t`",
        "表",
        "é",
        "a+b",
        "a&b=c",
        "a:b",
    ];
    for (at, name) in names.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let table = named(name, name);
        write(&format!("file://{}?protocol=csv", folder.path().display()), &table, true).await.expect(name);
        let mut in_folder = Vec::new();
        files(folder.path(), "", &mut in_folder);
        in_folder.sort();

        write(&format!("{}&protocol=csv", moto.sink_uri("bucket", &at.to_string())), &table, true)
            .await
            .expect(name);
        let store = moto.store("bucket").unwrap();
        let prefix = format!("{at}/");
        let keys = store.list(Some(&prefix.as_str().into())).map_ok(|meta| meta.location.to_string());
        let mut in_bucket: Vec<String> = keys.try_collect().await.unwrap();
        in_bucket.iter_mut().for_each(|key| *key = key.strip_prefix(&prefix).unwrap().to_owned());
        in_bucket.sort();
        assert_eq!(in_folder, in_bucket, "{name}");

        let (schema, dir) = (in_path(name, true), in_path(name, false));
        assert!(at < 10 || (&schema, &dir) == (&name.to_string(), &name.to_string()), "{name} is verbatim");
        let starts = [
            format!("{schema}/{dir}/7/"),
            format!("{schema}/{dir}/meta/schema_7_"),
            format!("{schema}/meta/"),
        ];
        for start in starts {
            assert!(in_folder.iter().any(|key| key.starts_with(&start)), "{start} is not in {in_folder:?}");
        }
        // A second run finds its directory again.
        write(&format!("file://{}?protocol=csv", folder.path().display()), &table, false).await.expect(name);
        let mut after = Vec::new();
        files(folder.path(), "", &mut after);
        assert_eq!(after.len(), in_folder.len() + 1, "{name}: {after:?}");
    }
}
