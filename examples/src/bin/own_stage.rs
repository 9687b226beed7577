//! A stage of your own: any tower service over envelopes. This one masks card numbers before they are stored.
//!
//! `cargo run -p examples --bin own_stage`

use pipeline_core::{BoxError, Envelope, Pipeline, RouteId, Routed};
use tower::{Service, ServiceExt, service_fn};

/// Every digit but the last four of a run of twelve or more becomes `*`.
fn mask(text: &str) -> String {
    let mut masked: Vec<char> = text.chars().collect();
    let mut digits = 0;
    for at in 0..=masked.len() {
        if masked.get(at).is_some_and(char::is_ascii_digit) {
            digits += 1;
            continue;
        }
        if digits >= 12 {
            masked[at - digits..at - 4].fill('*');
        }
        digits = 0;
    }
    masked.into_iter().collect()
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    // One to one, so it never sees a marker and cannot lose one; four at a time, and still in order per route.
    let masking = service_fn(|envelope: Envelope<String>| async move {
        let masked = tokio::task::spawn_blocking(move || envelope.map(|text| mask(&text))).await?;
        Ok::<_, BoxError>(masked)
    });
    let storing = service_fn(|envelope: Envelope<String>| async move {
        println!("{}", envelope.payload);
        Ok::<_, BoxError>(envelope)
    });
    let (mut sink, pipeline) =
        Pipeline::builder().concurrency(4).service(masking).wake().service(storing).spawn();

    for line in ["paid with 4111111111111111", "order 1234", "and 5500005555555559 too"] {
        let _receipt = sink.ready().await?.call(Routed::new(RouteId(1), line.to_owned())).await?;
    }
    pipeline.close().await?;
    Ok(())
}
