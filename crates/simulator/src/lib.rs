//! A small world that speaks the backends' real HTTP contracts, on loopback only.
//!
//! `command-center demo` polls it, and so do the tests of every other crate. It knows nothing of the rest of
//! the workspace: what it answers was learned from recordings of real backends, which travel inside it.
//!
//! - [`server`]: a scripted HTTP/1.1 server, and [`behaviour`]: the ways in which it can misbehave;
//!   [`oddity`]: what can be odd in an answer.
//! - [`recording`]: replays what real backends answered.
//! - [`world`]: two galaxies, five drones and a sweeper that build Gentoo packages, seeded and deterministic.
//! - [`control_plane`]: the world's answers in the recorded shapes.
//! - [`prometheus`], [`loki`]: what watches the farm, and [`exporter`]: what a real Prometheus can scrape.
//! - [`chaos`]: makes every backend misbehave in turn.
//! - [`canary`]: plants markers into answers, so that a test can prove that none of them gets out.
//! - [`simulator`]: the world behind one listener a backend.

pub mod behaviour;
pub mod canary;
pub mod chaos;
pub mod control_plane;
mod duration;
pub mod exporter;
pub mod loki;
pub mod message;
mod number;
pub mod oddity;
pub mod prometheus;
pub mod recording;
pub mod server;
pub mod simulator;
pub mod world;
