//! Where each active route writes. Idle ones are forgotten, whether or not there is anything else to do.
//!
//! ```text
//!  routes by the time they were last used      ┌─ looks after `remember`, as long as there are any
//!  oldest ► r7 r2 r9 … r4 ◄ newest     ◄───────┤
//!                                              └─ and so does each new directory
//! ```

use crate::directory::{Dates, Directory};
use crate::{Layout, UploadConfig};
use parking_lot::Mutex;
use pipeline_core::RouteId;
use pipeline_core::stage::GiveBack;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The directories of one lane's routes.
#[derive(Debug)]
pub(crate) struct Places<G> {
    known: Arc<Mutex<Known<G>>>,
    dates: Dates,
}

#[derive(Debug)]
struct Known<G> {
    places: FxHashMap<RouteId, Place<G>>,
    /// Routes by the time they were last used, oldest first; a used route is entered again, once per `remember`.
    idle: VecDeque<(Instant, RouteId)>,
    /// Whether somebody looks for idle ones from time to time.
    is_kept: bool,
}

#[derive(Debug)]
struct Place<G> {
    directory: Arc<Directory<G>>,
    last_used: Instant,
}

impl<G> Default for Places<G> {
    fn default() -> Self {
        Self::beside(Dates::default())
    }
}

impl<G> Places<G> {
    /// Those of another lane. Routes do not change lanes, so it knows no directory yet.
    pub(crate) fn of_another_lane(&self) -> Self {
        Self::beside(self.dates.clone())
    }

    fn beside(dates: Dates) -> Self {
        let known = Known { places: FxHashMap::default(), idle: VecDeque::new(), is_kept: false };
        Self { known: Arc::new(Mutex::new(known)), dates }
    }
}

impl<G: Clone + PartialEq + Send + Sync + 'static> Places<G> {
    /// The directory a batch goes to: the one the route uses, unless its group has changed or a later date has come.
    pub(crate) fn directory(
        &self,
        route: RouteId,
        group: &G,
        layout: &impl Layout<G>,
        config: &UploadConfig,
    ) -> Arc<Directory<G>> {
        let now = Instant::now();
        let mut known = self.known.lock();
        known.forget_idle(now, config.remember);
        let asked = layout.directory(group, (config.clock)());
        let before = match known.places.get_mut(&route) {
            Some(place) if place.directory.takes(&asked, group, layout) => {
                place.last_used = now;
                return place.directory.clone();
            }
            Some(place) => Some(place.directory.clone()),
            None => {
                known.idle.push_back((now, route));
                None
            }
        };
        let directory = Arc::new(Directory::new(asked, group.clone(), before, self.dates.clone(), layout));
        known.places.insert(route, Place { directory: directory.clone(), last_used: now });
        if !std::mem::replace(&mut known.is_kept, true) {
            tokio::spawn(keep(Arc::downgrade(&self.known), config.remember));
        }
        directory
    }
}

/// Forgets idle routes as long as there are any.
async fn keep<G>(known: Weak<Mutex<Known<G>>>, remember: Duration) {
    loop {
        sleep(remember).await;
        let Some(known) = known.upgrade() else { return };
        let mut known = known.lock();
        known.forget_idle(Instant::now(), remember);
        if known.places.is_empty() {
            known.is_kept = false;
            return;
        }
    }
}

impl<G> Known<G> {
    fn forget_idle(&mut self, now: Instant, remember: Duration) {
        // Each entry at most once: those that stay in use are entered again at the end.
        for _ in 0..self.idle.len() {
            let Some(&(entered, route)) = self.idle.front() else { break };
            if now.duration_since(entered) < remember {
                break;
            }
            self.idle.pop_front();
            self.idle.give_back();
            let Some(place) = self.places.get(&route) else { continue };
            // One that still has uploads under way must not be made anew beside them.
            let busy = Arc::strong_count(&place.directory) > 1;
            if busy || now.duration_since(place.last_used) < remember {
                self.idle.push_back((now, route));
            } else {
                self.places.remove(&route);
                self.places.give_back();
            }
        }
    }
}
