//! What the tests of the whole stand on.

pub(crate) mod binary;
pub(crate) mod browser;
pub(crate) mod faketime;
pub(crate) mod frames;
pub(crate) mod http;
pub(crate) mod leaks;
pub(crate) mod metrics;
pub(crate) mod names;
pub(crate) mod namespace;
pub(crate) mod nginx;
pub(crate) mod planted;
pub(crate) mod program;
pub(crate) mod relay;
pub(crate) mod stack;
pub(crate) mod subscriber;
pub(crate) mod terminal;
// The authority and the door that the scheduler's tests have, too.
#[expect(dead_code, reason = "not every kind of certificate is needed here")]
#[path = "../../../scheduler/tests/it/tls.rs"]
pub(crate) mod tls;

use std::time::{Duration, Instant};

/// Long enough for a busy machine; nothing waits this long when all is well.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Whether the tests that take minutes are wanted too, as `cargo xtask test --long` says.
pub(crate) fn is_long() -> bool {
    std::env::var_os("COMMAND_CENTER_LONG").is_some()
}

/// Repeats until something is there; fails with `what` at the deadline.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_every(Duration::from_millis(1), what, look)
}

/// The same with a longer pause: where many look at the same time, looking is work that delays what is waited for.
#[track_caller]
pub(crate) fn eventually_every<T>(pause: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "still waiting: {what}");
        // Until the next look the machine belongs to what is waited for.
        std::thread::park_timeout(pause);
    }
}
