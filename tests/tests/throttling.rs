//! A store that asks for patience gets fewer requests at once, also where its client tries again without a word.

use bytes::Bytes;
use futures::future::try_join_all;
use object_store::path::Path;
use sink_cloudstorage::config::SinkUri;
use sink_cloudstorage::store::open;
use stage_writer::{Remote, RemoteConfig};
use std::time::Duration;
use tests::{Cloud, Fault, FaultProxy, Gcs};

/// How many there are before anything is known.
const FIRST: usize = 64;

/// A bucket behind a proxy, as the sink sees it.
async fn remote(gcs: &Gcs) -> (FaultProxy, Remote) {
    gcs.make("bucket").await;
    let proxy = FaultProxy::start(gcs.address()).await.unwrap();
    let uri = gcs.uri_behind(proxy.address(), "bucket", "p");
    let store = open(SinkUri::parse(&format!("{uri}&protocol=csv")).unwrap().location()).unwrap();
    (proxy, Remote::new(store, RemoteConfig::default()))
}

async fn put(remote: &Remote, count: usize) {
    let put = |number| async move {
        remote.replace(&Path::from(format!("p/{number}")), Bytes::from_static(b"content")).await
    };
    try_join_all((0..count).map(put)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_heals_by_itself_counts() {
    let gcs = Gcs::start().await.unwrap();
    let (proxy, remote) = remote(&gcs).await;
    assert_eq!(remote.level(), FIRST);
    let mut number = 0;
    proxy.set_rule(move |_| {
        number += 1;
        if number % 4 == 0 { Fault::AnswerBefore(429) } else { Fault::Pass }
    });
    put(&remote, 2 * FIRST).await;
    assert!(remote.level() < FIRST, "{} at once", remote.level());
    assert_eq!(
        gcs.client("bucket").list_with_delimiter(Some(&Path::from("p/p"))).await.unwrap().objects.len(),
        2 * FIRST
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_throttles_everything_gets_few_until_it_takes_them() {
    let gcs = Gcs::start().await.unwrap();
    let (proxy, remote) = remote(&gcs).await;
    proxy.set(Fault::AnswerBefore(503));
    let throttled = remote.clone();
    let waiting = tokio::spawn(async move { put(&throttled, 200).await });
    while remote.level() >= 8 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let few = remote.level();
    proxy.set(Fault::Pass);
    waiting.await.unwrap();
    put(&remote, 2_000).await;
    assert!(remote.level() > few, "{} at once, as few as before", remote.level());
}
