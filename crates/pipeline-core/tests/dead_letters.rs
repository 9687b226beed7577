//! A stage that may refuse single payloads.

use parking_lot::Mutex;
use pipeline_core::{
    BoxError, DeadLetter, Error, ErrorKind, FrontDoor, Pipeline, Receipt, RouteId, Routed, Scope,
};
use std::sync::Arc;
use tower::{Service, ServiceExt, service_fn};

async fn send(sink: &mut FrontDoor<String>, text: &str) -> Receipt {
    sink.ready().await.unwrap().call(Routed::new(RouteId(3), text.to_owned())).await.unwrap()
}

fn spawn(parked: Arc<Mutex<Vec<String>>>, stored: Arc<Mutex<Vec<u64>>>) -> (FrontDoor<String>, Pipeline) {
    let parse = service_fn(|text: String| async move { text.parse::<u64>().map_err(BoxError::from) });
    let park = service_fn(move |letter: DeadLetter<String>| {
        let parked = parked.clone();
        async move {
            if letter.payload == "nowhere" {
                return Err(BoxError::from("the park is full"));
            }
            parked.lock().push(format!("{}: {} ({})", letter.route, letter.payload, letter.error));
            Ok(())
        }
    });
    let store = service_fn(move |number: u64| {
        let stored = stored.clone();
        async move {
            stored.lock().push(number);
            Ok::<_, BoxError>(())
        }
    });
    Pipeline::builder().wake().named("parse").dead_letters(parse, park).named("store").payload(store).spawn()
}

#[tokio::test]
async fn what_a_stage_refuses_is_parked_and_discarded_and_the_rest_goes_on() {
    let (parked, stored) = (Arc::default(), Arc::default());
    let (mut sink, pipeline) = spawn(Arc::clone(&parked), Arc::clone(&stored));
    let (one, twelve, two) =
        (send(&mut sink, "1").await, send(&mut sink, "twelve").await, send(&mut sink, "2").await);
    one.flushed().await.unwrap();
    let refused = twelve.flushed().await.unwrap_err();
    assert_eq!((refused.kind(), refused.reason()), (ErrorKind::Discarded, Some("dead letter")));
    two.flushed().await.unwrap();
    sink.drain(Scope::All).await.unwrap();
    assert_eq!(*parked.lock(), ["route 3: twelve (invalid digit found in string)"]);
    assert_eq!(*stored.lock(), [1, 2]);
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn a_letter_that_cannot_be_parked_fails_the_pipeline() {
    let (mut sink, _pipeline) = spawn(Arc::default(), Arc::default());
    let nowhere: Result<(), Error> = send(&mut sink, "nowhere").await.flushed().await;
    assert_eq!(format!("{:?}", nowhere.unwrap_err()), "Failed: the stage `parse` failed: the park is full");
}
