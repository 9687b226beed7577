//! One input, two destinations: documents go into files, slowly, and into a search index, at once. A receipt is flushed
//! when both have the document, one drain goes through both, and the slower one is what the source feels.
//!
//! `cargo run -p examples --bin fan_out`

use pipeline_core::{BoxError, Levels, Pipeline, RouteId, Routed, Scope, Weigh};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::{Service, ServiceExt, service_fn};

struct Document {
    name: String,
    text: String,
}

impl Document {
    fn new(number: u64) -> Self {
        Self { name: format!("{number:02}.txt"), text: format!("spillway {}", "x".repeat(1_000)) }
    }
}

impl Weigh for Document {
    fn weight(&self) -> u64 {
        (size_of::<Self>() + self.name.capacity() + self.text.capacity()) as u64
    }
}

/// In which documents a word is.
#[derive(Default)]
struct Index(BTreeMap<String, BTreeSet<String>>);

impl Index {
    fn add(&mut self, document: &Document) {
        for word in document.text.split_whitespace() {
            self.0.entry(word.to_owned()).or_default().insert(document.name.clone());
        }
    }

    fn find(&self, word: &str) -> usize {
        self.0.get(word).map_or(0, BTreeSet::len)
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let files = || std::fs::read_dir(folder.path()).map(Iterator::count);
    let place = folder.path().to_owned();
    let file = service_fn(move |document: Arc<Document>| {
        let path = place.join(&document.name);
        async move {
            tokio::time::sleep(Duration::from_millis(10)).await; // a slow disk
            tokio::task::spawn_blocking(move || std::fs::write(path, &document.text)).await??;
            Ok::<_, BoxError>(())
        }
    });

    let index = Arc::new(Mutex::new(Index::default()));
    let found = || index.lock().expect("no call panics").find("spillway");
    let of_calls = index.clone();
    let search = service_fn(move |document: Arc<Document>| {
        of_calls.lock().expect("no call panics").add(&document);
        std::future::ready(Ok::<_, BoxError>(()))
    });
    // Both lines share one document, and it is paid for once: about four of them at a time.
    let (mut sink, pipeline) = Pipeline::builder::<Arc<Document>>()
        .front(Levels { high: 4_000, low: 2_000 })
        .wake()
        .fan_out(|line| line.named("files").payload(file), |line| line.named("search").payload(search))
        .spawn();

    let mut lead = 0;
    for number in 1..=20 {
        let document = Document::new(number);
        let receipt = sink.ready().await?.call(Routed::new(RouteId(1), Arc::new(document))).await?;
        let filed = files()?;
        lead = lead.max(found() - filed);
        if number == 10 {
            receipt.flushed().await?;
            println!("the tenth is flushed: {} found, {} in files", found(), files()?);
        }
    }
    println!("the index was never more than {lead} ahead; the gate shut {} times", sink.gate().shut_count());
    sink.drain(Scope::All).await?;
    println!("drained: {} found, {} in files", found(), files()?);
    pipeline.close().await?;
    Ok(())
}
