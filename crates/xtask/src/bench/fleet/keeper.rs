//! What one follower has, and how it judges what it hears.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::{
    message::Message,
    orders::Version,
    queue::{Misfit, Queue},
};

/// The queue of one follower.
#[derive(Debug)]
pub(super) struct Keeper {
    queue: Queue,
    version: Option<Version>,
    silence: Duration,
}

/// How long a server may say nothing before it has said how long.
const SILENCE: Duration = Duration::from_secs(40);
/// What a busy machine may be late by.
const LATE: Duration = Duration::from_secs(5);

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The whole queue.
    Snapshot,
    /// A way from the version that is kept.
    Delta,
    /// A sign of life.
    Heartbeat,
}

/// What must not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// No connection, or no upgrade; why.
    Refused(String),
    /// This side asked too late: the machine is too busy, and the server is right.
    Late,
    /// Nothing was said for too long.
    Silence,
    /// The connection ended.
    Lost,
    /// The server ended it.
    SentAway,
    /// A frame that is neither a text nor an end.
    Unexpected,
    /// A text that the contract does not know.
    NotUnderstood,
    /// A frame of another run of the server.
    OtherRun,
    /// Something between is missing.
    Gap,
    /// The same again, or what was before.
    Backwards,
    /// A step that does not fit.
    Step(Misfit),
    /// The queue is another than the server's.
    Drift,
}

impl Keeper {
    /// Nothing was heard yet.
    pub(super) fn new(is_whole: bool) -> Self {
        Self { queue: Queue::new(is_whole), version: None, silence: SILENCE + LATE }
    }

    /// The version that is kept.
    pub(super) fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// After how much silence the server is gone.
    pub(super) fn silence(&self) -> Duration {
        self.silence
    }

    /// All of the queue, where all is kept.
    pub(super) fn whole(&self) -> Option<Value> {
        self.queue.whole()
    }

    /// The next thing that is heard has to be the whole queue.
    pub(super) fn forget(&mut self) {
        self.version = None;
    }

    /// Takes a text in.
    pub(super) fn hear(&mut self, text: &[u8]) -> Result<Heard, Fault> {
        match serde_json::from_slice(text).map_err(|_| Fault::NotUnderstood)? {
            Message::Snapshot { epoch, seq, hash, queue } => {
                if self.version.as_ref().is_some_and(|mine| mine.epoch == epoch && mine.seq > seq) {
                    return Err(Fault::Backwards);
                }
                self.queue.replace(queue).map_err(Fault::Step)?;
                self.arrive(Version { epoch, seq, hash }).map(|()| Heard::Snapshot)
            }
            Message::Delta { epoch, base, seq, hash, ops, counts } => {
                match &self.version {
                    Some(mine) if mine.epoch != epoch => return Err(Fault::OtherRun),
                    Some(mine) if seq <= mine.seq || seq <= base => return Err(Fault::Backwards),
                    Some(mine) if base == mine.seq => {}
                    _ => return Err(Fault::Gap),
                }
                self.queue.apply(ops, counts).map_err(Fault::Step)?;
                self.arrive(Version { epoch, seq, hash }).map(|()| Heard::Delta)
            }
            Message::Heartbeat { epoch, seq, hash, next_ms } => match &self.version {
                Some(mine) if mine.epoch != epoch => Err(Fault::OtherRun),
                Some(mine) if mine.seq != seq => Err(Fault::Gap),
                Some(mine) if mine.hash == hash => {
                    self.silence = Duration::from_millis(next_ms) * 2 + LATE;
                    Ok(Heard::Heartbeat)
                }
                Some(_) => Err(Fault::Drift),
                None => Err(Fault::Gap),
            },
        }
    }

    fn arrive(&mut self, version: Version) -> Result<(), Fault> {
        if self.queue.hash() != version.hash {
            return Err(Fault::Drift);
        }
        self.version = Some(version);
        Ok(())
    }
}

// === impl Fault ===

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused(why) => return write!(f, "a connection was refused: {why}"),
            Self::Late => "this machine asked too late",
            Self::Silence => "nothing was said for too long",
            Self::Lost => "a connection was lost",
            Self::SentAway => "a connection was ended by the server",
            Self::Unexpected => "a frame of an unexpected kind",
            Self::NotUnderstood => "a text that the contract does not know",
            Self::OtherRun => "a frame of another run of the server",
            Self::Gap => "something between is missing",
            Self::Backwards => "a version came again",
            Self::Step(Misfit(what)) => what,
            Self::Drift => "the queue drifted from the server's",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Fault, Heard, Keeper};

    /// The hash of no rows at all.
    const NOTHING: &str = "811c9dc5";

    fn snapshot(seq: u64, hash: &str) -> Value {
        let queue = json!({"pending": [], "building": [], "blocked": [], "recent": []});
        json!({"type": "snapshot", "epoch": "a", "seq": seq, "hash": hash, "queue": queue})
    }

    fn delta(base: u64, seq: u64, hash: &str) -> Value {
        json!({"type": "delta", "epoch": "a", "base": base, "seq": seq, "hash": hash, "ops": [], "counts": {}})
    }

    fn heartbeat(epoch: &str, seq: u64, hash: &str) -> Value {
        json!({"type": "heartbeat", "epoch": epoch, "seq": seq, "hash": hash, "next_ms": 20_000})
    }

    fn joined() -> Keeper {
        let mut keeper = Keeper::new(false);
        assert_eq!(keeper.hear(snapshot(7, NOTHING).to_string().as_bytes()), Ok(Heard::Snapshot));
        keeper
    }

    #[test]
    fn what_follows_is_taken_and_everything_else_is_a_fault() {
        let cases = [
            (delta(7, 8, NOTHING), Ok(Heard::Delta)),
            (delta(7, 9, NOTHING), Ok(Heard::Delta)),
            (snapshot(9, NOTHING), Ok(Heard::Snapshot)),
            (heartbeat("a", 7, NOTHING), Ok(Heard::Heartbeat)),
            (delta(7, 8, "00000000"), Err(Fault::Drift)),
            (snapshot(9, "00000000"), Err(Fault::Drift)),
            (heartbeat("a", 7, "00000000"), Err(Fault::Drift)),
            (delta(8, 9, NOTHING), Err(Fault::Gap)),
            (delta(6, 7, NOTHING), Err(Fault::Backwards)),
            (delta(7, 7, NOTHING), Err(Fault::Backwards)),
            (snapshot(6, NOTHING), Err(Fault::Backwards)),
            (heartbeat("a", 8, NOTHING), Err(Fault::Gap)),
            (heartbeat("b", 7, NOTHING), Err(Fault::OtherRun)),
            (json!({"type": "greeting"}), Err(Fault::NotUnderstood)),
            (json!({"type": "heartbeat"}), Err(Fault::NotUnderstood)),
        ];
        for (text, expected) in cases {
            assert_eq!(joined().hear(text.to_string().as_bytes()), expected, "{text}");
        }
        let mut keeper = joined();
        keeper.forget();
        assert_eq!(keeper.hear(delta(7, 8, NOTHING).to_string().as_bytes()), Err(Fault::Gap));
    }
}
