//! Calendar dates, for the ids of sessions.

/// `YYYYMMDD-HHMMSS` in UTC, of an instant in seconds since 1970.
pub(super) fn stamp(unix: f64) -> String {
    let seconds = unix.max(0.0) as i64;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The calendar of 400 years, counted from March so that the leap day comes last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}-{:02}{:02}{:02}", second / 3_600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn instants_become_dates() {
        assert_eq!(stamp(0.0), "19700101-000000");
        assert_eq!(stamp(951_825_599.9), "20000229-115959");
        assert_eq!(stamp(1_795_431_300.0), "20261123-105500");
    }
}
