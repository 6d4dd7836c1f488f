//! What is asked for: a sum of lines by a label over a window.

use crate::duration;

/// What every sum that is understood counts.
const COUNTED: &str = r#"(count_over_time({service_name=~".+"}["#;

/// The label that lines are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Level,
    Service,
}

impl By {
    /// The label's name.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Level => "detected_level",
            Self::Service => "service_name",
        }
    }
}

/// An expression that can be evaluated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Query {
    /// `sum by (label) (count_over_time(… [window]))`
    Sum { by: By, window: f64 },
    /// A selection of lines, which nobody gets here.
    Lines,
}

impl Query {
    /// Reads `text`; the error is the whole body that Loki answers with.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wanted: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if wanted.is_empty() {
            return Err("parse error : syntax error: unexpected $end".to_owned());
        }
        if wanted.starts_with('{') {
            return lines(text, &wanted);
        }
        let sum = wanted.strip_prefix("sumby(").and_then(|rest| rest.split_once(')'));
        let by = sum.and_then(|(label, rest)| {
            let by = [By::Level, By::Service].into_iter().find(|by| by.label() == label)?;
            let window = rest.strip_prefix(COUNTED)?.strip_suffix("]))")?;
            let window = duration::parse(window).filter(|seconds| *seconds > 0.0)?;
            Some(Self::Sum { by, window })
        });
        by.ok_or_else(|| "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER".to_owned())
    }
}

fn lines(text: &str, wanted: &str) -> Result<Query, String> {
    if !wanted.contains('}') {
        let end = text.chars().count() + 1;
        return Err(format!(
            "parse error at line 1, col {end}: syntax error: unexpected $end, expecting }} or ,"
        ));
    }
    if wanted.starts_with("{}") || wanted.contains(r#"=~".*""#) {
        return Err(
            "parse error : queries require at least one regexp or equality matcher that does not have \
                    an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but \
                    app=~\".+\" will"
                .to_owned(),
        );
    }
    Ok(Query::Lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::expressions;

    #[test]
    fn every_expression_is_understood() {
        for (text, by, window) in [
            (expressions::LEVELS_1H, By::Level, 3_600.0),
            (expressions::LEVELS_24H, By::Level, 86_400.0),
            (expressions::SERVICES_1H, By::Service, 3_600.0),
            (expressions::SERVICES_24H, By::Service, 86_400.0),
        ] {
            let sum = Query::Sum { by, window };
            assert_eq!(Query::parse(text), Ok(sum));
            assert_eq!(Query::parse(&text.replace(' ', "\n\t")), Ok(sum));
        }
    }

    #[test]
    fn anything_else_is_an_error_or_asks_for_lines() {
        assert_eq!(Query::parse(r#"{host="web-1"} |= "x""#), Ok(Query::Lines));
        for text in ["", "{}", r#"{host=~".*"}"#, r#"{host="web-1""#, "rate(x)", "sum by (host) (1)"] {
            assert!(Query::parse(text).unwrap_err().starts_with("parse error"), "{text}");
        }
    }
}
