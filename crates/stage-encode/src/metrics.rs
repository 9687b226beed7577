//! What a meter sees of an encoder.
//!
//! | instrument | in a Prometheus scrape | what |
//! |---|---|---|
//! | `spillway.encode_rows` | `spillway_encode_rows_total` | rows encoded |
//! | `spillway.encode` | `spillway_encode_bytes_total` | bytes they were encoded to |
//!
//! Each clone keeps books of its own, which are read when they are collected: an event costs two additions.

use parking_lot::Mutex;
use pipeline_core::Telemetry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One encoder's books, and the library that all its clones share: as many as there are lanes.
#[derive(Debug)]
pub(crate) struct Metrics {
    own: Arc<Books>,
    library: Arc<Mutex<Vec<Arc<Books>>>>,
}

/// Written by one at a time: whoever runs the lane.
#[derive(Debug, Default)]
pub(crate) struct Books {
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl Books {
    pub(crate) fn encoded(&self, rows: usize, bytes: usize) {
        for (number, more) in [(&self.rows, rows), (&self.bytes, bytes)] {
            number.store(number.load(Ordering::Relaxed) + more as u64, Ordering::Relaxed);
        }
    }
}

impl Metrics {
    pub(crate) fn new(telemetry: &Telemetry) -> Self {
        let own = Arc::<Books>::default();
        let library = Arc::new(Mutex::new(vec![own.clone()]));
        let books = Arc::downgrade(&library);
        let sum = move |number: fn(&Books) -> &AtomicU64| {
            let library = books.upgrade()?;
            let sum = library.lock().iter().map(|books| number(books).load(Ordering::Relaxed)).sum();
            Some((Vec::new(), sum))
        };
        telemetry.observed_counter("encode_rows", "", "Rows encoded.", {
            let sum = sum.clone();
            move || sum(|books| &books.rows)
        });
        telemetry.observed_counter("encode", "By", "Bytes that rows were encoded to.", move || {
            sum(|books| &books.bytes)
        });
        Self { own, library }
    }

    pub(crate) fn own(&self) -> &Arc<Books> {
        &self.own
    }
}

impl Clone for Metrics {
    fn clone(&self) -> Self {
        let own = Arc::<Books>::default();
        self.library.lock().push(own.clone());
        Self { own, library: self.library.clone() }
    }
}
