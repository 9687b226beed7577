//! An exact stop: a marker travels behind the rows of one route, and when it is acknowledged all of them are durable.
//! The other routes are not disturbed.
//!
//! `cargo run -p examples --bin drain`

use pipeline_core::{BoxError, Envelope, Pipeline, RouteId, Routed, Scope};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tower::{Service, ServiceExt, service_fn};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let orders = Arc::new(AtomicU64::new(0));
    let stored = orders.clone();
    let store = service_fn(move |envelope: Envelope<String>| {
        let stored = stored.clone();
        async move {
            // Route 2 has a slow store, and nobody waits for it.
            tokio::time::sleep(Duration::from_millis(if envelope.route == RouteId(2) { 300 } else { 5 }))
                .await;
            stored.fetch_add(u64::from(envelope.route == RouteId(1)), Ordering::Relaxed);
            Ok::<_, BoxError>(envelope)
        }
    });
    let (mut sink, pipeline) = Pipeline::builder().wake().concurrency(16).service(store).spawn();

    for number in 0..10 {
        let _receipt = sink.ready().await?.call(Routed::new(RouteId(1), format!("order {number}"))).await?;
    }
    let slow = sink.ready().await?.call(Routed::new(RouteId(2), "slow".to_owned())).await?;

    println!("woken for all, stored so far: {}", orders.load(Ordering::Relaxed));
    sink.drain(Scope::Route(RouteId(1))).await?;
    println!("drained route 1, stored: {}", orders.load(Ordering::Relaxed));
    println!("route 2 is still on its way: {}", !slow.is_flushed());

    pipeline.close().await?;
    Ok(())
}
