//! The whole: backends, scheduler, web side and the real binary, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod browser;
mod budget;
mod canary;
mod canary_watchers;
mod chaos;
mod commands;
mod credentials;
mod deploy;
mod egress;
mod endings;
mod freshness;
mod fuzzed;
mod hostile;
mod hostile_payloads;
mod kill;
mod matrix;
mod observe;
mod openapi;
mod outage;
mod process;
mod prometheus;
mod proxy;
mod recipes;
mod recordings;
mod reload;
mod subscribers;
mod support;
mod traffic;
mod views;
mod watch;
