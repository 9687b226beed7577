//! A target keeps the settings that its readers depend on, through the front door.

mod sample;

use object_store::local::LocalFileSystem;
use std::path::Path;
use tests::{Spillway, contents};

const DIGITS: &str = "[sink]\ndate-separator = \"none\"\nfile-index-digit = 6\n";

fn into(folder: &Path, parameters: &str, toml: &str) -> Spillway {
    Spillway::into_folder(sample::path(), folder, parameters).config(toml)
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_make_a_bucket_of_two_minds_are_refused_before_anything_is_written() {
    let out = tempfile::tempdir().unwrap();
    into(out.path(), sample::PARAMETERS, sample::CONFIG).run().await.succeeded();
    let store = LocalFileSystem::new_with_prefix(out.path()).unwrap();
    let before = contents(&store, "").await.unwrap();
    let other = format!("{}&delimiter=;", sample::PARAMETERS);
    for (parameters, toml, differences) in [
        (sample::PARAMETERS, DIGITS, &["file-index-digit was 20 and is now 6"][..]),
        (sample::PARAMETERS, "[sink]\n", &["date-separator was \"none\" and is now \"day\""]),
        (&other, DIGITS, &["file-index-digit was 20 and is now 6", "delimiter was \",\" and is now \";\""]),
    ] {
        let ended = into(out.path(), parameters, toml).run().await;
        let error = ended.failed(2);
        println!("{error}");
        assert!(error.contains(&out.path().display().to_string()), "{error}");
        assert!(error.ends_with("set that back, or write to a new prefix"), "{error}");
        for difference in differences {
            assert!(error.contains(difference), "{error}");
        }
        assert_eq!(error.matches(" and is now ").count(), differences.len(), "{error}");
        assert!(contents(&store, "").await.unwrap() == before, "{error}: something was written");
    }
    let faster = format!("{}&worker-count=2&request-limit=8", sample::PARAMETERS);
    into(out.path(), &faster, sample::CONFIG).run().await.succeeded();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_of_an_earlier_version_is_refused_where_its_names_contradict_and_adopted_where_not() {
    let out = tempfile::tempdir().unwrap();
    into(out.path(), sample::PARAMETERS, sample::CONFIG).run().await.succeeded();
    let file = out.path().join(".spillway/written-with.json");
    let said = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let ended = into(out.path(), sample::PARAMETERS, DIGITS).run().await;
    assert!(ended.failed(2).contains("file-index-digit was 20 and is now 6"), "{ended:?}");
    assert!(!file.exists(), "nothing was written");
    into(out.path(), sample::PARAMETERS, sample::CONFIG).run().await.succeeded();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), said);
}
