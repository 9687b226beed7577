//! Who asks for readiness.
//!
//! tower asks for it without the element. One that holds a lease of the very gate it comes to must pass all the same:
//! only its own end could open that gate. So the leases it holds come another way, for the length of the question.

use super::Shared;
use crate::Owed;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    /// The gates that the element which asks just now holds leases of.
    static ASKING: RefCell<Vec<GateId>> = const { RefCell::new(Vec::new()) };
}

/// A gate by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GateId(usize);

impl GateId {
    pub(super) fn of(gate: &Arc<Shared>) -> Self {
        Self(Arc::as_ptr(gate) as usize)
    }
}

/// Asks a service for readiness on behalf of an element that owes this.
pub(crate) fn asking<R>(owed: &Owed, ask: impl FnOnce() -> R) -> R {
    if !owed.holds_any() {
        return ask();
    }
    ASKING.with_borrow_mut(|asking| asking.extend(owed.gates()));
    let _asked = Asked;
    ask()
}

/// Whether the element that asks holds a lease of this gate already.
pub(super) fn holds(gate: &Arc<Shared>) -> bool {
    ASKING.with_borrow(|asking| asking.contains(&GateId::of(gate)))
}

/// The end of the question, be it by a panic.
struct Asked;

impl Drop for Asked {
    fn drop(&mut self) {
        ASKING.with_borrow_mut(Vec::clear);
    }
}
