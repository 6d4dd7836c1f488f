//! What is shown of the contract's example: fresh, old, hostile, small.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use snapshot::clock::Now;
use web::mirror::Mirror;

use super::super::{lines::Lines, state::State, style, text::width, view};
use super::*;

/// A state that heard one frame after another at 14:30 UTC, and a clock to move.
struct Shown {
    state: State,
    lines: Lines,
    mirror: Mirror,
    now: Arc<Mutex<Now>>,
}

impl Shown {
    fn new() -> Self {
        // The client's clock is wrong; the server's is what counts.
        let wall: Timestamp = "2031-01-01T00:00:00Z".parse().unwrap();
        let now = Arc::new(Mutex::new(Now { wall, uptime: Duration::from_secs(100) }));
        let read = Arc::clone(&now);
        let state = State::new("a.example".to_owned(), Clock::from_fn(move || *read.lock().unwrap()));
        Self { state, lines: Lines::new(), mirror: Mirror::new(), now }
    }

    fn hear(&mut self, frame: &Value) -> String {
        self.mirror.receive(&frame.to_string()).unwrap();
        let received = *self.now.lock().unwrap();
        let mirror = Arc::new(self.mirror.clone());
        self.take(News::Queue { mirror, received, by: Channel::Socket })
    }

    fn take(&mut self, news: News) -> String {
        self.lines.take(&self.state, &news);
        self.state.take(news);
        self.lines.print()
    }

    fn pass(&self, time: Duration) {
        let mut now = self.now.lock().unwrap();
        *now = now.later(time);
    }

    fn screen(&self, size: (usize, usize)) -> Vec<String> {
        view::draw(&self.state, size).iter().map(|line| style::plain(line)).collect()
    }
}

fn example() -> Shown {
    let mut shown = Shown::new();
    shown.hear(&snapshot());
    shown
}

const LARGE: (usize, usize) = (110, 40);

#[test]
fn the_queue_on_a_large_screen() {
    insta::assert_snapshot!(example().screen(LARGE).join("\n"));
}

#[test]
fn the_queue_in_the_usual_terminal() {
    let screen = example().screen((80, 24));
    assert!(screen.len() <= 24, "{}", screen.len());
    insta::assert_snapshot!(screen.join("\n"));
}

#[test]
fn bars_move_with_the_servers_clock_and_stand_still_when_the_queue_is_old() {
    let llvm = |shown: &Shown| shown.screen(LARGE).iter().find(|line| line.contains("llvm")).unwrap().clone();
    let mut shown = example();
    let before = llvm(&shown);
    assert!(before.contains("37 min 56 s of 49 min"), "{before}");
    shown.pass(Duration::from_secs(60));
    assert!(llvm(&shown).contains("38 min 56 s of 49 min"), "{}", llvm(&shown));

    shown.take(News::Lost { why: "fell silent".to_owned() });
    let frozen = llvm(&shown);
    // As it was at 14:29:58, of which it is known.
    assert!(frozen.contains("37 min 54 s of 49 min"), "{frozen}");
    shown.pass(Duration::from_secs(600));
    assert_eq!(llvm(&shown), frozen);
    let head = &shown.screen(LARGE)[1];
    assert_eq!(head, "■ Reconnecting. Showing 14:29 UTC. 11 min 2 s old; the server fell silent.");

    let mut stale = heartbeat(4711, "4c7ece55", 20_000);
    stale["sources"]["orchestrator"] = "stale".into();
    stale["status"] = "stale".into();
    shown.hear(&stale);
    shown.pass(Duration::from_secs(600));
    // The heartbeat knows of 14:30:03.
    assert!(llvm(&shown).contains("37 min 59 s of 49 min"), "{}", llvm(&shown));
    assert!(shown.screen(LARGE)[1].starts_with("▲ Old: as of 14:30 UTC, 10 min 19 s old."));
}

#[test]
fn what_takes_longer_than_its_range_is_overdue() {
    let shown = example();
    shown.pass(Duration::from_secs(3_000));
    let line = shown.screen(LARGE).into_iter().find(|line| line.contains("firefox")).unwrap();
    assert!(line.contains("overdue 1 h 21 min") && !line.contains('%'), "{line}");
}

#[test]
fn without_an_estimate_there_is_no_bar() {
    let mut frame = snapshot();
    // The hash is of facts; an estimate is none.
    frame["queue"]["building"][0]["estimate"] = Value::Null;
    let mut shown = Shown::new();
    shown.hear(&frame);
    let line = shown.screen(LARGE).into_iter().find(|line| line.contains("llvm")).unwrap();
    assert!(line.ends_with("building for 37 min 56 s") && !line.contains('█'), "{line}");
}

#[test]
fn before_anything_is_known_it_says_so() {
    let mut shown = Shown::new();
    assert_eq!(shown.screen(LARGE)[1], "○ Connecting.");
    shown.take(News::Lost { why: "refused the connection".to_owned() });
    assert_eq!(shown.screen(LARGE)[1], "■ No contact: the server refused the connection. Trying again.");
}

#[test]
fn a_screen_of_any_size_is_never_exceeded() {
    let mut shown = example();
    shown.hear(&delta());
    for columns in [0, 1, 5, 20, 39, 80, 300] {
        for height in [0, 1, 2, 5, 9, 24, 100] {
            assert!(shown.screen((columns, height)).len() <= height, "{columns}x{height}");
        }
    }
}

#[test]
fn control_characters_of_the_server_are_not_shown() {
    let mut frame = snapshot();
    frame["sources"]["evil\u{1b}[2J"] = "online".into();
    frame["queue"]["building"][0]["package"] = "a/b\u{1b}]0;title\u{7}\u{202e}\n-1".into();
    frame["queue"]["building"][1]["drone"] = "Iz\u{9b}31mar".into();
    // It is part of the hash, which here is the server's own.
    let mut shown = Shown::new();
    let error = shown.mirror.receive(&frame.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "the queue differs from the server's");
    frame["queue"]["building"][1]["drone"] = "Meridian".into();
    let mut text = shown.hear(&frame);
    text.push_str(&shown.screen(LARGE).concat());
    let is_bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(is_bad), "{text:?}");
    assert!(text.contains("a/b]0;title-1"), "{text}");
    assert!(shown.screen(LARGE).iter().all(|line| width(line) < 200));
}

#[test]
fn every_event_is_a_line() {
    let mut shown = Shown::new();
    let first = shown.hear(&snapshot());
    assert_eq!(
        first,
        "2026-02-23T14:30:00Z  connected   a.example: 8 pending · 3 building (1 assigned) · 0 blocked · 1 failed · \
         142 of 154 done\n"
    );
    assert_eq!(
        shown.hear(&delta()),
        "2026-02-23T14:30:03Z  finished    www-client/firefox-135.0.1 on Meridian after 31 min 32 s\n\
         2026-02-23T14:30:03Z  started     dev-lang/rust-1.84.1 on Meridian\n"
    );
    let mut stale = heartbeat(4712, "b1668b8d", 20_000);
    stale["sources"]["orchestrator"] = "stale".into();
    let old = "2026-02-23T14:30:22Z  stale       orchestrator; the queue is of 2026-02-23T14:30:03Z\n";
    assert_eq!(shown.hear(&stale), old);
    assert_eq!(shown.hear(&stale), "");
    let lost = || News::Lost { why: "fell silent".to_owned() };
    assert_eq!(
        shown.take(lost()),
        "2026-02-23T14:30:22Z  lost        the server fell silent; trying again\n"
    );
    assert_eq!(shown.take(lost()), "");

    // What happened meanwhile is told, too.
    let mut later = snapshot();
    let queue = &mut later["queue"];
    queue["paused"] = true.into();
    let mut llvm = queue["building"].as_array_mut().unwrap().remove(0);
    llvm["state"] = "pending".into();
    llvm["reason"] = "retry".into();
    queue["pending"].as_array_mut().unwrap().push(llvm);
    let kwin = queue["pending"].as_array_mut().unwrap().remove(2);
    queue["blocked"].as_array_mut().unwrap().push(kwin);
    queue["blocked"][1]["reason"] = "masked".into();
    queue["building"][0]["state"] = "stalled".into();
    queue["building"][0]["reason"] = "drone_offline".into();
    queue["recent"].as_array_mut().unwrap().pop();
    queue["recent"][0]["id"] = "new".into();
    queue["recent"][0]["status"] = "missing_binary".into();
    later["hash"] = server::hash(&later["queue"]).into();
    let told = shown.hear(&later);
    let told: Vec<&str> = told.lines().map(|line| &line[22..]).collect();
    assert_eq!(
        told[1..],
        [
            "online      orchestrator; the queue is of 2026-02-23T14:29:58Z",
            "paused      the swarm",
            "failed      dev-libs/openssl-3.4.1 on Izar after 2 min 51 s: Built, but the package is missing",
            "stalled     www-client/firefox-135.0.1: Meridian went offline; will be handed to another",
            "blocked     kde-plasma/kwin-6.3.1: Masked by Portage",
            "moved back  dev-qt/qtbase-6.8.2 waits again",
            "moved back  llvm-core/llvm-19.1.7 waits again",
        ]
    );
    assert!(told[0].starts_with("connected   a.example: "), "{}", told[0]);
}
