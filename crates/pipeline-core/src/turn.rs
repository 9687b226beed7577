//! What a thread knows while it polls a lane: which stage is polled, and what was lost on the way.
//!
//! Set by whoever polls the lane, for that poll, so that stages need to be handed nothing: a gate that makes somebody
//! wait can say where it stands, and a loss can wait for the verdict of the poll it happens in.

use crate::announced::Announced;
use crate::gate::Gate;
use crate::loss::Loss;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// Of one lane. It moves into the thread for a poll, and out again.
pub(crate) struct Turn {
    gates: Arc<Announced>,
    untold: Vec<Loss>,
}

impl Turn {
    pub(crate) fn of(gates: Arc<Announced>) -> Box<Self> {
        Box::new(Self { gates, untold: Vec::new() })
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Box<Turn>>> = const { RefCell::new(None) };
    static STAGE: Cell<u16> = const { Cell::new(0) };
}

/// Polls a lane in its turn; what was lost meanwhile is judged at the end, when the poll's verdict is known.
pub(crate) fn taken<R>(turn: &mut Option<Box<Turn>>, poll: impl FnOnce() -> R) -> R {
    // An outer lane's, should one lane's poll ever run within another's.
    let outer = CURRENT.replace(turn.take());
    let stage = STAGE.replace(0);
    let polled = poll();
    STAGE.set(stage);
    *turn = CURRENT.replace(outer);
    if let Some(turn) = turn
        && !turn.untold.is_empty()
    {
        std::mem::take(&mut turn.untold).into_iter().for_each(Loss::judge);
    }
    polled
}

/// Polls a stage, which is then known to what it calls.
pub(crate) fn in_stage<R>(stage: u16, poll: impl FnOnce() -> R) -> R {
    let outer = STAGE.replace(stage);
    let polled = poll();
    STAGE.set(outer);
    polled
}

/// Keeps a loss for the end of this thread's poll; gives it back if there is none.
pub(crate) fn hold_back(loss: Loss) -> Option<Loss> {
    let mut loss = Some(loss);
    // A thread that is ending keeps nothing; then it is judged at once.
    let _kept = CURRENT.try_with(|current| {
        // Held while somebody drops something under it: then, too, at once.
        if let Ok(mut current) = current.try_borrow_mut()
            && let Some(turn) = current.as_mut()
        {
            turn.untold.extend(loss.take());
        }
    });
    loss
}

/// Somebody waits at this gate: if that is in a lane's poll, the stages behind it are to feel it from now on.
pub(crate) fn announce(gate: &Gate) {
    let gates =
        CURRENT.try_with(|current| current.try_borrow().ok()?.as_ref().map(|turn| turn.gates.clone()));
    if let Ok(Some(gates)) = gates {
        gates.add(STAGE.get(), gate);
    }
}
