//! What a stage is called.

use std::fmt;
use std::sync::Arc;

/// In errors, spans and metrics: the name that the composer gave it, or its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StageName {
    name: Option<Arc<str>>,
    /// From 1 on; 0 is the front door.
    number: u16,
}

impl StageName {
    pub(crate) fn new(name: Option<&str>, number: u16) -> Self {
        Self { name: name.map(Arc::from), number }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn is_front_door(&self) -> bool {
        self.number == 0
    }

    /// As a label.
    pub(crate) fn label(&self) -> String {
        self.name().map_or_else(|| self.number.to_string(), str::to_owned)
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.number) {
            (Some(name), _) => write!(f, "the stage `{name}`"),
            (None, 0) => f.write_str("the front door"),
            (None, number) => write!(f, "stage {number}"),
        }
    }
}
