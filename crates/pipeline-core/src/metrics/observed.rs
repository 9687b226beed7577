//! The instruments of one pipeline, which read its books when they are collected.

use super::telemetry::{Series, Telemetry, prefixed};
use super::{LaneBooks, StageBooks};
use crate::announced::Announced;
use crate::gate::Gate;
use crate::stage::StageName;
use opentelemetry::KeyValue;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// What there is to read.
struct Library {
    /// Kept beyond the pipeline's end: a counter that is read then has its last value.
    lanes: Vec<Arc<LaneBooks>>,
    front: Gate,
    announced: Weak<Announced>,
    stages: Vec<StageName>,
}

impl Library {
    /// A number of every stage that is a service, over all lanes.
    fn of_stages(&self, number: impl Fn(&StageBooks) -> u64) -> Vec<Series> {
        let mut sums = BTreeMap::<u16, u64>::new();
        for lane in &self.lanes {
            for (stage, books) in &*lane.stages.lock() {
                *sums.entry(*stage).or_default() += number(books);
            }
        }
        let name = |stage: u16| self.stages[usize::from(stage) - 1].label();
        sums.into_iter().map(|(stage, sum)| (vec![KeyValue::new("stage", name(stage))], sum)).collect()
    }

    /// Every gate of the line that anybody has come to, by its name; none once the pipeline is gone.
    fn gates(&self) -> Vec<(Vec<KeyValue>, Gate)> {
        let Some(announced) = self.announced.upgrade() else { return Vec::new() };
        let mut named = vec![("front".to_owned(), self.front.clone())];
        for (stage, gate) in announced.before(u16::MAX) {
            let stage = usize::from(stage).checked_sub(1).and_then(|place| self.stages.get(place));
            let name = stage.map_or_else(|| "front".to_owned(), StageName::label);
            // Two in one stage.
            let again = named.iter().filter(|(known, _)| known.split('#').next() == Some(&name)).count();
            named.push((if again == 0 { name } else { format!("{name}#{}", again + 1) }, gate));
        }
        named.into_iter().map(|(name, gate)| (vec![KeyValue::new("gate", name)], gate)).collect()
    }
}

/// Makes the instruments of a pipeline. They hold its books and nothing else of it: once it is gone, its gates are no
/// longer reported, and its counters stay where they were.
pub(crate) fn observe(
    telemetry: &Telemetry,
    lanes: &[Arc<LaneBooks>],
    front: &Gate,
    announced: &Arc<Announced>,
    stages: &[StageName],
) {
    let library = Arc::new(Library {
        lanes: lanes.to_vec(),
        front: front.clone(),
        announced: Arc::downgrade(announced),
        stages: stages.to_vec(),
    });
    let wakes = |library: &Library| vec![(Vec::new(), library.lanes.iter().map(|lane| lane.wakes()).sum())];
    let make = Maker { telemetry, library: &library };
    make.counter("wake_calls", "", "Enqueue acks given.", wakes);
    make.counter("stage_calls", "", "Calls of a stage's service.", |library| {
        library.of_stages(StageBooks::calls)
    });
    make.gauge(
        "stage_calls_in_flight",
        "",
        "Calls that run, or whose output waits for its turn.",
        |library| library.of_stages(StageBooks::calls_in_flight),
    );
    let of_gates = |number: fn(&Gate) -> u64| {
        move |library: &Library| {
            library.gates().into_iter().map(|(labels, gate)| (labels, number(&gate))).collect()
        }
    };
    let suppressed = of_gates(Gate::suppressed);
    make.counter("wake_suppressed", "", "Elements that had to wait before a gate.", suppressed);
    make.gauge("gate_held", "By", "Bytes held behind a gate.", of_gates(Gate::held));
    make.gauge("gate_high", "By", "Above this the gate shuts.", of_gates(|gate| gate.levels().high));
    make.gauge("gate_low", "By", "At this a shut gate opens.", of_gates(|gate| gate.levels().low));
    make.gauge("gate_shut", "", "1 while the gate is shut.", of_gates(|gate| u64::from(gate.is_shut())));
    make.gauge(
        "gate_waiting",
        "",
        "Elements that wait before the gate.",
        of_gates(|gate| gate.waiting() as u64),
    );
    let (of_library, with_all) = (library.clone(), telemetry.clone());
    telemetry
        .meter()
        .f64_observable_counter(prefixed("gate_time_shut"))
        .with_unit("s")
        .with_description("How long the gate was shut.")
        .with_callback(move |observer| {
            for (labels, gate) in of_library.gates() {
                observer.observe(gate.time_shut().as_secs_f64(), &with_all.labels(labels));
            }
        })
        .build();
}

struct Maker<'a> {
    telemetry: &'a Telemetry,
    library: &'a Arc<Library>,
}

impl Maker<'_> {
    fn counter(
        &self,
        name: &str,
        unit: &'static str,
        description: &'static str,
        read: impl Fn(&Library) -> Vec<Series> + Send + Sync + 'static,
    ) {
        let library = self.library.clone();
        self.telemetry.observed_counter(name, unit, description, move || read(&library));
    }

    fn gauge(
        &self,
        name: &str,
        unit: &'static str,
        description: &'static str,
        read: impl Fn(&Library) -> Vec<Series> + Send + Sync + 'static,
    ) {
        let library = self.library.clone();
        self.telemetry.observed_gauge(name, unit, description, move || read(&library));
    }
}
