//! Source, dispatchers and sink in the test's own process, over a store of the test's choice.
#![allow(dead_code, reason = "each test file uses its own part")]

use change_event::{ChangeEvent, RowEvent};
use dispatcher::{Dispatchers, Splitter, WholeTables};
use object_store::ObjectStore;
use pipeline_core::BoxError;
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::config::{Config, SinkUri};
use source_mysql::{Binlog, SourceItem, SourceOptions, Start};
use std::path::Path;
use std::sync::Arc;
use tests::MariaDb;

/// A configuration, from the parameters of a sink URI and a configuration file.
pub fn config_with(parameters: &str, toml: &str) -> Config {
    let uri = SinkUri::parse(&format!("memory://x?{parameters}")).expect("a right URI");
    Config::read(&uri, toml).expect("a right configuration")
}

/// The same without a file.
pub fn config(parameters: &str) -> Config {
    config_with(parameters, "")
}

/// Takes a server's log from its beginning to a position.
pub async fn follow(
    config: &Config,
    store: Arc<dyn ObjectStore>,
    mariadb: &MariaDb,
    (file, offset): (String, u64),
) {
    follow_url(config, store, &mariadb.url(), (file, offset)).await.unwrap();
}

/// The same for any server.
pub async fn follow_url(
    config: &Config,
    store: Arc<dyn ObjectStore>,
    url: &str,
    (file, offset): (String, u64),
) -> Result<(), BoxError> {
    let reading = Reading::with(config.clone(), url, Start::Earliest).await?;
    reading.until(store, (file, offset)).await
}

/// A server's log that is about to be read, from a place of its own.
pub struct Reading {
    config: Config,
    source: Binlog,
}

impl Reading {
    /// Begins to read. What the server writes from here on comes.
    pub async fn begin(parameters: &str, url: &str, start: Start) -> Result<Self, BoxError> {
        Self::with(config(parameters), url, start).await
    }

    /// The same with a configuration.
    pub async fn with(config: Config, url: &str, start: Start) -> Result<Self, BoxError> {
        let source = Binlog::connect(&url.parse()?, source_options(&config), start).await?;
        Ok(Self { config, source })
    }

    /// The same without memory for transactions: all of them wait on disk, and come in the smallest pieces.
    pub async fn spilling(config: Config, url: &str, start: Start) -> Result<Self, BoxError> {
        let options = SourceOptions { transaction_memory: 0, ..source_options(&config) };
        let source = Binlog::connect(&url.parse()?, options, start).await?;
        Ok(Self { config, source })
    }

    /// Takes everything up to a position.
    pub async fn until(
        mut self,
        store: Arc<dyn ObjectStore>,
        (file, offset): (String, u64),
    ) -> Result<(), BoxError> {
        let is_end = |item: &SourceItem| match item {
            SourceItem::Event(_) | SourceItem::Parked(_) => false,
            SourceItem::Mark(mark) => {
                (mark.position.file.as_str(), mark.position.offset) >= (file.as_str(), offset)
            }
        };
        pour(&self.config, store, &mut self.source, is_end).await
    }
}

/// Takes a log file to its end.
pub async fn read(config: &Config, store: Arc<dyn ObjectStore>, path: &Path) -> Result<(), BoxError> {
    read_in_case(config, store, path, false).await
}

/// The same of a server that keeps names in lower case, or not.
pub async fn read_in_case(
    config: &Config,
    store: Arc<dyn ObjectStore>,
    path: &Path,
    lower_case_names: bool,
) -> Result<(), BoxError> {
    let options = SourceOptions { lower_case_names, ..source_options(config) };
    let mut source = Binlog::open_file(path, options, None).await?;
    pour(config, store, &mut source, |_| false).await
}

/// Takes a log file to its end, with tables that several dispatchers share.
pub async fn read_split(
    config: &Config,
    store: Arc<dyn ObjectStore>,
    path: &Path,
    splitter: impl Splitter,
) -> Result<(), BoxError> {
    let mut source = Binlog::open_file(path, source_options(config), None).await?;
    pour_spread(config, store, &mut source, |_| false, splitter, |event| vec![event]).await
}

/// Takes a log file to its end, with events of rows made of its own: more than the log tells.
pub async fn read_spread(
    config: &Config,
    store: Arc<dyn ObjectStore>,
    path: &Path,
    spread: impl Fn(RowEvent) -> Vec<RowEvent>,
) -> Result<(), BoxError> {
    let mut source = Binlog::open_file(path, source_options(config), None).await?;
    pour_spread(config, store, &mut source, |_| false, WholeTables, spread).await
}

fn source_options(config: &Config) -> SourceOptions {
    SourceOptions {
        updates: config.update_form(),
        tables: config.tables.clone(),
        events: config.events.clone(),
        ..SourceOptions::default()
    }
}

async fn pour(
    config: &Config,
    store: Arc<dyn ObjectStore>,
    source: &mut Binlog,
    is_end: impl Fn(&SourceItem) -> bool,
) -> Result<(), BoxError> {
    pour_spread(config, store, source, is_end, WholeTables, |event| vec![event]).await
}

async fn pour_spread(
    config: &Config,
    store: Arc<dyn ObjectStore>,
    source: &mut Binlog,
    is_end: impl Fn(&SourceItem) -> bool,
    splitter: impl Splitter,
    spread: impl Fn(RowEvent) -> Vec<RowEvent>,
) -> Result<(), BoxError> {
    let spool = tempfile::tempdir()?;
    let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..config.clone() };
    let storage = CloudStorage::over(&config, store, "a test's store").await?;
    let dispatchers = Dispatchers::builder(storage.sink()).splitter(splitter).spawn()?;
    while let Some(item) = source.next().await? {
        let ends = is_end(&item);
        let events = match item {
            SourceItem::Event(ChangeEvent::Rows(rows)) => {
                spread(rows).into_iter().map(ChangeEvent::Rows).collect()
            }
            SourceItem::Event(event) => vec![event],
            SourceItem::Parked(_) => continue,
            SourceItem::Mark(mark) => vec![ChangeEvent::Resolved(mark.commit_ts)],
        };
        for event in events {
            dispatchers.handle(event).await?;
        }
        if ends {
            break;
        }
    }
    dispatchers.finish().await?;
    storage.close().await
}
