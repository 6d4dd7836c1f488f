//! Prometheus' HTTP contract over the world, for the expressions that are asked by default.
//!
//! What it has stored begins with the world's history. It is honest in what real ones surprise with: a host that
//! is down keeps its `up` and loses everything else at once, but its rates linger for the window; right after a
//! start there is no rate at all; an unknown name is an empty success.
//!
//! - [`expressions`]: the default expressions. `query`, `pattern`: reading what is asked.
//! - `evaluate`, `rate`: the values at an instant. `render`: the values as JSON. `alerts`: what fires.

use serde_json::json;

use self::evaluate::Farm;
use self::query::Query;
use crate::duration;
use crate::message::{Answer, Request, parse_query};
use crate::world::{World, civil};

mod alerts;
mod evaluate;
pub mod expressions;
mod pattern;
mod query;
mod rate;
mod render;

/// The most points of one series in a range.
const MAX_POINTS: f64 = 11_000.0;
/// The content type of everything that is not JSON.
const PLAIN: &str = "text/plain; charset=utf-8";

/// What Prometheus answers to `request` in the world's present state.
#[must_use]
pub fn answer(world: &World, request: &Request) -> Answer {
    let allowed: &[&str] = match request.path.as_str() {
        "/api/v1/query" | "/api/v1/query_range" => &["GET", "POST"],
        "/-/ready" => &["GET", "HEAD"],
        "/api/v1/alerts" => &["GET"],
        _ => return Answer::new(404, PLAIN, "404 page not found\n"),
    };
    if !allowed.contains(&request.method.as_str()) {
        return Answer::new(405, PLAIN, "Method Not Allowed\n");
    }
    let parameters = Parameters::of(request);
    let result = match request.path.as_str() {
        "/api/v1/query" => instant(world, &parameters),
        "/api/v1/query_range" => range(world, &parameters),
        "/api/v1/alerts" => Ok(alerts::document(world)),
        _ => return Answer::new(200, PLAIN, "Prometheus Server is Ready.\n"),
    };
    match result {
        Ok(data) => Answer::json(&json!({ "status": "success", "data": data })),
        Err(error) => {
            let body = json!({ "status": "error", "errorType": "bad_data", "error": error });
            Answer::json_text(400, body.to_string())
        }
    }
}

fn instant(world: &World, parameters: &Parameters) -> Result<serde_json::Value, String> {
    let unix = match parameters.get("time") {
        Some(text) if !text.is_empty() => parse_time(text)
            .map_err(|reason| invalid("time", &format!("Invalid time value for 'time': {reason}")))?,
        _ => world.now(),
    };
    let query = parameters.query()?;
    Ok(render::vector(&Farm::of(world).evaluate(&query, unix), unix))
}

fn range(world: &World, parameters: &Parameters) -> Result<serde_json::Value, String> {
    let start = parameters.time("start")?;
    let end = parameters.time("end")?;
    if end < start {
        return Err(invalid("end", "end timestamp must not be before start time"));
    }
    let text = parameters.get("step").unwrap_or_default();
    let step = duration::parse(text)
        .ok_or_else(|| invalid("step", &format!("cannot parse {text:?} to a valid duration")))?;
    if step <= 0.0 {
        let reason = "zero or negative query resolution step widths are not accepted. Try a positive integer";
        return Err(invalid("step", reason));
    }
    if (end - start) / step > MAX_POINTS {
        return Err("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query \
                    resolution (?step=XX)"
            .to_owned());
    }
    let query = parameters.query()?;
    let farm = Farm::of(world);
    let steps = ((end - start) / step).floor() as u32;
    let instants = (0..=steps).map(|index| start + f64::from(index) * step);
    Ok(render::matrix(instants.map(|unix| (unix, farm.evaluate(&query, unix)))))
}

/// The parameters of the form, then those of the URL.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(request: &Request) -> Self {
        let is_form = request
            .header("content-type")
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let form = std::str::from_utf8(&request.body).unwrap_or_default();
        let mut pairs = if is_form { parse_query(form) } else { Vec::new() };
        pairs.extend(request.query.iter().cloned());
        Self(pairs)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn query(&self) -> Result<Query, String> {
        Query::parse(self.get("query").unwrap_or_default()).map_err(|reason| invalid("query", &reason))
    }

    fn time(&self, name: &str) -> Result<f64, String> {
        parse_time(self.get(name).unwrap_or_default()).map_err(|reason| invalid(name, &reason))
    }
}

/// An instant in seconds since 1970, or in RFC 3339.
fn parse_time(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    let unix = seconds.or_else(|| civil::parse_rfc3339(text));
    unix.ok_or_else(|| format!("cannot parse {text:?} to a valid timestamp"))
}

fn invalid(parameter: &str, reason: &str) -> String {
    format!("invalid parameter {parameter:?}: {reason}")
}
