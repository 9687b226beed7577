//! Latencies in a histogram of fixed size: eight steps per power of two, so within 13 % of what was measured.

use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) struct Latencies {
    counts: Vec<u64>,
    most: Duration,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { counts: vec![0; 64 * 8], most: Duration::ZERO }
    }
}

impl Latencies {
    pub(crate) fn record(&mut self, took: Duration) {
        let nanos = (took.as_nanos() as u64).max(8);
        let power = nanos.ilog2();
        let step = (nanos >> (power - 3)) & 7;
        self.counts[(power * 8) as usize + step as usize] += 1;
        self.most = self.most.max(took);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine += theirs);
        self.most = self.most.max(other.most);
    }

    /// The latency that this share of all stayed within, in microseconds.
    pub(crate) fn micros(&self, share: f64) -> f64 {
        let wanted = (self.counts.iter().sum::<u64>() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (slot, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted.max(1) {
                let (power, step) = (slot as u32 / 8, slot as u64 % 8);
                return ((9 + step) << (power - 3)) as f64 / 1e3;
            }
        }
        self.most_micros()
    }

    pub(crate) fn most_micros(&self) -> f64 {
        self.most.as_nanos() as f64 / 1e3
    }
}
