//! What every cloud must do, of S3.

mod behind;
mod each_cloud;
mod in_process;
mod line;
mod sample;

use std::time::Duration;
use tests::{Cloud, FaultProxy, Moto, PodIdentity};
use tokio::time::Instant;

async fn moto() -> Moto {
    Moto::start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_what_the_stages_take_for_granted() {
    each_cloud::keeps_what_the_stages_take_for_granted(&moto().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_passes_the_clients_own_suite() {
    each_cloud::passes_the_clients_own_suite(&moto().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_have_the_class_that_was_asked_for() {
    each_cloud::objects_have_the_class_that_was_asked_for(&moto().await, "storage-class", "STANDARD_IA")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_comes_whole_in_parts() {
    each_cloud::a_large_file_comes_whole_in_parts(&moto().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_goes() {
    each_cloud::what_has_expired_goes(&moto().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_says_who_asks_and_whom() {
    let moto = moto().await;
    moto.make("bucket").await;
    let expected = each_cloud::in_a_folder().await;
    let endpoint = format!("http://{}", moto.address());
    let environment = [
        ("AWS_ENDPOINT_URL", &*endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    each_cloud::write_sample("s3://bucket/p?request-limit=64", &environment).await.succeeded();
    each_cloud::has_the_same(&*moto.client("bucket"), "p", &expected).await;
}

/// Between two requests, of which the sample takes hundreds, one after the other.
const PAUSE: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_run_outlives_its_credentials() {
    let expected = each_cloud::in_a_folder().await;
    let moto = moto().await;
    moto.make("bucket").await;
    let good_for = Duration::from_secs(1);
    let pod = PodIdentity::start(good_for).await.unwrap();
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    let mut judge = pod.judge();
    // moto answers at once: without pauses, how long a run takes would be the machine's affair.
    proxy.set_rule(move |request| {
        std::thread::sleep(PAUSE);
        judge(request)
    });
    let environment = pod.environment();
    let environment = environment.each_ref().map(|(name, value)| (*name, &**value));
    let uri = format!("s3://bucket/p?endpoint=http://{}&request-limit=1", proxy.address());
    let start = Instant::now();
    each_cloud::write_sample(&uri, &environment).await.succeeded();
    let took = start.elapsed();
    assert!(took > good_for * 2, "its first credentials were good for most of it: it took {took:?}");
    assert!(pod.issued() > 2 && proxy.faults() == 0, "{} issued, {} refused", pod.issued(), proxy.faults());
    each_cloud::has_the_same(&*moto.client("bucket"), "p", &expected).await;
}
