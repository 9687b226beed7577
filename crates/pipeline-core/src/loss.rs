//! Losses wait for the verdict of the poll they happen in.
//!
//! A service that fails lets go of its envelope first and returns its error after. Told in between, the envelope's
//! waiter would hear *lost* where the truth is that the pipeline failed. So while a lane polls its line, losses are
//! kept, and told at the end of that same poll, when the fate is sealed if it has to be.

use std::cell::RefCell;

type Loss = Box<dyn FnOnce()>;

thread_local! {
    static UNTOLD: RefCell<Option<Vec<Loss>>> = const { RefCell::new(None) };
}

/// Keeps this thread's losses while it lives, and tells them when it is dropped.
pub(crate) struct HeldBack {
    /// Those of an outer lane, should one lane's poll ever run within another's.
    outer: Option<Vec<Loss>>,
}

/// Starts to keep this thread's losses.
pub(crate) fn hold_back() -> HeldBack {
    HeldBack { outer: UNTOLD.replace(Some(Vec::new())) }
}

/// Tells a loss: at once, or at the end of the poll that a lane is in.
pub(crate) fn tell(loss: impl FnOnce() + 'static) {
    let mut loss = Some(loss);
    let kept = UNTOLD.try_with(|untold| {
        let mut untold = untold.borrow_mut();
        untold.as_mut().is_some_and(|untold| {
            untold.extend(loss.take().map(|loss| Box::new(loss) as Loss));
            true
        })
    });
    // A thread that is ending keeps nothing: then, too, it is told here.
    if !kept.unwrap_or(false)
        && let Some(loss) = loss
    {
        loss();
    }
}

impl Drop for HeldBack {
    fn drop(&mut self) {
        let untold = UNTOLD.replace(self.outer.take());
        untold.into_iter().flatten().for_each(|loss| loss());
    }
}
