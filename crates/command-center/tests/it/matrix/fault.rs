//! What is done to a backend, and what is expected of it.

use std::time::Duration;

use simulator::{behaviour::Behaviour, oddity::Oddity, simulator::Backend};

use super::farm::Victim;

/// What is done to a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It behaves like this.
    Behaves(Behaviour),
    /// It is gone, and its name leads nowhere.
    NoSuchName,
    /// It has moved: its name leads to another address, and nobody is at the old one.
    Moved,
}

/// To whom it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// To a stack in this process.
    Within,
    /// To the binary, by a name that may lead elsewhere, with time for answers until they are too large.
    Outside,
}

/// What must be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// The fault of this name, and what was known before.
    Fault(&'static str),
    /// What was said.
    Said,
    /// A probe found that the service is down.
    Down,
    /// A probe asks for the head of an answer only, and that is right.
    Unread,
    /// A program that the machine lacks would be needed.
    Skipped,
}

impl Kind {
    /// From one poll to the next. Prometheus is asked a dozen questions in each.
    pub(super) fn interval(self, victim: Victim) -> Duration {
        Duration::from_millis(match (self, victim) {
            (Self::Outside, _) => 4_000,
            (Self::Within, Victim::Backend(Backend::Prometheus)) => 700,
            (Self::Within, _) => 400,
        })
    }

    pub(super) fn timeout(self, victim: Victim) -> Duration {
        self.interval(victim) - Duration::from_millis(50)
    }
}

impl Fault {
    /// All of them; a new behaviour or oddity of the simulator is tried without a word here.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let statuses = [204, 301, 429].map(Behaviour::Status);
        let behaviours = Behaviour::MISBEHAVIOURS.into_iter().chain(statuses).chain([Behaviour::CloseIdle]);
        let behaviours = behaviours.chain(Oddity::ALL.map(Behaviour::Odd)).map(Self::Behaves);
        behaviours.chain([Self::NoSuchName, Self::Moved])
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Behaves(Behaviour::Status(status)) => format!("status {status}"),
            Self::Behaves(Behaviour::Odd(oddity)) => oddity.to_string(),
            Self::Behaves(behaviour) => match behaviour {
                Behaviour::Refuse => "refused",
                Behaviour::StallConnect => "connect stalls",
                Behaviour::HangUp => "hangs up",
                Behaviour::CloseIdle => "closes when idle",
                Behaviour::Stall => "first byte stalls",
                Behaviour::StallBody => "body stalls",
                Behaviour::Drip => "drips",
                Behaviour::Cut => "body cut",
                Behaviour::WrongLength => "wrong length",
                Behaviour::WrongEncoding => "wrong encoding",
                Behaviour::Html => "HTML",
                Behaviour::Garbage => "garbage",
                Behaviour::WrongTypes => "wrong types",
                Behaviour::Huge => "1 GiB",
                Behaviour::GzipBomb => "gzip bomb",
                Behaviour::BrotliBomb => "brotli bomb",
                Behaviour::Redirect => "redirect",
                Behaviour::Empty => "empty body",
                Behaviour::Null => "null",
                Behaviour::DeepNesting => "deep nesting",
                Behaviour::Normal | Behaviour::Status(_) | Behaviour::Odd(_) => "",
            }
            .to_owned(),
            Self::NoSuchName => "no such name".to_owned(),
            Self::Moved => "address changes".to_owned(),
        }
    }

    pub(super) fn kind(self) -> Kind {
        use Behaviour::{BrotliBomb, GzipBomb, Huge};
        match self {
            Self::Behaves(Huge | GzipBomb | BrotliBomb) | Self::NoSuchName | Self::Moved => Kind::Outside,
            Self::Behaves(_) => Kind::Within,
        }
    }

    pub(super) fn expected(self, victim: Victim) -> Expected {
        match victim {
            Victim::Probe => self.found_by_a_probe(),
            Victim::Backend(backend) => self.found_by_a_poll(backend),
        }
    }

    fn found_by_a_poll(self, backend: Backend) -> Expected {
        use Behaviour as B;
        Expected::Fault(match self {
            Self::NoSuchName => "unreachable",
            Self::Moved | Self::Behaves(B::CloseIdle | B::Normal) => return Expected::Said,
            Self::Behaves(B::Odd(oddity)) => match oddity {
                Oddity::DoubleKeys | Oddity::InvalidUtf8 => "bad_body",
                // Counts are all that it says.
                Oddity::HugeNumbers | Oddity::NotNumbers if backend == Backend::Loki => "invalid",
                Oddity::HugeNumbers
                | Oddity::NotNumbers
                | Oddity::Future
                | Oddity::Past
                | Oddity::Reversed
                | Oddity::Doubled
                | Oddity::Emptied => return Expected::Said,
            },
            Self::Behaves(B::Refuse) => "refused",
            Self::Behaves(B::StallConnect | B::Stall | B::StallBody | B::Drip) => "timeout",
            Self::Behaves(B::Redirect | B::Status(301)) => "redirect",
            Self::Behaves(B::Status(_)) => "bad_status",
            Self::Behaves(B::Huge | B::GzipBomb | B::BrotliBomb) => "too_large",
            Self::Behaves(B::HangUp | B::Cut | B::WrongLength | B::WrongEncoding) => "bad_body",
            Self::Behaves(B::Html | B::Garbage | B::WrongTypes | B::Empty | B::Null | B::DeepNesting) => {
                "bad_body"
            }
        })
    }

    fn found_by_a_probe(self) -> Expected {
        use Behaviour as B;
        match self {
            Self::NoSuchName | Self::Behaves(B::Refuse | B::StallConnect | B::HangUp | B::Stall) => {
                Expected::Down
            }
            // No head that could be believed.
            Self::Behaves(B::WrongLength) => Expected::Down,
            Self::Behaves(B::Status(status)) if status >= 400 => Expected::Down,
            Self::Moved | Self::Behaves(_) => Expected::Unread,
        }
    }
}

/// Whether a fault may be seen instead of another one: a dozen answers without an end, read at the same time by a program
/// that was not optimised, may need all the time that there is.
pub(super) fn may_be(victim: Victim, expected: &str, seen: &str) -> bool {
    victim == Victim::Backend(Backend::Prometheus) && expected == "too_large" && seen == "timeout"
}
