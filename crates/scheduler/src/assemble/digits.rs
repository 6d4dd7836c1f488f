//! Values that tremble, rounded so that they tremble less.

/// To two significant digits: 127 becomes 130.
pub(super) fn two_digits(value: u64) -> u64 {
    let mut unit = 1;
    while value / unit >= 100 {
        unit *= 10;
    }
    (value / unit + u64::from(value % unit >= unit.div_ceil(2) && unit > 1)) * unit
}

#[cfg(test)]
mod tests {
    use super::two_digits;

    #[test]
    fn two_digits_are_left_and_no_value_is_too_large() {
        let cases =
            [(0, 0), (7, 7), (99, 99), (104, 100), (105, 110), (127, 130), (1_349, 1_300), (9_960, 10_000)];
        for (value, expected) in cases {
            assert_eq!(two_digits(value), expected, "{value}");
        }
        assert_eq!(two_digits(u64::MAX), 18_000_000_000_000_000_000);
    }
}
