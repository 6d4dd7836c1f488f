//! A queue.
pub(crate) fn simulate() {}
