//! Small stages over numbered rows, for the tests of laws and stage graphs.

mod batcher;

pub use batcher::Batcher;
use futures::future::BoxFuture;
use pipeline_core::{BoxError, Envelope, Weigh};
use std::time::Duration;

/// A payload: the numbers of the rows in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows(pub Vec<u64>);

impl Rows {
    /// What one row weighs.
    pub const WEIGHT: u64 = 10;
}

impl Weigh for Rows {
    fn weight(&self) -> u64 {
        self.0.len() as u64 * Self::WEIGHT
    }
}

/// A one-to-one stage whose calls take up to 40 ms on the test's clock, differently for each row and seed.
#[allow(dead_code, reason = "not every test needs it")]
pub fn slow(
    seed: u64,
) -> impl Fn(Envelope<Rows>) -> BoxFuture<'static, Result<Envelope<Rows>, BoxError>> + Clone {
    move |envelope| {
        let row = envelope.payload.0.first().copied().unwrap_or(0) ^ (envelope.route.0 << 20) ^ (seed << 40);
        let delay = row.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23) % 41;
        Box::pin(async move {
            if delay > 0 {
                tokio::time::sleep(Duration::from_millis(delay)).await;
            }
            Ok(envelope)
        })
    }
}
