//! Numbers as Go programs write them: Prometheus, Loki and `node_exporter` are such.

use serde_json::{Value, json};

/// A time as Prometheus and Loki write it: to the millisecond, and a whole number without a fraction.
pub(crate) fn seconds(unix: f64) -> Value {
    let millis = (unix * 1_000.0).round();
    if millis % 1_000.0 == 0.0 { json!((millis / 1_000.0) as i64) } else { json!(millis / 1_000.0) }
}

/// A value of a series: never with an exponent.
pub(crate) fn plain(value: f64) -> String {
    odd(value).map_or_else(|| format!("{value}"), str::to_owned)
}

/// A value of an alert: always with an exponent, of two digits at least.
pub(crate) fn exponent(value: f64) -> String {
    if let Some(text) = odd(value) {
        return text.to_owned();
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// A value of the text format: with an exponent below 0.0001 and from a million on.
pub(crate) fn shortest(value: f64) -> String {
    if value == 0.0 || (1e-4..1e6).contains(&value.abs()) { plain(value) } else { exponent(value) }
}

fn odd(value: f64) -> Option<&'static str> {
    match value {
        value if value.is_nan() => Some("NaN"),
        f64::INFINITY => Some("+Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_or_none() {
        assert_eq!(seconds(1_795_426_546.331).to_string(), "1795426546.331");
        assert_eq!(seconds(1_795_427_100.0).to_string(), "1795427100");
        assert_eq!(seconds(1_795_427_100.000_2).to_string(), "1795427100");
    }

    #[test]
    fn each_place_has_its_own_form() {
        for (value, in_series, in_text, in_alert) in [
            (0.0, "0", "0", "0e+00"),
            (1.0, "1", "1", "1e+00"),
            (91.5, "91.5", "91.5", "9.15e+01"),
            (999_999.0, "999999", "999999", "9.99999e+05"),
            (270_553_174_016.0, "270553174016", "2.70553174016e+11", "2.70553174016e+11"),
            (0.000_02, "0.00002", "2e-05", "2e-05"),
            (f64::NAN, "NaN", "NaN", "NaN"),
            (f64::INFINITY, "+Inf", "+Inf", "+Inf"),
            (f64::NEG_INFINITY, "-Inf", "-Inf", "-Inf"),
        ] {
            assert_eq!(plain(value), in_series);
            assert_eq!(shortest(value), in_text);
            assert_eq!(exponent(value), in_alert);
        }
    }
}
