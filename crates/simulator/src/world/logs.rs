//! The log volume: how many lines each service wrote on each level. There are no lines.

use super::curve::Curve;
use super::dice::Dice;
use super::state::{Build, BuildStatus};
use super::{HOUR, World};

/// Loki's words for the levels.
pub const LEVELS: [&str; 8] = ["critical", "fatal", "error", "warn", "info", "debug", "trace", "unknown"];

/// A service that writes logs; nothing but `name` may be published.
#[derive(Debug, PartialEq)]
pub struct LogService {
    /// A name that may be published, for a configuration that lists the service.
    pub name: Option<&'static str>,
    /// The label `service_name` of its streams.
    pub service_name: &'static str,
    /// How many lines it writes in an hour, each level of [`LEVELS`] by itself, on an average day.
    per_hour: [f64; 8],
    /// When it writes most, in UTC.
    peak_hour: f64,
    /// Whether it writes about every build.
    logs_builds: bool,
}

/// The services' internal names, as far as no public word contains them.
pub(crate) const INTERNAL_FRAGMENTS: [&str; 4] =
    ["swarm-orchestrator-prod", "thorvald-nextcloud", "altair-link-sshd", "vaultwarden-audit"];

/// Every service that writes logs.
pub static LOG_SERVICES: [LogService; 6] = [
    LogService {
        name: Some("Gateway"),
        service_name: "gateway",
        per_hour: [0.0, 0.0, 0.6, 6.0, 900.0, 40.0, 0.0, 0.0],
        peak_hour: 19.0,
        logs_builds: false,
    },
    LogService {
        name: Some("Orchestrator"),
        service_name: "swarm-orchestrator-prod",
        per_hour: [0.02, 0.0, 0.3, 4.0, 420.0, 0.0, 0.0, 0.0],
        peak_hour: 20.0,
        logs_builds: true,
    },
    LogService {
        name: None,
        service_name: "thorvald-nextcloud",
        per_hour: [0.0, 0.1, 2.5, 9.0, 260.0, 700.0, 90.0, 12.0],
        peak_hour: 18.0,
        logs_builds: false,
    },
    LogService {
        name: None,
        service_name: "vaultwarden-audit",
        per_hour: [0.0, 0.0, 0.1, 0.8, 35.0, 0.0, 0.0, 0.0],
        peak_hour: 9.0,
        logs_builds: false,
    },
    LogService {
        name: None,
        service_name: "altair-link-sshd",
        per_hour: [0.0, 0.0, 0.4, 14.0, 22.0, 0.0, 0.0, 0.0],
        peak_hour: 3.0,
        logs_builds: false,
    },
    LogService {
        name: None,
        service_name: "unknown_service",
        per_hour: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 77.0],
        peak_hour: 12.0,
        logs_builds: false,
    },
];

/// How many lines were written when.
#[derive(Debug)]
pub struct LogBook<'a> {
    builds: &'a [Build],
    begun_at: f64,
    now: f64,
    /// The shape of each service's day; its average is about 1.
    days: Vec<Curve>,
}

impl LogBook<'_> {
    /// How many lines the service with the index `service` of [`LOG_SERVICES`] wrote on the level with the index
    /// `level` of [`LEVELS`], after `from` and up to `until`; none before the history's begin or after now.
    #[must_use]
    pub fn lines(&self, service: usize, level: usize, from: f64, until: f64) -> u64 {
        let (from, until) = (from.clamp(self.begun_at, self.now), until.clamp(self.begun_at, self.now));
        if from >= until {
            return 0;
        }
        let (Some(log), Some(day)) = (LOG_SERVICES.get(service), self.days.get(service)) else { return 0 };
        let per_second = log.per_hour.get(level).copied().unwrap_or(0.0) / HOUR;
        let written = |at: f64| (day.integral(self.begun_at, at) * per_second).floor();
        let steady = (written(until) - written(from)) as u64;
        if log.logs_builds { steady + self.about_builds(level, from, until) } else { steady }
    }

    fn about_builds(&self, level: usize, from: f64, until: f64) -> u64 {
        let begun = self.builds.partition_point(|build| build.built_at <= from);
        let ended = self.builds.partition_point(|build| build.built_at <= until);
        let builds = self.builds.get(begun..ended).unwrap_or_default();
        let failed = builds.iter().filter(|build| build.status != BuildStatus::Success).count() as u64;
        match LEVELS.get(level) {
            Some(&"info") => builds.len() as u64 * 6,
            Some(&"warn") => failed,
            Some(&"error") => failed * 2,
            _ => 0,
        }
    }
}

impl World {
    /// The log volume since the history's begin.
    #[must_use]
    pub fn log_book(&self) -> LogBook<'_> {
        let day = |(index, log): (usize, &LogService)| {
            let mut dice = Dice::new(self.seed ^ (index as u64 + 3).wrapping_mul(0xa076_1d64_78bd_642f));
            Curve::new(0.3, 1.2, log.peak_hour, 0.2, &mut dice)
        };
        LogBook {
            builds: &self.builds,
            begun_at: self.begun_at,
            now: self.now,
            days: LOG_SERVICES.iter().enumerate().map(day).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: f64 = 1_795_431_300.0;

    fn total(book: &LogBook<'_>, from: f64, until: f64) -> u64 {
        let levels = |service| (0..LEVELS.len()).map(move |level| book.lines(service, level, from, until));
        (0..LOG_SERVICES.len()).flat_map(levels).sum()
    }

    #[test]
    fn windows_side_by_side_add_up() {
        let world = World::new(1, START);
        let book = world.log_book();
        let day = total(&book, START - 24.0 * HOUR, START);
        let hours: u64 = (0..24)
            .map(|hour| {
                let from = START - f64::from(hour + 1) * HOUR;
                total(&book, from, from + HOUR)
            })
            .sum();
        assert_eq!(day, hours);
        assert!((20_000..200_000).contains(&day), "{day}");
    }

    #[test]
    fn nothing_is_logged_before_the_begin_or_after_now() {
        let world = World::new(1, START);
        let book = world.log_book();
        assert_eq!(total(&book, 0.0, world.begun_at()), 0);
        assert_eq!(total(&book, START, START + HOUR), 0);
        assert_eq!(total(&book, START - 60.0, START - 120.0), 0);
    }

    #[test]
    fn builds_are_logged_and_failures_as_errors() {
        let mut world = World::new(1, START);
        let index = |levels: &[&str], level: &str| levels.iter().position(|word| *word == level).unwrap();
        let errors =
            |world: &World| world.log_book().lines(1, index(&LEVELS, "error"), world.begun_at(), world.now());
        let before = errors(&world);
        world.end_one(BuildStatus::Failed);
        // A build ends in a whole second, and the lines up to an instant contain it.
        assert_eq!(errors(&world), before + 2);
    }

    #[test]
    fn a_day_has_quiet_and_loud_hours() {
        let world = World::new(1, START);
        let book = world.log_book();
        let midnight = START - START.rem_euclid(86_400.0) - 86_400.0;
        let of_hour = |hour: f64| book.lines(0, 4, midnight + hour * HOUR, midnight + (hour + 1.0) * HOUR);
        assert!(of_hour(18.5) > 2 * of_hour(6.5));
    }

    #[test]
    fn every_label_is_listed_as_internal_if_it_is_not_a_public_word() {
        let internal = World::new(4, START).internal_strings();
        for log in &LOG_SERVICES {
            let is_public = log.name.is_some_and(|name| name.eq_ignore_ascii_case(log.service_name));
            let is_lokis = log.service_name == "unknown_service";
            assert!(is_public || is_lokis || internal.iter().any(|name| name == log.service_name));
        }
    }
}
