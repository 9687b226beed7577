//! Why a batch was closed.

/// Why a batch was closed. The names are metric labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlushReason {
    /// It reached the greatest size, in bytes or rows.
    Size,
    /// Its oldest piece reached the age at which it is closed.
    Interval,
    /// A drain marker, or the next group of its route, came behind it.
    Drain,
    /// The gate is shut: what is held must become durable before more can come in.
    Quota,
    /// One piece alone reached the greatest size.
    Oversized,
    /// The input ended.
    Close,
}

impl FlushReason {
    /// The name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Interval => "interval",
            Self::Drain => "drain",
            Self::Quota => "quota",
            Self::Oversized => "oversized",
            Self::Close => "close",
        }
    }
}
