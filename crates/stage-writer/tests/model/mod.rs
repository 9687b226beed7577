//! The simplest batcher that is right.

use stage_writer::{BatchLimits, FlushReason};
use std::collections::BTreeMap;

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
                let new = || Open { since, version, pieces: Vec::new(), rows: 0 };
                let open = self.open.entry(*route).or_insert_with(new);
                open.pieces.push(text.to_owned());
                open.rows += rows;
                let held: usize = open.pieces.iter().map(String::len).sum();
                let full = held as u64 >= self.limits.bytes || open.rows >= self.limits.rows;
                if *bytes as u64 >= self.limits.bytes {
                    self.close(*route, FlushReason::Oversized);
                } else if full {
                    self.close(*route, FlushReason::Size);
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
        let age = self.limits.age.as_millis() as u64;
        let now = self.now;
        let old: Vec<u64> =
            self.open.iter().filter(|(_, open)| open.since + age <= now).map(|(route, _)| *route).collect();
        old.into_iter().for_each(|route| self.close(route, FlushReason::Interval));
        if self.shut {
            self.close_all(FlushReason::Quota);
        }
    }
}
