//! Durations as Prometheus and Loki write them: `1h30m`, `90s`, `15`.

/// The units, longest first where one begins like another.
const UNITS: [(&str, f64); 7] = [
    ("ms", 0.001),
    ("y", 31_536_000.0),
    ("w", 604_800.0),
    ("d", 86_400.0),
    ("h", 3_600.0),
    ("m", 60.0),
    ("s", 1.0),
];

/// The seconds that `text` means; a number without a unit is one of seconds.
pub(crate) fn parse(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(seconds).filter(|seconds| seconds.is_finite());
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let (unit, seconds) = UNITS.iter().find(|(unit, _)| tail.starts_with(unit))?;
        total += number.parse::<f64>().ok()? * seconds;
        rest = tail.get(unit.len()..)?;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn durations_are_numbers_or_sums_of_units() {
        for (text, seconds) in
            [("15", 15.0), ("0.5", 0.5), ("5m", 300.0), ("1h30m", 5_400.0), ("250ms", 0.25)]
        {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for text in ["", "m", "5x", "h5", "NaN", "5m x"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
