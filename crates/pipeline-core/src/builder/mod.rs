//! Composes stages into a pipeline, from the front door to the end of the line.

mod composed;
mod dead_letters;
mod fan_out;
mod limits;
mod spawn;

pub use dead_letters::DeadLetter;
pub use limits::NoLayerWaits;

use crate::gate::Levels;
use crate::metrics::Telemetry;
use crate::ordered::{Effects, Limits};
use crate::stage::{ElementStream, Lane, StageName};
use tower::layer::util::Identity;

/// The default of [`Builder::front`]: 8 MiB, open again at 4 MiB.
const FRONT: Levels = Levels { high: 8 << 20, low: 4 << 20 };

/// Joins the stages so far to one lane.
type Join<Front, T> = Box<dyn Fn(ElementStream<Front>, &mut Lane) -> ElementStream<T> + Send>;

/// Puts stages in a row; made by [`Pipeline::builder`](crate::Pipeline::builder).
///
/// `Front` is what the front door takes, `T` what has come out so far, `L` the layers that wait for the next
/// service.
///
/// # Order
/// Elements and markers of one route leave every stage as they came. What a stage *does* with a route's elements comes
/// in that order too: one call per route at a time, unless the stage has no effects ([`effect_free`](Self::effect_free))
/// or brings them in order itself ([`orders_effects`](Self::orders_effects)). Routes never wait for each other, but for
/// a stage whose `concurrency` is 1.
#[must_use = "a pipeline begins with `spawn`"]
pub struct Builder<Front, T, L = Identity> {
    join: Join<Front, T>,
    /// The stages so far.
    stages: Vec<StageName>,
    next: Next<L>,
    whole: Whole,
}

/// What was said about the next stage.
struct Next<L> {
    name: Option<String>,
    layers: L,
    limits: Limits,
    /// Whether the limit of a route was set by name.
    per_route: Option<usize>,
    effects: Effects,
}

impl Next<Identity> {
    fn new() -> Self {
        Self {
            name: None,
            layers: Identity::new(),
            limits: Limits::default(),
            per_route: None,
            effects: Effects::default(),
        }
    }
}

impl<L> Next<L> {
    /// Panics where settings would be lost: they are for the service that comes next, and none does.
    #[track_caller]
    fn is_nothing(&self, before: &str) {
        let (name, limits) =
            (self.name.is_none(), self.limits == Limits::default() && self.per_route.is_none());
        assert!(
            name && limits && self.effects == Effects::default(),
            "a name or limits are set before {before}, where no service comes that they are for"
        );
    }
}

/// What was said about the pipeline.
struct Whole {
    lanes: usize,
    front: Levels,
    by_caller: bool,
    telemetry: Option<Telemetry>,
}

impl<Front: Send + 'static> Builder<Front, Front> {
    pub(crate) fn new() -> Self {
        Self::behind(Vec::new())
    }

    /// The beginning of a line whose stages come after these.
    fn behind(stages: Vec<StageName>) -> Self {
        Self {
            join: Box::new(|stream, _| stream),
            stages,
            next: Next::new(),
            whole: Whole { lanes: 1, front: FRONT, by_caller: false, telemetry: None },
        }
    }
}

/// The number of the stage that comes behind these.
fn number_behind(stages: &[StageName]) -> u16 {
    u16::try_from(stages.len() + 1).expect("a pipeline has fewer than 65,535 stages")
}

impl Whole {
    /// Panics where settings of a whole pipeline were made in a part of it.
    #[track_caller]
    fn is_nothing(&self) {
        assert!(
            self.lanes == 1 && self.front == FRONT && !self.by_caller && self.telemetry.is_none(),
            "lanes, front, telemetry and run_by_caller are set for the whole pipeline, not in one of its lines"
        );
    }
}
