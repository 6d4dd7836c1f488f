//! Automation of the workspace: what can be asked about it without building it.
//!
//! The commands live in the binary; here is what they, and the tests, judge the workspace by. Knows nothing of
//! the product: it reads sources, manifests and cargo's dependency graph as text and data.
//!
//! - [`architecture`] which crate may use which, as a pure function of the dependency graph
//! - [`tidy`] rules over the text of sources, templates and documents
//! - [`container`] rules for the image and the service
//! - [`npm`] what tests run that npm installs
//! - [`requirement`] programs that tests need, which are missing and how to get them
//! - [`seeds`] where the seeds of what is fuzzed are
//! - [`workspace`] where the workspace is and which files it holds

pub mod architecture;
pub mod container;
pub mod npm;
pub mod requirement;
pub mod seeds;
pub mod tidy;
pub mod workspace;
