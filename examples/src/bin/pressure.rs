//! Watch the gate shut above high and open again at low: a fast source, a slow store, and a bound that holds.
//!
//! `cargo run -p examples --bin pressure`

use pipeline_core::{BoxError, Envelope, Gate, Levels, Pipeline, RouteId, Routed};
use std::time::Duration;
use tower::{Service, ServiceExt, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let gate = Gate::new(Levels { high: 8_000, low: 4_000 });
    let slow_store = service_fn(|envelope: Envelope<Vec<u8>>| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok::<_, BoxError>(envelope)
    });
    let (mut sink, pipeline) = Pipeline::builder()
        .watermarks(gate.clone())
        .service(service_fn(|envelope: Envelope<Vec<u8>>| async move { Ok::<_, BoxError>(envelope) }))
        .wake()
        .service(slow_store)
        .spawn();

    let start = tokio::time::Instant::now();
    for number in 1..=40 {
        // The source only ever waits for the wake, and the wake only ever waits for the gate.
        let _receipt = sink.ready().await?.call(Routed::new(RouteId(1), vec![0; 1_000])).await?;
        let bar = "#".repeat(gate.held() as usize / 250);
        let state = if gate.is_shut() { "shut" } else { "open" };
        println!("{:>4} ms  element {number:>2}  {state}  {bar}", start.elapsed().as_millis());
    }
    pipeline.close().await?;
    println!("at most {} bytes were held; the gate shut {} times", gate.peak(), gate.shut_count());
    Ok(())
}
