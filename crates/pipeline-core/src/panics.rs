//! A panic as an error.

use crate::BoxError;
use std::any::Any;

/// The error that a panic is.
pub(crate) fn panicked(who: &'static str, panic: &(dyn Any + Send)) -> BoxError {
    Panicked(who, message(panic)).into()
}

#[derive(Debug, thiserror::Error)]
#[error("{0} panicked: {1}")]
struct Panicked(&'static str, String);

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
