//! `demo --chaos`: breaks one backend after the other, and says on every page which, how and until when.

use std::{convert::Infallible, time::Duration};

use jiff::{SignedDuration, Timestamp};
use scheduler::Announcer;
use simulator::{
    behaviour::Behaviour,
    chaos::Chaos,
    simulator::{Backend, Simulator},
};
use snapshot::snapshot::{Announcement, Level};
use tokio::time::Instant;

/// Follows the schedule, `pace` times faster than it is written. Never ends; dropping it leaves things as they are.
pub(super) async fn run(simulator: &Simulator, pace: f64, announcer: Announcer) -> Infallible {
    let began = Instant::now();
    loop {
        let elapsed = began.elapsed().mul_f64(pace);
        let chaos = simulator.apply_chaos(elapsed);
        let remaining = Chaos::remaining(elapsed);
        let until = Timestamp::now() + lasting(remaining.div_f64(pace));
        let announcement = announcement(chaos, Chaos::at(elapsed + remaining), until);
        if !announcer.announce(Some(announcement)).await {
            // The site is going down; whoever waits for that does not wait for this.
            std::future::pending::<()>().await;
        }
        // Measured from the start, so that a late wake-up delays nothing that follows.
        tokio::time::sleep_until(began + (elapsed + remaining).div_f64(pace)).await;
    }
}

/// What is being broken, or what will be next.
fn announcement(
    now: Option<(Backend, Behaviour)>,
    next: Option<(Backend, Behaviour)>,
    until: Timestamp,
) -> Announcement {
    let time = until.strftime("%H:%M:%S");
    let text = match (now, next) {
        (Some((backend, behaviour)), _) => format!("Demonstration: {backend} {behaviour} until {time} UTC."),
        (None, Some((backend, behaviour))) => {
            format!("Demonstration: nothing is broken until {time} UTC; then {backend} {behaviour}.")
        }
        (None, None) => format!("Demonstration: nothing is broken until {time} UTC."),
    };
    let level = if now.is_some() { Level::Warning } else { Level::Note };
    Announcement { text, level, from: None, until: Some(until) }
}

/// Beyond any schedule a duration fits no calendar.
fn lasting(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_what_is_broken_until_when_and_what_comes_next() {
        let until: Timestamp = "2026-11-23T14:05:09.7Z".parse().unwrap();
        let broken = Some((Backend::Prometheus, Behaviour::Stall));
        let check = |now, next, text: &str| {
            let announcement = announcement(now, next, until);
            assert_eq!(announcement.text, text);
            assert_eq!((announcement.from, announcement.until), (None, Some(until)));
        };
        check(
            broken,
            None,
            "Demonstration: Prometheus takes questions and never answers until 14:05:09 UTC.",
        );
        check(
            None,
            broken,
            "Demonstration: nothing is broken until 14:05:09 UTC; then Prometheus takes questions and never \
             answers.",
        );
    }

    #[test]
    fn every_way_to_misbehave_makes_a_sentence_that_fits_an_announcement() {
        for backend in Backend::ALL {
            for behaviour in Behaviour::MISBEHAVIOURS {
                let text = announcement(None, Some((backend, behaviour)), Timestamp::UNIX_EPOCH).text;
                assert!(text.len() <= 140 && text.ends_with('.'), "{text}");
            }
        }
    }
}
