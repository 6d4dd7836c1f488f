//! Loki's HTTP contract over the world: readiness and counts. It keeps no line, so a query for lines is refused.
//!
//! - [`expressions`]: the default expressions. `query`, `parameters`: reading what is asked.
//! - [`numbers`]: the forms in which Loki, and servers that speak its protocol, write numbers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::numbers::Numbers;
use self::parameters::Parameters;
use self::query::{By, Query};
use crate::message::{Answer, Request};
use crate::recording;
use crate::world::World;
use crate::world::logs::{LEVELS, LOG_SERVICES};

pub mod expressions;
pub mod numbers;
mod parameters;
mod query;

/// The content type of the API's documents.
const JSON: &str = "application/json; charset=UTF-8";
/// The content type of everything else.
const PLAIN: &str = "text/plain; charset=utf-8";
/// What asks for lines at an instant, and here for lines at all, is told this.
const NO_LINES: &str =
    "log queries are not supported as an instant query type, please change your query to a range query type";

/// What Loki answers to `request` in the world's present state, with `numbers` written as chosen.
#[must_use]
pub fn answer(world: &World, request: &Request, numbers: Numbers) -> Answer {
    let parameters = Parameters::of(request);
    let data = match request.path.as_str() {
        "/ready" => return Answer::new(200, PLAIN, "ready\n"),
        "/loki/api/v1/query" => instant(world, &parameters, numbers),
        "/loki/api/v1/query_range" => range(world, &parameters, numbers),
        _ => return Answer::new(404, PLAIN, "404 page not found\n"),
    };
    match data {
        Ok(data) => {
            let body = json!({ "status": "success", "data": data });
            Answer::new(200, JSON, body.to_string())
        }
        Err(text) => Answer::new(400, PLAIN, text),
    }
}

fn instant(world: &World, parameters: &Parameters, numbers: Numbers) -> Result<Value, String> {
    parameters.check()?;
    let unix = parameters.time("time", world.now())?;
    let (by, window) = sum(parameters)?;
    let rows: Vec<Value> = counts(world, by, unix - window, unix)
        .into_iter()
        .map(|(name, count)| json!({ "metric": { by.label(): name }, "value": numbers.pair(unix, count) }))
        .collect();
    Ok(document("vector", rows))
}

fn range(world: &World, parameters: &Parameters, numbers: Numbers) -> Result<Value, String> {
    parameters.check()?;
    let range = parameters.range(world.now())?;
    let (by, window) = sum(parameters)?;
    let mut series: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let steps = ((range.end - range.start) / range.step).round() as u32;
    for index in 0..=steps {
        let unix = range.start + f64::from(index) * range.step;
        for (name, count) in counts(world, by, unix - window, unix) {
            series.entry(name).or_default().push(numbers.pair(unix, count));
        }
    }
    let rows =
        series.into_iter().map(|(name, values)| json!({ "metric": { by.label(): name }, "values": values }));
    Ok(document("matrix", rows.collect()))
}

fn sum(parameters: &Parameters) -> Result<(By, f64), String> {
    match Query::parse(parameters.get("query").unwrap_or_default())? {
        Query::Sum { by, window } => Ok((by, window)),
        Query::Lines => Err(NO_LINES.to_owned()),
    }
}

/// The counts between two instants, by name; what wrote nothing is absent, as it is in Loki.
fn counts(world: &World, by: By, from: f64, until: f64) -> Vec<(&'static str, u64)> {
    let book = world.log_book();
    let services = 0..LOG_SERVICES.len();
    let mut counts: Vec<(&'static str, u64)> = match by {
        By::Level => LEVELS
            .iter()
            .enumerate()
            .map(|(level, name)| {
                (*name, services.clone().map(|service| book.lines(service, level, from, until)).sum())
            })
            .collect(),
        By::Service => LOG_SERVICES
            .iter()
            .enumerate()
            .map(|(service, log)| {
                let levels = 0..LEVELS.len();
                (log.service_name, levels.map(|level| book.lines(service, level, from, until)).sum())
            })
            .collect(),
    };
    counts.retain(|(_, count)| *count > 0);
    counts.sort_unstable();
    counts
}

/// The rows with the statistics that Loki appends to every answer, as they were recorded.
fn document(result_type: &str, rows: Vec<Value>) -> Value {
    let mut stats = recording::loki::statistics();
    if let Some(returned) = stats.pointer_mut("/summary/totalEntriesReturned") {
        *returned = json!(rows.len());
    }
    json!({ "resultType": result_type, "result": rows, "stats": stats })
}
