//! A sink over the store that a run asks for.

use crate::options::Options;
use crate::slow_store::SlowStore;
use pipeline_core::BoxError;
use sink_cloudstorage::config::{Config, SinkUri};
use sink_cloudstorage::{CloudStorage, CloudStorageSink};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A running sink.
pub(crate) struct Rig {
    pub(crate) storage: CloudStorage,
    pub(crate) sink: CloudStorageSink,
    pub(crate) store: SlowStore,
    pub(crate) config: Config,
    _scratch: TempDir,
}

impl Rig {
    /// Opens the sink with the scenario's own parameters, over which those of the command win.
    pub(crate) async fn open(options: &Options, parameters: &str) -> Result<Self, BoxError> {
        let latency = Duration::from_millis(options.latency.unwrap_or(0));
        let store = SlowStore::new(latency, options.bandwidth.map(|megabytes| megabytes as f64 * 1e6));
        Self::over(options, parameters, store).await
    }

    /// The same over a store of the scenario's, unless the command names another.
    pub(crate) async fn over(
        options: &Options,
        parameters: &str,
        store: SlowStore,
    ) -> Result<Self, BoxError> {
        let scratch = tempfile::tempdir()?;
        let place = match options.store.as_str() {
            "null" => "noop://".to_owned(),
            "file" => format!("file://{}", scratch.path().join("out").display()),
            uri => uri.to_owned(),
        };
        let base = format!("spool-base-dir={}", scratch.path().join("spool").display());
        let mut given = vec![format!("protocol={}", options.protocol), base];
        let theirs: Vec<&str> = options.parameters.split('&').filter(|pair| !pair.is_empty()).collect();
        let key = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
        let own = parameters.split('&').filter(|pair| !pair.is_empty());
        given.extend(
            own.filter(|pair| !theirs.iter().any(|given| key(given) == key(pair))).map(str::to_owned),
        );
        given.extend(theirs.into_iter().map(str::to_owned));
        let question = if place.contains('?') { '&' } else { '?' };
        let uri = SinkUri::parse(&format!("{place}{question}{}", given.join("&")))?;
        let config = Config::read(&uri, "")?;
        let storage = match options.store.as_str() {
            "null" => {
                let name = scratch.path().display().to_string();
                CloudStorage::over(&config, Arc::new(store.clone()), &name).await?
            }
            _ => CloudStorage::open(&config, uri.location()).await?,
        };
        Ok(Self { sink: storage.sink(), storage, store, config, _scratch: scratch })
    }

    /// The bytes that the sink may hold in memory.
    pub(crate) fn memory_bound(&self) -> u64 {
        self.config.spool_memory_bytes()
    }
}
