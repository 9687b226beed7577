//! What happened at a store and at the line's end, in one order.

use super::faults::Verb;
use pipeline_core::{Error, Observe};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request arrived.
    Asked(Verb, String),
    /// A put arrived, with this content.
    Put(String, String),
    /// A part of this size arrived.
    Part(String, usize),
    /// A request was carried out.
    Done(Verb, String),
    /// An element got its flush ack.
    Flushed(u64),
    /// An element was lost.
    Lost(u64),
}

/// Everything that happened, in order.
#[derive(Debug, Default)]
pub struct History(Mutex<Vec<Event>>);

impl History {
    pub fn add(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }

    pub fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }

    /// How many requests of `verb` came for keys that contain `key`.
    pub fn asked(&self, verb: Verb, key: &str) -> usize {
        let fits = |event: &&Event| matches!(event, Event::Asked(v, k) if *v == verb && k.contains(key));
        self.0.lock().unwrap().iter().filter(fits).count()
    }

    /// Sizes of the parts that came, in order.
    pub fn parts(&self) -> Vec<usize> {
        let size = |event: &Event| if let Event::Part(_, size) = event { Some(*size) } else { None };
        self.0.lock().unwrap().iter().filter_map(size).collect()
    }

    /// The contents that were put under keys that contain `key`, in order.
    pub fn puts(&self, key: &str) -> Vec<String> {
        let text = |event: &Event| match event {
            Event::Put(k, text) if k.contains(key) => Some(text.clone()),
            _ => None,
        };
        self.0.lock().unwrap().iter().filter_map(text).collect()
    }

    /// Checks that an index is never sent before every file it names is durable, nor with a lower number than before.
    pub fn check_indexes(&self) {
        let mut durable: BTreeSet<String> = BTreeSet::new();
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        for event in self.events() {
            match event {
                Event::Done(Verb::Put | Verb::Complete, key) => {
                    durable.insert(key);
                }
                Event::Put(key, text) if key.ends_with("CDC.index") => {
                    let directory = key.strip_suffix("meta/CDC.index").unwrap();
                    let number = number(&text);
                    for earlier in 1..=number {
                        let file = format!("{directory}CDC{earlier:06}.txt");
                        assert!(durable.contains(&file), "{key} says {number}, but {file} is not durable");
                    }
                    let before = last.insert(key.clone(), number).unwrap_or(0);
                    assert!(before <= number, "{key} went back from {before} to {number}");
                }
                _ => {}
            }
        }
    }
}

/// The number an index file names.
pub fn number(index: &str) -> u64 {
    index.trim_start_matches("CDC").trim_end().trim_end_matches(".txt").parse().unwrap()
}

impl Observe for History {
    fn settled(&self, token: u64, outcome: Result<(), Error>) {
        self.add(if outcome.is_ok() { Event::Flushed(token) } else { Event::Lost(token) });
    }
}
