//! The batchers against a model: any interleaving of pieces, markers, time, pressure and the end.

mod line;
mod model;

use bytes::Bytes;
use line::{Table, piece};
use model::{Leaves, Left, Model, ROUTES, Step};
use pipeline_core::gate::Lease;
use pipeline_core::{
    Element, ElementStream, FrontDoor, Gate, Lane, Levels, Piece, Pipeline, RouteId, Routed, Scope,
    Transform, Weigh,
};
use proptest::prelude::*;
use stage_writer::{Batch, BatchLimits, Batcher, FlushReason, Label, RowBatcher};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;
use tower::{Service, ServiceExt};

/// Takes a lane's input and what it knows out of a pipeline, so that a test can poll by hand.
struct Tap<T>(Arc<Mutex<Option<Tapped<T>>>>);

impl<T> Clone for Tap<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

type Tapped<T> = (ElementStream<T>, Lane);

impl<T: Send + 'static> Transform<T> for Tap<T> {
    type Out = T;

    fn join(&self, upstream: ElementStream<T>, lane: &Lane) -> ElementStream<T> {
        *self.0.lock().unwrap() = Some((upstream, lane.clone()));
        Box::pin(futures::stream::pending())
    }
}

impl<T> Tap<T> {
    fn take(&self) -> Tapped<T> {
        self.0.lock().unwrap().take().expect("the pipeline was spawned")
    }
}

/// A batcher on trial, and what it takes in.
trait Kind {
    type In: Weigh + Send + 'static;
    type Part: Send + 'static;

    fn batcher(limits: BatchLimits) -> impl Transform<Self::In, Out = Batch<u64, Self::Part>>;

    fn input(version: u64, rows: u64, text: &str) -> Self::In;

    fn text(part: &Self::Part) -> String;
}

/// What has a version and some rows: a label, and with its text a row of its own.
struct Row {
    version: u64,
    rows: u64,
    text: String,
}

impl Label for Row {
    type Group = u64;

    fn group(&self) -> &u64 {
        &self.version
    }

    fn rows(&self) -> u64 {
        self.rows
    }
}

impl Weigh for Row {
    fn weight(&self) -> u64 {
        self.text.len() as u64
    }
}

struct OfPieces;

impl Kind for OfPieces {
    type In = Piece<Row, Bytes>;
    type Part = Bytes;

    fn batcher(limits: BatchLimits) -> impl Transform<Self::In, Out = Batch<u64, Bytes>> {
        Batcher::new(limits)
    }

    fn input(version: u64, rows: u64, text: &str) -> Self::In {
        Piece { label: Row { version, rows, text: String::new() }, body: Bytes::from(text.to_owned()) }
    }

    fn text(body: &Bytes) -> String {
        String::from_utf8(body.to_vec()).unwrap()
    }
}

struct OfRows;

impl Kind for OfRows {
    type In = Row;
    type Part = Row;

    fn batcher(limits: BatchLimits) -> impl Transform<Self::In, Out = Batch<u64, Row>> {
        RowBatcher::new(limits)
    }

    fn input(version: u64, rows: u64, text: &str) -> Row {
        Row { version, rows, text: text.to_owned() }
    }

    fn text(row: &Row) -> String {
        row.text.clone()
    }
}

/// What a batcher is joined to.
struct Input<In> {
    door: FrontDoor<In>,
    upstream: ElementStream<In>,
    /// A gate, and a lane that feels it: another pipeline's front door's.
    gate: Gate,
    lane: Lane,
    _pipelines: (FrontDoor<In>, [Pipeline; 2]),
}

fn input<In: Weigh + Send + 'static>(levels: Levels) -> Input<In> {
    let (here, there) = (Tap(Arc::default()), Tap(Arc::default()));
    let roomy = Levels { high: u64::MAX / 2, low: 0 };
    let (door, pipeline) = Pipeline::builder::<In>().front(roomy).transform(here.clone()).spawn();
    let (gated, other) = Pipeline::builder::<In>().front(levels).transform(there.clone()).spawn();
    let (gate, lane) = (gated.gate().clone(), there.take().1);
    Input { door, upstream: here.take().0, gate, lane, _pipelines: (gated, [pipeline, other]) }
}

fn step() -> impl Strategy<Value = Step> {
    let piece = (0..ROUTES, 0..8u64, 0..40usize, 0..4u64).prop_map(|(route, version, bytes, rows)| {
        // Mostly the same version, so that batches have time to grow.
        Step::Piece { route, version: version / 6, bytes, rows }
    });
    prop_oneof![
        16 => piece,
        3 => proptest::option::of(0..ROUTES).prop_map(Step::Marker),
        4 => (1..60u64).prop_map(Step::Wait),
        1 => Just(Step::Shut),
        2 => Just(Step::Open),
    ]
}

/// What the batcher let out, with its bounds checked.
#[derive(Default)]
struct Seen {
    left: Leaves,
    /// When each open route's oldest piece was taken in, as far as a test can know.
    began: BTreeMap<String, Instant>,
    /// How many rows each piece has.
    rows: BTreeMap<String, u64>,
}

impl Seen {
    fn element<K: Kind>(&mut self, element: Element<Batch<u64, K::Part>>, limits: BatchLimits) {
        match element {
            Element::Drain(marker) => {
                let routes = match marker.scope() {
                    Scope::All => 0..ROUTES,
                    Scope::Route(route) => route.0..route.0 + 1,
                };
                routes.for_each(|route| self.left.entry(route).or_default().push(Left::Marker));
                marker.acknowledge();
            }
            Element::Data(envelope) => {
                let batch = envelope.payload;
                let pieces: Vec<String> = batch.bodies.iter().map(K::text).collect();
                let (last, before) = pieces.split_last().expect("no batch is empty");
                let before: usize = before.iter().map(String::len).sum();
                assert_eq!(batch.bytes, (before + last.len()) as u64);
                let rows: Vec<u64> = pieces.iter().map(|piece| self.rows[piece]).collect();
                assert_eq!(batch.rows, rows.iter().sum::<u64>());
                let before_rows: u64 = rows[..rows.len() - 1].iter().sum();
                assert!(before_rows < limits.rows, "it had all its rows before its last piece");
                assert_eq!(envelope.owed.len(), pieces.len(), "a receipt for each piece");
                assert!((before as u64) < limits.bytes, "it was full before its last piece");
                let age = batch.closed - self.began[&pieces[0]];
                let small = batch.bytes < limits.least_bytes;
                let greatest = if small { limits.age.max(limits.greatest_age) } else { limits.age };
                // What waits and grows enough goes at once.
                let grew = (before as u64) < limits.least_bytes && age <= limits.greatest_age;
                assert!(age <= greatest || grew, "closed after {age:?}");
                envelope.owed.flush();
                let left = Left::Batch { version: batch.group, pieces, reason: batch.reason };
                self.left.entry(envelope.route.0).or_default().push(left);
            }
        }
    }
}

/// Does the steps, `burst` of them between two looks at what leaves; gives what left, and what should have.
async fn run<K: Kind>(steps: Vec<Step>, burst: usize, limits: BatchLimits) -> (Leaves, Leaves) {
    let Input { mut door, upstream, gate, lane, _pipelines } = input::<K::In>(Levels { high: 0, low: 0 });
    let mut out = tokio_test::task::spawn(K::batcher(limits).join(upstream, &lane));
    let mut model = Model { limits, now: 0, open: BTreeMap::new(), left: Leaves::new(), shut: false };
    let (mut seen, mut kept, mut pressure): (Seen, Vec<_>, Option<Lease>) = Default::default();
    assert!(out.poll_next().is_pending());
    let last = steps.len().saturating_sub(1);
    for (index, step) in steps.iter().enumerate() {
        let text = match step {
            Step::Piece { bytes, .. } => format!("{index:>bytes$}"),
            Step::Marker(_) | Step::Wait(_) | Step::Shut | Step::Open => String::new(),
        };
        let step = match step {
            Step::Piece { route, version, rows, .. } => {
                let routed = Routed::new(RouteId(*route), K::input(*version, *rows, &text));
                seen.rows.insert(text.clone(), *rows);
                seen.began.insert(text.clone(), Instant::now());
                kept.push(door.ready().await.unwrap().call(routed));
                &Step::Piece { route: *route, version: *version, bytes: text.len(), rows: *rows }
            }
            Step::Marker(route) => {
                drop(door.drain(route.map_or(Scope::All, |route| Scope::Route(RouteId(route)))));
                step
            }
            Step::Wait(_) => step,
            Step::Shut => {
                if pressure.is_none() {
                    let mut entry = gate.entry();
                    entry.ready().await;
                    pressure = Some(entry.enter(1));
                }
                step
            }
            Step::Open => {
                pressure = None;
                step
            }
        };
        model.step(step, &text);
        let wait = if let Step::Wait(millis) = step { Some(*millis) } else { None };
        // A wait is looked at before and after, in small steps: a batch must go when it is old, not when asked.
        if wait.is_some() || index % burst == burst - 1 || index == last {
            if let Some(millis) = wait {
                model.now -= millis;
            }
            for millis in 0..=wait.unwrap_or(0) {
                if millis > 0 {
                    tokio::time::advance(Duration::from_millis(1)).await;
                    model.now += 1;
                }
                // Whoever is not woken is not asked: a missed wake-up shows.
                let mut asked = out.is_woken();
                while asked {
                    match out.poll_next() {
                        Poll::Ready(Some(element)) => seen.element::<K>(element.unwrap(), limits),
                        Poll::Ready(None) => panic!("it ended before its input"),
                        Poll::Pending => asked = out.is_woken(),
                    }
                }
                model.rest();
            }
        }
    }
    drop(door);
    model.close_all(FlushReason::Close);
    let mut rest = pin!(out.into_inner());
    while let Some(element) = futures::StreamExt::next(&mut rest).await {
        seen.element::<K>(element.unwrap(), limits);
    }
    for enqueued in kept {
        enqueued.await.unwrap().flushed().await.unwrap();
    }
    (seen.left, model.left)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_leaves_is_what_the_model_says(
        steps in proptest::collection::vec(step(), 1..150),
        burst in 1..20usize,
        bytes in 1..120u64,
        rows in prop_oneof![1..20u64, Just(u64::MAX)],
        age in 1..100u64,
        least_bytes in prop_oneof![Just(0), 1..150u64],
        greatest_age in 1..300u64,
    ) {
        let [age, greatest_age] = [age, greatest_age].map(Duration::from_millis);
        let limits = BatchLimits { bytes, rows, age, least_bytes, greatest_age };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let runtime = runtime.unwrap();
        let (left, expected) = runtime.block_on(run::<OfPieces>(steps.clone(), burst, limits));
        prop_assert_eq!(left, expected);
        let (left, expected) = runtime.block_on(run::<OfRows>(steps, burst, limits));
        prop_assert_eq!(left, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn endless_input_of_one_route_does_not_keep_another_from_its_age() {
    let Input { mut door, upstream, lane, _pipelines, gate: _ } = input(Levels { high: 1, low: 0 });
    // Ten young pieces make a batch.
    let limits = BatchLimits { bytes: 50, ..BatchLimits::default() };
    let mut out = tokio_test::task::spawn(Batcher::<Table, Bytes>::new(limits).join(upstream, &lane));
    let mut kept = vec![door.ready().await.unwrap().call(Routed::new(RouteId(1), piece(7, "old")))];
    assert!(out.poll_next().is_pending());
    tokio::time::advance(Duration::from_secs(5)).await;
    for _ in 0..1000 {
        kept.push(door.ready().await.unwrap().call(Routed::new(RouteId(2), piece(7, "young"))));
    }
    let mut before = 0;
    while let Poll::Ready(Some(Ok(Element::Data(left)))) = out.poll_next() {
        if left.route == RouteId(1) {
            assert_eq!(left.payload.reason, FlushReason::Interval);
            assert!(before < 10, "{before} batches of the busy route went before it");
            return;
        }
        before += 1;
    }
    panic!("the old piece did not leave");
}
