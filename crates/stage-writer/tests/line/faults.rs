//! A store whose faults are *happened × reported*, and which remembers what happened.

use super::history::{Event, History};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutPayload, Result};
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is asked of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    Put,
    Get,
    List,
    Delete,
    Start,
    Part,
    Complete,
    Abort,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Happens,
    Never,
    /// When the test says so: see [`Faulty::apply_late`].
    Late,
}

/// What is said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Truth,
    Ok,
    Generic,
    AlreadyExists,
    Precondition,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    /// As clients tell it that say no more of a request than that it failed.
    Forbidden,
    /// A quota, told as a right that is missing.
    Full,
    NotImplemented,
    Silence,
}

/// What goes wrong with the next `times` requests of a verb whose key contains `key`.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub verb: Verb,
    pub key: &'static str,
    pub times: usize,
    pub effect: Effect,
    pub reply: Reply,
}

impl Fault {
    fn fits(&self, verb: Verb, key: &Path) -> bool {
        self.times > 0 && self.verb == verb && key.as_ref().contains(self.key)
    }
}

type Late = (Path, PutPayload, PutMode);
/// What becomes of a request for which no fault is injected.
type Chaos = Box<dyn Fn(Verb, &str) -> (Effect, Reply) + Send + Sync>;
/// How long a request takes.
type Delay = Box<dyn Fn(Verb, &str) -> Duration + Send + Sync>;

pub struct Shared {
    pub(super) inner: InMemory,
    faults: Mutex<Vec<Fault>>,
    late: Mutex<Vec<Late>>,
    delay: Mutex<Option<Delay>>,
    chaos: Mutex<Option<Chaos>>,
    no_updates: AtomicBool,
    pub(super) history: Arc<History>,
}

/// The store. Clones share it.
#[derive(Clone)]
pub struct Faulty(pub(super) Arc<Shared>);

impl Default for Faulty {
    fn default() -> Self {
        Self(Arc::new(Shared {
            inner: InMemory::new(),
            faults: Mutex::default(),
            late: Mutex::default(),
            delay: Mutex::default(),
            chaos: Mutex::default(),
            no_updates: AtomicBool::new(false),
            history: Arc::default(),
        }))
    }
}

impl Faulty {
    pub fn inject(&self, verb: Verb, key: &'static str, times: usize, effect: Effect, reply: Reply) {
        self.0.faults.lock().unwrap().push(Fault { verb, key, times, effect, reply });
    }

    pub fn delay(&self, delay: impl Fn(Verb, &str) -> Duration + Send + Sync + 'static) {
        *self.0.delay.lock().unwrap() = Some(Box::new(delay));
    }

    pub fn chaos(&self, chaos: impl Fn(Verb, &str) -> (Effect, Reply) + Send + Sync + 'static) {
        *self.0.chaos.lock().unwrap() = Some(Box::new(chaos));
    }

    /// A store that does not implement `PutMode::Update`.
    pub fn without_updates() -> Self {
        let store = Self::default();
        store.0.no_updates.store(true, Ordering::Relaxed);
        store
    }

    /// What happened so far.
    pub fn history(&self) -> &Arc<History> {
        &self.0.history
    }

    /// The store as it is, without faults.
    pub fn inner(&self) -> &InMemory {
        &self.0.inner
    }

    /// Puts an object without faults, and without a trace.
    pub async fn plant(&self, key: &str, content: &'static str) {
        self.0.inner.put(&Path::from(key), PutPayload::from_static(content.as_bytes())).await.unwrap();
    }

    /// Carries out what was kept for later; says how each request ended.
    pub async fn apply_late(&self) -> Vec<Result<()>> {
        let late = std::mem::take(&mut *self.0.late.lock().unwrap());
        let mut ends = Vec::new();
        for (path, payload, mode) in late {
            ends.push(self.0.inner.put_opts(&path, payload, mode.into()).await.map(drop));
        }
        ends
    }

    /// Takes the next fault that fits, and waits as long as the request is to take.
    async fn fault(&self, verb: Verb, key: &Path) -> (Effect, Reply) {
        self.0.history.add(Event::Asked(verb, key.to_string()));
        let delay = self.0.delay.lock().unwrap().as_ref().map(|delay| delay(verb, key.as_ref()));
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        let mut faults = self.0.faults.lock().unwrap();
        match faults.iter_mut().find(|fault| fault.fits(verb, key)) {
            Some(fault) => {
                fault.times -= 1;
                (fault.effect, fault.reply)
            }
            None => match self.0.chaos.lock().unwrap().as_ref() {
                Some(chaos) => chaos(verb, key.as_ref()),
                None => (Effect::Happens, Reply::Truth),
            },
        }
    }

    /// A request with its fault; `lie` is what a store that reports success in vain would say.
    pub(super) async fn request<T>(
        &self,
        verb: Verb,
        key: &Path,
        lie: impl FnOnce() -> Option<T>,
        request: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let (effect, reply) = self.fault(verb, key).await;
        let truth = if effect == Effect::Happens { Some(request.await) } else { None };
        if let Some(Ok(_)) = truth {
            self.0.history.add(Event::Done(verb, key.to_string()));
        }
        let path = key.to_string();
        let source = || "injected".into();
        Err(match reply {
            Reply::Truth => return truth.expect("the truth about what happened"),
            Reply::Ok => match truth.and_then(Result::ok).or_else(lie) {
                Some(value) => return Ok(value),
                None => panic!("no lie is known for {verb:?}"),
            },
            Reply::Silence => std::future::pending().await,
            Reply::Generic => Error::Generic { store: "faulty", source: source() },
            Reply::AlreadyExists => Error::AlreadyExists { path, source: source() },
            Reply::Precondition => Error::Precondition { path, source: source() },
            Reply::NotFound => Error::NotFound { path, source: source() },
            Reply::PermissionDenied => Error::PermissionDenied { path, source: source() },
            Reply::Unauthenticated => Error::Unauthenticated { path, source: source() },
            Reply::Forbidden => {
                let source = "Server returned non-2xx status code: 403 Forbidden: ".into();
                Error::Generic { store: "faulty", source }
            }
            Reply::Full => {
                let source = "<Error><Code>QuotaExceeded</Code></Error>".into();
                Error::PermissionDenied { path, source }
            }
            Reply::NotImplemented => Error::NotImplemented { operation: "this".into(), implementer: path },
        })
    }

    /// Keeps a put for later if its fault says so.
    pub(super) fn keep_if_late(&self, path: &Path, payload: &PutPayload, mode: &PutMode) {
        let faults = self.0.faults.lock().unwrap();
        let fitting = faults.iter().find(|fault| fault.fits(Verb::Put, path));
        if fitting.is_some_and(|fault| fault.effect == Effect::Late) {
            self.0.late.lock().unwrap().push((path.clone(), payload.clone(), mode.clone()));
        }
    }

    pub(super) fn updates(&self) -> bool {
        !self.0.no_updates.load(Ordering::Relaxed)
    }
}
