//! `GET /ws/queue`: subscribers who follow the queue, each on the raw socket of an upgraded request.
//!
//! A session holds a socket, a cursor into the frame that is being written, and what its client already knows: no
//! queue of its own and no copy of a frame. Whatever it wrote last, the next thing it writes leads to the value that
//! is published *then*. So one that reads slowly misses steps and never a truth, and costs no more than the others.
//!
//! Known races, and what decides them:
//! - A value is published while a subscriber joins: it listens before the value is read, so it rings again.
//! - A stop comes while one joins: joining and closing are decided under one lock, and a session looks at the order to
//!   close before it first waits.
//! - A client pings while a frame is half written: the pong waits, and later pings overtake it ([`wire`]).
//!
//! - [`hub`] who is here: the limits, and the end of all
//! - [`upgrade`] takes the socket over from HTTP; [`handshake`] says who may have it, [`refusal`] what others get
//! - [`origin`] which pages may open one
//! - [`bell`] how subscribers hear that something was published
//! - [`session`] one subscriber; [`wire`] its socket, [`outbox`] what it is sent, [`inbox`] what it may send,
//!   [`farewell`] its end

pub(crate) mod bell;
pub(crate) mod handshake;
pub(crate) mod hub;
pub(crate) mod refusal;
pub(crate) mod upgrade;

mod farewell;
mod inbox;
pub(crate) mod origin;
mod outbox;
pub(crate) mod session;
mod wire;

/// Where subscribers ask, under the base path.
pub(crate) const PATH: &str = "/ws/queue";
