//! Where instruments come from, and what they are labelled with.

use opentelemetry::metrics::{AsyncInstrument, Counter, Histogram, Meter};
use opentelemetry::{KeyValue, Value, global};

/// One series of an instrument as it is read: labels of its own, and a number.
pub type Series = (Vec<KeyValue>, u64);

/// A meter, and labels that all instruments made from it carry.
///
/// An exporter that is installed later than a pipeline is spawned does not see it: hand the meter in.
#[derive(Clone, Debug)]
pub struct Telemetry {
    meter: Meter,
    labels: Vec<KeyValue>,
}

impl Default for Telemetry {
    /// The global meter of this moment.
    fn default() -> Self {
        Self::new(global::meter("spillway"))
    }
}

impl Telemetry {
    /// With a meter of one's own.
    pub fn new(meter: Meter) -> Self {
        Self { meter, labels: Vec::new() }
    }

    /// Labels all instruments with the name of a pipeline, so that two of one process stay apart.
    pub fn pipeline(self, name: impl Into<Value>) -> Self {
        self.labelled("pipeline", name)
    }

    /// Labels all instruments.
    pub fn labelled(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.labels.retain(|label| label.key.as_str() != key);
        self.labels.push(KeyValue::new(key, value));
        self
    }

    /// The meter.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The labels, with more of them.
    pub fn labels(&self, more: impl IntoIterator<Item = KeyValue>) -> Vec<KeyValue> {
        self.labels.iter().cloned().chain(more).collect()
    }

    /// A counter. Its name has neither unit nor `_total`: exporters add those.
    pub fn counter(&self, name: &str, unit: &'static str, description: &'static str) -> Counter<u64> {
        let builder = self.meter.u64_counter(prefixed(name)).with_unit(unit);
        builder.with_description(description).build()
    }

    /// A counter whose series are read when it is collected: an element pays nothing for it.
    pub fn observed_counter<Read: IntoIterator<Item = Series>>(
        &self,
        name: &str,
        unit: &'static str,
        description: &'static str,
        read: impl Fn() -> Read + Send + Sync + 'static,
    ) {
        let builder = self.meter.u64_observable_counter(prefixed(name)).with_unit(unit);
        builder.with_description(description).with_callback(self.observing(read)).build();
    }

    /// A gauge whose series are read when it is collected.
    pub fn observed_gauge<Read: IntoIterator<Item = Series>>(
        &self,
        name: &str,
        unit: &'static str,
        description: &'static str,
        read: impl Fn() -> Read + Send + Sync + 'static,
    ) {
        let builder = self.meter.u64_observable_gauge(prefixed(name)).with_unit(unit);
        builder.with_description(description).with_callback(self.observing(read)).build();
    }

    fn observing<Read: IntoIterator<Item = Series>>(
        &self,
        read: impl Fn() -> Read + Send + Sync + 'static,
    ) -> impl Fn(&dyn AsyncInstrument<u64>) + Send + Sync + 'static {
        let telemetry = self.clone();
        move |observer| {
            read()
                .into_iter()
                .for_each(|(labels, number)| observer.observe(number, &telemetry.labels(labels)));
        }
    }

    /// A histogram of seconds, with boundaries from 1 ms to 5 minutes.
    pub fn durations(&self, name: &str, description: &'static str) -> Histogram<f64> {
        let builder = self.meter.f64_histogram(prefixed(name)).with_unit("s").with_boundaries(durations());
        builder.with_description(description).build()
    }

    /// A histogram of bytes, with boundaries from 1 KiB to 1 GiB.
    pub fn sizes(&self, name: &str, description: &'static str) -> Histogram<u64> {
        let builder = self.meter.u64_histogram(prefixed(name)).with_unit("By").with_boundaries(sizes());
        builder.with_description(description).build()
    }
}

/// One prefix for all.
pub(super) fn prefixed(name: &str) -> String {
    format!("spillway.{name}")
}

/// Useful boundaries for seconds of work on a store.
pub fn durations() -> Vec<f64> {
    vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0, 300.0]
}

/// Useful boundaries for bytes of files: each four times the one before.
pub fn sizes() -> Vec<f64> {
    (0..=10).map(|power| f64::from(1024_u32) * 4_f64.powi(power)).collect()
}
