//! Many subscribers in one process of their own, so that their time and memory are nobody else's.
//!
//! It takes orders on its standard input and answers each on its standard output, a line of JSON each.
//!
//! - [`orders`] what it can be told, and what it answers
//! - [`subscribers`] the connections
//! - [`tally`] who received what, and when
//! - [`handle`] the other side: starts a fleet and gives it orders

pub(crate) mod handle;
pub(crate) mod orders;

mod subscribers;
mod tally;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::runtime::Builder;

use super::{
    error::{BenchError, Context as _},
    machine::wait_for,
};
use orders::{Answer, Order};
use tally::Tally;

/// Subscribes at `server` as ordered, until standard input ends.
pub(crate) fn run(server: SocketAddr) -> Result<(), BenchError> {
    // The subscribers live on this one thread; the one that waits for orders uses no time.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.during("starting the runtime")?;
    let tally = Arc::new(Tally::default());
    for line in io::stdin().lines() {
        let line = line.during("reading orders")?;
        let order = serde_json::from_str(&line).during("reading orders")?;
        let answer = match order {
            Order::Subscribe { n_subscribers } => {
                runtime.block_on(subscribers::subscribe(server, n_subscribers, &tally))?
            }
            Order::Stall { n_subscribers } => {
                runtime.block_on(subscribers::stall(server, n_subscribers, &runtime))?
            }
            Order::Await { n_deltas, patience_ms } => {
                let received = wait_for("deltas", Duration::from_millis(patience_ms), || {
                    Ok(tally.are_complete(n_deltas).then_some(()))
                });
                // Who ordered sees in the answer what is missing.
                drop(received);
                Answer::Received { deltas: tally.take(), n_lost: tally.n_lost() }
            }
        };
        println!("{}", serde_json::to_string(&answer).during("answering")?);
    }
    Ok(())
}
