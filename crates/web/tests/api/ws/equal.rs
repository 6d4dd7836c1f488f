//! Whatever happens on the way, in the end every client has the server's queue.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::Value;
use snapshot::{snapshot::Snapshot, testing};
use web::{
    config::{Config, WebSocket},
    mirror::{Heard, Mirror},
};

use super::{
    slow::of_rows,
    socket::{PATH, Socket, TEXT, connect, connect_small, request},
};
use crate::{
    app::{App, spawn_app_at},
    client::Answer,
};

const CLIENTS: usize = 4;

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    /// The queue changes.
    Change(Change, usize),
    /// A client reads this many frames.
    Read(usize, usize),
    /// A frame to a client gets lost.
    Lose(usize),
    /// A client's connection breaks.
    Break(usize),
    /// A client comes back.
    Return(usize),
    /// The server is another one.
    Restart,
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Fail,
    Finish,
    HandOut,
    TakeBack,
    Reorder,
    Grow,
}

/// Which way clients read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// What is sent to them fits into the buffers on the way.
    Late,
    /// It does not, so that the server waits for them.
    Slow,
}

struct Client {
    mirror: Mirror,
    socket: Option<Socket>,
    reading: Reading,
    /// A frame of this connection was lost on the way.
    misses_one: bool,
    /// Deltas that spared it steps.
    n_spared: u32,
}

fn step() -> impl Strategy<Value = Step> {
    let change = prop::sample::select(vec![
        Change::Fail,
        Change::Finish,
        Change::HandOut,
        Change::TakeBack,
        Change::Reorder,
        Change::Grow,
    ]);
    prop_oneof![
        12 => (change, 0_usize..50).prop_map(|(change, at)| Step::Change(change, at)),
        6 => (0..CLIENTS, 1_usize..4).prop_map(|(client, n)| Step::Read(client, n)),
        2 => (0..CLIENTS).prop_map(Step::Lose),
        2 => (0..CLIENTS).prop_map(Step::Break),
        4 => (0..CLIENTS).prop_map(Step::Return),
        1 => Just(Step::Restart),
    ]
}

fn change(snapshot: &mut Snapshot, change: Change, at: usize, number: usize) {
    testing::edit(&mut snapshot.queue, |queue| {
        let at = if queue.pending.is_empty() { return grow(queue, number) } else { at % queue.pending.len() };
        match change {
            Change::Fail => queue.pending[at].failures += 1,
            Change::Finish => drop(queue.building.pop()),
            Change::HandOut => queue.building.insert(0, queue.pending.remove(at)),
            Change::TakeBack => queue.pending.extend(queue.building.pop()),
            Change::Reorder => queue.pending.rotate_left(at),
            Change::Grow => grow(queue, number),
        }
    });
}

fn grow(queue: &mut snapshot::queue::Queue, number: usize) {
    let items = queue.pending.iter().chain(&queue.building).chain(&queue.blocked).next();
    if let Some(mut item) = items.cloned() {
        item.id = format!("app-misc/new-1~{number}").into();
        queue.pending.insert(number % (queue.pending.len() + 1), item);
    }
}

fn serve(snapshot: &Snapshot, reading: Reading) -> App {
    let slow_after = match reading {
        Reading::Late => WebSocket::default().slow_after,
        Reading::Slow => Duration::from_millis(10),
    };
    let websocket = WebSocket { heartbeat: Duration::from_millis(50), slow_after, ..WebSocket::default() };
    spawn_app_at(snapshot.clone(), testing::NOW, Config::new().with_websocket(websocket))
}

impl Client {
    fn new(reading: Reading) -> Self {
        Self { mirror: Mirror::new(), socket: None, reading, misses_one: false, n_spared: 0 }
    }

    /// Connects, with what it has.
    fn connect(&mut self, app: &App) {
        let resume = self.mirror.resume();
        let query = resume.map(|has| format!("?epoch={}&since={}", has.epoch, has.since));
        let stream = match self.reading {
            Reading::Late => connect(app.port),
            Reading::Slow => connect_small(app.port),
        };
        let asked = request(&format!("{PATH}{}", query.unwrap_or_default()), &[]);
        self.socket = Some(Socket::try_open(stream, &asked).unwrap());
        self.misses_one = false;
    }

    /// Takes one frame in. A connection that ended ends this one, and so does a frame that does not fit; but nothing
    /// is sent that does not, unless something was lost on the way.
    fn read(&mut self) {
        let Some(socket) = &mut self.socket else { return };
        let Some(frame) = socket.read().ok().filter(|frame| frame.opcode == TEXT) else {
            self.socket = None;
            return;
        };
        let text = std::str::from_utf8(&frame.payload).unwrap();
        match self.mirror.receive(text) {
            Ok(Heard::Delta) => {
                let delta: Value = serde_json::from_str(text).unwrap();
                self.n_spared +=
                    u32::from(delta["base"].as_u64().unwrap() + 1 < delta["seq"].as_u64().unwrap());
            }
            Ok(heard) => assert_ne!(heard, Heard::Ignored, "nothing is sent twice"),
            Err(error) => {
                assert!(self.misses_one, "{error} in {text}");
                self.socket = None;
            }
        }
    }

    /// Reads until it has the server's queue.
    fn catch_up(&mut self, app: &App, queue: &Value, hash: &str) {
        let begin = Instant::now();
        loop {
            if self.socket.is_none() {
                self.connect(app);
            }
            self.read();
            if self.mirror.queue() == *queue && self.socket.is_some() {
                break;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "a client never has {hash}");
        }
    }
}

/// Lets all of it happen; gives how many frames spared somebody steps.
fn run(steps: &[Step], reading: Reading) -> u32 {
    let mut snapshot = match reading {
        Reading::Late => testing::example(),
        Reading::Slow => of_rows(250, 0),
    };
    let mut app = serve(&snapshot, reading);
    let mut clients: [Client; CLIENTS] = std::array::from_fn(|_| Client::new(reading));
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Change(what, at) => {
                change(&mut snapshot, what, at, number);
                app.publish(snapshot.clone());
                if reading == Reading::Slow {
                    wait_for(&app, &snapshot);
                }
            }
            Step::Read(client, n) => (0..n).for_each(|_| clients[client].read()),
            Step::Lose(client) => {
                if let Some(socket) = &mut clients[client].socket {
                    let _ = socket.read();
                    clients[client].misses_one = true;
                }
            }
            Step::Break(client) => clients[client].socket = None,
            Step::Return(client) => clients[client].connect(&app),
            Step::Restart => app = serve(&snapshot, reading),
        }
    }
    let n_pending = snapshot.queue.content.as_ref().unwrap().pending.len();
    let (document, hash) = wait_for(&app, &snapshot);
    let mut queue = document.json()["data"].take();
    for key in ["epoch", "seq", "hash"] {
        queue.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(queue["pending"].as_array().unwrap().len(), n_pending);
    for client in &mut clients {
        client.catch_up(&app, &queue, &hash);
    }
    clients.iter().map(|client| client.n_spared).sum()
}

/// Waits until the server has this queue; gives its document and its hash.
fn wait_for(app: &App, snapshot: &Snapshot) -> (Answer, String) {
    let hash = format!("{:08x}", snapshot.queue.content.as_ref().unwrap().hash());
    (app.wait_for("queue", |answer| answer.json()["data"]["hash"] == *hash), hash)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_client_ends_up_with_the_servers_queue(steps in prop::collection::vec(step(), 1..60)) {
        run(&steps, Reading::Late);
    }
}

#[test]
fn every_client_that_the_server_has_to_wait_for_ends_up_with_its_queue() {
    let config = ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() };
    let n_spared = Cell::new(0);
    let all = TestRunner::new(config).run(&prop::collection::vec(step(), 30..60), |steps| {
        n_spared.set(n_spared.get() + run(&steps, Reading::Slow));
        Ok(())
    });
    assert!(all.is_ok(), "{all:?}");
    assert!(n_spared.get() > 0, "nobody was slow");
}
