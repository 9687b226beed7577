//! The maintainer of a single process.

use crate::{BlockEvent, BlockId, Error, Maintainer, Span, Verdict};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// A [`Maintainer`] for dispatchers that all live in this process. Clones share the barriers.
///
/// The last to report is the one who writes. A barrier is remembered from its first report until it is written, or
/// until all that it touches have heard that it failed.
#[derive(Clone, Debug, Default)]
pub struct InProcessMaintainer {
    barriers: Arc<Mutex<FxHashMap<BlockId, Barrier>>>,
}

/// How a barrier ended; `None` until then.
type BarrierEnd = Option<Result<(), Error>>;

#[derive(Debug)]
struct Barrier {
    /// How many have reported, or said that they cannot.
    reported: usize,
    end: watch::Sender<BarrierEnd>,
}

impl Default for Barrier {
    fn default() -> Self {
        Self { reported: 0, end: watch::Sender::new(None) }
    }
}

impl InProcessMaintainer {
    /// A maintainer without barriers.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many barriers are not finished.
    pub fn barriers(&self) -> usize {
        self.barriers.lock().len()
    }

    /// Counts a report; gives the wait for the end, or nothing to the last one.
    fn arrive(&self, block: &BlockEvent) -> Result<Option<watch::Receiver<BarrierEnd>>, Error> {
        let mut barriers = self.barriers.lock();
        let barrier = barriers.entry(block.id).or_default();
        barrier.reported += 1;
        let all = barrier.reported >= block.touched.len();
        let failed = match &*barrier.end.borrow() {
            Some(Err(error)) => Some(error.clone()),
            Some(Ok(())) | None => None,
        };
        if let Some(error) = failed {
            if all {
                barriers.remove(&block.id);
            }
            return Err(error);
        }
        Ok((!all).then(|| barrier.end.subscribe()))
    }

    /// Ends a barrier, unless it has failed already: the first error stays.
    fn end(&self, block: &BlockEvent, outcome: Result<(), Error>, reports: usize) {
        let mut barriers = self.barriers.lock();
        // Only one that fails in place of its report may be the first that the barrier hears of.
        if reports == 0 && !barriers.contains_key(&block.id) {
            return;
        }
        let barrier = barriers.entry(block.id).or_default();
        barrier.reported = (barrier.reported + reports).min(block.touched.len());
        let forget = outcome.is_ok() || barrier.reported == block.touched.len();
        barrier.end.send_if_modified(|end| {
            let first = end.is_none();
            if first {
                *end = Some(outcome);
            }
            first
        });
        if forget {
            barriers.remove(&block.id);
        }
    }
}

impl Maintainer for InProcessMaintainer {
    async fn report(&self, block: &BlockEvent, _span: &Span) -> Result<Verdict, Error> {
        let Some(mut end) = self.arrive(block)? else {
            return Ok(Verdict::Write);
        };
        let left = LeftBarrier { maintainer: self, block };
        let end = end.wait_for(Option::is_some).await.map(|end| end.clone());
        std::mem::forget(left);
        match end {
            Ok(Some(Ok(()))) => Ok(Verdict::Pass),
            Ok(Some(Err(error))) => Err(error),
            // Not reached: a barrier is removed only after its end was told.
            Ok(None) | Err(_) => Err(Error::LeftBarrier { commit_ts: block.id.commit_ts }),
        }
    }

    async fn done(&self, block: &BlockEvent, _span: &Span, outcome: Result<(), Error>) -> Result<(), Error> {
        // An error before the report takes the place of the report; one after it changes no count.
        let reports = usize::from(outcome.is_err());
        self.end(block, outcome, reports);
        Ok(())
    }
}

/// Fails the barrier if its report is dropped before the verdict.
struct LeftBarrier<'a> {
    maintainer: &'a InProcessMaintainer,
    block: &'a BlockEvent,
}

impl Drop for LeftBarrier<'_> {
    fn drop(&mut self) {
        let commit_ts = self.block.id.commit_ts;
        self.maintainer.end(self.block, Err(Error::LeftBarrier { commit_ts }), 0);
    }
}
