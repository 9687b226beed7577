//! Figures anyone can repeat.
