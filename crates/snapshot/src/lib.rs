//! The vocabulary of the project: what is known, how fresh it is, and how it changes hands.
//!
//! Every value here is public already: names are [`identity::name::PublicName`]s, packages are
//! [`identity::package::PackageAtom`]s, and there is no field for anything else that a backend wrote.
//!
//! - [`snapshot`] the one value that is published
//! - [`fleet`], [`control`], [`queue`], [`history`], [`infrastructure`] its sections
//! - [`uptime`] how much of a window what is watched was up; [`trend`] the queue over a day and a week
//! - [`section`] content plus observation; freshness, computed by the reader
//! - [`situation`], [`status`], [`verdict`], [`notice`] what follows from a snapshot at an instant: pure functions
//! - [`delta`] how one queue becomes the next
//! - [`deadline`] when one of those would next say something else by the passing of time alone
//! - `machines` what is wrong with the hosts, said by verdict and notices
//! - [`sentence`] the words in which it is said
//! - [`activity`] what happened of late; [`outage`] what did not answer, from when until when
//! - [`clock`] wall and monotonic time, injected
//! - [`store`] the hand-over from the one writer to many readers
//!
//! With the feature `testing` there is also `testing`: builders of whole worlds for tests.

pub mod activity;
pub mod clock;
pub mod control;
pub mod deadline;
pub mod delta;
pub mod estimate;
pub mod fleet;
pub mod history;
pub mod infrastructure;
mod machines;
pub mod notice;
pub mod outage;
pub mod queue;
pub mod section;
pub mod sentence;
pub mod situation;
pub mod snapshot;
pub mod status;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trend;
pub mod uptime;
pub mod verdict;
