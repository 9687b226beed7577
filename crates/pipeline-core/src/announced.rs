//! The gates of a pipeline, which announce themselves.
//!
//! A gate may stand anywhere: as a layer, or inside a service, as a spool's. Nobody tells the builder. The first time
//! that somebody comes to it in a lane, the gate is entered here with the stage it was met in, and from then on every
//! stage behind, in every lane, feels when it is shut, and a meter sees it.

use crate::gate::Gate;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Waker;

/// Shared by the lanes of a pipeline. As many entries as there are gates in the line.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    gates: Mutex<Vec<(u16, Gate)>>,
    /// How many there are, to be looked at without the lock.
    count: AtomicUsize,
    /// Whether elements keep the front door's lease beyond their enqueue ack.
    front_lasts: AtomicBool,
    lanes: Mutex<Vec<Waker>>,
}

impl Announced {
    /// A lane's task, to be woken when there is something new to feel.
    pub(crate) fn enlist(&self, lane: Waker) {
        self.lanes.lock().push(lane);
    }

    /// Enters a gate that stands in this stage. One in several stages counts from the first on.
    pub(crate) fn add(&self, stage: u16, gate: &Gate) {
        {
            let mut gates = self.gates.lock();
            match gates.iter_mut().find(|(_, known)| known.is_same(gate)) {
                Some((first, _)) if *first <= stage => return,
                Some((first, _)) => *first = stage,
                None => gates.push((stage, gate.clone())),
            }
            self.count.fetch_add(1, Ordering::Release);
        }
        self.wake_lanes();
    }

    /// Says that from now on what is held behind the enqueue ack may keep the front door shut.
    pub(crate) fn front_lasts(&self) {
        if !self.front_lasts.swap(true, Ordering::AcqRel) {
            self.wake_lanes();
        }
    }

    pub(crate) fn does_front_last(&self) -> bool {
        self.front_lasts.load(Ordering::Acquire)
    }

    /// Changes whenever [`before`](Self::before) would give something else.
    pub(crate) fn version(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// The gates in the stages before this one, with those.
    pub(crate) fn before(&self, stage: u16) -> Vec<(u16, Gate)> {
        self.gates.lock().iter().filter(|(of, _)| *of < stage).cloned().collect()
    }

    pub(crate) fn wake_lanes(&self) {
        let lanes: Vec<Waker> = self.lanes.lock().clone();
        lanes.into_iter().for_each(Waker::wake);
    }
}
