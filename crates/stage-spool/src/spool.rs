//! The spool as a tower service.

use crate::core::Core;
use crate::directory::Directory;
use crate::disk::{Disk, LocalDisk};
use crate::inbox::Job;
use crate::ledger::SpoolStats;
use crate::memory::Share;
use crate::shelf::Shelf;
use crate::spooling::{Placing, Spooling, Wait};
use crate::stored::Stored;
use crate::writer::Writer;
use crate::{SpoolConfig, SpoolError, metrics};
use bytes::Bytes;
use pipeline_core::gate::Entry;
use pipeline_core::{Envelope, Gate, Piece, Telemetry};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use tower::Service;

/// Room to wait: a one-to-one stage that keeps a piece's bytes in memory or on disk until they are let go.
///
/// Clones share the room. A call is answered at once while the memory tier has room; otherwise when the piece is
/// written, so let some calls run at once ([`concurrency`](pipeline_core::Builder::concurrency)): the writer
/// thread appends what waits in writes of about 1 MiB.
///
/// # Bound
/// The memory tier holds at most its size, and beside it one piece that is heavier than the whole disk quota. Files
/// take at most the quota. Pieces on their way to the disk are in memory, in a waiting room of their own: when it is
/// full, or while a piece finds the disk full, the service is not ready. It may be exceeded by one piece for each clone.
/// The writer thread gathers small ones in a buffer of about 1 MiB.
///
/// # Progress
/// A piece waits for room until others are let go, and is never needed for that. While one waits,
/// [`waiting_room`](Self::waiting_room) is shut: a stage that holds pieces may take that as pressure.
///
/// # Drop
/// When the last handle is dropped, the writer thread answers what is under way and ends. If nothing is under way
/// and nothing on disk is held, drop waits for that end, so the directory is empty and free at once. Otherwise that
/// comes when the last [`Stored`] on disk is dropped.
///
/// # Panics
/// A call, if it is not preceded by a `poll_ready` that said ready.
#[derive(Clone, Debug)]
pub struct Spool {
    core: Arc<Core>,
    /// Into the waiting room. Its readiness is kept until a piece needs the disk.
    entry: Entry,
    _door: Arc<Door>,
}

impl Spool {
    /// Makes, locks and empties the directory, and starts the writer thread. Blocks, but not for long.
    ///
    /// Nothing but the lock file is written until the first piece does not fit in memory.
    ///
    /// # Errors
    /// A setting out of range, a directory that cannot be used or that another spool uses, or no thread.
    pub fn open(config: SpoolConfig) -> Result<Self, SpoolError> {
        Self::open_on(config, LocalDisk)
    }

    /// The same, with its instruments elsewhere than at the global meter.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(config: SpoolConfig, telemetry: &Telemetry) -> Result<Self, SpoolError> {
        Self::start(config, LocalDisk, telemetry)
    }

    /// The same, with segments on a disk of the caller's; directory and lock are the file system's still.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_on(config: SpoolConfig, disk: impl Disk) -> Result<Self, SpoolError> {
        Self::start(config, disk, &Telemetry::default())
    }

    fn start(config: SpoolConfig, disk: impl Disk, telemetry: &Telemetry) -> Result<Self, SpoolError> {
        config.validate()?;
        let directory = Directory::claim(&config.dir)?;
        let core = Arc::new(Core::new(config.memory, config.waiting_room()));
        let shelf = Shelf::new(core.clone(), Arc::new(disk), directory, config.disk, config.segment_size());
        let writer = Writer::new(core.clone(), shelf);
        let thread = thread::Builder::new()
            .name("spool-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| SpoolError::Thread { source: Arc::new(error) })?;
        metrics::register(&core, &config.dir, telemetry);
        Ok(Self {
            entry: core.room.entry(),
            _door: Arc::new(Door { core: core.clone(), thread: Some(thread) }),
            core,
        })
    }

    /// What the spool holds now.
    pub fn stats(&self) -> SpoolStats {
        self.core.stats()
    }

    /// The gate over bytes on their way to the disk. It is shut while a piece finds no room: pressure for whoever
    /// holds pieces.
    pub fn waiting_room(&self) -> &Gate {
        &self.core.room
    }

    fn place(&mut self, body: Bytes) -> Placing {
        if let Some(error) = self.core.failure() {
            return Placing::Failed(error.clone());
        }
        let len = body.len() as u64;
        // While others wait for room, nobody overtakes them.
        if !self.core.crowded()
            && let Some(share) = Share::within(&self.core, len)
        {
            return Placing::Done(Stored::in_memory(body, share));
        }
        let (job, answer) = Job::new(body, self.entry.enter(len));
        self.core.inbox.push(job);
        Placing::Waiting(Wait::new(self.core.clone(), answer))
    }
}

impl<L> Service<Envelope<Piece<L, Bytes>>> for Spool {
    type Response = Envelope<Piece<L, Stored>>;
    type Error = SpoolError;
    type Future = Spooling<L>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SpoolError>> {
        // A spool that fails lets go of all that waits, which opens the room: nobody stays asleep before it.
        match self.core.failure() {
            Some(error) => Poll::Ready(Err(error.clone())),
            None => self.entry.poll_ready(cx).map(Ok),
        }
    }

    fn call(&mut self, envelope: Envelope<Piece<L, Bytes>>) -> Spooling<L> {
        let Envelope { route, owed, payload } = envelope;
        let placing = self.place(payload.body);
        Spooling::new((route, owed, payload.label), placing)
    }
}

/// What all handles hold. With the last of them the writer thread is told to end.
#[derive(Debug)]
struct Door {
    core: Arc<Core>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.core.inbox.close();
        let (unanswered, ledger) = (self.core.inbox.unanswered(), &self.core.ledger);
        let under_way = unanswered.jobs > 0 || ledger.disk_live.get() > 0 || ledger.reading.get() > 0;
        if let Some(thread) = self.thread.take()
            && !under_way
            // A waker that the thread itself lets go may hold the last handle.
            && thread.thread().id() != thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the spool's writer thread panicked");
        }
    }
}
