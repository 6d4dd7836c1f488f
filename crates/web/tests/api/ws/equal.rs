//! Whatever happens on the way, in the end every client has the server's queue.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;
use snapshot::{snapshot::Snapshot, testing};
use web::{
    config::{Config, WebSocket},
    mirror::Mirror,
};

use super::socket::{PATH, Socket, TEXT};
use crate::app::{App, spawn_app_at};

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

#[derive(Default)]
struct Client {
    mirror: Mirror,
    socket: Option<Socket>,
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

fn serve(snapshot: &Snapshot) -> App {
    let websocket = WebSocket { heartbeat: Duration::from_millis(50), ..WebSocket::default() };
    spawn_app_at(snapshot.clone(), testing::NOW, Config::new().with_websocket(websocket))
}

impl Client {
    /// Connects, with what it has.
    fn connect(&mut self, app: &App) {
        let resume = self.mirror.resume();
        let query = resume.map(|has| format!("?epoch={}&since={}", has.epoch, has.since));
        self.socket = Some(Socket::open(app.port, &format!("{PATH}{}", query.unwrap_or_default())));
    }

    /// Takes one frame in. A connection that ended, and a frame that does not fit, end this one.
    fn read(&mut self) {
        let Some(socket) = &mut self.socket else { return };
        let frame = socket.read().ok().filter(|frame| frame.opcode == TEXT);
        let is_good = frame
            .is_some_and(|frame| self.mirror.receive(std::str::from_utf8(&frame.payload).unwrap()).is_ok());
        if !is_good {
            self.socket = None;
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

fn run(steps: &[Step]) {
    let mut snapshot = testing::example();
    let mut app = serve(&snapshot);
    let mut clients: [Client; CLIENTS] = std::array::from_fn(|_| Client::default());
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Change(what, at) => {
                change(&mut snapshot, what, at, number);
                app.publish(snapshot.clone());
            }
            Step::Read(client, n) => (0..n).for_each(|_| clients[client].read()),
            Step::Lose(client) => {
                if let Some(socket) = &mut clients[client].socket {
                    let _ = socket.read();
                }
            }
            Step::Break(client) => clients[client].socket = None,
            Step::Return(client) => clients[client].connect(&app),
            Step::Restart => app = serve(&snapshot),
        }
    }
    let n_pending = snapshot.queue.content.as_ref().unwrap().pending.len();
    let hash = format!("{:08x}", snapshot.queue.content.as_ref().unwrap().hash());
    let document = app.wait_for("queue", |answer| answer.json()["data"]["hash"] == *hash);
    let mut queue = document.json()["data"].take();
    for key in ["epoch", "seq", "hash"] {
        queue.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(queue["pending"].as_array().unwrap().len(), n_pending);
    for client in &mut clients {
        client.catch_up(&app, &queue, &hash);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_client_ends_up_with_the_servers_queue(steps in prop::collection::vec(step(), 1..60)) {
        run(&steps);
    }
}
