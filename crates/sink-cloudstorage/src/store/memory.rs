//! A store in this process, for tests and trials.

use object_store::memory::InMemory;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

static STORES: LazyLock<Mutex<HashMap<String, Arc<InMemory>>>> = LazyLock::new(Mutex::default);

/// The store of this name: a new one at first, the same one ever after.
///
/// It lives as long as the process; nothing but a test opens many of them.
pub fn shared(name: &str) -> Arc<InMemory> {
    STORES.lock().entry(name.to_owned()).or_default().clone()
}
