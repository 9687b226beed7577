//! The line begins to run.

use super::{Builder, NoLayerWaits};
use crate::Weigh;
use crate::announced::Announced;
use crate::fate::Fate;
use crate::front::{FrontDoor, LaneDoor};
use crate::gate::Gate;
use crate::mailbox::mailbox;
use crate::metrics::observe;
use crate::pipeline::Pipeline;
use crate::place::Place;
use crate::runner::{Allowance, LaneTask, Runner};
use crate::stage::{Lane, Upstream};
use std::sync::Arc;
use tokio::task::JoinSet;

impl<Front: Send + 'static, T: Send + 'static, L> Builder<Front, T, L> {
    /// Starts the lanes, and gives the way in and the handle. Keep the handle: dropped, it ends the pipeline at once.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn spawn(self) -> (FrontDoor<Front>, Pipeline)
    where
        Front: Weigh,
        L: NoLayerWaits,
    {
        self.next.is_nothing("spawn");
        let announced = Arc::new(Announced::default());
        let telemetry = self.whole.telemetry.unwrap_or_default();
        let fate = Fate::of(self.stages.clone(), announced.clone(), telemetry.clone());
        let gate = Gate::new(self.whole.front);
        let mut tasks = JoinSet::new();
        let mut lanes = Vec::with_capacity(self.whole.lanes);
        let mut books = Vec::with_capacity(self.whole.lanes);
        for index in 0..self.whole.lanes {
            let (allowance, place) = (Allowance::default(), Place::of(0, index as u16));
            let (mailbox, deliveries) = mailbox(place.next_stage());
            let mut lane = Lane {
                index,
                pressure: Upstream::behind(gate.pressure(), announced.clone()),
                fate: fate.clone(),
                books: Arc::default(),
                place,
            };
            let line = (self.join)(Box::pin(deliveries.within(allowance.clone())), &mut lane);
            books.push(lane.books.clone());
            let runner = Arc::new(Runner::new(line, allowance, fate.clone(), announced.clone()));
            lanes.push(LaneDoor { mailbox, runner: runner.clone() });
            tasks.spawn(LaneTask::of(&runner).drive(gate.clone()));
        }
        observe(&telemetry, &books, &gate, &announced, &self.stages);
        let door = FrontDoor::new(lanes, fate.clone(), gate, self.whole.by_caller);
        let doors = door.doors();
        (door, Pipeline::new(tasks, fate, move || doors.close()))
    }
}
