//! What the tests stand on: a spool in a directory of its own, and a disk whose faults they set.

use bytes::Bytes;
use futures::{FutureExt, TryStreamExt};
use parking_lot::{Condvar, Mutex};
use pipeline_core::{Body, Envelope, Owed, Piece, RouteId};
use stage_spool::disk::{Disk, LocalDisk, SegmentFile};
use stage_spool::{Spool, SpoolConfig, SpoolError, Spooling, Stored};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tower::{Service, ServiceExt};

/// Bytes of a segment's header, and of a frame's.
pub(crate) const SEGMENT: u64 = 24;
pub(crate) const FRAME: u64 = 12;

/// Settings for a spool in `dir`, with a waiting room of 1 MiB.
pub(crate) fn config(dir: &TempDir, memory: u64, disk: u64, segment: u64) -> SpoolConfig {
    SpoolConfig { memory, disk, segment, waiting: 1 << 20, ..SpoolConfig::new(dir.path()) }
}

/// A directory of a test's own.
pub(crate) fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory for a test")
}

/// A spool without memory: everything goes to disk.
pub(crate) fn disk_only(dir: &TempDir, disk: u64, segment: u64) -> Spool {
    Spool::open(config(dir, 0, disk, segment)).expect("opens")
}

/// `len` bytes that depend on `seed`.
pub(crate) fn body(seed: u64, len: usize) -> Bytes {
    (0..len as u64).map(|at| (seed.wrapping_mul(31) + at * 7) as u8).collect()
}

pub(crate) fn envelope(body: Bytes) -> Envelope<Piece<(), Bytes>> {
    Envelope { route: RouteId(0), owed: Owed::join([]), payload: Piece { label: (), body } }
}

/// Calls with a handle of its own that must be ready.
pub(crate) fn start(spool: &Spool, body: Bytes) -> Spooling<()> {
    try_start(spool, body).expect("the spool is ready")
}

/// Calls with a handle of its own, unless that is not ready.
pub(crate) fn try_start(spool: &Spool, body: Bytes) -> Option<Spooling<()>> {
    let mut handle = spool.clone();
    poll_fn(|cx| ready(&mut handle, cx)).now_or_never()?.expect("it has not failed");
    Some(handle.call(envelope(body)))
}

fn ready(spool: &mut Spool, cx: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), SpoolError>> {
    Service::<Envelope<Piece<(), Bytes>>>::poll_ready(spool, cx)
}

/// A handle that was let in, and calls later.
pub(crate) async fn let_in(spool: &Spool) -> Spool {
    let mut handle = spool.clone();
    poll_fn(|cx| ready(&mut handle, cx)).await.expect("it has not failed");
    handle
}

/// Whether a new handle is ready.
pub(crate) fn is_ready(spool: &Spool) -> bool {
    let mut handle = spool.clone();
    poll_fn(|cx| ready(&mut handle, cx)).now_or_never().is_some()
}

pub(crate) async fn finish(call: Spooling<()>) -> Result<Stored, SpoolError> {
    call.await.map(|envelope| envelope.payload.body)
}

pub(crate) async fn put(spool: &Spool, body: Bytes) -> Result<Stored, SpoolError> {
    let envelope = spool.clone().oneshot(envelope(body)).await?;
    Ok(envelope.payload.body)
}

/// Reads all, and gives the parts as they come.
pub(crate) async fn parts(stored: &[Stored], buffer: usize) -> Result<Vec<Bytes>, SpoolError> {
    let parts = Stored::read(stored, buffer).try_collect().await;
    parts.map_err(|error| *error.downcast().expect("a spool fails with its own error"))
}

/// Reads all as one.
pub(crate) async fn read(stored: &[Stored], buffer: usize) -> Result<Vec<u8>, SpoolError> {
    parts(stored, buffer).await.map(|parts| parts.concat())
}

/// Names and lengths of the segments that are really there.
pub(crate) fn segments(dir: &Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("the directory is there") {
        let entry = entry.expect("an entry");
        // One that was deleted since it was listed takes no bytes.
        let Ok(metadata) = entry.metadata() else { continue };
        let name = entry.file_name().into_string().expect("our names are text");
        if name != "spool.lock" {
            found.push((name, metadata.len()));
        }
    }
    found.sort();
    found
}

pub(crate) fn measured(dir: &Path) -> u64 {
    segments(dir).iter().map(|(_, len)| len).sum()
}

/// Waits for the writer thread to have done something; for long, but not for ever.
pub(crate) fn until(done: impl Fn() -> bool) {
    let soon = (0..20_000_000).any(|_| {
        std::thread::yield_now();
        done()
    });
    assert!(soon, "the writer thread never did it");
}

/// A local disk with faults. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Rigged {
    faults: Arc<(Mutex<Faults>, Condvar)>,
}

#[derive(Default)]
pub(crate) struct Faults {
    /// How many bytes may still be appended; no limit if `None`.
    pub(crate) space: Option<usize>,
    /// How many bytes one append takes at most; no limit if `None`.
    pub(crate) bite: Option<usize>,
    /// Appends wait while this is set.
    pub(crate) stuck: bool,
    pub(crate) appends: usize,
    pub(crate) refuse_create: bool,
    pub(crate) refuse_remove: bool,
    /// The bits of the byte at this offset of any file that come back wrong.
    pub(crate) rot: Option<(u64, u8)>,
    pub(crate) refuse_read: bool,
    /// Offset and length of each read.
    pub(crate) reads: Vec<(u64, usize)>,
}

impl Rigged {
    /// Looks at, or changes, the faults.
    pub(crate) fn set<R>(&self, change: impl FnOnce(&mut Faults) -> R) -> R {
        let result = change(&mut self.faults.0.lock());
        self.faults.1.notify_all();
        result
    }
}

struct RiggedFile {
    disk: Rigged,
    file: Arc<dyn SegmentFile>,
}

impl Disk for Rigged {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        if self.set(|faults| faults.refuse_create) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(Arc::new(RiggedFile { disk: self.clone(), file: LocalDisk.create(path)? }))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if self.set(|faults| faults.refuse_remove) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        LocalDisk.remove(path)
    }
}

impl SegmentFile for RiggedFile {
    fn append(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let (faults, changed) = &*self.disk.faults;
        let mut faults = faults.lock();
        faults.appends += 1;
        while faults.stuck {
            changed.wait(&mut faults);
        }
        let all: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
        let most = faults.bite.unwrap_or(usize::MAX).min(faults.space.unwrap_or(usize::MAX));
        if most == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = self.file.append(&[IoSlice::new(&all[..all.len().min(most)])])?;
        if let Some(space) = &mut faults.space {
            *space -= taken;
        }
        Ok(taken)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let count = self.file.read_at(buffer, offset)?;
        self.disk.set(|faults| {
            faults.reads.push((offset, count));
            if faults.refuse_read {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            if let Some((at, bits)) = faults.rot
                && (offset..offset + count as u64).contains(&at)
            {
                buffer[(at - offset) as usize] ^= bits;
            }
            Ok(count)
        })
    }
}
