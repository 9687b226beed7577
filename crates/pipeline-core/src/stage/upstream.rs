//! What a stage feels of the gates before it.

use crate::announced::Announced;
use crate::gate::Pressure;
use std::sync::Arc;
use std::task::{Context, Poll};

/// All gates before a stage, as one [`Pressure`].
#[derive(Clone, Debug)]
pub struct Upstream {
    /// The front door's gate, for those who hold what keeps it shut.
    front: Pressure,
    /// Whether what comes here is enqueued: then it does not keep the front door shut, as a rule.
    enqueued: bool,
    announced: Arc<Announced>,
    /// The stage that feels it.
    stage: u16,
    /// The gates that have announced themselves, and when they were looked up.
    gates: Vec<Pressure>,
    version: usize,
}

impl Upstream {
    pub(crate) fn behind(front: Pressure, announced: Arc<Announced>) -> Self {
        Self { front, enqueued: false, announced, stage: 0, gates: Vec::new(), version: 0 }
    }

    /// From here on nothing that is held keeps the front door shut, unless it says so.
    pub(crate) fn enqueued(&mut self) {
        self.enqueued = true;
    }

    pub(crate) fn announced(&self) -> Arc<Announced> {
        self.announced.clone()
    }

    pub(crate) fn is_for(&mut self, stage: u16) {
        self.stage = stage;
    }

    /// Ready while one of the gates is shut; otherwise the task is woken when one shuts.
    ///
    /// A stage that holds elements asks this when its input is pending, and lets go of what it holds if ready.
    pub fn poll_shut(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let version = self.announced.version();
        if version != self.version {
            self.version = version;
            self.gates = self.announced.before(self.stage).iter().map(|(_, gate)| gate.pressure()).collect();
        }
        let mut shut = Poll::Pending;
        let feels_front = !self.enqueued || self.announced.does_front_last();
        for gate in feels_front.then_some(&mut self.front).into_iter().chain(&mut self.gates) {
            if gate.poll_shut(cx).is_ready() {
                shut = Poll::Ready(());
            }
        }
        shut
    }
}
