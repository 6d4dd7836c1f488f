//! Series: the answers of Prometheus, of Loki's metric queries, and of servers that speak like them.
//!
//! A sample's value is a text by contract; servers that are merely compatible write a number. A value that is NaN,
//! infinite or no number is no value: the series is there, its value is not known.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::error::FetchError;

/// An answer's envelope. Its warnings and error texts are not read.
#[derive(Debug, Deserialize)]
pub(super) struct WireAnswer {
    status: String,
    #[serde(default)]
    data: Option<WireData>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireData {
    result_type: String,
    result: Value,
}

#[derive(Debug, Deserialize)]
struct WireSeries {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    value: Option<(Value, Value)>,
    #[serde(default)]
    values: Vec<(Value, Value)>,
}

/// One series: its labels and its last value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) labels: Labels,
    pub(super) value: Option<f64>,
}

/// One series over a range: pairs of Unix seconds and values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range {
    pub(super) labels: Labels,
    pub(super) points: Vec<(f64, Option<f64>)>,
}

/// The labels of a series; they are internal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Labels(BTreeMap<String, String>);

impl Labels {
    /// A label's text; an empty one is the same as none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The text of the only label; `None` when there is none, or more.
    pub(super) fn only(&self) -> Option<&str> {
        let mut texts = self.0.values();
        texts.next().filter(|_| texts.next().is_none()).map(String::as_str)
    }
}

impl WireAnswer {
    /// The samples of an instant query. A scalar is one sample without labels; a string, and streams of log lines,
    /// are not plausible.
    pub(super) fn samples(self) -> Result<Vec<Sample>, FetchError> {
        let data = self.data()?;
        match data.result_type.as_str() {
            "vector" => {
                let series: Vec<WireSeries> = parse(data.result)?;
                let sample = |series: WireSeries| Sample {
                    value: series.value.and_then(|(_, value)| number(&value)),
                    labels: Labels(series.metric),
                };
                Ok(series.into_iter().map(sample).collect())
            }
            "scalar" => {
                let (_, value): (Value, Value) = parse(data.result)?;
                Ok(vec![Sample { labels: Labels::default(), value: number(&value) }])
            }
            _ => Err(FetchError::Invalid),
        }
    }

    /// The series of a range query.
    pub(super) fn ranges(self) -> Result<Vec<Range>, FetchError> {
        let data = self.data()?;
        if data.result_type != "matrix" {
            return Err(FetchError::Invalid);
        }
        let series: Vec<WireSeries> = parse(data.result)?;
        let range = |series: WireSeries| Range {
            points: series
                .values
                .iter()
                .filter_map(|(at, value)| Some((number(at)?, number(value))))
                .collect(),
            labels: Labels(series.metric),
        };
        Ok(series.into_iter().map(range).collect())
    }

    fn data(self) -> Result<WireData, FetchError> {
        self.data.filter(|_| self.status == "success").ok_or(FetchError::Invalid)
    }
}

fn parse<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, FetchError> {
    serde_json::from_value(value).map_err(FetchError::Decode)
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.parse().ok()?,
        other => other.as_f64()?,
    };
    number.is_finite().then_some(number)
}
