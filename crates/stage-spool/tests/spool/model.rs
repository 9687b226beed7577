//! Any sequence of puts, reads and releases, against a plain queue.

use crate::rig::*;
use bytes::Bytes;
use futures::stream::{FuturesOrdered, StreamExt};
use futures::{FutureExt, future::BoxFuture};
use pipeline_core::Body;
use proptest::prelude::*;
use proptest::sample::Index;
use stage_spool::{Spool, SpoolError, Stored};
use std::path::Path;

#[derive(Clone, Debug)]
enum Step {
    Put(usize),
    Read(Index, Index, usize),
    Release(Index),
    /// Drops a call that is under way.
    Cancel,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0usize..900).prop_map(Step::Put),
        1 => (900usize..9000).prop_map(Step::Put),
        2 => (any::<Index>(), any::<Index>(), 0usize..3000).prop_map(|(from, to, buffer)| Step::Read(from, to, buffer)),
        4 => any::<Index>().prop_map(Step::Release),
        1 => Just(Step::Cancel),
    ]
}

type Call = BoxFuture<'static, (Bytes, Result<Stored, SpoolError>)>;

/// The spool, and the queue that says what it should hold.
struct Model<'a> {
    spool: Spool,
    dir: &'a Path,
    memory: u64,
    disk: u64,
    held: Vec<(Bytes, Stored)>,
    /// Calls under way, in order.
    calls: FuturesOrdered<Call>,
    seed: u64,
    /// The largest piece so far that the disk could never hold: one such may exceed the memory tier.
    oversized: u64,
}

impl Model<'_> {
    async fn take(&mut self, step: Step) {
        match step {
            Step::Put(len) => self.put(len),
            Step::Read(from, to, buffer) if !self.held.is_empty() => {
                let (from, to) = (from.index(self.held.len()), to.index(self.held.len()));
                self.read(from.min(to), from.max(to), buffer).await;
            }
            Step::Release(at) if !self.held.is_empty() => {
                self.held.remove(at.index(self.held.len()));
            }
            Step::Cancel => self.calls = FuturesOrdered::new(),
            Step::Read(..) | Step::Release(_) => {}
        }
        while let Some(Some((body, stored))) = self.calls.next().now_or_never() {
            self.held.push((body, stored.expect("nothing fails")));
        }
        self.check();
    }

    fn put(&mut self, len: usize) {
        self.seed += 1;
        let body = body(self.seed, len);
        if len as u64 + SEGMENT + FRAME > self.disk {
            self.oversized = self.oversized.max(len as u64);
        }
        if let Some(call) = try_start(&self.spool, body.clone()) {
            self.calls.push_back(async move { (body, finish(call).await) }.boxed());
        }
    }

    /// Reads a range of what is held, out of the queue and out of the spool.
    async fn read(&mut self, from: usize, to: usize, buffer: usize) {
        let expected: Vec<Bytes> = self.held[from..=to].iter().map(|(body, _)| body.clone()).collect();
        let (bodies, stored): (Vec<_>, Vec<_>) = self.held.drain(..).unzip();
        assert_eq!(read(&stored[from..=to], buffer).await.expect("whole"), expected.concat());
        self.held = bodies.into_iter().zip(stored).collect();
    }

    fn check(&self) {
        let stats = self.spool.stats();
        assert!(stats.memory_bytes <= self.memory + self.oversized, "{stats:?}");
        assert!(stats.disk_physical_bytes <= self.disk, "{stats:?}");
        assert!(measured(self.dir) <= self.disk);
        let in_memory: u64 =
            self.held.iter().filter(|(_, stored)| stored.in_memory()).map(|(_, stored)| stored.len()).sum();
        assert!(stats.memory_bytes >= in_memory && stats.items >= self.held.len() as u64);
    }

    /// Lets everything go: every call that is under way must then find room.
    async fn finish(mut self) {
        self.held.clear();
        while let Some((body, stored)) = self.calls.next().await {
            let stored = [stored.expect("nothing fails")];
            assert_eq!(read(&stored, 100).await.expect("whole"), body);
            self.held.clear();
        }
        // What was cancelled may be on its way still.
        until(|| self.spool.waiting_room().held() == 0 && self.spool.stats().items == 0);
        let stats = self.spool.stats();
        assert_eq!((stats.waiting_bytes, stats.memory_bytes, stats.disk_live_bytes), (0, 0, 0));
        until(|| self.spool.stats().disk_physical_bytes == 0);
        let dir = self.dir;
        drop(self.spool);
        assert_eq!(segments(dir), []);
    }
}

proptest! {
    #[test]
    fn the_spool_is_a_queue_within_its_bounds(
        memory in prop_oneof![Just(0u64), 1u64..3000],
        disk in prop_oneof![Just(0u64), 1u64..2000, 2000u64..20_000],
        segment in 1u64..5000,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        prop_assume!(memory + disk > 0);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let dir = directory();
        let spool = Spool::open(config(&dir, memory, disk, segment)).expect("opens");
        let mut model = Model {
            spool,
            dir: dir.path(),
            memory,
            disk,
            held: Vec::new(),
            calls: FuturesOrdered::new(),
            seed: 0,
            oversized: 0,
        };
        runtime.block_on(async {
            for step in steps {
                model.take(step).await;
            }
            model.finish().await;
        });
    }
}
