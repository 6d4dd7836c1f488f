//! The documented queue after the documented delta.

use std::sync::Arc;

use super::{at, build, example, name, pending};
use crate::{
    estimate::{Basis, Drain, Estimate},
    history::{Build, BuildId, BuildStatus},
    queue::{ItemState, Queue, QueueItem, Reason},
};

/// The queue of [`example`] a moment later: firefox is built, rust is begun, and what waits was rearranged.
///
/// The id of the new build is another one than in the documentation, which has `9d6s0e5k1u7hf`: "u" is no digit of
/// those ids.
#[must_use]
pub fn example_next() -> Queue {
    let Some(mut queue) = example().queue.get().cloned() else { panic!("the example has a queue") };
    queue.building.remove(1);
    queue.recent.pop();
    let firefox =
        build("www-client/firefox-135.0.1", "Meridian", BuildStatus::Success, "2026-02-23T14:29:52Z");
    let id = BuildId::parse("9d6s0e5k1v7hf").unwrap_or_else(|| panic!("an id of a build"));
    let firefox = Build { id, duration_seconds: Some(1_892), ..(*firefox).clone() };
    queue.recent.insert(0, Arc::new(firefox));
    let rust = &mut queue.building[1];
    (rust.state, rust.reason) = (ItemState::Building, None);
    rust.started_at = Some(at("2026-02-23T14:29:58Z"));
    rust.expected_start_at = None;
    rust.expected_finish_at = Some(at("2026-02-23T15:25:00Z"));
    let qtbase = queue.pending.remove(0);
    queue.building.push(QueueItem {
        state: ItemState::Assigned,
        reason: Some(Reason::DroneBusy),
        drone: Some(name("Izar")),
        assigned_at: Some(at("2026-02-23T14:30:01Z")),
        ..qtbase
    });
    // Maturin overtakes libreoffice.
    queue.pending.swap(5, 6);
    let maturin = &mut queue.pending[5];
    maturin.expected_start_at = Some(at("2026-02-23T15:30:00Z"));
    maturin.expected_finish_at = Some(at("2026-02-23T15:33:00Z"));
    let (median_seconds, low_seconds, high_seconds) = (90, 70, 120);
    let estimate = Estimate { median_seconds, low_seconds, high_seconds, basis: Basis::Package, samples: 18 };
    queue.pending.push(QueueItem {
        estimate: Some(estimate),
        expected_start_at: Some(at("2026-02-23T15:50:00Z")),
        expected_finish_at: Some(at("2026-02-23T15:52:00Z")),
        ..pending("app-editors/vim-9.1.1122")
    });
    queue.drain = Some(Drain {
        median_at: at("2026-02-23T16:43:00Z"),
        low_at: at("2026-02-23T16:09:00Z"),
        high_at: at("2026-02-23T17:33:00Z"),
        excluded: 1,
    });
    (queue.counts.completed, queue.counts.total) = (Some(143), Some(155));
    queue
}
