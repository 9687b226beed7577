//! How many calls of one service run at once, in one lane.

/// How many calls of one service run at once, in one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls that run, or whose output waits for its turn. At least 1.
    pub concurrency: usize,
    /// The same, for one route. At least 1. Whatever it says, one route gets at most half of all places, unless there is
    /// only one: a route that is stuck leaves the rest to the others.
    pub per_route: usize,
}

/// What the service does to the world, which says how many of a route's calls may run at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effects {
    /// Each call does something that others can see, as a write to a store: one call of a route at a time, so that the
    /// effects come in the order of the route.
    #[default]
    InOrderOfCalls,
    /// None that anyone can see but its output: calls of one route may run side by side.
    Free,
    /// It brings them in order itself, whatever runs side by side.
    OrderedWithin,
}

/// The default of [`Limits::concurrency`].
const CONCURRENCY: usize = 64;

impl Default for Limits {
    /// 64 calls at a time, one of a route.
    fn default() -> Self {
        Self { concurrency: CONCURRENCY, per_route: 1 }
    }
}

impl Limits {
    /// How many of one route there may really be.
    pub(super) fn share(self) -> usize {
        self.per_route.min((self.concurrency / 2).max(1))
    }
}
