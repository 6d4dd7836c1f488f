//! The real binary under attack: others are served as always, nothing is kept of the attackers, and the log stays quiet.
//!
//! How much slower others are served is measured, each kind of attack against the time before it in the same run, when the
//! long tests are wanted.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use simulator::{
    recording::{self, State},
    server::Server,
};

use crate::support::{binary::Running, eventually, frames::Subscriber, http, is_long};

const DOCUMENT: &str = "/api/v1/services/public/queue";

/// What attackers do, each with a connection of their own, over and over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attack {
    /// Connects and says nothing.
    Idle,
    /// Half a head.
    HalfHead,
    /// A request, and half of another.
    LaterHead,
    /// Half a body.
    HalfBody,
    /// Asks for much and reads nothing.
    NeverReads,
    /// A head without end.
    HeaderFlood,
    /// What is no HTTP.
    Garbage,
    /// An upgrade that is never finished with anything.
    HalfUpgrade,
}

impl Attack {
    const ALL: [Self; 8] = [
        Self::Idle,
        Self::HalfHead,
        Self::LaterHead,
        Self::HalfBody,
        Self::NeverReads,
        Self::HeaderFlood,
        Self::Garbage,
        Self::HalfUpgrade,
    ];

    fn bytes(self) -> Vec<u8> {
        let get = format!("GET {DOCUMENT} HTTP/1.1\r\nHost: x\r\n\r\n");
        let text = match self {
            Self::Idle => String::new(),
            Self::HalfHead => "GET / HTTP/1.1\r\nHost: x\r\nX-A: ".to_owned(),
            Self::LaterHead => format!("{get}GET / HTTP/1.1\r\nHost: x\r\nX-A: "),
            Self::HalfBody => {
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na".to_owned()
            }
            Self::NeverReads => get.repeat(200),
            Self::HeaderFlood => format!("GET / HTTP/1.1\r\nHost: x\r\n{}", "X-A: b\r\n".repeat(15_000)),
            Self::Garbage => "\u{16}\u{3}\u{1}\0\0nonsense\r\n\r\n".to_owned(),
            Self::HalfUpgrade => {
                "GET /ws/queue HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    .to_owned()
            }
        };
        text.into_bytes()
    }
}

/// Attackers at work; they stop when they are dropped.
struct Attackers {
    stopped: Arc<AtomicBool>,
    threads: Vec<JoinHandle<usize>>,
}

impl Attackers {
    /// Holds as many connections, and opens another for each that is ended.
    fn start(public: SocketAddr, attacks: &[Attack], n_connections: usize) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let each = n_connections / attacks.len();
        let threads = attacks.iter().map(|attack| {
            let (stopped, attack) = (Arc::clone(&stopped), *attack);
            std::thread::spawn(move || hold(public, attack, each, &stopped))
        });
        Self { threads: threads.collect(), stopped }
    }

    /// How many connections were made.
    fn stop(mut self) -> usize {
        self.stopped.store(true, Ordering::SeqCst);
        self.threads.drain(..).map(|thread| thread.join().unwrap()).sum()
    }
}

impl Drop for Attackers {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
    }
}

fn hold(public: SocketAddr, attack: Attack, n_connections: usize, stopped: &AtomicBool) -> usize {
    let bytes = attack.bytes();
    let (mut held, mut n_made): (Vec<TcpStream>, usize) = (Vec::new(), 0);
    while !stopped.load(Ordering::SeqCst) {
        // As fast as somebody who does not want to be noticed at once.
        for _ in 0..200 {
            if held.len() >= n_connections {
                break;
            }
            let Ok(mut stream) = TcpStream::connect_timeout(&public, Duration::from_secs(1)) else { break };
            if stream.set_nonblocking(true).is_ok() {
                // Whatever is taken of it.
                let _ = stream.write(&bytes);
            }
            held.push(stream);
            n_made += 1;
        }
        held.retain_mut(|stream| attack == Attack::NeverReads || is_open(stream));
        std::thread::park_timeout(Duration::from_millis(50));
    }
    n_made
}

/// Reads a little of what is there, and says whether there may be more.
fn is_open(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 4_096]) {
        Ok(len) => len > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    }
}

/// Serves a recorded farm with these limits.
fn serve(limits: &str) -> (Server, Running) {
    let farm = recording::serve(State::Busy).unwrap();
    let url = farm.url();
    let config = format!("[gateway]\nurl = '{url}/'\n[orchestrator]\nurl = '{url}/'\n[http]\n{limits}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config).unwrap();
    let site = Running::start(&["serve", "--config", file.path().to_str().unwrap()], &[]);
    (farm, site)
}

/// Asks `n` times like a browser that comes anew, and says how long each answer took, the shortest first.
#[track_caller]
fn served(public: SocketAddr, n: usize) -> Vec<Duration> {
    let mut took: Vec<Duration> = (0..n)
        .map(|turn| {
            let target = ["/", DOCUMENT, "/history", "/robots.txt"][turn % 4];
            let begin = Instant::now();
            let answer = http::get(public, target);
            assert_eq!(answer.status, 200, "{target}");
            assert!(!answer.body.is_empty());
            begin.elapsed()
        })
        .collect();
    took.sort_unstable();
    took
}

fn open_files(site: &Running) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", site.pid())).unwrap().count()
}

#[test]
fn while_it_is_attacked_others_are_served_and_nothing_is_kept() {
    // Short, but long enough for whoever is honest on a busy machine.
    let patience = "request_within = \"4s\"\nstalled_after = \"2s\"\nkeep_alive = \"4s\"";
    let (_farm, site) = serve(&format!("max_connections = 300\n{patience}"));
    let mut subscriber = Subscriber::join(site.public, "");
    subscriber.hear("snapshot");
    served(site.public, 8);
    let before = open_files(&site);
    let attackers = Attackers::start(site.public, &Attack::ALL, 1_200);
    // Long enough that all places are taken, and every limit is met more than once.
    let begin = Instant::now();
    let mut n_served = 0;
    while n_served < 60 || begin.elapsed() < Duration::from_secs(6) {
        served(site.public, 4);
        n_served += 4;
        // Some wait to be let in.
        let n_open = open_files(&site);
        assert!(n_open < before + 300 + 256 + 32, "{n_open} files are open");
    }
    subscriber.hear("heartbeat");
    let n_made = attackers.stop();
    assert!(n_made > 1_200, "{n_made} connections are no attack");
    eventually("everything of the attackers is given back", || {
        (open_files(&site) <= before + 8).then_some(())
    });
    served(site.public, 8);
    site.signal(Signal::TERM);
    let (status, log) = site.end();
    assert_eq!(status.code(), Some(0), "{log}");
    // At its end the one side may hear that the other is gone.
    let lines = log.lines().take_while(|line| !line.contains("stopping"));
    let complaints: Vec<&str> =
        lines.filter(|line| line.contains("ERROR") || line.contains("WARN")).collect();
    assert!(complaints.iter().all(|line| line.contains("data_dir")), "{complaints:#?}");
}

/// As many files as this process may have open.
fn allow_open_files() -> usize {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    usize::try_from(limit.maximum.unwrap_or(1 << 20)).unwrap()
}

#[test]
fn others_are_served_nearly_as_fast_while_it_is_attacked() {
    if !is_long() {
        return;
    }
    let n_idle = allow_open_files().saturating_sub(500).min(20_000);
    let (_farm, site) = serve("");
    served(site.public, 200);
    let p99 = |took: &[Duration]| took[took.len() * 99 / 100];
    let mut worst: f64 = 0.0;
    for attack in Attack::ALL {
        let n_connections = if attack == Attack::Idle { n_idle } else { 2_000 };
        let calm = p99(&served(site.public, 1_000));
        let attackers = Attackers::start(site.public, &[attack], n_connections);
        let begin = Instant::now();
        let mut took = Vec::new();
        while took.len() < 1_000 || begin.elapsed() < Duration::from_secs(15) {
            took.extend(served(site.public, 20));
        }
        took.sort_unstable();
        let n_made = attackers.stop();
        let ratio = p99(&took).as_secs_f64() / calm.as_secs_f64();
        worst = worst.max(ratio);
        println!(
            "{attack:?}: {n_made} connections, p99 {:.2} ms before and {:.2} ms under attack, {ratio:.2} times",
            calm.as_secs_f64() * 1e3,
            p99(&took).as_secs_f64() * 1e3,
        );
    }
    println!("the worst: {worst:.2} times; wanted: at most 2");
}
