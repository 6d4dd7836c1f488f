//! Values on the wire that may be anything.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A number, if that is what it is: anything else is not known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Number(Option<f64>);

/// A text, if that is what it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Text(Option<String>);

/// A yes or no, if that is what it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flag(pub(super) Option<bool>);

impl Number {
    /// A count or a size: finite, not negative, rounded half up.
    pub(super) fn count(self) -> Option<u32> {
        let number = self.0.filter(|n| n.is_finite() && *n >= 0.0 && *n <= f64::from(u32::MAX))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the range of u32"
        )]
        let count = number.round() as u32;
        Some(count)
    }

    /// A share of a hundred; slightly more is the whole.
    pub(super) fn percent(self) -> Option<u8> {
        self.count().filter(|n| *n <= 101).and_then(|n| u8::try_from(n.min(100)).ok())
    }

    /// A number in tenths.
    pub(super) fn tenths(self) -> Option<u32> {
        Self(self.0.map(|n| n * 10.0)).count()
    }

    /// A duration in seconds, as milliseconds; at most a year.
    pub(super) fn duration_ms(self) -> Option<u64> {
        const YEAR: f64 = 366.0 * 24.0 * 60.0 * 60.0;
        let seconds = self.0.filter(|n| n.is_finite() && *n >= 0.0 && *n <= YEAR)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a year")]
        let ms = (seconds * 1000.0).round() as u64;
        Some(ms)
    }

    /// Unix seconds, without their fraction; 0 is a field that was never set.
    pub(super) fn second(self) -> Option<i64> {
        let seconds = self.0.filter(|n| n.is_finite() && *n >= 1.0 && *n < 1e11)?;
        #[expect(clippy::cast_possible_truncation, reason = "below 1e11")]
        let second = seconds.floor() as i64;
        Some(second)
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self(Some(number))
    }
}

impl Text {
    pub(super) fn get(self) -> Option<String> {
        self.0.filter(|text| !text.is_empty())
    }

    pub(super) fn as_deref(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Value::deserialize(deserializer)?.as_f64()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => Some(text),
            _ => None,
        }))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Value::deserialize(deserializer)?.as_bool()))
    }
}

/// A value that may be null or of another type: then it is the default.
pub(super) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> Deserialize<'a> + Default,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn impossible_numbers_are_not_known() {
        assert_eq!(number("44.6").percent(), Some(45));
        assert_eq!(number("100.9").percent(), Some(100));
        for text in ["-1", "800", "\"44\"", "null", "[]", "1e300"] {
            assert_eq!(number(text).percent(), None, "{text}");
        }
        assert_eq!(number("16.24").tenths(), Some(162));
        assert_eq!(number("-0.5").duration_ms(), None);
        assert_eq!(number("1.2345").duration_ms(), Some(1235));
    }
}
