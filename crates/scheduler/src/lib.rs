//! The only crate that talks to backends.
//!
//! One task a backend polls on its interval and sends what it got to the assembler, which alone knows internal
//! names, alone decides what they are called in public, and alone publishes. A failed poll is data; a task that
//! ends is a bug and ends [`Scheduler::run`].
//!
//! - [`config`] what is asked, how often, and what is silence
//! - [`client`] one HTTP request under its limits; [`error`] how it can fail
//! - [`backend`] one module a backend: wire structs in, reports out
//! - [`report`] what a backend said, parsed but not yet fit for the public
//! - [`poll`] one task a backend
//! - [`assemble`] the one task that owns the state and publishes
//! - [`estimate`] how long builds take, and when the queue is empty
//! - [`archive`] what survives the process
//! - [`ledger`] how long something was seen up and down
//! - [`metrics`] what the operator can watch of all that
//! - [`names`] the operator's list of who is who
//!
//! With the feature `testing` there is also `testing`: backends whose answers are at hand.

pub mod archive;
pub mod assemble;
pub mod backend;
pub mod client;
pub mod config;
pub mod error;
pub mod estimate;
pub mod ledger;
pub mod metrics;
pub mod names;
pub mod poll;
pub mod report;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

mod run;

pub use run::{Announcer, NamesDesk, ReconfigureError, Reconfigurer, RunError, Scheduler, StartError};
