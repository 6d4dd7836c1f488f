//! The public side: documents, pages and assets over HTTP, and the internal listener beside them.
//!
//! It reads the snapshot and nothing else: it knows no backend, has no HTTP client and never sees an internal name.
//!
//! - [`config`] what the operator decides
//! - [`startup`] builds the application and runs it
//! - [`backstage`] what only the internal listener answers
//! - [`openapi`] the API for programs that read descriptions of APIs
//! - [`mirror`] what a client of the queue keeps, for our own clients and tests
//!   With the feature `testing` there is also `testing`: the site without a socket.
//! - `renderer` the one reader of the snapshot: makes the next `published` value of `documents` and `pages`
//! - `live` what subscribers of the queue are told
//! - `routes` what is where; `respond`, `encode`, `cache`, `headers`, `error` how it is answered
//! - `server` the sockets of all that; `door` who gets one, `peer` whose it is, `patience` with who is at its other end,
//!   `last_word` what HTTP answers by itself
//! - `ws` subscribers of the queue; `live` what they are told
//! - `integrations` the same for feed readers, badges and those who watch status pages
//! - `metrics` what the operator can watch of all that
//! - `history` the listing of builds by filters; `detail` what is known of one package or drone
//! - `assets` style sheets and scripts

pub mod backstage;
pub mod config;
pub mod mirror;
pub mod openapi;
pub mod startup;
#[cfg(feature = "testing")]
pub mod testing;

mod assets;
mod cache;
mod detail;
mod documents;
mod door;
mod encode;
mod error;
mod headers;
mod history;
mod integrations;
mod internal;
mod last_word;
mod live;
mod metrics;
mod moment;
mod pages;
mod parameters;
mod patience;
mod peer;
mod published;
mod reference;
mod renderer;
mod respond;
mod routes;
mod server;
mod state;
mod templates;
mod ws;
