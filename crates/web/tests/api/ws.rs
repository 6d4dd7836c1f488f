//! Subscribers over real sockets: every byte of theirs by hand, so that it can also be wrong.

mod equal;
mod exchange;
mod handshake;
mod hostile;
mod inbound;
mod limits;
mod live;
mod slow;
pub(crate) mod socket;
mod stop;
