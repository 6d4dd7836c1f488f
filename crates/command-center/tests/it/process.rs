//! The real binary: it starts, tells the operator who is who, and ends on a signal.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use simulator::recording::{self, State};

use crate::support::{
    binary::{self, Running},
    eventually, http,
};

const BUILD_SWARM: &str = "/api/v1/services/public/build-swarm";

#[test]
fn the_demo_shows_a_living_farm_and_says_that_it_is_one() {
    let demo = Running::start(&["demo", "--speed", "60", "--seed", "2"], &[]);
    let document = eventually("a build under way", || {
        let document = http::get_json(demo.public, BUILD_SWARM);
        (document["data"]["queue"]["building"].as_u64() > Some(0)).then_some(document)
    });
    assert!(document["data"]["drones"].as_array().unwrap().len() >= 5);
    assert_eq!(document["notices"][0]["code"], "demo");
    let page = http::get(demo.public, "/");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Demonstration: a simulated farm."));
    let seq = |_: ()| http::get_json(demo.public, "/api/v1/services/public/queue")["data"]["seq"].as_u64();
    let before = seq(());
    eventually("the queue moves", || (seq(()) > before).then_some(()));
}

#[test]
fn sigterm_drains_and_exits_0() {
    for signal in [Signal::TERM, Signal::INT] {
        let demo = Running::start(&["demo"], &[]);
        demo.signal(signal);
        let (status, log) = demo.end();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains("stopped"), "{log}");
    }
}

#[test]
fn healthcheck_tells_by_its_exit_code_whether_the_process_answers() {
    let demo = Running::start(&["demo"], &[]);
    let internal = demo.internal.to_string();
    let ask = |address: &str| binary::run(&["healthcheck", "--internal-listen", address]);
    let healthy = ask(&internal);
    assert_eq!(healthy.status.code(), Some(0));
    assert!(healthy.stdout.is_empty() && healthy.stderr.is_empty());
    // The public side has no such page.
    assert_eq!(ask(&demo.public.to_string()).status.code(), Some(1));

    demo.stop();
    let begun = Instant::now();
    let hung = ask(&internal);
    assert_eq!(hung.status.code(), Some(1));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(
        String::from_utf8(hung.stderr).unwrap(),
        format!("command-center: not healthy: {internal}: it does not answer\n")
    );
    drop(demo);
    assert_eq!(ask(&internal).status.code(), Some(1));
}

#[test]
fn names_tell_the_operator_who_is_who_and_print_what_to_paste() {
    let demo = Running::start(&["demo"], &[]);
    let internal = demo.internal.to_string();
    let ask = |more: &[&str]| {
        let output = binary::run(&[&["names", "--internal-listen", &internal], more].concat());
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    let list =
        eventually("names of the first polls", || Some(ask(&[])).filter(|list| list.contains("pseudonym")));
    for word in ["claimed", "ambiguous", "gateway", "name#"] {
        assert!(list.contains(word), "{word}: {list}");
    }
    let block = ask(&["--toml"]);
    assert!(block.starts_with("[[identity.stars]]\nname = "), "{block}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &block).unwrap();
    let checked = binary::run(&["check-config", "--config", file.path().to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8(checked.stderr).unwrap());
}

#[test]
fn backends_come_from_the_environment() {
    let server = recording::serve(State::Busy).unwrap();
    let url = server.url();
    let running = Running::start(&[], &[("GATEWAY_URL", &url), ("ORCHESTRATOR_URL", &url)]);
    let document = eventually("five drones", || {
        let document = http::get_json(running.public, BUILD_SWARM);
        (document["data"]["drones"].as_array().unwrap().len() == 5).then_some(document)
    });
    assert_eq!(document["data"]["queue"]["completed"], 249);
}

#[test]
fn pseudonyms_survive_a_restart_and_the_directory_has_one_master() {
    let server = recording::serve(State::Busy).unwrap();
    let url = server.url();
    let directory = tempfile::tempdir().unwrap();
    let args = ["serve", "--data-dir", directory.path().to_str().unwrap()];
    let variables = [("GATEWAY_URL", url.as_str()), ("ORCHESTRATOR_URL", url.as_str())];
    let names = |running: &Running| {
        eventually("five drones", || {
            let document = http::get_json(running.public, BUILD_SWARM);
            let drones = document["data"]["drones"].as_array().unwrap().clone();
            let names: Vec<Value> = drones.iter().map(|drone| drone["name"].clone()).collect();
            (names.len() == 5).then_some(names)
        })
    };
    let first = Running::start(&args, &variables);
    let given = names(&first);
    let second = binary::command(&args).envs(variables).args(["--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    let last = said.lines().last().unwrap();
    assert!(last.contains("the data directory is in use by another instance"), "{said}");

    first.signal(Signal::TERM);
    assert_eq!(first.end().0.code(), Some(0));
    assert_eq!(names(&Running::start(&args, &variables)), given);
}
