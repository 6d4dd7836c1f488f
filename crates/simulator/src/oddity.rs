//! Right answers in which something is odd: as backends really write when a clock, a database or a query is off.

use std::fmt;

use serde_json::{Map, Value};

use crate::message::Answer;

/// What is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Oddity {
    /// Every key of every object stands there twice, the first time with another value.
    DoubleKeys,
    /// Every number is one that fits no integer.
    HugeNumbers,
    /// Every number is `NaN` or an infinity, as Python writes them.
    NotNumbers,
    /// Every text has bytes in it that are none.
    InvalidUtf8,
    /// Every instant lies a day ahead.
    Future,
    /// Every instant lies ten years back.
    Past,
    /// Every list is turned around.
    Reversed,
    /// Every item of every list stands there twice.
    Doubled,
    /// Every list is empty.
    Emptied,
}

/// A second from which on a number is taken for an instant, in 2001.
const FIRST_INSTANT: f64 = 1e9;
/// A second from which on it is not any more, in 2096.
const LAST_INSTANT: f64 = 4e9;
/// A day, in seconds.
const DAY: f64 = 86_400.0;
/// A number that no integer type holds.
const HUGE: &str = "99999999999999999999";
/// Stands for [`HUGE`], for what is no number and for bytes that are no text, until the text is made.
const MARK: &str = "\u{1}odd\u{1}";

impl Oddity {
    /// Every oddity.
    pub const ALL: [Self; 9] = [
        Self::DoubleKeys,
        Self::HugeNumbers,
        Self::NotNumbers,
        Self::InvalidUtf8,
        Self::Future,
        Self::Past,
        Self::Reversed,
        Self::Doubled,
        Self::Emptied,
    ];

    /// Makes an answer odd; one without JSON stays what it is.
    #[must_use]
    pub fn applied(self, mut answer: Answer) -> Answer {
        if let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) {
            self.change(&mut value);
            answer.body = self.written(&value);
        }
        answer
    }

    fn change(self, value: &mut Value) {
        let is_sample = is_sample(value);
        match value {
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                if let Some(changed) = self.number(number) {
                    *value = changed;
                }
            }
            Value::String(text) if self == Self::InvalidUtf8 => text.push_str(MARK),
            Value::String(text) => {
                if let Some(changed) = self.instant_text(text) {
                    *text = changed;
                }
            }
            // A pair of an instant and a value, which is one thing.
            Value::Array(pair) if is_sample => {
                pair.iter_mut().for_each(|part| self.change(part));
                match self {
                    Self::HugeNumbers => pair[1] = HUGE.into(),
                    Self::NotNumbers => pair[1] = "NaN".into(),
                    _ => {}
                }
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.change(item));
                match self {
                    Self::Reversed => items.reverse(),
                    Self::Doubled => *items = items.iter().flat_map(|item| [item, item]).cloned().collect(),
                    Self::Emptied => items.clear(),
                    _ => {}
                }
            }
            Value::Object(fields) => fields.values_mut().for_each(|value| self.change(value)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn number(self, number: f64) -> Option<Value> {
        let is_instant = (FIRST_INSTANT..LAST_INSTANT).contains(&number);
        match self {
            Self::HugeNumbers | Self::NotNumbers => Some(MARK.into()),
            Self::Future if is_instant => Some((number + DAY).into()),
            Self::Past if is_instant => Some((number - 3_652.0 * DAY).into()),
            _ => None,
        }
    }

    /// Instants as Prometheus writes those of alerts: `2026-11-27T...`.
    fn instant_text(self, text: &str) -> Option<String> {
        let (year, rest) =
            text.split_once('-').filter(|(year, rest)| year.len() == 4 && rest.contains('T'))?;
        let year: u32 = year.parse().ok()?;
        match self {
            Self::Future => Some(format!("{}-{rest}", year + 1)),
            Self::Past => Some(format!("{}-{rest}", year - 10)),
            _ => None,
        }
    }

    fn written(self, value: &Value) -> Vec<u8> {
        let quoted = Value::from(MARK).to_string();
        match self {
            Self::DoubleKeys => doubled(value).into_bytes(),
            Self::HugeNumbers => value.to_string().replace(&quoted, HUGE).into_bytes(),
            Self::NotNumbers => {
                let words = ["NaN", "Infinity", "-Infinity"].into_iter().cycle();
                let text = value.to_string();
                let parts = text.split(&quoted).zip(words);
                let mut out: String = parts.flat_map(|(part, word)| [part, word]).collect();
                // One word follows each part, and the last part has none.
                let last = text.split(&quoted).count() - 1;
                out.truncate(out.len() - ["NaN", "Infinity", "-Infinity"][last % 3].len());
                out.into_bytes()
            }
            Self::InvalidUtf8 => {
                let text = value.to_string();
                let within = quoted.trim_matches('"');
                text.split(within).map(str::as_bytes).collect::<Vec<_>>().join(&b"\xff\xfe\xc3\x28"[..])
            }
            _ => value.to_string().into_bytes(),
        }
    }
}

/// Whether a value is a sample: an instant, and a number as a text.
fn is_sample(value: &Value) -> bool {
    matches!(value.as_array().map(Vec::as_slice), Some([Value::Number(_), Value::String(_)]))
}

/// JSON in which every key stands twice.
fn doubled(value: &Value) -> String {
    let listed = |items: Vec<String>| items.join(",");
    match value {
        Value::Object(fields) => {
            let pair = |key: &str, value: String| format!("{}:{value}", Value::from(key));
            let both = |(key, value): (&String, &Value)| {
                listed(vec![pair(key, "0".to_owned()), pair(key, doubled(value))])
            };
            format!("{{{}}}", listed(Map::iter(fields).map(both).collect()))
        }
        Value::Array(items) => format!("[{}]", listed(items.iter().map(doubled).collect())),
        other => other.to_string(),
    }
}

/// What is odd, after "answers with".
impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DoubleKeys => "every key twice",
            Self::HugeNumbers => "huge numbers",
            Self::NotNumbers => "numbers that are none",
            Self::InvalidUtf8 => "texts that are none",
            Self::Future => "times of tomorrow",
            Self::Past => "times of ten years ago",
            Self::Reversed => "lists turned around",
            Self::Doubled => "every item twice",
            Self::Emptied => "empty lists",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(oddity: Oddity, before: &str, after: &[u8]) {
        let odd = oddity.applied(Answer::json_text(200, before)).body;
        assert_eq!(odd, after, "{}", odd.escape_ascii());
    }

    #[test]
    fn each_changes_what_it_names_and_nothing_else() {
        let before = r#"{"a":[1,{"b":"x"}],"t":1795435200}"#;
        check(Oddity::DoubleKeys, before, br#"{"a":0,"a":[1,{"b":0,"b":"x"}],"t":0,"t":1795435200}"#);
        let huge = br#"{"a":[99999999999999999999,{"b":"x"}],"t":99999999999999999999}"#;
        check(Oddity::HugeNumbers, before, huge);
        check(Oddity::NotNumbers, before, br#"{"a":[NaN,{"b":"x"}],"t":Infinity}"#);
        check(Oddity::InvalidUtf8, before, b"{\"a\":[1,{\"b\":\"x\xff\xfe\xc3\x28\"}],\"t\":1795435200}");
        check(Oddity::Future, before, br#"{"a":[1,{"b":"x"}],"t":1795521600.0}"#);
        check(Oddity::Past, before, br#"{"a":[1,{"b":"x"}],"t":1479902400.0}"#);
        check(Oddity::Reversed, before, br#"{"a":[{"b":"x"},1],"t":1795435200}"#);
        check(Oddity::Doubled, before, br#"{"a":[1,1,{"b":"x"},{"b":"x"}],"t":1795435200}"#);
        check(Oddity::Emptied, before, br#"{"a":[],"t":1795435200}"#);
    }

    #[test]
    fn a_sample_is_one_thing() {
        let before = r#"{"activeAt":"2026-11-27T10:00:00Z","value":[1795435200.5,"3.5"]}"#;
        check(Oddity::Doubled, before, before.as_bytes());
        check(Oddity::Emptied, before, before.as_bytes());
        let none = br#"{"activeAt":"2026-11-27T10:00:00Z","value":[NaN,"NaN"]}"#;
        check(Oddity::NotNumbers, before, none);
        let later = br#"{"activeAt":"2027-11-27T10:00:00Z","value":[1795521600.5,"3.5"]}"#;
        check(Oddity::Future, before, later);
    }

    #[test]
    fn what_is_no_json_stays() {
        for oddity in Oddity::ALL {
            check(oddity, "ready\n", b"ready\n");
        }
    }
}
