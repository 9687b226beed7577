//! A part of what is owed for one element: settled with the last of its kind.

use super::Owed;
use super::cell::End;
use crate::gate::{Gate, GateId};
use crate::place::Place;
use parking_lot::Mutex;
use std::sync::Arc;
use tracing::Span;

/// One of several parts. The element is enqueued when all of them are, and flushed when all of them are; it is
/// discarded if all of them were, and lost as soon as one is.
#[derive(Debug)]
pub(super) struct Part {
    whole: Arc<Mutex<Whole>>,
    enqueued: bool,
    /// The element's.
    pub(super) span: Option<Box<Span>>,
}

/// What the parts share. The leases in it last to the end of the last part.
#[derive(Debug)]
struct Whole {
    /// `None` once it is settled or lost.
    owed: Option<Owed>,
    to_enqueue: usize,
    to_settle: usize,
    flushed: bool,
}

impl Part {
    pub(super) fn split(owed: Owed, parts: usize) -> impl Iterator<Item = Self> {
        let span = owed.span().cloned().map(Box::new);
        let whole = Whole { owed: Some(owed), to_enqueue: parts, to_settle: parts, flushed: false };
        let whole = Arc::new(Mutex::new(whole));
        (0..parts).map(move |_| Self { whole: whole.clone(), enqueued: false, span: span.clone() })
    }

    pub(super) fn enqueue(&mut self) {
        if std::mem::replace(&mut self.enqueued, true) {
            return;
        }
        let mut whole = self.whole.lock();
        whole.to_enqueue -= 1;
        // Under the lock, so that it cannot come after the flush ack. What is told here must not settle its own parts.
        if whole.to_enqueue == 0
            && let Some(owed) = &mut whole.owed
        {
            owed.enqueue();
        }
    }

    pub(super) fn settle(mut self, end: End) {
        self.enqueue();
        let done = {
            let mut whole = self.whole.lock();
            whole.to_settle -= 1;
            whole.flushed |= end == End::Flushed;
            let last = whole.to_settle == 0;
            last.then(|| (whole.owed.take(), whole.flushed))
        };
        match (done, end) {
            (Some((Some(owed), true)), _) => owed.flush(),
            (Some((Some(owed), false)), End::Discarded(reason)) => owed.discard(reason),
            (Some((Some(owed), false)), _) => owed.refuse(),
            (Some((None, _)) | None, _) => {}
        }
    }

    pub(super) fn lose(self, place: Place) {
        let whole = self.whole.lock().owed.take();
        if let Some(mut owed) = whole {
            owed.arrive(place);
            drop(owed);
        }
    }

    pub(super) fn holds(&self, gate: &Gate) -> bool {
        self.whole.lock().owed.as_ref().is_some_and(|owed| owed.holds(gate))
    }

    pub(super) fn gates(&self) -> Vec<GateId> {
        self.whole.lock().owed.as_ref().map(|owed| owed.gates().collect()).unwrap_or_default()
    }

    pub(super) fn keeps_front(&self) -> bool {
        self.whole.lock().owed.as_ref().is_some_and(Owed::keeps_front)
    }
}
