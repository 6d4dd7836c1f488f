//! A demonstration in which one backend after the other breaks: announced, shown, healed, and never an error.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{
    binary::Running,
    http,
    stack::{DOCUMENTS, PAGES},
};

/// What breaks, and how sentences call it.
const BACKENDS: [(&str, &str); 4] = [
    ("gateway", "the gateway"),
    ("orchestrator", "the orchestrator"),
    ("prometheus", "Prometheus"),
    ("loki", "Loki"),
];
/// A turn of every backend takes 24 seconds at this pace.
const PACE: &str = "--chaos=12";
/// A busy machine may miss a turn; the next one comes.
const DEADLINE: Duration = Duration::from_secs(120);

/// What a viewer saw so far.
#[derive(Debug, Default)]
struct Seen {
    /// The backends that were announced, by where it stood.
    announced: BTreeMap<String, BTreeSet<&'static str>>,
    /// The sources that were bad, and those that were good again after it.
    bad: BTreeSet<&'static str>,
    healed: BTreeSet<&'static str>,
    /// The announcements.
    texts: BTreeSet<String>,
}

impl Seen {
    fn look(&mut self, site: &Running) {
        for target in DOCUMENTS {
            let document = http::get_json(site.public, target);
            assert!(!document["data"].is_null(), "{target}");
            let notices = document["notices"].as_array().unwrap();
            assert!(notices.iter().any(|notice| notice["code"] == "demo"), "{target}");
            for notice in notices.iter().filter(|notice| notice["code"] == "operator") {
                let text = notice["text"].as_str().unwrap();
                assert!(text.starts_with("Demonstration: ") && text.contains(" UTC"), "{text}");
                self.texts.insert(text.to_owned());
                self.note(target, text);
            }
            self.judge(target, &document["sources"]);
        }
        for target in PAGES {
            let page = http::get(site.public, target);
            assert_eq!(page.status, 200, "{target}");
            let text = page.text();
            assert!(text.contains("</main>") && text.ends_with("</html>\n"), "{target} is cut short");
            self.note(target, &text);
        }
    }

    /// Notes which backends a text says are broken now.
    fn note(&mut self, target: &str, text: &str) {
        let named = BACKENDS.iter().filter(|(_, name)| text.contains(&format!("Demonstration: {name} ")));
        self.announced.entry(target.to_owned()).or_default().extend(named.map(|(source, _)| source));
    }

    fn judge(&mut self, target: &str, sources: &Value) {
        for (source, _) in BACKENDS {
            match sources[source]["state"].as_str() {
                None | Some("unknown") => {}
                Some("online") if self.bad.contains(source) => {
                    self.healed.insert(source);
                }
                Some("online") => {}
                Some(_) => {
                    self.bad.insert(source);
                    assert!(!sources[source]["last_seen"].is_null(), "{target}: {source}");
                }
            }
        }
    }

    fn is_all(&self) -> bool {
        let all = |seen: &BTreeSet<&str>| seen.len() == BACKENDS.len();
        let n_places = DOCUMENTS.len() + PAGES.len();
        all(&self.healed) && self.announced.len() == n_places && self.announced.values().all(all)
    }
}

#[test]
fn every_backend_breaks_as_announced_on_every_page_and_comes_back() {
    let site = Running::start(&["demo", PACE], &[]);
    let end = Instant::now() + DEADLINE;
    let mut seen = Seen::default();
    while !seen.is_all() {
        assert!(Instant::now() < end, "{seen:?}");
        seen.look(&site);
    }
    assert!(seen.texts.iter().any(|text| text.contains("nothing is broken until")), "{seen:?}");
    assert!(seen.texts.len() >= 2 * BACKENDS.len(), "it changes with the schedule: {seen:?}");
}

#[test]
fn a_pace_that_nobody_could_follow_is_refused() {
    for pace in ["0", "-1", "21", "nan", "fast"] {
        let output = crate::support::binary::run(&["demo", &format!("--chaos={pace}")]);
        assert_eq!(output.status.code(), Some(2), "{pace}");
    }
}
