//! What pages weigh as they are sent, and that nothing else is fetched for them.
//!
//! Counted are bodies, compressed as for a browser, without headers: those of HTTP/2 and 3 are small and not ours.
//! `cargo test -p command-center --test it budget -- --nocapture` prints every number.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use scheduler::config::Timing;
use simulator::simulator::{Options, Simulator};

use crate::support::{
    binary::Running,
    http,
    stack::{PAGES, Setup, Stack},
};

/// A page with everything that it loads before it is complete: what the first flight of a connection holds.
const FIRST_VIEW: usize = 14 * 1024;
const SCRIPTS: usize = 30 * 1024;
const SCRIPTS_SENT: usize = 6 * 1024;
const STYLES: usize = 24 * 1024;

/// A body as it is and as it is sent.
#[derive(Clone, Copy, Default)]
struct Weight {
    whole: usize,
    sent: usize,
}

/// A page and what it loads, by kind.
struct View {
    html: Weight,
    styles: Weight,
    scripts: Weight,
}

impl Weight {
    fn add(&mut self, other: Self) {
        self.whole += other.whole;
        self.sent += other.sent;
    }
}

impl View {
    #[track_caller]
    fn of(address: SocketAddr, path: &str) -> Self {
        let (html, weight) = body(address, path);
        assert_keeps_to_itself(path, &html);
        let mut view = Self { html: weight, styles: Weight::default(), scripts: Weight::default() };
        for tag in html.split('<') {
            let attribute = |name: &str| tag.split_once(name).and_then(|(_, rest)| rest.split('"').next());
            if tag.starts_with("script ") {
                view.scripts.add(asset(address, attribute(" src=\"").unwrap()));
            } else if tag.starts_with("link ") && tag.contains("rel=\"stylesheet\"") {
                view.styles.add(asset(address, attribute(" href=\"").unwrap()));
            }
        }
        view
    }

    fn sent(&self) -> usize {
        self.html.sent + self.styles.sent + self.scripts.sent
    }
}

#[track_caller]
fn body(address: SocketAddr, target: &str) -> (String, Weight) {
    let sent = http::get_with(address, target, &[("Accept-Encoding", "br")]);
    let policy = sent.head.to_ascii_lowercase();
    let policy = policy.lines().find(|line| line.starts_with("content-security-policy:")).unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{target}: {policy}");
    let whole = http::get(address, target).text();
    let weight = Weight { whole: whole.len(), sent: sent.body.len() };
    (whole, weight)
}

#[track_caller]
fn asset(address: SocketAddr, path: &str) -> Weight {
    let (text, weight) = body(address, path);
    for forbidden in ["http://", "https://", "url(", "@import", "@font-face", "import("] {
        assert!(!text.contains(forbidden), "{path} has {forbidden}");
    }
    weight
}

/// No other host, nothing inline.
#[track_caller]
fn assert_keeps_to_itself(path: &str, html: &str) {
    for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        for (name, value) in attributes(tag) {
            assert!(!name.starts_with("on") && name != "style", "{path}: <{tag}>");
            if matches!(name, "src" | "href" | "action" | "srcset" | "poster") {
                let is_ours = value.starts_with('/') && !value.starts_with("//");
                let is_here = value.is_empty() || value.starts_with(['#', '?']);
                assert!(is_ours || is_here, "{path}: <{tag}>");
            }
        }
        assert!(!tag.starts_with("style"), "{path} has a style sheet of its own");
        assert!(!tag.starts_with("script") || tag.contains(" src=\""), "{path} has a script of its own");
    }
}

/// The attributes of a tag that have a value.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    // Every other piece between quotes is a value; what stands before it ends with its name.
    let pieces: Vec<_> = tag.split('"').collect();
    let pairs = pieces.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    pairs
        .map(|(before, value)| (before.trim_end_matches('=').rsplit(' ').next().unwrap_or(""), value))
        .collect::<Vec<_>>()
        .into_iter()
}

/// The addresses of one package and one drone that the dashboard leads to.
fn details(address: SocketAddr) -> BTreeSet<String> {
    let html = http::get(address, "/").text();
    let first = |start: &str| {
        let rest = html.split_once(&format!("href=\"{start}")).unwrap().1;
        format!("{start}{}", rest.split('"').next().unwrap())
    };
    BTreeSet::from([first("/packages/"), first("/drones/")])
}

/// Prints and checks every page of a world.
#[track_caller]
#[expect(clippy::print_stdout, reason = "the numbers are what one wants to see")]
fn weigh(world: &str, address: SocketAddr) {
    println!(
        "{world:<8} {:<40} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}",
        "page", "html", "br", "css", "br", "js", "br", "view"
    );
    let pages = PAGES.map(str::to_owned).into_iter().chain(details(address)).chain(["/nowhere".to_owned()]);
    for path in pages {
        let view = View::of(address, &path);
        let View { html, styles, scripts } = &view;
        println!(
            "{world:<8} {path:<40} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}",
            html.whole,
            html.sent,
            styles.whole,
            styles.sent,
            scripts.whole,
            scripts.sent,
            view.sent()
        );
        assert!(styles.whole <= STYLES, "{world} {path}: {} bytes of style sheets", styles.whole);
        assert!(scripts.whole <= SCRIPTS, "{world} {path}: {} bytes of scripts", scripts.whole);
        assert!(scripts.sent <= SCRIPTS_SENT, "{world} {path}: {} bytes of scripts are sent", scripts.sent);
        assert!(
            path != "/" || view.sent() <= FIRST_VIEW,
            "{world}: the first view has {} bytes",
            view.sent()
        );
    }
}

/// What the first poll of all four backends tells.
fn stack(simulator: &Simulator) -> Stack {
    let timing = Timing { interval: Some(Duration::from_secs(3_600)), ..Timing::default() };
    Setup::farm(simulator, timing).start().ready()
}

#[test]
fn a_first_view_of_the_demonstration_fits_into_one_round_trip() {
    for seed in ["1", "2", "3"] {
        let demo = Running::start(&["demo", "--seed", seed], &[]);
        weigh(&format!("demo {seed}"), demo.public);
    }
}

#[test]
fn a_first_view_of_a_farm_at_rest_or_at_work_fits_into_one_round_trip() {
    let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
    simulator.with_world(|world| world.finish_everything());
    weigh("at rest", stack(&simulator).public);
    simulator.with_world(|world| world.add_work(300));
    weigh("at work", stack(&simulator).public);
}
