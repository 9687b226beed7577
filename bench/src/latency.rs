//! Latencies: what callers time themselves, and what is told when rows become visible.

use hdrhistogram::Histogram;
use parking_lot::Mutex;
use pipeline_core::{Error, Observe, Observer};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Nanoseconds, within a hundredth.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        // An hour at most; the bounds are constants that fit each other.
        Self(Histogram::new_with_bounds(1, 3_600_000_000_000, 2).expect("valid bounds"))
    }
}

impl Latencies {
    pub(crate) fn record(&mut self, took: Duration) {
        self.0.saturating_record(took.as_nanos() as u64);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all have the same bounds");
    }

    /// In milliseconds.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1e6
    }

    /// In milliseconds; `null` if nothing was recorded.
    pub(crate) fn figures(&self) -> Value {
        if self.0.is_empty() {
            return Value::Null;
        }
        json!({
            "p50_ms": self.quantile(0.5),
            "p99_ms": self.quantile(0.99),
            "p999_ms": self.quantile(0.999),
            "max_ms": self.0.max() as f64 / 1e6,
            "count": self.0.len(),
        })
    }
}

/// Times from sending to being visible. One for all tables; a token is the time of sending.
#[derive(Debug)]
pub(crate) struct Visible {
    began: Instant,
    shards: [Mutex<Latencies>; 8],
    lost: AtomicU64,
}

impl Visible {
    pub(crate) fn new() -> Arc<Self> {
        let shards = std::array::from_fn(|_| Mutex::default());
        Arc::new(Self { began: Instant::now(), shards, lost: AtomicU64::new(0) })
    }

    /// Who hears of an element that counts as sent at `sent`.
    pub(crate) fn of(self: &Arc<Self>, sent: Instant) -> Observer {
        Observer::new(self.clone(), sent.duration_since(self.began).as_nanos() as u64)
    }

    /// Forgets what was heard so far.
    pub(crate) fn clear(&self) {
        self.shards.iter().for_each(|shard| *shard.lock() = Latencies::default());
    }

    pub(crate) fn latencies(&self) -> Latencies {
        let mut all = Latencies::default();
        self.shards.iter().for_each(|shard| all.add(&shard.lock()));
        all
    }

    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Observe for Visible {
    fn settled(&self, token: u64, outcome: Result<(), Error>) {
        if outcome.is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let took = self.began.elapsed().as_nanos() as u64 - token;
        self.shards[token as usize % self.shards.len()].lock().record(Duration::from_nanos(took));
    }
}
