//! `/api/v1/alerts`: how many fire, and how severe they are. Names, labels and annotations are not read.

use jiff::Timestamp;
use serde::Deserialize;
use snapshot::{clock::whole_second, infrastructure::Severity};

use crate::{client::Client, error::FetchError, report::infrastructure::AlertReport};

#[derive(Debug, Deserialize)]
struct WireAlerts {
    data: WireList,
}

#[derive(Debug, Deserialize)]
struct WireList {
    alerts: Vec<WireAlert>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireAlert {
    state: String,
    #[serde(default)]
    labels: WireLabels,
    #[serde(default)]
    active_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct WireLabels {
    #[serde(default)]
    severity: Option<String>,
}

/// Fetches the alerts; `None` when there is no such endpoint.
pub(super) async fn fetch(client: &Client) -> Result<Option<Vec<WireAlert>>, FetchError> {
    Ok(client.get::<WireAlerts>("api/v1/alerts").await?.map(|answer| answer.data.alerts))
}

/// The alerts that fire; pending ones may never.
pub(super) fn report(alerts: Vec<WireAlert>, now: Timestamp) -> Vec<AlertReport> {
    let firing = alerts.into_iter().filter(|alert| alert.state == "firing");
    firing
        .map(|alert| AlertReport {
            severity: Severity::of_label(alert.labels.severity.as_deref().unwrap_or("none")),
            since: alert
                .active_at
                .and_then(|at| at.parse().ok())
                .map(|at: Timestamp| whole_second(at.min(now))),
        })
        .collect()
}
