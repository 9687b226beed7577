//! Two awaits: the first lets the source go on, the second lets the checkpoint go on.
//!
//! `cargo run -p examples --bin hello`

use pipeline_core::{BoxError, Envelope, Pipeline, RouteId, Routed};
use tower::{Service, ServiceExt, service_fn};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let store = service_fn(|envelope: Envelope<String>| async move {
        println!("stored {:?}", envelope.payload);
        Ok::<_, BoxError>(envelope)
    });
    let (mut sink, pipeline) = Pipeline::builder().wake().service(store).spawn();

    let receipt = sink.ready().await?.call(Routed::new(RouteId(1), "hello".to_owned())).await?;
    println!("enqueued: the source may send the next");
    receipt.flushed().await?;
    println!("flushed: the checkpoint may move");

    pipeline.close().await?;
    Ok(())
}
