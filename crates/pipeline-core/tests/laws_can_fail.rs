//! Every law catches the stage that breaks it.

mod stages;

use futures::{FutureExt, StreamExt, future, stream};
use pipeline_core::gate::{Entry, Gate};
use pipeline_core::laws::{self, Subject};
use pipeline_core::{
    BoxError, Builder, Element, ElementStream, Envelope, Lane, Levels, Owed, RouteId, Transform, Weigh,
};
use stages::{Batcher, Rows, slow};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tower::{Service, service_fn};

type Item = Result<Element<Rows>, BoxError>;

/// A stage made of what it does to its stream.
struct Stage<F>(F);

impl<F: Fn(ElementStream<Rows>) -> ElementStream<Rows> + Send> Transform<Rows> for Stage<F> {
    type Out = Rows;

    fn join(&self, upstream: ElementStream<Rows>, _lane: &Lane) -> ElementStream<Rows> {
        (self.0)(upstream)
    }
}

fn row(_route: RouteId, number: u64) -> Rows {
    Rows(vec![number])
}

fn numbers(rows: &Rows) -> Vec<u64> {
    rows.0.clone()
}

fn built(stage: impl Fn(Builder<Rows, Rows>) -> Builder<Rows, Rows> + 'static) -> Subject<Rows, Rows> {
    Subject::new(stage, row, numbers)
}

fn transform(
    stage: impl Fn(ElementStream<Rows>) -> ElementStream<Rows> + Clone + Send + 'static,
) -> Subject<Rows, Rows> {
    built(move |builder| builder.transform(Stage(stage.clone())))
}

/// Runs a law that must panic, with its name and these words.
fn caught(law: fn(&Subject<Rows, Rows>), subject: &Subject<Rows, Rows>, name: &str, words: &str) {
    let panic =
        catch_unwind(AssertUnwindSafe(|| law(subject))).expect_err("the law lets a broken stage pass");
    let seen = panic.downcast_ref::<String>().expect("a law panics with a text");
    assert!(seen.starts_with(&format!("the law of {name} is broken: ")), "{seen}");
    assert!(seen.contains(words), "{seen}");
}

async fn later(item: Item, millis: u64) -> Item {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    item
}

#[test]
fn a_stage_without_a_defect_is_not_caught() {
    laws::check_all(&transform(|upstream| upstream));
    laws::check_all(&built(|builder| builder.concurrency(4).effect_free().service(service_fn(slow(5)))));
}

#[test]
fn order_catches_a_stage_that_reorders_a_route() {
    let subject = transform(|upstream| {
        let numbered = upstream.enumerate();
        numbered.map(|(place, item)| later(item, (place as u64 * 7) % 5)).buffer_unordered(4).boxed()
    });
    caught(laws::order, &subject, "order", "in went 0 to");
}

#[test]
fn order_catches_a_stage_that_sends_an_element_twice() {
    let subject = transform(|upstream| {
        let twice = upstream.flat_map(|item| {
            let again = match &item {
                Ok(Element::Data(Envelope { route, payload, .. })) if payload.0 == [3] => {
                    let (owed, payload) = (Owed::join([]), payload.clone());
                    Some(Ok(Element::Data(Envelope { route: *route, owed, payload })))
                }
                Ok(Element::Data(_) | Element::Drain(_)) | Err(_) => None,
            };
            stream::iter([item].into_iter().chain(again))
        });
        twice.boxed()
    });
    caught(laws::order, &subject, "order", "3, 3");
}

#[test]
fn order_catches_a_stage_that_lets_routes_wait_for_each_other() {
    // It merges the routes in turns: the second element of one comes after the first of every other.
    let subject = transform(|upstream| {
        let turns = upstream.scan(Vec::new(), |held: &mut Vec<Item>, item| {
            let is_last = matches!(&item, Ok(Element::Data(envelope)) if envelope.route == RouteId(2));
            held.push(item);
            future::ready(Some(if is_last { std::mem::take(held) } else { Vec::new() }))
        });
        turns.flat_map(stream::iter).boxed()
    });
    caught(laws::order, &subject, "order", "waited in vain");
}

/// A call that ends, except for one row that never does.
async fn stuck_at_1000(envelope: Envelope<Rows>) -> Result<Envelope<Rows>, BoxError> {
    if envelope.payload.0 == [1000] {
        future::pending::<()>().await;
    }
    Ok(envelope)
}

#[test]
fn order_catches_a_stage_in_which_one_stuck_route_blocks_all() {
    // Its only place goes to the stuck route.
    let subject = built(|builder| builder.concurrency(1).service(service_fn(stuck_at_1000)));
    let subject = subject.stuck(|_| Rows(vec![1000]));
    caught(laws::order, &subject, "order", "another was stuck in the stage");
    let subject = built(|builder| builder.effect_free().concurrency(4).service(service_fn(stuck_at_1000)));
    laws::order(&subject.stuck(|_| Rows(vec![1000])));
}

#[test]
fn marker_catches_a_stage_that_swallows_one() {
    let subject = transform(|upstream| {
        upstream.filter(|item| future::ready(!matches!(item, Ok(Element::Drain(_))))).boxed()
    });
    caught(laws::marker, &subject, "the marker", "was swallowed");
}

#[test]
fn marker_catches_a_stage_that_keeps_one() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let subject = transform(move |upstream| {
        let kept = kept.clone();
        let keep = move |item| {
            let item = match item {
                Ok(Element::Drain(marker)) => {
                    kept.lock().unwrap().push(marker);
                    None
                }
                Ok(Element::Data(envelope)) => Some(Ok(Element::Data(envelope))),
                Err(error) => Some(Err(error)),
            };
            future::ready(item)
        };
        upstream.filter_map(keep).boxed()
    });
    caught(laws::marker, &subject, "the marker", "waited in vain");
}

/// Takes so long for data, and so long for markers, and lets out whatever is done first.
fn racing(data: u64, markers: u64) -> Subject<Rows, Rows> {
    transform(move |upstream| {
        let run = move |item: Item| {
            let millis = if matches!(item, Ok(Element::Drain(_))) { markers } else { data };
            later(item, millis)
        };
        upstream.map(run).buffer_unordered(8).boxed()
    })
}

#[test]
fn marker_catches_data_that_overtakes_one() {
    caught(laws::marker, &racing(1, 2), "the marker", "overtook a marker of");
}

#[test]
fn marker_catches_one_that_overtakes_data() {
    caught(laws::marker, &racing(2, 1), "the marker", "elements of");
}

#[test]
fn receipt_catches_a_stage_that_drops_an_envelope_silently() {
    let subject = transform(|upstream| {
        let is_kept = |item: &Item| !matches!(item, Ok(Element::Data(envelope)) if envelope.payload.0 == [4]);
        upstream.filter(move |item| future::ready(is_kept(item))).boxed()
    });
    caught(laws::receipt, &subject, "the receipt", "was lost, though nothing failed");
}

/// Settles data itself as soon as it comes, and sends the payload on.
fn acks_early() -> Subject<Rows, Rows> {
    built(|builder| {
        builder.service(service_fn(|mut envelope: Envelope<Rows>| async move {
            std::mem::replace(&mut envelope.owed, Owed::join([])).flush();
            Ok::<_, BoxError>(envelope)
        }))
    })
}

#[test]
fn receipt_catches_a_stage_that_acks_early() {
    caught(laws::receipt, &acks_early(), "the receipt", "was flushed before it passed the end");
}

#[test]
fn two_stages_catches_a_flush_ack_given_as_enqueue_ack() {
    caught(laws::two_stages, &acks_early(), "two stages", "was settled while the end was shut");
}

#[test]
fn two_stages_catches_an_enqueue_ack_out_of_place() {
    caught(laws::two_stages, &built(Builder::wake), "two stages", "does not say it gives the enqueue ack");
    laws::two_stages(&built(Builder::wake).wakes(1000));
}

#[test]
fn two_stages_catches_an_enqueue_ack_that_never_comes() {
    let subject = transform(|upstream| upstream).wakes(1000);
    caught(laws::two_stages, &subject, "two stages", "0 times");
}

#[test]
fn drain_catches_a_stage_that_acknowledges_a_marker_itself() {
    let subject = transform(|upstream| {
        let ack = |item| {
            let item = match item {
                Ok(Element::Drain(marker)) => {
                    marker.acknowledge();
                    None
                }
                Ok(Element::Data(envelope)) => Some(Ok(Element::Data(envelope))),
                Err(error) => Some(Err(error)),
            };
            future::ready(item)
        };
        upstream.filter_map(ack).boxed()
    });
    caught(laws::drain, &subject, "the drain", "acknowledged too early");
}

/// A service behind a gate, with something wrong in how it passes it.
#[derive(Clone)]
struct Gated {
    entry: Entry,
    wrong: Wrong,
    kept: Arc<Mutex<Vec<pipeline_core::gate::Lease>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    LetsGoEarly,
    LetsGoNever,
    ForgetsTheWaker,
}

impl Service<Envelope<Rows>> for Gated {
    type Response = Envelope<Rows>;
    type Error = BoxError;
    type Future = future::Ready<Result<Envelope<Rows>, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self.wrong {
            Wrong::ForgetsTheWaker => self.entry.poll_ready(&mut Context::from_waker(Waker::noop())).map(Ok),
            Wrong::LetsGoEarly | Wrong::LetsGoNever => self.entry.poll_ready(cx).map(Ok),
        }
    }

    fn call(&mut self, mut envelope: Envelope<Rows>) -> Self::Future {
        let lease = self.entry.enter(envelope.payload.weight());
        match self.wrong {
            Wrong::LetsGoEarly => drop(lease),
            Wrong::LetsGoNever => self.kept.lock().unwrap().push(lease),
            Wrong::ForgetsTheWaker => envelope.owed.hold(lease),
        }
        future::ok(envelope)
    }
}

fn gated(wrong: Wrong) -> Subject<Rows, Rows> {
    let stage = move |builder: Builder<Rows, Rows>, gate: Gate| {
        builder.service(Gated { entry: gate.entry(), wrong, kept: Arc::default() })
    };
    Subject::gated(stage, row, numbers)
}

#[test]
fn gate_catches_a_lease_let_go_before_the_ack() {
    caught(laws::gate, &gated(Wrong::LetsGoEarly), "the gate", "from 0 to 0 bytes");
    caught(laws::gate, &acks_early(), "the gate", "from 0 to 0 bytes");
}

#[test]
fn gate_catches_a_lease_that_is_never_let_go() {
    caught(laws::gate, &gated(Wrong::LetsGoNever), "the gate", "bytes are held after the last flush ack");
}

#[test]
fn gate_catches_a_waiter_that_is_left_asleep() {
    caught(
        laws::gate,
        &gated(Wrong::ForgetsTheWaker),
        "the gate",
        "until all that waited at the gate was flushed",
    );
}

#[test]
fn progress_catches_a_stage_that_holds_data_until_more_comes() {
    let never = Duration::from_secs(1_000_000);
    let batcher = Batcher { rows: 4, age: never };
    let subject = built(move |builder| builder.transform(batcher));
    caught(laws::progress, &subject, "progress", "a lone element was flushed without new input");
}

#[test]
fn progress_catches_a_stage_that_keeps_what_it_has_when_the_input_ends() {
    // It has an end of its own, which does not wait for what is under way.
    let subject = transform(|upstream| {
        let run = upstream.map(|item| async { Some(later(item, 10).await) }.boxed());
        let end = stream::iter([future::ready(None).boxed()]);
        run.chain(end)
            .buffer_unordered(8)
            .take_while(|item| future::ready(item.is_some()))
            .filter_map(future::ready)
            .boxed()
    });
    caught(laws::progress, &subject, "progress", "dropped an element");
}

fn roomy(builder: Builder<Rows, Rows>) -> Builder<Rows, Rows> {
    let pass = service_fn(|envelope: Envelope<Rows>| async { Ok::<_, BoxError>(envelope) });
    builder.watermarks(Gate::new(Levels { high: u64::MAX / 4, low: u64::MAX / 4 })).service(pass)
}

#[test]
fn bound_catches_a_pile_before_a_shut_end() {
    // A gate before it that never shuts, and takes over from the front door's.
    let subject = built(|builder| roomy(builder).wake()).wakes(20 * Rows::WEIGHT);
    caught(laws::bound, &subject, "the bound", "piled up");
}

#[test]
fn bound_catches_a_pile_behind_a_stuck_element() {
    // It bounds what runs, by its gate, but not what is done and waits behind the head.
    let stage = |builder: Builder<Rows, Rows>, gate: Gate| {
        let kept = Arc::default();
        let early = Gated { entry: gate.entry(), wrong: Wrong::LetsGoEarly, kept };
        roomy(builder)
            .wake()
            .concurrency(1 << 20)
            .effect_free()
            .service(early)
            .concurrency(1 << 20)
            .effect_free()
            .service(service_fn(stuck_at_1000))
    };
    let subject = Subject::gated(stage, row, numbers).wakes(20 * Rows::WEIGHT).stuck(|_| Rows(vec![1000]));
    caught(laws::bound, &subject, "the bound", "piled up");
}

#[test]
fn receipt_catches_a_leak_and_calls_it_one() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let subject = built(move |builder| {
        let kept = kept.clone();
        builder.service(service_fn(move |mut envelope: Envelope<Rows>| {
            if envelope.payload.0 == [4] {
                kept.lock().unwrap().push(std::mem::replace(&mut envelope.owed, Owed::join([])));
            }
            future::ok::<_, BoxError>(envelope)
        }))
    });
    caught(laws::receipt, &subject, "the receipt", "was leaked");
}

/// A stage over a store: as many of a route at once as it likes, or one.
fn storing(orders: bool) -> Subject<Rows, Rows> {
    let stage = move |builder: Builder<Rows, Rows>, store: laws::Store| {
        let builder = builder.concurrency(8);
        let builder = if orders { builder } else { builder.effect_free() };
        builder.service(service_fn(move |envelope: Envelope<Rows>| {
            let store = store.clone();
            async move {
                store.put(envelope.route, envelope.payload.0.clone()).await;
                Ok::<_, BoxError>(envelope)
            }
        }))
    };
    built(|builder| builder.service(service_fn(slow(3)))).effects(stage)
}

#[test]
fn effects_catches_a_stage_whose_writes_are_seen_out_of_order() {
    caught(laws::effects, &storing(false), "effects", "the store saw");
    laws::check_all(&storing(true));
}

#[test]
fn own_error_catches_a_stage_that_loses_the_element_it_fails_at() {
    let subject = built(|builder| {
        builder.service(service_fn(|mut envelope: Envelope<Rows>| {
            if envelope.payload.0 == [99] {
                drop(std::mem::replace(&mut envelope.owed, Owed::join([])));
            }
            future::ok::<_, BoxError>(envelope)
        }))
    });
    let subject = subject.fails(|_| Rows(vec![99]));
    caught(laws::own_error, &subject, "fate, for an error of its own", "dropped an element");
}

#[test]
fn every_law_that_is_broken_is_reported() {
    let subject = transform(|upstream| {
        upstream.filter(|item| future::ready(!matches!(item, Ok(Element::Drain(_))))).boxed()
    });
    let seen = catch_unwind(AssertUnwindSafe(|| laws::check_all(&subject))).unwrap_err();
    let seen = *seen.downcast::<String>().unwrap();
    for law in ["the law of the marker", "the law of the drain"] {
        assert!(seen.contains(law), "{seen}");
    }
}

#[test]
fn random_graphs_catch_a_stage_that_reorders_a_route() {
    let subject = transform(|upstream| {
        let numbered = upstream.enumerate();
        numbered.map(|(place, item)| later(item, (place as u64 * 7) % 5)).buffer_unordered(4).boxed()
    });
    caught(|subject| laws::random_graphs(subject, 20), &subject, "every graph", "seed");
}

#[test]
fn fate_catches_a_stage_that_swallows_an_error() {
    let subject = transform(|upstream| upstream.filter(|item| future::ready(item.is_ok())).boxed());
    caught(laws::fate, &subject, "fate", "a stage ended before its input did");
}

#[test]
fn fate_catches_a_stage_that_tells_another_error() {
    let subject = transform(|upstream| {
        upstream.map(|item| item.map_err(|_| BoxError::from("something happened"))).boxed()
    });
    caught(laws::fate, &subject, "fate", "something happened");
}

#[test]
fn fate_catches_a_stage_that_keeps_its_elements_after_the_end() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let subject = built(move |builder| {
        let kept = kept.clone();
        builder.concurrency(4).service(service_fn(move |envelope: Envelope<Rows>| {
            if envelope.payload.0 == [2] {
                kept.lock().unwrap().push(envelope);
                return future::pending().boxed();
            }
            future::ok::<_, BoxError>(envelope).boxed()
        }))
    });
    caught(laws::fate, &subject, "fate", "waited in vain until every receipt was settled");
}
