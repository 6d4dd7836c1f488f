//! Many subscribers in one process of their own, so that their time and memory are nobody else's.
//!
//! It takes orders on its standard input and answers each on its standard output, a line of JSON each.
//!
//! - [`orders`] what it can be told, and what it answers
//! - [`subscribers`] connections that count; [`tally`] who received what, and when
//! - [`followers`] connections that keep the queue: [`keeper`] judges what is heard, [`queue`] is what is kept,
//!   [`message`] what the contract says
//! - [`visitors`] requests for pages and documents: [`browse`] one connection, [`links`] what is asked for
//! - [`handle`] the other side: starts a fleet and gives it orders

pub(crate) mod handle;
pub(crate) mod orders;

mod browse;
mod followers;
mod keeper;
mod links;
mod message;
mod queue;
mod subscribers;
mod tally;
mod visitors;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::runtime::Builder;

use super::{
    error::{BenchError, Context as _},
    machine::wait_for,
};
use followers::Crowd;
use orders::{Answer, Order};
use tally::Tally;
use visitors::Visitors;

/// How long all followers together may take until each has a queue.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// Subscribes at `server` as ordered, until standard input ends.
pub(crate) fn run(server: SocketAddr) -> Result<(), BenchError> {
    // The subscribers live on this one thread; the one that waits for orders uses no time.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.during("starting the runtime")?;
    let (tally, crowd) = (Arc::new(Tally::default()), Arc::new(Crowd::default()));
    let visitors = Visitors::default();
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
            Order::Follow { n_followers, stay_ms } => {
                let _runtime = runtime.enter();
                crowd.follow(server, n_followers, Duration::from_millis(stay_ms));
                let settled = wait_for("followers", SETTLED_WITHIN, || Ok(crowd.is_settled().then_some(())));
                // Who has none is among what they saw.
                drop(settled);
                Answer::Followed(crowd.seen())
            }
            Order::Followed => Answer::Followed(crowd.seen()),
            Order::Compare { version, queue } => Answer::Compared(crowd.compare(&version, &queue)),
            Order::Visit { per_second } => {
                visitors.begin(server, per_second);
                Answer::Visiting
            }
            Order::Visited => Answer::Visited(visitors.visits()),
        };
        println!("{}", serde_json::to_string(&answer).during("answering")?);
    }
    Ok(())
}
