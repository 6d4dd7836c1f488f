//! Every page in a real browser, over farms of every size and health.
//!
//! The farms are made here, one after the other, each with a site of its own. `crates/command-center/tests/browser`
//! opens their pages and looks: it has the plan of who is looked at how, and says what is wrong.

mod farm;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use scheduler::config::Timing;
use serde_json::{Value, json};
use simulator::simulator::{Options, Simulator};

use self::farm::{Farm, Health, Shape};
use crate::support::{
    binary::Running,
    is_long, program,
    stack::{Setup, Stack},
};

/// What the tests stand on; `cargo xtask test` names those that it cannot install.
const NEEDED: [&str; 3] = ["chromium", "npm", "npm-browser"];

/// A program of `tests/browser`, with which lines of JSON are exchanged.
struct Visitor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Visitor {
    fn start(script: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        let mut command = Command::new("node");
        command.arg(script).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        if is_long() {
            command.env("COMMAND_CENTER_LONG", "1");
        }
        let mut child = command.spawn().unwrap_or_else(|error| panic!("node: {error}"));
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output) }
    }

    fn tell(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
    }

    /// The next line; fails if there is none.
    #[track_caller]
    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the visitor ended early: {:?}", self.child.wait());
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// What was found wrong; prints how much was looked at, and how long that took.
    #[track_caller]
    fn findings(&mut self, what: &str) -> Vec<String> {
        let report = self.hear();
        assert!(report["looks"].as_u64().unwrap() > 0, "{what}: nothing was looked at");
        serde_json::from_value(report["problems"].clone()).unwrap()
    }

    /// Closes the conversation.
    #[track_caller]
    fn leave(self) {
        let Self { mut child, input, .. } = self;
        drop(input);
        assert!(child.wait().unwrap().success());
    }
}

#[track_caller]
fn assert_nothing(problems: &[String]) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// A farm as the visitor's plan names it.
fn shape(world: &Value) -> Shape {
    let number = |key: &str| usize::try_from(world[key].as_u64().unwrap()).unwrap();
    Shape {
        health: match world["health"].as_str().unwrap() {
            "healthy" => Health::Healthy,
            "partly dead" => Health::PartlyDead,
            "dead" => Health::Dead,
            other => panic!("{other}"),
        },
        n_drones: number("drones"),
        n_items: number("items"),
        has_long_names: world["names"] == "long",
    }
}

fn base(site: &Stack) -> Value {
    json!({ "base": format!("http://{}", site.public) })
}

#[test]
fn every_page_is_whole_and_true_on_every_screen_whatever_the_farm_is_like() {
    if program::is_missing(&NEEDED) {
        return;
    }
    let mut visitor = Visitor::start("visit.js");
    let plan = visitor.hear();
    let mut worlds = plan["worlds"].as_array().unwrap().iter().map(shape);
    let prepare = |shape| std::thread::spawn(move || Farm::start(shape));
    let mut problems = Vec::new();
    // The next farm gets ready while one is visited.
    let mut next = worlds.next().map(prepare);
    while let Some(farm) = next.take() {
        next = worlds.next().map(prepare);
        let farm = farm.join().unwrap();
        visitor.tell(&base(&farm.site));
        problems.extend(visitor.findings("a farm"));
    }
    visitor.leave();
    assert_nothing(&problems);
}

/// What happens while somebody looks moves nothing but itself.
#[test]
fn what_arrives_on_an_open_page_moves_nothing_else() {
    // Its limits are not met on the widest screens yet.
    if !is_long() || program::is_missing(&NEEDED) {
        return;
    }
    let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
    let site = following(&simulator);
    let mut visitor = Visitor::start("watch.js");
    visitor.tell(&base(&site));
    loop {
        let said = visitor.hear();
        if !said["wants"].is_null() {
            simulator.with_world(|world| world.finish_one()).unwrap();
            visitor.tell(&json!({}));
            continue;
        }
        let problems: Vec<String> = serde_json::from_value(said["problems"].clone()).unwrap();
        visitor.leave();
        return assert_nothing(&problems);
    }
}

/// A site that soon knows what happens in a simulated farm.
fn following(simulator: &Simulator) -> Stack {
    let timing = Timing {
        interval: Some(Duration::from_millis(200)),
        stale_after: Some(Duration::from_secs(7_200)),
        ..Timing::default()
    };
    Setup::farm(simulator, timing).start().ready()
}

/// The scores of Lighthouse, by page. Its scores of speed mean nothing on a busy machine.
#[test]
fn the_demonstration_is_what_lighthouse_wants() {
    if !is_long() || program::is_missing(&NEEDED) {
        return;
    }
    let demo = Running::start(&["demo"], &[]);
    let mut visitor = Visitor::start("lighthouse.js");
    visitor.tell(&json!({ "base": format!("http://{}", demo.public) }));
    let problems = visitor.findings("the demonstration");
    visitor.leave();
    assert_nothing(&problems);
}
