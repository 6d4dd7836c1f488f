//! Calendar dates: the ids of sessions, and instants as backends write and read them.

/// A day, in seconds.
const DAY: i64 = 86_400;

/// `YYYYMMDD-HHMMSS` in UTC, of an instant in seconds since 1970.
pub(crate) fn stamp(unix: f64) -> String {
    let seconds = unix.max(0.0) as i64;
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    format!("{year:04}{month:02}{day:02}-{:02}{:02}{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// RFC 3339 in UTC, with as many digits of the second as Go writes: none at its end that are zero.
pub(crate) fn rfc3339(unix: f64) -> String {
    let unix = unix.max(0.0);
    let seconds = unix as i64;
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let micros = ((unix - unix.floor()) * 1e6) as u32;
    let fraction = format!(".{micros:06}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

/// The instant that `text` names in RFC 3339, in seconds since 1970.
pub(crate) fn parse_rfc3339(text: &str) -> Option<f64> {
    let number = |from: usize, until: usize| -> Option<i64> {
        let digits = text.get(from..until)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let separator = |at: usize| text.get(at..at + 1);
    let marks = [separator(4)?, separator(7)?, separator(10)?, separator(13)?, separator(16)?];
    if marks != ["-", "-", "T", ":", ":"] {
        return None;
    }
    let days = days_until(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let whole = days * DAY + number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    let rest = text.get(19..)?;
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone_at);
    let fraction: f64 = if fraction.is_empty() { 0.0 } else { format!("0{fraction}").parse().ok()? };
    Some((whole - offset(zone)?) as f64 + fraction)
}

/// The seconds that a time zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    Some(sign * (hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60))
}

/// Year, month and day of the day with the number `days` since 1970.
fn date(days: i64) -> (i64, i64, i64) {
    // The calendar of 400 years, counted from March so that the leap day comes last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The number of a day since 1970; the inverse of [`date`].
fn days_until(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let march_month = (month + 9).rem_euclid(12);
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_become_dates() {
        assert_eq!(stamp(0.0), "19700101-000000");
        assert_eq!(stamp(951_825_599.9), "20000229-115959");
        assert_eq!(stamp(1_795_431_300.0), "20261123-105500");
    }

    #[test]
    fn instants_are_written_as_go_writes_them() {
        assert_eq!(rfc3339(1_795_431_300.0), "2026-11-23T10:55:00Z");
        assert_eq!(rfc3339(1_795_431_300.25), "2026-11-23T10:55:00.25Z");
    }

    #[test]
    fn what_is_written_can_be_read() {
        for unix in [0.0, 951_825_599.5, 1_795_431_300.0, 4_102_444_799.75] {
            assert_eq!(parse_rfc3339(&rfc3339(unix)), Some(unix));
        }
        assert_eq!(parse_rfc3339("2026-11-23T11:55:00+01:00"), Some(1_795_431_300.0));
        for wrong in ["", "2026-11-23", "2026-11-23T10:55:00", "2026-11-23 10:55:00Z", "x026-11-23T10:55:00Z"]
        {
            assert_eq!(parse_rfc3339(wrong), None, "{wrong}");
        }
    }
}
