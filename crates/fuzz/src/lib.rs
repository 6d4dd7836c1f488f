//! What is fed with anything at all: everything that reads bytes of a backend or of a client. Nothing may panic, and what
//! is said of each reader must hold.

use std::{borrow::Cow, time::Duration};

use scheduler::{
    config::{Names, infrastructure::Watch},
    testing::{Farm, names},
};
use snapshot::{clock::Now, section::SourceName};

/// A reader's name, and the reader.
pub type Reader = (&'static str, fn(&[u8]));

/// Every reader by its name, in the order of the alphabet.
pub const READERS: [Reader; 13] = [
    ("alerts", alerts),
    ("frames", frames),
    ("gateway", gateway),
    ("guard", guard),
    ("history", history),
    ("identity", identity),
    ("loki", loki),
    ("mirror", mirror),
    ("prometheus", prometheus),
    ("query", query),
    ("queue", queue),
    ("requests", requests),
    ("status", status),
];

/// Lets one reader read something.
pub fn read(reader: &str, bytes: &[u8]) {
    if let Some((_, read)) = READERS.into_iter().find(|(name, _)| *name == reader) {
        read(bytes);
    }
}

/// What a backend answers where nothing else is said: a Prometheus and a Loki that know nothing.
const NOTHING: &[u8] = br#"{"status":"success","data":{"resultType":"vector","result":[],"alerts":[]}}"#;

/// Gives a backend's answer to paths that have a part, and makes a snapshot of it.
fn answer(backend: SourceName, part: &'static str, bytes: &[u8]) {
    let now = Now { wall: jiff::Timestamp::UNIX_EPOCH, uptime: Duration::from_secs(1_000) }
        .later(Duration::from_secs(1_795_431_417));
    let mut farm = Farm::new(Names::default(), Watch::default(), now);
    let bytes = bytes.to_vec();
    // Twice: what was known is compared with what comes.
    for _ in 0..2 {
        let (bytes, is_watcher) =
            (bytes.clone(), matches!(backend, SourceName::Prometheus | SourceName::Loki));
        // Whatever it is, a good answer or a fault.
        let _ = farm.poll(backend, move |path| match (path.contains(part), is_watcher) {
            (true, _) => Some(bytes.clone()),
            (false, true) => Some(NOTHING.to_vec()),
            (false, false) => None,
        });
        farm.wait(5);
    }
    let _ = farm.assemble();
}

/// The gateway's list of nodes.
fn gateway(bytes: &[u8]) {
    answer(SourceName::Gateway, "nodes", bytes);
}

/// The orchestrator's status.
fn status(bytes: &[u8]) {
    answer(SourceName::Orchestrator, "status", bytes);
}

/// The orchestrator's queue.
fn queue(bytes: &[u8]) {
    answer(SourceName::Orchestrator, "queue", bytes);
}

/// The orchestrator's history.
fn history(bytes: &[u8]) {
    answer(SourceName::Orchestrator, "history", bytes);
}

/// Answers to queries of Prometheus, at an instant and over a range.
fn prometheus(bytes: &[u8]) {
    answer(SourceName::Prometheus, "query", bytes);
}

/// The alerts of Prometheus.
fn alerts(bytes: &[u8]) {
    answer(SourceName::Prometheus, "alerts", bytes);
}

/// Answers to metric queries of Loki.
fn loki(bytes: &[u8]) {
    answer(SourceName::Loki, "query", bytes);
}

/// Lines of names.
fn identity(bytes: &[u8]) {
    names::read(&text(bytes));
}

/// A first line with a name of the inside, and a text that is searched for it.
fn guard(bytes: &[u8]) {
    let whole = text(bytes);
    let (name, rest) = whole.split_once('\n').unwrap_or(("altair-host", &whole));
    names::search(name, rest);
}

/// A query string.
fn query(bytes: &[u8]) {
    web::testing::read_query(&text(bytes));
}

/// Requests, as they come from a socket.
fn requests(bytes: &[u8]) {
    web::testing::read_requests(bytes);
}

/// Frames of a subscriber.
fn frames(bytes: &[u8]) {
    web::testing::read_frames(bytes);
}

/// Messages for a subscriber, one a line.
fn mirror(bytes: &[u8]) {
    let whole = text(bytes);
    let mut mirror = web::mirror::Mirror::new();
    for line in whole.lines() {
        // Whatever it makes of it.
        let _ = mirror.receive(line);
    }
    let _ = web::mirror::Mirror::from_document(&whole);
}

/// Any bytes as a text: what is none is a text that nobody expects, too.
#[expect(clippy::disallowed_methods, reason = "there is nobody to report invalid UTF-8 to")]
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
