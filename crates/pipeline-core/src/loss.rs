//! A loss: an element or a marker that was let go of without a word.
//!
//! ```text
//!  dropped ─► within a lane's poll? ─ no ──► in a call that may still fail? ─ no ──► the fate is sealed: lost
//!                     │ yes                            │ yes
//!                     ▼                                ▼
//!             the end of that poll            the end of that call, or PATIENCE
//! ```
//!
//! A service that fails lets go of its envelope first and returns its error after, perhaps much later, if the envelope
//! is in a task. Told in between, the envelope's waiter would hear *lost* where the truth is that the stage failed. So
//! a loss waits for the verdict of the poll and of the call that it happened in. If there is none, a stage has lost an
//! element, and the pipeline ends with that: what was lost must not look as if it were merely late.

use crate::fate::Fate;
use crate::place::Place;
use crate::turn;
use crate::{Error, RouteId};

/// What was let go of, and how to tell its waiters.
pub(crate) struct Loss {
    pub(crate) fate: Fate,
    pub(crate) place: Place,
    pub(crate) route: Option<RouteId>,
    pub(crate) tell: Box<dyn FnOnce() + Send>,
}

impl Loss {
    /// Takes note of it: now, or at the end of the lane's poll that this thread is in.
    pub(crate) fn happened(self) {
        if let Some(now) = turn::hold_back(self) {
            now.judge();
        }
    }

    /// Outside of polls: seals the fate with it, unless a call may yet say why, or something has ended the pipeline.
    pub(crate) fn judge(self) {
        if self.fate.error().is_some() {
            (self.tell)();
        } else if self.place.call > 0 {
            let fate = self.fate.clone();
            fate.wait_for_its_call(self);
        } else {
            self.fate.seal(self.error());
            (self.tell)();
        }
    }

    /// What it is as an error.
    pub(crate) fn error(&self) -> Error {
        Error::lost_in(self.fate.stage(self.place.stage), self.route)
    }
}
