//! The key that order is kept for.

use std::fmt;

/// A route: elements of one route stay in order, elements of two never wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub u64);

impl RouteId {
    /// Which of `lanes` lanes this route runs in. Stable, and spread even for ids that count up.
    pub(crate) fn lane(self, lanes: usize) -> usize {
        // Fibonacci hashing: the high half of the product mixes every bit of the id.
        let mixed = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        (mixed as usize * lanes) >> 32
    }
}

impl fmt::Display for RouteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "route {}", self.0)
    }
}

/// How far a drain marker reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One route.
    Route(RouteId),
    /// Every route of the pipeline.
    All,
}

#[cfg(test)]
mod tests {
    use super::RouteId;

    #[test]
    fn routes_that_count_up_are_spread_over_the_lanes() {
        for lanes in 1..=64 {
            for first in [0, 1 << 32] {
                let mut routes = vec![0; lanes];
                for id in first..first + 100 * lanes as u64 {
                    routes[RouteId(id).lane(lanes)] += 1;
                }
                let even = |&routes: &u64| (90..=110).contains(&routes);
                assert!(routes.iter().all(even), "{lanes} lanes have {routes:?}, each of about 100");
            }
        }
    }
}
