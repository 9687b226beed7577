//! One receipt to fulfil, or many in their order.

use super::cell::{Cell, End};
use super::part::Part;
use crate::loss::Loss;
use crate::place::Place;
use std::sync::Arc;

/// One receipt, or a part of what is owed for one.
#[derive(Debug)]
pub(super) enum Debt {
    Whole(Arc<Cell>),
    /// Boxed, since most debts are whole ones, and all of them are moved many times.
    Part(Box<Part>),
}

impl Debt {
    pub(super) fn enqueue(&mut self) {
        match self {
            Self::Whole(cell) => cell.enqueue(),
            Self::Part(part) => part.enqueue(),
        }
    }

    /// Says how it ended; not that it was lost.
    fn settle(self, end: End) {
        match self {
            Self::Whole(cell) => cell.end(end),
            Self::Part(part) => part.settle(end),
        }
    }
}

/// Small while it is one: an envelope is moved many times on its way.
#[derive(Debug, Default)]
pub(super) enum Debts {
    #[default]
    None,
    One(Debt),
    Many(Box<Batch>),
}

/// Debts in their order.
#[derive(Debug, Default)]
pub(super) struct Batch {
    debts: std::collections::VecDeque<Debt>,
}

impl Debts {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Many(batch) => batch.debts.len(),
        }
    }

    pub(super) fn first(&self) -> Option<&Debt> {
        match self {
            Self::None => None,
            Self::One(debt) => Some(debt),
            Self::Many(batch) => batch.debts.front(),
        }
    }

    /// Puts others behind these.
    pub(super) fn extend(&mut self, others: Self) {
        let own = match self {
            Self::Many(batch) => batch,
            fewer => {
                let debts = std::mem::take(fewer).into_iter().collect();
                *fewer = Self::Many(Box::new(Batch { debts }));
                match fewer {
                    Self::Many(batch) => batch,
                    Self::None | Self::One(_) => unreachable!("made a batch above"),
                }
            }
        };
        match others {
            Self::None => {}
            Self::One(debt) => own.debts.push_back(debt),
            Self::Many(batch) => own.debts.extend(batch.debts),
        }
    }

    pub(super) fn enqueue(&mut self) {
        match self {
            Self::None => {}
            Self::One(debt) => debt.enqueue(),
            Self::Many(batch) => batch.debts.iter_mut().for_each(Debt::enqueue),
        }
    }

    /// Settles the first so many; says whether that was all of them.
    pub(super) fn settle_some(&mut self, most: usize, end: End) -> bool {
        match self {
            Self::Many(batch) if batch.debts.len() > most => {
                batch.debts.drain(..most).for_each(|debt| debt.settle(end));
                false
            }
            rest => {
                std::mem::take(rest).into_iter().for_each(|debt| debt.settle(end));
                true
            }
        }
    }

    /// Reports all of them lost.
    pub(super) fn lose(self, place: Place) {
        let (mut cells, mut parts) = (Vec::new(), Vec::new());
        self.into_iter().for_each(|debt| match debt {
            Debt::Whole(cell) => cells.push(cell),
            Debt::Part(part) => parts.push(part),
        });
        if let Some(first) = cells.first() {
            Loss {
                fate: first.fate.clone(),
                place,
                route: Some(first.route),
                tell: Box::new(move || cells.iter().for_each(|cell| cell.end(End::Lost))),
            }
            .happened();
        }
        parts.into_iter().for_each(|part| part.lose(place));
    }

    /// Tells all of them that they were not taken in at all.
    pub(super) fn refuse(self) {
        self.into_iter().for_each(|debt| debt.settle(End::Lost));
    }

    fn into_iter(self) -> impl Iterator<Item = Debt> {
        let (one, many) = match self {
            Self::None => (None, None),
            Self::One(debt) => (Some(debt), None),
            Self::Many(batch) => (None, Some(batch.debts)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}
