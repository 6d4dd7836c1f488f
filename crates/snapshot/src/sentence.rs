//! Sentences with instants, drones and packages in them.
//!
//! Plain text says "14:02 UTC"; a page wraps the same instant so that a script can show it in local time,
//! and makes links of what has a page of its own. Times are
//! never relative: "42 min ago" is a lie as soon as it is cached.

use std::borrow::Cow;

use identity::{name::PublicName, package::PackageAtom};
use jiff::Timestamp;

/// The longest list of names in a sentence, in characters.
const NAMES_MAX: usize = 90;

/// A sentence in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentence(Vec<Piece>);

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(Cow<'static, str>),
    /// A drone.
    Drone(PublicName),
    /// A package.
    Package {
        /// Which one.
        package: PackageAtom,
        /// As much of its text as fits.
        text: String,
    },
    /// An instant.
    Time(Timestamp),
}

impl Sentence {
    /// Begins with words.
    #[must_use]
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self(vec![Piece::Text(text.into())])
    }

    /// Goes on with words.
    #[must_use]
    pub fn text(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(Piece::Text(text.into()));
        self
    }

    /// Goes on with the name of a drone.
    #[must_use]
    pub fn drone(mut self, name: &PublicName) -> Self {
        self.0.push(Piece::Drone(name.clone()));
        self
    }

    /// Goes on with a package, of which `text` is shown.
    #[must_use]
    pub fn package(mut self, package: &PackageAtom, text: &str) -> Self {
        self.0.push(Piece::Package { package: package.clone(), text: text.to_owned() });
        self
    }

    /// Goes on with the names of drones: "Izar, Meridian and 3 more", as many as fit.
    #[must_use]
    pub fn drones(mut self, names: &[&PublicName]) -> Self {
        let texts: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        let n_fitting = n_fitting(&texts);
        for (idx, name) in names.iter().take(n_fitting).enumerate() {
            self = if idx == 0 { self } else { self.text(", ") }.drone(name);
        }
        let n_left = names.len() - n_fitting;
        if n_left == 0 { self } else { self.text(format!(" and {n_left} more")) }
    }

    /// Goes on with an instant.
    #[must_use]
    pub fn time(mut self, at: Timestamp) -> Self {
        self.0.push(Piece::Time(at));
        self
    }

    /// Goes on with `before` and an instant, if there is one.
    #[must_use]
    pub fn time_if(self, before: &'static str, at: Option<Timestamp>) -> Self {
        match at {
            Some(at) => self.text(before).time(at),
            None => self,
        }
    }

    /// The pieces in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The sentence as plain text, read on the day of `now`.
    #[must_use]
    pub fn plain(&self, now: Timestamp) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Drone(name) => name.to_string(),
            Piece::Package { text, .. } => text.clone(),
            Piece::Time(at) => time_of_day(*at, now),
        };
        self.0.iter().map(piece).collect()
    }
}

// === impl Sentence ===

impl From<&'static str> for Sentence {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// "14:02 UTC", with the day when that is not today in UTC.
#[must_use]
pub fn time_of_day(at: Timestamp, now: Timestamp) -> String {
    let on = |form: &str| at.strftime(form).to_string();
    let is_same = |form: &str| on(form) == now.strftime(form).to_string();
    if is_same("%F") {
        on("%H:%M UTC")
    } else if is_same("%Y") {
        on("%-d %b %H:%M UTC")
    } else {
        on("%-d %b %Y %H:%M UTC")
    }
}

/// "1 package", "2 packages".
#[must_use]
pub fn count(n: u32, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// "Izar, Meridian and 3 more": as many names as fit.
#[must_use]
pub fn enumeration(names: &[&str]) -> String {
    let (listed, left) = names.split_at(n_fitting(names));
    let listed = listed.join(", ");
    if left.is_empty() { listed } else { format!("{listed} and {} more", left.len()) }
}

/// How many names stand in a sentence before the rest is counted.
fn n_fitting(names: &[&str]) -> usize {
    let mut n_chars = 0;
    let fits = |name: &&&str| {
        let n_more = name.chars().count();
        let fits = n_chars + n_more <= NAMES_MAX;
        n_chars += n_more + if n_chars == 0 { 0 } else { 2 };
        fits
    };
    names.iter().take_while(fits).count()
}

/// How long something took: the two largest units, such as "1 h 21 min" or "2 min 51 s".
#[must_use]
pub fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let two = |large: u64, unit: &str, small: u64, part: &str| match small {
        0 => format!("{large} {unit}"),
        small => format!("{large} {unit} {small} {part}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => two(minutes, "min", seconds % 60, "s"),
        3_600..86_400 => two(hours, "h", minutes, "min"),
        _ => two(days, "d", hours, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_named_when_it_is_not_today() {
        let now: Timestamp = "2026-02-23T14:30:00Z".parse().unwrap();
        let check = |at: &str, expected: &str| assert_eq!(time_of_day(at.parse().unwrap(), now), expected);
        check("2026-02-23T14:02:07Z", "14:02 UTC");
        check("2026-02-22T23:59:59Z", "22 Feb 23:59 UTC");
        check("2025-12-01T04:05:06Z", "1 Dec 2025 04:05 UTC");
    }

    #[test]
    fn nouns_have_their_singular() {
        assert_eq!(count(1, "package"), "1 package");
        assert_eq!(count(0, "drone"), "0 drones");
    }

    #[test]
    fn names_that_do_not_fit_are_counted() {
        assert_eq!(enumeration(&["Izar", "Tarn"]), "Izar, Tarn");
        let long = "a".repeat(40);
        assert_eq!(enumeration(&[&long, &long, &long, &long]), format!("{long}, {long} and 2 more"));
    }

    #[test]
    fn durations_have_two_units() {
        let expectations = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (171, "2 min 51 s"),
            (3_600, "1 h"),
            (4_860, "1 h 21 min"),
            (86_400, "1 d"),
            (100_000, "1 d 3 h"),
        ];
        for (seconds, expected) in expectations {
            assert_eq!(duration(seconds), expected);
        }
    }
}
