//! One fault against one backend.

use std::{
    fmt,
    time::{Duration, Instant},
};

use super::{
    SLACK,
    farm::{Elsewhere, Victim},
    fault::{self, Expected, Fault, Kind},
    site::Site,
    view,
};
use crate::support::{
    eventually_every, http,
    stack::{DOCUMENTS, PAGES},
};

/// What lies between two looks at a document: there are many sites, and looking is work that delays what is waited for.
const PAUSE: Duration = Duration::from_millis(300);

#[track_caller]
fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_every(PAUSE, what, look)
}

/// The same for what is seen without a document.
#[track_caller]
fn soon<T>(site: &Site, what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_every(if site.is_within() { PAUSE / 10 } else { PAUSE }, what, look)
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Cell {
    seen: Expected,
    /// How long it took until the backend was heard again.
    healed: Duration,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let healed = self.healed.as_secs_f64();
        match self.seen {
            Expected::Fault(fault) => write!(f, "{fault} {healed:.1}s"),
            Expected::Down => write!(f, "down {healed:.1}s"),
            Expected::Said => f.write_str("said"),
            Expected::Unread => f.write_str("up, body not read"),
            Expected::Skipped => f.write_str("skipped"),
        }
    }
}

/// Tries it and looks at everything that is promised.
#[track_caller]
pub(super) fn run(site: &Site, fault: Fault) -> Cell {
    let victim = site.farm.victim;
    let what = |promise: &str| format!("{} of {}: {promise}", fault.name(), victim.name());
    let before = eventually(&what("all is well before"), || view::well(site));
    let expected = fault.expected(victim);
    let Some(elsewhere) = site.farm.apply(fault) else {
        return Cell { seen: Expected::Skipped, healed: Duration::ZERO };
    };
    match expected {
        Expected::Fault(word) => {
            is_faulty(site, fault, word, &what);
            assert_eq!(view::of(site), before, "{}", what("what was known stays"));
        }
        Expected::Down => {
            eventually(&what("the service is down"), || (view::of(site)["state"] == "down").then_some(()));
            assert!(site.seen(victim).is_online, "{}", what("probing goes on"));
        }
        Expected::Said | Expected::Unread => {
            asked(site, elsewhere.as_ref(), &what("it is asked"));
            eventually(&what("what was said holds"), || view::is_said(site, fault, &before).then_some(()));
            soon(site, &what("no fault"), || {
                let seen = site.seen(victim);
                (seen.is_online && seen.fault.is_none()).then_some(())
            });
        }
        Expected::Skipped => {}
    }
    for target in DOCUMENTS.iter().chain(&PAGES) {
        let answer = http::get(site.address(), target);
        assert_eq!(answer.status, 200, "{}: {target}", what("everything answers"));
        assert!(!answer.body.is_empty(), "{}: {target}", what("everything answers"));
    }
    for other in Victim::ALL.into_iter().filter(|other| *other != victim) {
        soon(site, &what(&format!("{} is fresh", other.name())), || {
            let seen = site.seen(other);
            (seen.is_online && seen.fault.is_none()).then_some(())
        });
    }
    drop(elsewhere);
    site.farm.restore();
    let healed = is_healed(site, expected, &what);
    eventually(&what("all is as before"), || view::well(site).filter(|after| *after == before));
    Cell { seen: expected, healed }
}

/// The fault is named, stays, and is no sign of life.
#[track_caller]
fn is_faulty(site: &Site, fault: Fault, word: &str, what: &impl Fn(&str) -> String) {
    let victim = site.farm.victim;
    let seen = || site.seen(victim);
    let is_right = |fault: &str| fault == word || fault::may_be(victim, word, fault);
    let is_named = || seen().fault.as_deref().is_some_and(is_right);
    soon(site, &what("the fault is named"), || is_named().then_some(()));
    let first = seen();
    if fault.kind() == Kind::Within {
        soon(site, &what("it is asked again"), || (seen().checked_at != first.checked_at).then_some(()));
        assert_eq!(seen().last_seen, first.last_seen, "{}", what("a failure is no sign of life"));
    }
    soon(site, &what("it grows old"), || (!seen().is_online).then_some(()));
    assert!(first.last_seen.is_some() && is_named(), "{}", what("the fault stays, and so does the time"));
    eventually(&what("the document tells it"), || {
        let document = site.document(victim.document());
        let source = &document["sources"][victim.name()];
        let is_told = source["fault"].as_str().is_some_and(is_right);
        (is_told && source["state"] == "stale" && !source["last_seen"].is_null()).then_some(())
    });
}

/// How long it takes until the backend is heard again; as long as was promised, at most.
#[track_caller]
fn is_healed(site: &Site, expected: Expected, what: &impl Fn(&str) -> String) -> Duration {
    let begun = Instant::now();
    soon(site, &what("it is heard again"), || {
        let seen = site.seen(site.farm.victim);
        let is_well = seen.is_online && seen.fault.is_none();
        (is_well && (expected != Expected::Down || view::of(site)["state"] == "up")).then_some(())
    });
    let healed = begun.elapsed();
    assert!(healed < site.interval() + site.timeout() + SLACK, "{}: {healed:?}", what("healed in time"));
    healed
}

/// Waits until a whole poll took place under the fault.
fn asked(site: &Site, elsewhere: Option<&Elsewhere>, what: &str) {
    let requests = || elsewhere.map_or_else(|| site.farm.requests(), Elsewhere::requests);
    let begun = Instant::now();
    let n_before = requests();
    eventually(what, || (requests() > n_before + 1 && begun.elapsed() > site.interval() * 2).then_some(()));
}
