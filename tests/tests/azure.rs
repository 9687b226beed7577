//! Azure Blob Storage as a sink, against azurite.
//!
//! Ignored unless asked for, since azurite needs node: `cargo xtask test` asks where it is installed, and says so where
//! not.

mod behind;
mod each_cloud;
mod in_process;
mod line;
mod sample;

use std::time::Duration;
use tests::command::Ended;
use tests::{Azurite, Cloud, ManagedIdentity};

async fn azurite() -> Azurite {
    Azurite::start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn a_container_gets_the_same_keys_and_the_same_bytes_as_a_folder() {
    each_cloud::gets_the_same_keys_and_the_same_bytes(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn it_keeps_what_the_stages_take_for_granted() {
    each_cloud::keeps_what_the_stages_take_for_granted(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn it_passes_the_clients_own_suite() {
    each_cloud::passes_the_clients_own_suite(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn one_of_many_replaces_an_object() {
    each_cloud::lets_one_of_many_replace_an_object(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn what_is_said_of_an_object_stays_with_it() {
    each_cloud::keeps_what_is_said_of_an_object(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn objects_have_the_tier_that_was_asked_for() {
    each_cloud::objects_have_the_class_that_was_asked_for(&azurite().await, "access-tier", "Cool").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn objects_are_encrypted_by_the_scope_that_was_asked_for() {
    // azurite checks the signature, which has the header in it.
    let asked = each_cloud::asked_with(&azurite().await, "scope", "encryption-scope=vault").await;
    each_cloud::only_what_makes_an_object_says(&asked, "x-ms-encryption-scope", "vault");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn objects_are_encrypted_with_the_key_that_was_asked_for() {
    let azurite = Azurite::start_lenient().await.unwrap();
    let option = "encryption-key=0123456789abcdef0123456789abcdef";
    let asked = each_cloud::asked_with(&azurite, "keyed", option).await;
    // Whoever reads must bring it too.
    let objects = asked.iter().filter(|request| {
        request.method == "PUT" || request.method == "GET" && !request.path.contains("comp=list")
    });
    let mut told = 0;
    for request in objects {
        let key = request.header("x-ms-encryption-key");
        assert_eq!(key, Some("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="), "{}", request.path);
        assert_eq!(request.header("x-ms-encryption-algorithm"), Some("AES256"), "{}", request.path);
        told += 1;
    }
    assert!(told > 100);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn a_large_file_comes_whole_in_parts() {
    each_cloud::a_large_file_comes_whole_in_parts(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn what_has_expired_goes() {
    each_cloud::what_has_expired_goes(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn a_server_that_fails_every_third_request_gets_the_same_rows() {
    behind::every_third_request_fails(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn a_write_whose_answer_is_lost_is_known_for_ones_own() {
    behind::the_first_answer_of_every_write_is_lost(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn a_right_that_is_withdrawn_and_a_container_that_is_full_heal() {
    behind::what_is_refused_for_a_while_heals(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn a_refused_index_ends_the_run_and_the_same_command_goes_on_later() {
    behind::a_refused_index_ends_the_run_and_the_same_command_goes_on_later(&azurite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn what_keeps_a_container_from_being_written_is_named() {
    let azurite = azurite().await;
    let no_such = "there is no such container; create it, or correct the sink URI";
    each_cloud::what_keeps_a_bucket_from_being_written_is_named(&azurite, no_such).await;

    let uri = Azurite::sink_uri_without_key(azurite.address(), "bucket", "p");
    let another = "b3RoZXI=";
    let refused = each_cloud::told(&format!("{uri}&account-key={another}"), &[]).await;
    assert!(refused.contains("the account's key or the token is not right"), "{refused}");
    let malformed = each_cloud::told(&format!("{uri}&account-key=no-base-64!"), &[]).await;
    assert!(malformed.contains("check the options of the sink URI, and the credentials"), "{malformed}");
    let signature = "sv=2021-12-02%26ss=b%26srt=o%26sp=rwdl%26se=2099-01-01T00:00:00Z%26sig=b3RoZXI%253D";
    let unsigned = each_cloud::told(&format!("{uri}&sas-token={signature}"), &[]).await;
    assert!(unsigned.contains("the account's key or the token is not right"), "{unsigned}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn the_environment_says_who_asks_and_whom() {
    let azurite = azurite().await;
    azurite.make("bucket").await;
    let expected = each_cloud::in_a_folder().await;
    let endpoint = format!("http://{}/devstoreaccount1", azurite.address());
    let environment = [
        ("AZURE_STORAGE_ACCOUNT_NAME", "devstoreaccount1"),
        ("AZURE_STORAGE_ACCOUNT_KEY", Azurite::KEY),
        ("AZURE_STORAGE_ENDPOINT", &endpoint),
    ];
    each_cloud::write_sample("azure://bucket/p?request-limit=64", &environment).await.succeeded();
    each_cloud::has_the_same(&*azurite.client("bucket"), "p", &expected).await;
}

/// The sample, written by a machine whose tokens are good for so long, and are said to be.
async fn by_a_machine(
    azurite: &Azurite,
    good_for: Duration,
    said_to_be: Duration,
    patience: &str,
) -> (Ended, usize) {
    azurite.make("bucket").await;
    let machine = ManagedIdentity::start(good_for, said_to_be).await.unwrap();
    let (name, url) = machine.environment();
    let certificate = azurite.certificate().display().to_string();
    let uri = format!(
        "azure://bucket/p?endpoint={}&account-name=devstoreaccount1&request-limit=1&retry-timeout={patience}",
        azurite.endpoint()
    );
    let environment = [(name, &*url), ("SSL_CERT_FILE", &*certificate)];
    let ended = each_cloud::write_sample(&uri, &environment).await;
    (ended, machine.issued())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn a_machines_tokens_are_renewed_in_a_run() {
    let expected = each_cloud::in_a_folder().await;
    let azurite = Azurite::start_with_tokens().await.unwrap();
    let two_seconds = Duration::from_secs(2);
    let (ended, issued) = by_a_machine(&azurite, two_seconds, two_seconds, "60s").await;
    ended.succeeded();
    assert!(issued > 2, "{issued} tokens");
    each_cloud::has_the_same(&*azurite.client("bucket"), "p", &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs azurite"]
async fn a_machines_token_that_has_ended_before_its_time_is_refused() {
    let azurite = Azurite::start_with_tokens().await.unwrap();
    let (ended, issued) = by_a_machine(&azurite, Duration::ZERO, Duration::from_secs(3600), "2s").await;
    let error = ended.failed(2);
    assert!(error.contains("correct account-key or sas-token"), "{error}");
    assert_eq!(issued, 1);
}
