//! A progress bar in eighths of a column.

/// The narrowest bar that says something.
pub(super) const WIDTH_MIN: usize = 6;

const EIGHTHS: [char; 8] = ['·', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar of exactly `width` columns; `fraction` is between 0 and 1.
pub(super) fn bar(fraction: f64, width: usize) -> String {
    let eighths = (fraction.clamp(0.0, 1.0) * width as f64 * 8.0).round();
    // Between 0 and 8 times the width of a terminal.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range by the clamp")]
    let eighths = eighths as usize;
    let mut text = "█".repeat(eighths / 8);
    if eighths / 8 < width {
        text.push(EIGHTHS[eighths % 8]);
        text.push_str(&"·".repeat(width - eighths / 8 - 1));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_its_width_and_fills_from_the_left() {
        for (fraction, expected) in [
            (0.0, "····"),
            (0.5, "██··"),
            (0.99, "████"),
            (0.6, "██▍·"),
            (1.0, "████"),
            (-1.0, "····"),
            (f64::NAN, "····"),
            (9.0, "████"),
        ] {
            assert_eq!(bar(fraction, 4), expected, "{fraction}");
        }
    }
}
