//! The orchestrator: what is to be built, what is being built, what was built.

mod history;
mod queue;
mod status;

use snapshot::clock::Now;

pub use history::{HISTORY_LIMIT, HISTORY_LIMIT_MAX, HistoryCursor};

use super::instants::Instants;
use crate::{
    client::Client,
    error::FetchError,
    report::{OrchestratorReport, Report},
};

/// Polls the orchestrator once. `cursor` remembers which builds were reported; it moves only when the poll succeeds.
///
/// An endpoint that does not exist makes a lesser orchestrator, not a fault; one that fails makes a failed poll.
///
/// # Errors
/// Says why there is no usable answer. Cancellation safe.
pub async fn poll(
    client: &Client,
    cursor: &mut HistoryCursor,
    instants: &mut Instants,
    now: impl Fn() -> Now,
) -> Result<Report, FetchError> {
    let (status, queue, history) = tokio::try_join!(
        client.get::<status::WireStatus>(status::PATH),
        client.get::<Vec<queue::WireRow>>(queue::PATH),
        history::fetch(client, cursor),
    )?;
    if status.is_none() && queue.is_none() && history.is_none() {
        return Err(FetchError::Status(404));
    }
    instants.begin(now().wall);
    let report = OrchestratorReport {
        status: status.map(|status| status.report(instants)),
        queue: queue.map(|rows| rows.into_iter().map(|row| row.report(instants)).collect()),
        history: history.and_then(|fetched| cursor.report(fetched, instants)),
    };
    Ok(Report::Orchestrator(Box::new(report)))
}
