//! What is asked for: a known expression, or a selection by name.

use super::expressions;
use super::pattern::Pattern;

/// An expression that can be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Query {
    Cores,
    CpuPercent,
    MemoryPercent,
    NetworkReceive,
    NetworkTransmit,
    Select(Selector),
}

/// `name{label="value", …}`
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Selector {
    pub(super) name: String,
    matchers: Vec<(String, Matcher)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Matcher {
    Equal(String),
    NotEqual(String),
    Like(Pattern),
    NotLike(Pattern),
}

impl Query {
    /// Reads `text`; the error is what Prometheus puts behind the parameter's name.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wanted = without_blanks(text);
        let is = |expression: &str| wanted == without_blanks(expression);
        if wanted.is_empty() {
            return Err("1:1: parse error: no expression found in input".to_owned());
        }
        Ok(if is(expressions::CORES) {
            Self::Cores
        } else if is(expressions::CPU_PERCENT) {
            Self::CpuPercent
        } else if is(expressions::MEMORY_PERCENT) {
            Self::MemoryPercent
        } else if is(expressions::NETWORK_RECEIVE) {
            Self::NetworkReceive
        } else if is(expressions::NETWORK_TRANSMIT) {
            Self::NetworkTransmit
        } else {
            Self::Select(Selector::parse(&wanted)?)
        })
    }
}

impl Selector {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, braces) = text.find('{').map_or((text, ""), |at| text.split_at(at));
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        if !is_name {
            return Err("1:1: parse error: unexpected expression".to_owned());
        }
        if braces.is_empty() {
            return Ok(Self { name: name.to_owned(), matchers: Vec::new() });
        }
        let unfinished = || {
            let end = text.chars().count() + 1;
            format!("1:{end}: parse error: unexpected end of input inside braces")
        };
        let inside = braces.get(1..).and_then(|rest| rest.strip_suffix('}')).ok_or_else(unfinished)?;
        let mut matchers = Vec::new();
        let mut rest = inside;
        while !rest.is_empty() {
            let (matcher, tail) = matcher(rest).ok_or_else(|| {
                let at = text.len() - rest.len();
                format!("1:{at}: parse error: unexpected matcher inside braces")
            })?;
            matchers.push(matcher);
            rest = tail.strip_prefix(',').unwrap_or(tail);
        }
        Ok(Self { name: name.to_owned(), matchers })
    }

    /// Whether a series whose labels `value_of` tells is selected; a label that it lacks is empty.
    pub(super) fn selects<'a>(&self, value_of: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.matchers.iter().all(|(label, matcher)| {
            let value = value_of(label).unwrap_or_default();
            match matcher {
                Matcher::Equal(wanted) => value == wanted,
                Matcher::NotEqual(unwanted) => value != unwanted,
                Matcher::Like(pattern) => pattern.matches(value),
                Matcher::NotLike(pattern) => !pattern.matches(value),
            }
        })
    }
}

/// The matcher that `text` begins with, and what follows it.
fn matcher(text: &str) -> Option<((String, Matcher), &str)> {
    let operator = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (label, rest) = text.split_at(operator);
    let opening = rest.find('"')?;
    let (operator, quoted) = rest.split_at(opening);
    let quoted = quoted.get(1..)?;
    let (value, tail) = quoted.split_at(quoted.find('"')?);
    // A backslash is written twice in a query.
    let value = value.replace(r"\\", r"\");
    let matcher = match operator {
        "=" => Matcher::Equal(value),
        "!=" => Matcher::NotEqual(value),
        "=~" => Matcher::Like(Pattern::parse(&value)?),
        "!~" => Matcher::NotLike(Pattern::parse(&value)?),
        _ => return None,
    };
    Some(((label.to_owned(), matcher), tail.get(1..)?))
}

/// `text` without the blanks outside of quotes, which mean nothing in the expressions that are understood.
fn without_blanks(text: &str) -> String {
    let mut quoted = false;
    text.chars()
        .filter(|c| {
            quoted ^= *c == '"';
            quoted || !c.is_whitespace()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(text: &str) -> Selector {
        match Query::parse(text) {
            Ok(Query::Select(selector)) => selector,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn blanks_do_not_matter() {
        let spread = expressions::CPU_PERCENT.replace(' ', "\n  ");
        assert_eq!(Query::parse(&spread), Ok(Query::CpuPercent));
        assert_eq!(select(" up { job = \"node\" } "), select(r#"up{job="node"}"#));
    }

    #[test]
    fn every_expression_is_understood() {
        for text in expressions::ALL {
            assert!(Query::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn matchers_select() {
        let labels = |label: &str| match label {
            "job" => Some("node"),
            "fstype" => Some("fuse.sshfs"),
            _ => None,
        };
        for text in
            [r#"x{job="node"}"#, r#"x{job!="up",absent=""}"#, r#"x{fstype=~"ext4|fuse.*"}"#, "x{}", "x"]
        {
            assert!(select(text).selects(labels), "{text}");
        }
        for text in [r#"x{job!="node"}"#, r#"x{absent=~".+"}"#, r#"x{fstype!~"ext4|fuse.*"}"#] {
            assert!(!select(text).selects(labels), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error_in_its_words() {
        let error = |text: &str| Query::parse(text).unwrap_err();
        assert_eq!(error(""), "1:1: parse error: no expression found in input");
        assert_eq!(error("up{"), "1:4: parse error: unexpected end of input inside braces");
        for text in ["sum(up)", "1 +", "up{job}", "up{job=~\"(a)\"}", "rate(up[5m])", "{job=\"node\"}"] {
            assert!(error(text).contains("parse error"), "{text}");
        }
    }
}
