//! What the clouds' servers have in common, for tests that are about each of them.

use crate::{Azurite, Gcs, Moto};
use async_trait::async_trait;
use hyper::Method;
use object_store::ObjectStore;
use object_store::path::Path;
use object_store::signer::Signer;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A cloud's server of one's own.
#[async_trait]
pub trait Cloud: Sync {
    /// Where it listens.
    fn address(&self) -> SocketAddr;

    /// Makes an empty bucket.
    ///
    /// # Panics
    /// If it refuses.
    async fn make(&self, bucket: &str);

    /// An independent client for a bucket.
    fn client(&self, bucket: &str) -> Arc<dyn ObjectStore>;

    /// The sink URI of a prefix in a bucket, behind an address that leads to this server. It has a query.
    fn uri_behind(&self, address: SocketAddr, bucket: &str, prefix: &str) -> String;

    /// The class of an object, as the server has it; `None` if none was asked for.
    async fn class_of(&self, bucket: &str, key: &str) -> Option<String>;
}

/// A header of what is at a URL.
async fn header(url: &str, name: &str) -> Option<String> {
    let answer = reqwest::Client::new().head(url).send().await.and_then(reqwest::Response::error_for_status);
    let answer = answer.expect("it is there");
    answer.headers().get(name).map(|value| value.to_str().expect("plain text").to_owned())
}

#[async_trait]
impl Cloud for Moto {
    fn address(&self) -> SocketAddr {
        self.address()
    }

    async fn make(&self, bucket: &str) {
        self.create_bucket(bucket).await.expect("moto makes a bucket");
    }

    fn client(&self, bucket: &str) -> Arc<dyn ObjectStore> {
        Arc::new(self.store(bucket).expect("a bucket's name"))
    }

    fn uri_behind(&self, address: SocketAddr, bucket: &str, prefix: &str) -> String {
        Self::sink_uri_behind(address, bucket, prefix)
    }

    async fn class_of(&self, bucket: &str, key: &str) -> Option<String> {
        let store = self.store(bucket).expect("a bucket's name");
        let path = Path::parse(key).expect("a key that was listed");
        let url = store.signed_url(Method::HEAD, &path, Duration::from_secs(60)).await;
        header(url.expect("a signature").as_str(), "x-amz-storage-class").await
    }
}

#[async_trait]
impl Cloud for Gcs {
    fn address(&self) -> SocketAddr {
        self.address()
    }

    async fn make(&self, bucket: &str) {
        self.create_bucket(bucket);
    }

    fn client(&self, bucket: &str) -> Arc<dyn ObjectStore> {
        Arc::new(self.store(bucket).expect("a bucket's name"))
    }

    fn uri_behind(&self, address: SocketAddr, bucket: &str, prefix: &str) -> String {
        self.sink_uri_behind(address, bucket, prefix)
    }

    async fn class_of(&self, bucket: &str, key: &str) -> Option<String> {
        let url = format!("http://{}/{bucket}/{key}", self.address());
        header(&url, "x-goog-storage-class").await
    }
}

#[async_trait]
impl Cloud for Azurite {
    fn address(&self) -> SocketAddr {
        self.address()
    }

    async fn make(&self, bucket: &str) {
        self.create_container(bucket).await.expect("azurite makes a container");
    }

    fn client(&self, bucket: &str) -> Arc<dyn ObjectStore> {
        Arc::new(self.store(bucket).expect("a container's name"))
    }

    fn uri_behind(&self, address: SocketAddr, bucket: &str, prefix: &str) -> String {
        Self::sink_uri_behind(address, bucket, prefix)
    }

    async fn class_of(&self, bucket: &str, key: &str) -> Option<String> {
        self.tier(bucket, key).await.expect("azurite answers")
    }
}
