//! The backends: what is asked of each, what it writes on the wire, and what of that is reported.
//!
//! Wire structs are private to these modules. They tolerate unknown fields and missing optional ones; a field of
//! minor weight that has the wrong type is not known, while a wrong type in what identifies a row faults the answer.
//!
//! - [`gateway`], [`orchestrator`] the backends
//! - [`instants`] their clocks, which are not ours

pub mod gateway;
pub mod instants;
pub mod loki;
pub mod orchestrator;
pub mod probes;
pub mod prometheus;

mod node;
mod seldom;
mod series;
mod wire;
