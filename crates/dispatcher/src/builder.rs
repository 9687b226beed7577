//! Puts a sink, a maintainer and the rest together.

use crate::checkpoint::{Publish, Publisher, tick};
use crate::driver::Driver;
use crate::ledger::Ledger;
use crate::registry::Registry;
use crate::router::Router;
use crate::{
    CheckpointStore, Dispatchers, Error, InProcessMaintainer, Maintainer, Options, Sink, Splitter,
    WholeTables,
};
use pipeline_core::Gate;
use std::sync::Arc;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

/// Composes a set of dispatchers; made by [`Dispatchers::builder`].
pub struct Builder<S, M = InProcessMaintainer, C = ()> {
    sink: S,
    maintainer: M,
    store: C,
    splitter: Arc<dyn Splitter>,
    options: Options,
}

impl<S: Sink> Builder<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self {
            sink,
            maintainer: InProcessMaintainer::new(),
            store: (),
            splitter: Arc::new(WholeTables),
            options: Options::default(),
        }
    }
}

impl<S: Sink, M: Maintainer, C: CheckpointStore> Builder<S, M, C> {
    /// Where dispatchers meet at barriers. Default: in this process.
    pub fn maintainer<N: Maintainer>(self, maintainer: N) -> Builder<S, N, C> {
        let Self { sink, store, splitter, options, .. } = self;
        Builder { sink, maintainer, store, splitter, options }
    }

    /// What is saved before the sink is told of a checkpoint. Default: nothing.
    pub fn checkpoint_store<D: CheckpointStore>(self, store: D) -> Builder<S, M, D> {
        let Self { sink, maintainer, splitter, options, .. } = self;
        Builder { sink, maintainer, store, splitter, options }
    }

    /// How tables are split over several dispatchers. Default: not at all.
    pub fn splitter(self, splitter: impl Splitter) -> Self {
        Self { splitter: Arc::new(splitter), ..self }
    }

    /// The settings.
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Starts the dispatchers: a task that drives them, and one that tells the checkpoint.
    ///
    /// # Errors
    /// If a setting is out of range.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn spawn(self) -> Result<Dispatchers<S>, Error> {
        let Self { sink, maintainer, store, splitter, options } = self;
        options.check()?;
        let ledger = Ledger::new(options.start);
        let registry = Arc::new(Registry::default());
        let inboxes = Gate::new(options.inbox);
        let router = Router::new(sink.clone(), splitter, registry.clone(), ledger.clone(), inboxes.entry());
        let (watch, checkpoints) = watch::channel(options.start);
        let publisher: Arc<dyn Publish> = Arc::new(Publisher {
            ledger: ledger.clone(),
            sink: sink.clone(),
            store,
            last: Mutex::new(options.start),
            watch,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(tick(publisher.clone(), ledger.clone(), options.checkpoint_interval));
        let driver = Driver { sink, maintainer, registry: registry.clone(), ledger: ledger.clone(), options };
        tasks.spawn(driver.run());
        Ok(Dispatchers {
            router: Mutex::new(router),
            registry,
            ledger,
            inboxes,
            publisher,
            checkpoints,
            _tasks: tasks,
        })
    }
}
