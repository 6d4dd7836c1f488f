//! One line an event: what differs between one queue and the next.
//!
//! Events are found by comparing, not by reading operations: so they are told after a lost connection too.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use snapshot::{history::BuildStatus, status::DocumentStatus};
use web::mirror::{List, Mirror, Row};

use super::{
    connection::News,
    item::Item,
    state::{Contact, State},
    text::safe,
    view::counts,
};

/// The lines that were not printed yet.
pub(super) struct Lines {
    ready: String,
}

/// Where an item was, and how it stood.
type Places<'a> = HashMap<&'a str, (List, Option<&'a str>)>;

impl Lines {
    pub(super) fn new() -> Self {
        Self { ready: String::new() }
    }

    /// The lines since the last call.
    pub(super) fn print(&mut self) -> String {
        std::mem::take(&mut self.ready)
    }

    /// Compares what `state` knows with what comes next.
    pub(super) fn take(&mut self, state: &State, news: &News) {
        match news {
            News::Lost { why } => {
                if !matches!(state.contact, Contact::Lost { .. }) {
                    self.line(state.now(), "lost", &format!("the server {why}; trying again"));
                }
            }
            News::Queue { mirror, received, .. } => {
                let now = mirror.server_time().unwrap_or(received.wall);
                if !matches!(state.contact, Contact::Kept(_)) {
                    self.line(now, "connected", &format!("{}: {}", safe(&state.server), counts(mirror)));
                }
                if let Some(before) = state.mirror() {
                    self.compare(before, mirror, now);
                }
            }
        }
    }

    fn compare(&mut self, before: &Mirror, after: &Arc<Mirror>, now: Timestamp) {
        for (name, state) in after.sources() {
            if before.sources().get(name).is_some_and(|was| was != state) {
                let known = after.timestamp().map(|at| format!("; the queue is of {}", iso(at)));
                self.line(now, state.as_str(), &format!("{}{}", safe(name), known.unwrap_or_default()));
            }
        }
        // A queue of which nothing was known has no events.
        if before.status() == DocumentStatus::Unknown {
            return;
        }
        match (before.paused(), after.paused()) {
            (was, Some(true)) if was != Some(true) => self.line(now, "paused", "the swarm"),
            (Some(true), Some(false)) => self.line(now, "resumed", "the swarm"),
            _ => {}
        }
        let places = places(before);
        // The newest build is the first.
        for row in after
            .rows(List::Recent)
            .filter(|row| !places.contains_key(row.id()))
            .collect::<Vec<_>>()
            .iter()
            .rev()
        {
            self.finished(Item(row), now);
        }
        for list in [List::Building, List::Blocked, List::Pending] {
            for row in after.rows(list) {
                self.moved(list, row, places.get(row.id()).copied(), now);
            }
        }
    }

    fn finished(&mut self, item: Item<'_>, now: Timestamp) {
        let status = item.0.text("status").and_then(BuildStatus::parse);
        let word = if status == Some(BuildStatus::Success) { "finished" } else { "failed" };
        let words = match status {
            Some(BuildStatus::Success | BuildStatus::Failed) | None => String::new(),
            Some(other) => format!(": {}", other.words()),
        };
        let took = item.0.field("duration_seconds").as_u64();
        let took = took.map(|seconds| format!(" after {}", snapshot::sentence::duration(seconds)));
        let word = if status == Some(BuildStatus::Returned) { "returned" } else { word };
        self.line(now, word, &format!("{}{}{words}", on_drone(item), took.unwrap_or_default()));
    }

    fn moved(&mut self, list: List, row: &Row, before: Option<(List, Option<&str>)>, now: Timestamp) {
        let (item, state) = (Item(row), row.text("state"));
        let reason = |position| item.reason(position).map(|reason| format!(": {reason}")).unwrap_or_default();
        match (list, before) {
            (List::Building, Some((List::Building, was))) if was == state => {}
            (List::Building, _) if state == Some("building") => self.line(now, "started", &on_drone(item)),
            (List::Building, _) if state == Some("stalled") => {
                self.line(now, "stalled", &format!("{}{}", item.package(), reason(1)));
            }
            (List::Blocked, Some((List::Blocked, _))) => {}
            (List::Blocked, _) => self.line(now, "blocked", &format!("{}{}", item.package(), reason(1))),
            (List::Pending, Some((List::Building | List::Blocked, _))) => {
                self.line(now, "moved back", &format!("{} waits again", item.package()));
            }
            _ => {}
        }
    }

    fn line(&mut self, at: Timestamp, word: &str, text: &str) {
        self.ready.push_str(&format!("{}  {word:<10}  {text}\n", iso(at)));
    }
}

fn places(mirror: &Mirror) -> Places<'_> {
    let of = |list| mirror.rows(list).map(move |row| (row.id(), (list, row.text("state"))));
    List::ALL.into_iter().flat_map(of).collect()
}

fn on_drone(item: Item<'_>) -> String {
    let drone = item.drone().map(|drone| format!(" on {drone}"));
    item.package() + &drone.unwrap_or_default()
}

fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
