//! Where in a pipeline an element is, so that a loss can be told of by name.

/// The stage that has it, and the call that took it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Stages count from 1; 0 is the front door.
    pub(crate) stage: u16,
    pub(crate) lane: u16,
    /// Which call of its service in this lane, from 1 on and around; 0 outside of calls.
    pub(crate) call: u32,
}

impl Place {
    /// A stage of a lane, outside of calls.
    pub(crate) fn of(stage: u16, lane: u16) -> Self {
        Self { stage, lane, call: 0 }
    }

    /// The stage behind it, outside of calls.
    pub(crate) fn next_stage(self) -> Self {
        Self::of(self.stage.saturating_add(1), self.lane)
    }

    /// The next call there.
    pub(crate) fn next_call(&mut self) -> Self {
        self.call = self.call.checked_add(1).unwrap_or(1);
        *self
    }

    /// Whether both are in one stage of one lane.
    pub(crate) fn is_beside(self, other: Self) -> bool {
        (self.stage, self.lane) == (other.stage, other.lane)
    }
}
