//! Texts for a terminal: nothing in them can control it, and their width in columns is known.

use std::time::Duration;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The text without what could control a terminal or disguise other text: control characters of either set, line
/// separators, and the invisible marks that join characters or turn their direction.
pub(super) fn safe(text: &str) -> String {
    let is_harmless = |c: &char| {
        let is_invisible = matches!(*c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
        !c.is_control() && !is_invisible
    };
    text.chars().filter(is_harmless).collect()
}

/// How many columns it takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// As much of it as fits; a cut is shown.
pub(super) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut fitting = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        // One column is for the mark.
        if used >= columns {
            break;
        }
        fitting.push(c);
    }
    if columns > 0 {
        fitting.push('…');
    }
    fitting
}

/// Exactly so many columns.
pub(super) fn padded(text: &str, columns: usize) -> String {
    let mut text = fit(text, columns);
    let missing = columns.saturating_sub(width(&text));
    text.push_str(&" ".repeat(missing));
    text
}

/// How long something took, in its two largest units.
pub(super) fn duration(duration: Duration) -> String {
    snapshot::sentence::duration(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_that_controls_a_terminal_gets_through() {
        let hostile = "a\u{1b}[2J\u{9b}31mb\u{7}\r\n\tc\u{202e}d\u{200b}e\u{2066}\u{feff}";
        assert_eq!(safe(hostile), "a[2J31mbcde");
        assert_eq!(safe("llvm-core/llvm-19.1.7 Müller 星"), "llvm-core/llvm-19.1.7 Müller 星");
    }

    #[test]
    fn a_cut_is_shown_and_wide_characters_count_twice() {
        assert_eq!((fit("abcdef", 4), fit("abcd", 4)), ("abc…".to_owned(), "abcd".to_owned()));
        assert_eq!(fit("星星星", 4), "星…");
        assert_eq!(padded("星", 4), "星  ");
        assert_eq!(fit("abc", 0), "");
    }

    proptest! {
        #[test]
        fn a_fitted_text_is_never_wider(text in ".{0,40}", columns in 0..30_usize) {
            prop_assert!(width(&fit(&safe(&text), columns)) <= columns);
            prop_assert_eq!(width(&padded(&safe(&text), columns)), columns);
        }
    }
}
