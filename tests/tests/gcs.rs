//! Google Cloud Storage as a sink, against a server of our own making.

mod behind;
mod each_cloud;
mod in_process;
mod line;
mod sample;

use std::time::Duration;
use tests::gcs::{Manners, Tokens};
use tests::{Cloud, Gcs};
use tokio::time::Instant;

async fn gcs() -> Gcs {
    Gcs::start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_gets_the_same_keys_and_the_same_bytes_as_a_folder() {
    each_cloud::gets_the_same_keys_and_the_same_bytes(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_what_the_stages_take_for_granted() {
    each_cloud::keeps_what_the_stages_take_for_granted(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_passes_the_clients_own_suite() {
    each_cloud::passes_the_clients_own_suite(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_replaces_an_object() {
    each_cloud::lets_one_of_many_replace_an_object(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_an_object_stays_with_it() {
    each_cloud::keeps_what_is_said_of_an_object(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_have_the_class_that_was_asked_for() {
    each_cloud::objects_have_the_class_that_was_asked_for(&gcs().await, "storage-class", "NEARLINE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_have_the_rights_that_were_asked_for() {
    let asked = each_cloud::asked_with(&gcs().await, "rights", "predefined-acl=projectPrivate").await;
    each_cloud::only_what_makes_an_object_says(&asked, "x-goog-acl", "project-private");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_comes_whole_in_parts() {
    each_cloud::a_large_file_comes_whole_in_parts(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_goes() {
    each_cloud::what_has_expired_goes(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_every_third_request_gets_the_same_rows() {
    behind::every_third_request_fails(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_known_for_ones_own() {
    behind::the_first_answer_of_every_write_is_lost(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_withdrawn_and_a_bucket_that_is_full_heal() {
    behind::what_is_refused_for_a_while_heals(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_index_ends_the_run_and_the_same_command_goes_on_later() {
    behind::a_refused_index_ends_the_run_and_the_same_command_goes_on_later(&gcs().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_bucket_from_being_written_is_named() {
    let no_such = "there is no such bucket; create it, or correct the sink URI";
    each_cloud::what_keeps_a_bucket_from_being_written_is_named(&gcs().await, no_such).await;
}

/// How long a token is good for.
const GOOD_FOR: Duration = Duration::from_secs(2);

/// A server whose tokens end soon, and whose answers take so long that a run has several of them.
async fn with_tokens(said_to_be: Duration) -> Gcs {
    let tokens = Some(Tokens { good_for: GOOD_FOR, said_to_be });
    let gcs =
        Gcs::with(Manners { pause: Duration::from_millis(40), tokens, ..Manners::default() }).await.unwrap();
    gcs.create_bucket("bucket");
    gcs
}

/// The sink URI of somebody who asks the machine's metadata server, and the environment that says where that is.
fn by_the_machine(gcs: &Gcs) -> (String, String) {
    let address = gcs.address();
    (format!("gcs://bucket/p?endpoint=http://{address}&request-limit=2"), address.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_says_who_asks_and_whom() {
    let gcs = gcs().await;
    gcs.create_bucket("bucket");
    let expected = each_cloud::in_a_folder().await;
    let (endpoint, credentials) =
        (format!("http://{}", gcs.address()), gcs.credentials().display().to_string());
    let environment = [("GOOGLE_BASE_URL", &*endpoint), ("GOOGLE_SERVICE_ACCOUNT", &*credentials)];
    each_cloud::write_sample("gs://bucket/p?request-limit=64", &environment).await.succeeded();
    // The file in the URI is who asks, and whom is still the environment's.
    let uri = format!("gs://bucket/q?credentials-file={credentials}");
    each_cloud::write_sample(&uri, &environment[..1]).await.succeeded();
    for prefix in ["p", "q"] {
        each_cloud::has_the_same(&*gcs.client("bucket"), prefix, &expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_outlives_its_tokens() {
    let expected = each_cloud::in_a_folder().await;
    let gcs = with_tokens(GOOD_FOR).await;
    let (uri, machine) = by_the_machine(&gcs);
    let start = Instant::now();
    each_cloud::write_sample(&uri, &[("GCE_METADATA_HOST", &machine)]).await.succeeded();
    let (took, (issued, refused)) = (start.elapsed(), gcs.tokens());
    assert!(took > GOOD_FOR * 2, "its first token was good for most of it: it took {took:?}");
    assert!(issued > 2 && refused == 0, "{issued} tokens, {refused} requests without a good one");
    gcs.let_everyone_in();
    each_cloud::has_the_same(&*gcs.client("bucket"), "p", &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_before_its_time_ends_the_run() {
    let gcs = with_tokens(Duration::from_secs(3600)).await;
    let (uri, machine) = by_the_machine(&gcs);
    let uri = format!("{uri}&retry-timeout=2s");
    let ended = each_cloud::write_sample(&uri, &[("GCE_METADATA_HOST", &machine)]).await;
    let error = ended.failed(1);
    assert!(error.contains("it does not know these credentials"), "{error}");
    let (issued, refused) = gcs.tokens();
    assert!(issued == 1 && refused > 0, "{issued} tokens, {refused} requests without a good one");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_brings_no_token_is_told_so() {
    let gcs = with_tokens(GOOD_FOR).await;
    let nobody = each_cloud::told(&gcs.sink_uri("bucket", "p"), &[]).await;
    assert!(nobody.contains("it does not know these credentials"), "{nobody}");
    // No file, and a machine that has no metadata server.
    let (uri, _) = by_the_machine(&gcs);
    let nowhere = [("GCE_METADATA_HOST", "127.0.0.1:1"), ("GCE_METADATA_IP", "127.0.0.1:1")];
    let anonymous = each_cloud::told(&uri, &nowhere).await;
    assert!(anonymous.contains("nobody has given credentials; set credentials-file"), "{anonymous}");
}
