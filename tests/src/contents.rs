//! Everything in a bucket, byte for byte.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, Result};
use std::collections::BTreeMap;

/// How many objects are read at once.
const READS: usize = 16;

/// All objects below a prefix, by their key behind it. What the sink keeps for itself (`.spillway/`) is left out.
///
/// # Errors
/// The store's.
pub async fn contents(store: &dyn ObjectStore, prefix: &str) -> Result<BTreeMap<String, Bytes>> {
    let listed: Vec<_> = store.list(Some(&Path::from(prefix))).try_collect().await?;
    let keys = listed.into_iter().map(|object| object.location).filter_map(|path| {
        let key = path.as_ref().strip_prefix(prefix)?.trim_start_matches('/').to_owned();
        (!key.starts_with(".spillway/")).then_some((path, key))
    });
    let reads = futures::stream::iter(keys).map(|(path, key)| async move {
        let bytes = store.get(&path).await?.bytes().await?;
        Ok((key, bytes))
    });
    reads.buffer_unordered(READS).try_collect().await
}
