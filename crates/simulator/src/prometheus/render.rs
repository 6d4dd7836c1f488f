//! Values as JSON: pairs of a time in seconds and a text.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::evaluate::Labels;
use crate::number::{plain, seconds};

/// An instant vector; all of its values are of `unix`.
pub(super) fn vector(rows: &[(Labels, f64)], unix: f64) -> Value {
    let row = |(labels, value): &(Labels, f64)| json!({ "metric": labels, "value": [seconds(unix), plain(*value)] });
    json!({ "resultType": "vector", "result": rows.iter().map(row).collect::<Vec<_>>() })
}

/// A range: the vectors of several instants, regrouped by series.
pub(super) fn matrix(instants: impl Iterator<Item = (f64, Vec<(Labels, f64)>)>) -> Value {
    let mut series: BTreeMap<Labels, Vec<Value>> = BTreeMap::new();
    for (unix, vector) in instants {
        for (labels, value) in vector {
            series.entry(labels).or_default().push(json!([seconds(unix), plain(value)]));
        }
    }
    let rows: Vec<Value> =
        series.into_iter().map(|(labels, values)| json!({ "metric": labels, "values": values })).collect();
    json!({ "resultType": "matrix", "result": rows })
}
