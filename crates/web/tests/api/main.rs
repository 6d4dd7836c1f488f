//! The public side from outside: a real server on loopback, a snapshot by hand, a clock that stands still.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod catch_up;
mod client;
mod detail;
mod documents;
mod freshness;
mod history;
mod hostile;
mod infrastructure;
mod integrations;
mod internal;
mod lifecycle;
mod manners;
mod paths;
mod security;
mod ws;
