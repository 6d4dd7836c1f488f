//! How a count and its time are written: as Loki does, or as servers that speak its protocol do.

use serde_json::{Value, json};

use crate::number::seconds;

/// The forms of `[time, value]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Numbers {
    /// `[1795427107.458,"41"]` and, when the time is a whole second, `[1795427107,"41"]`: Loki itself.
    #[default]
    Loki,
    /// `[1795427107.458,"41.000000"]`: a text with a fraction.
    Decimals,
    /// `[1795427107.458,"4.1e+01"]`: a text with an exponent.
    Exponents,
    /// `[1795427107.458,41]`: a bare number.
    Bare,
    /// `[1795427107.458,41.0]`: a bare number with a fraction.
    BareDecimals,
    /// `["1795427107458000000","41"]`: the time as a text of nanoseconds, as log lines have it.
    Nanoseconds,
    /// `["1795427107.458","41"]`: the time as a text of seconds.
    TextSeconds,
}

impl Numbers {
    /// Every form.
    pub const ALL: [Self; 7] = [
        Self::Loki,
        Self::Decimals,
        Self::Exponents,
        Self::Bare,
        Self::BareDecimals,
        Self::Nanoseconds,
        Self::TextSeconds,
    ];

    /// `count` at `unix` in this form.
    #[must_use]
    pub fn pair(self, unix: f64, count: u64) -> Value {
        let time = match self {
            Self::Nanoseconds => json!(format!("{}000000", (unix * 1_000.0).round() as i64)),
            Self::TextSeconds => json!(seconds(unix).to_string()),
            _ => seconds(unix),
        };
        let value = match self {
            Self::Loki | Self::Nanoseconds | Self::TextSeconds => json!(count.to_string()),
            Self::Decimals => json!(format!("{count}.000000")),
            Self::Exponents => json!(crate::number::exponent(count as f64)),
            Self::Bare => json!(count),
            Self::BareDecimals => json!(count as f64),
        };
        json!([time, value])
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn each_form_is_the_documented_one() {
        let texts = Numbers::ALL.map(|numbers| numbers.pair(1_795_427_107.458, 41).to_string());
        assert_eq!(
            texts,
            [
                r#"[1795427107.458,"41"]"#,
                r#"[1795427107.458,"41.000000"]"#,
                r#"[1795427107.458,"4.1e+01"]"#,
                "[1795427107.458,41]",
                "[1795427107.458,41.0]",
                r#"["1795427107458000000","41"]"#,
                r#"["1795427107.458","41"]"#,
            ]
        );
        assert_eq!(Numbers::Loki.pair(1_795_427_100.0, 7).to_string(), r#"[1795427100,"7"]"#);
    }
}
