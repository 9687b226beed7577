//! The simplest batcher that is right.

use stage_writer::{BatchLimits, FlushReason};
use std::collections::BTreeMap;
use std::time::Duration;

pub const ROUTES: u64 = 3;

/// What is done to a batcher.
#[derive(Clone, Debug)]
pub enum Step {
    Piece { route: u64, version: u64, bytes: usize, rows: u64 },
    Marker(Option<u64>),
    Wait(u64),
    Shut,
    Open,
}

/// What leaves: a batch's pieces and why it was closed, or a marker.
#[derive(Clone, Debug, PartialEq)]
pub enum Left {
    Batch { version: u64, pieces: Vec<String>, reason: FlushReason },
    Marker,
}

/// What left, per route; a marker of all routes leaves on each.
pub type Leaves = BTreeMap<u64, Vec<Left>>;

/// A batch that is open.
pub struct Open {
    since: u64,
    version: u64,
    pieces: Vec<String>,
    rows: u64,
    /// It was old enough, and too small.
    waits: bool,
}

impl Open {
    fn held(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.len() as u64).sum()
    }
}

/// A batcher that looks at everything it holds, each time.
pub struct Model {
    pub limits: BatchLimits,
    pub now: u64,
    pub open: BTreeMap<u64, Open>,
    pub left: Leaves,
    pub shut: bool,
}

impl Model {
    fn close(&mut self, route: u64, reason: FlushReason) {
        if let Some(Open { version, pieces, .. }) = self.open.remove(&route) {
            self.left.entry(route).or_default().push(Left::Batch { version, pieces, reason });
        }
    }

    pub fn close_all(&mut self, reason: FlushReason) {
        (0..ROUTES).for_each(|route| self.close(route, reason));
    }

    pub fn step(&mut self, step: &Step, text: &str) {
        match step {
            Step::Piece { route, version, bytes, rows } => {
                if self.open.get(route).is_some_and(|open| open.version != *version) {
                    self.close(*route, FlushReason::Drain);
                }
                let (since, version) = (self.now, *version);
                let new = || Open { since, version, pieces: Vec::new(), rows: 0, waits: false };
                let open = self.open.entry(*route).or_insert_with(new);
                open.pieces.push(text.to_owned());
                open.rows += rows;
                let full = open.held() >= self.limits.bytes || open.rows >= self.limits.rows;
                let waited_for = open.waits && open.held() >= self.limits.least_bytes;
                if *bytes as u64 >= self.limits.bytes {
                    self.close(*route, FlushReason::Oversized);
                } else if full {
                    self.close(*route, FlushReason::Size);
                } else if waited_for {
                    self.close(*route, FlushReason::Interval);
                }
            }
            Step::Marker(route) => {
                for route in route.map_or(0..ROUTES, |route| route..route + 1) {
                    self.close(route, FlushReason::Drain);
                    self.left.entry(route).or_default().push(Left::Marker);
                }
            }
            Step::Wait(millis) => self.now += millis,
            Step::Shut => self.shut = true,
            Step::Open => self.shut = false,
        }
    }

    /// The input is pending: what is old goes, and under pressure all.
    pub fn rest(&mut self) {
        let BatchLimits { age, greatest_age, least_bytes, .. } = self.limits;
        for route in 0..ROUTES {
            let Some(open) = self.open.get_mut(&route) else { continue };
            let lived = Duration::from_millis(self.now - open.since);
            open.waits |= lived >= age && open.held() < least_bytes && greatest_age > age;
            if lived >= if open.waits { greatest_age } else { age } {
                self.close(route, FlushReason::Interval);
            }
        }
        if self.shut {
            self.close_all(FlushReason::Quota);
        }
    }
}
