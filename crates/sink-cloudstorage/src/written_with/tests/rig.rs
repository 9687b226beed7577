//! Runs, and what they leave.

use super::super::error::KEY;
use crate::config::{Config, SinkUri};
use crate::{CloudStorage, OpenSinkError};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::sync::Arc;

pub(super) const CSV: &str = "protocol=csv";
pub(super) const CANAL: &str = "protocol=canal-json";

pub(super) fn config(scheme: &str, parameters: &str, toml: &str) -> Result<Config, String> {
    let uri = SinkUri::parse(&format!("{scheme}://x/p?{parameters}")).map_err(|error| error.to_string())?;
    Config::read(&uri, toml).map_err(|error| error.to_string())
}

/// A run that writes nothing.
pub(super) async fn run(store: &Arc<InMemory>, config: &Config) -> Result<(), OpenSinkError> {
    let spool = tempfile::tempdir().unwrap();
    let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..config.clone() };
    let storage = CloudStorage::over(&config, store.clone(), "memory://x").await?;
    storage.close().await.expect("nothing was written");
    Ok(())
}

pub(super) async fn keys(store: &InMemory) -> Vec<String> {
    use futures::TryStreamExt;
    let keys = store.list(None).map_ok(|meta| meta.location.to_string());
    let mut keys: Vec<String> = keys.try_collect().await.unwrap();
    keys.sort();
    keys
}

pub(super) async fn text(store: &InMemory) -> String {
    let found = store.get(&Path::from(KEY)).await.unwrap().bytes().await.unwrap();
    String::from_utf8(found.to_vec()).unwrap()
}

pub(super) async fn plant(store: &InMemory, key: &str, text: &str) {
    store.put(&Path::parse(key).unwrap(), text.to_owned().into()).await.unwrap();
}
