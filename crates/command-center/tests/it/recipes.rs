//! The README's recipes for proxies, run as they stand there by what they are written for: an Astro server and workerd.

mod client;
mod site;
mod witness;

use std::time::{Duration, Instant};

use client::{document, get};
use serde_json::Value;
use simulator::recording::{self, State};
use site::{Site, is_missing};
use witness::Witness;

use crate::support::{DEADLINE, binary::Running, eventually};

/// The recipes' time between two questions, in milliseconds; the README has fifteen seconds.
const INTERVAL: u64 = 300;

/// What a new process says again.
fn content(document: &Value) -> &Value {
    &document["data"]["page"]
}

/// The Command Center lives, dies and lives again, and both proxies say so, in one run: it waits for half a minute.
#[test]
fn the_recipes_keep_what_was_said_last_and_say_that_it_is_old() {
    if is_missing() {
        return;
    }
    let backend = recording::serve(State::Busy).unwrap();
    // Polls so rare that documents stay the same for as long as they may.
    let config = tempfile::NamedTempFile::new().unwrap();
    let part = |name| format!("[{name}]\nurl = \"{}\"\ninterval = \"1h\"\n", backend.url());
    std::fs::write(config.path(), part("gateway") + &part("orchestrator")).unwrap();
    let args = ["serve", "--config", config.path().to_str().unwrap()];
    let server = Running::start(&args, &[]);
    let addresses = (server.public, server.internal);
    let witnesses = [(); 2].map(|()| Witness::before(server.public));
    let sites = [Site::astro(witnesses[0].address, INTERVAL), Site::worker(witnesses[1].address, INTERVAL)];

    for (site, witness) in sites.iter().zip(&witnesses) {
        let first = document(site.address, "build-history");
        assert_eq!(first["status"], "ok", "{}", site.name);
        assert_eq!(get(site.address, "elsewhere").0, 404, "{}", site.name);
        // Within an interval nobody is asked, however many want it.
        let begin = Instant::now();
        let asked = witness.answers(200) + witness.answers(304);
        for _ in 0..20 {
            assert_eq!(document(site.address, "build-history")["status"], "ok", "{}", site.name);
        }
        let intervals = begin.elapsed().as_millis() / u128::from(INTERVAL);
        let more = witness.answers(200) + witness.answers(304) - asked;
        assert!(more as u128 <= intervals + 1, "{}: {more} in {intervals} intervals", site.name);
        eventually("a copy that is revalidated", || {
            document(site.address, "build-history");
            (witness.answers(304) > 0).then_some(())
        });
    }

    drop(server);
    let mut are_old = [false; 2];
    let kept = sites.each_ref().map(|site| document(site.address, "build-history"));
    let begin = Instant::now();
    while are_old != [true; 2] {
        assert!(begin.elapsed() < 2 * DEADLINE, "{are_old:?}");
        for ((site, kept), is_old) in sites.iter().zip(&kept).zip(&mut are_old) {
            let now = jiff::Timestamp::now();
            let copy = document(site.address, "build-history");
            let promised: jiff::Timestamp = kept["expected_next"].as_str().unwrap().parse().unwrap();
            let mut expected = kept.clone();
            if copy["status"] == "offline" {
                *is_old = true;
                expected["status"] = "offline".into();
                assert!(jiff::Timestamp::now() > promised, "{}: too early", site.name);
            } else {
                // Nobody answers any more, and every question has shown that long ago.
                let patience = Duration::from_secs(1);
                assert!(now < promised + patience, "{}: still called {}", site.name, copy["status"]);
            }
            assert_eq!(copy, expected, "{}: nothing else may change", site.name);
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    println!("both called it old {:?} after the end", begin.elapsed());
    // What was never asked for is not made up.
    for site in &sites {
        assert_eq!(get(site.address, "queue").0, 503, "{}", site.name);
    }

    let _again = Running::start_at(addresses, &args);
    for (site, kept) in sites.iter().zip(&kept) {
        let fresh = eventually("a fresh copy", || {
            Some(document(site.address, "build-history")).filter(|copy| copy["status"] == "ok")
        });
        assert_eq!(content(&fresh), content(kept), "{}", site.name);
    }
}
