//! Routes for keys.

use crate::RouteId;
use rustc_hash::FxHashMap;
use std::borrow::Borrow;
use std::hash::Hash;

/// Gives each key a route of its own, the same one every time: an interner.
///
/// Routes count up from 0 and are never used twice. It holds each key once, so it is as large as the set of keys is;
/// where that has no end, [`forget`](Self::forget) those that are gone, once what was sent for them is flushed.
///
/// ```
/// use pipeline_core::Routes;
///
/// let mut routes = Routes::new();
/// let (orders, items) = (routes.of("orders"), routes.of("items"));
/// assert_eq!(routes.of("orders"), orders);
/// assert_ne!(orders, items);
/// ```
#[derive(Clone, Debug)]
pub struct Routes<K> {
    known: FxHashMap<K, RouteId>,
    next: u64,
}

impl<K: Eq + Hash> Routes<K> {
    /// None yet.
    pub fn new() -> Self {
        Self { known: FxHashMap::default(), next: 0 }
    }

    /// The route of a key.
    pub fn of<Q>(&mut self, key: &Q) -> RouteId
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(route) = self.known.get(key) {
            return *route;
        }
        let route = RouteId(self.next);
        self.next += 1;
        self.known.insert(key.to_owned(), route);
        route
    }

    /// Forgets a key; should it come again, it gets another route.
    pub fn forget<Q>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.known.remove(key);
    }

    /// How many keys it knows.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl<K: Eq + Hash> Default for Routes<K> {
    fn default() -> Self {
        Self::new()
    }
}
