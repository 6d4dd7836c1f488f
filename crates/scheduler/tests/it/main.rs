//! The scheduler as a whole, against servers that misbehave and against what real backends answered.
//!
//! - `client` one request, every way to fail
//! - `credentials` what reaches a backend, and whom we believe to be one, over TLS too (`tls`)
//! - `running` the scheduler over time: outages, returns, and who suffers from them
//! - `history` no finished build is lost, and none counts twice
//! - `recordings` every recorded state, by expectations worked out by hand
//! - `infrastructure` hosts, services, alerts and log volume
//! - `archive` what was known survives a restart
//! - `canary` nothing that was planted gets out; `hostile` nothing makes it panic
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod archive;
mod canary;
mod client;
mod credentials;
mod history;
mod hostile;
mod infrastructure;
mod recordings;
mod running;
mod support;
mod tls;
