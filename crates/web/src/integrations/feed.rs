//! What happened, as an Atom feed: finished builds, outages, and what else changed.
//!
//! An entry is the same entry for ever: its name follows from its kind, what it is about and when that began, and so a
//! reader who saw it is told of it once, whatever restarts. An outage that ends is the same entry, updated. Nothing in
//! an entry depends on when it is rendered.

use jiff::Timestamp;
use serde::Serialize;
use snapshot::{
    activity::{Event, What},
    clock::elapsed,
    history::Build,
    outage::{self, Outage, Subject},
    sentence::duration,
    snapshot::Announcement,
};

use super::id::Minter;
use crate::{
    moment::Moment,
    pages::{drone_path, package_path},
};

/// The most entries.
const ENTRIES_MAX: usize = 100;
/// Where there is more about machines and services, about builds, and about sources.
const MACHINES: &str = "/infrastructure";
const BUILDS: &str = "/history";
const SOURCES: &str = "/about/data";
const QUEUE: &str = "/queue";

/// The feed.
#[derive(Debug, Serialize)]
pub(crate) struct FeedView {
    id: String,
    updated: String,
    entries: Vec<EntryView>,
}

/// One entry.
#[derive(Debug, Serialize)]
struct EntryView {
    id: String,
    title: String,
    published: String,
    updated: String,
    /// Below the base path.
    path: String,
    category: &'static str,
    summary: String,
}

/// What an entry is made of.
struct Draft {
    began: Timestamp,
    updated: Timestamp,
    /// What names it beside the day on which it began.
    key: Vec<String>,
    title: String,
    path: String,
    category: &'static str,
    summary: String,
}

impl FeedView {
    pub(crate) fn of(moment: &Moment<'_>, minter: &Minter) -> Self {
        let snapshot = moment.snapshot;
        let builds = snapshot.history.get().into_iter().flat_map(|history| &history.builds);
        let activity = snapshot.activity.get();
        let ended = activity.into_iter().flat_map(|activity| activity.outages.iter().cloned());
        let outages = outage::ongoing(snapshot, moment.now).into_iter().chain(ended);
        let events = activity.into_iter().flat_map(|activity| &activity.events);
        let mut drafts: Vec<Draft> = builds.take(ENTRIES_MAX).map(|build| Draft::of_build(build)).collect();
        drafts.extend(outages.map(|outage| Draft::of_outage(&outage)));
        drafts.extend(events.filter_map(Draft::of_event));
        drafts.extend(
            snapshot.announcement.as_deref().and_then(|it| Draft::of_announcement(it, moment.now.wall)),
        );
        drafts.sort_by(|a, b| (b.updated, &b.key).cmp(&(a.updated, &a.key)));
        drafts.truncate(ENTRIES_MAX);
        let newest = drafts.first().map_or(snapshot.started_at, |draft| draft.updated);
        Self {
            id: minter.feed(),
            updated: written(newest),
            entries: drafts.into_iter().map(|draft| draft.written(minter)).collect(),
        }
    }
}

impl FeedView {
    /// One with nothing in it, and one with something.
    pub(crate) fn specimens() -> [Self; 2] {
        let text = || "text".to_owned();
        let entry = EntryView {
            id: text(),
            title: text(),
            published: text(),
            updated: text(),
            path: text(),
            category: "text",
            summary: text(),
        };
        [Vec::new(), vec![entry]].map(|entries| Self { id: text(), updated: text(), entries })
    }
}

impl Draft {
    fn of_build(build: &Build) -> Self {
        let package = build.package.as_ref();
        let name = package.map_or("a withheld package", |package| package.as_str());
        let on = build.drone.as_ref().map(|drone| format!("on {drone}"));
        let took = build.duration_seconds.map(|seconds| format!("in {}", duration(seconds.into())));
        let how: Vec<String> = on.into_iter().chain(took).collect();
        let end = if how.is_empty() { String::new() } else { format!(" {}", how.join(" ")) };
        Self {
            began: build.finished_at,
            updated: build.finished_at,
            key: vec!["build".to_owned(), build.id.as_str().to_owned()],
            title: format!("{}: {name}", build.status.words()),
            path: package
                .map_or(BUILDS.to_owned(), |package| package_path(package.category(), package.name())),
            category: "build",
            summary: format!("{name}: {}{end}.", lower(build.status.words())),
        }
    }

    fn of_outage(outage: &Outage) -> Self {
        let Outage { subject, from, to } = outage;
        let name = match subject {
            Subject::Source(_) => subject.name().to_owned(),
            Subject::Drone(_) => format!("Drone {}", subject.name()),
            Subject::Host(_) => format!("Host {}", subject.name()),
            Subject::Service(_) => format!("Service {}", subject.name()),
        };
        let state = match subject {
            Subject::Source(_) => "silent",
            Subject::Drone(_) => "offline",
            Subject::Host(_) | Subject::Service(_) => "down",
        };
        let path = match subject {
            Subject::Source(_) => SOURCES.to_owned(),
            Subject::Drone(drone) => drone_path(drone.as_str()),
            Subject::Host(_) | Subject::Service(_) => MACHINES.to_owned(),
        };
        let (title, summary) = match to {
            None => (
                format!("{name} {state} since {}", read(*from)),
                format!("{name} has not been heard since {}.", read(*from)),
            ),
            Some(to) => (
                format!("{name} {state} from {} to {}", read(*from), read(*to)),
                format!("{name} is back after {}.", duration(elapsed(*from, *to).as_secs())),
            ),
        };
        Self {
            began: *from,
            updated: to.unwrap_or(*from),
            key: ["outage", subject.kind(), subject.name(), &written(*from)].map(str::to_owned).to_vec(),
            title,
            path,
            category: "incident",
            summary,
        }
    }

    /// Drones that left and came back are outages already.
    fn of_event(event: &Event) -> Option<Self> {
        let at = event.at;
        let draft = |kind: &str, subject: &str, title: String, path: String, summary: String| Self {
            began: at,
            updated: at,
            key: [kind, subject, &written(at)].map(str::to_owned).to_vec(),
            title,
            path,
            category: "event",
            summary,
        };
        match &event.what {
            What::Left(_) | What::Returned(_) => None,
            What::Blocked { package, reason } => {
                let name = package.as_ref().map_or("a withheld package", |package| package.as_str());
                let path = package.as_ref().map(|package| package_path(package.category(), package.name()));
                let why =
                    reason.map_or(String::new(), |why| format!(": {}", lower(&why.words_for(None, 0, 1))));
                let summary = format!("{name} is not built until something changes{why}.");
                let path = path.unwrap_or_else(|| QUEUE.to_owned());
                Some(draft("blocked", name, format!("Blocked: {name}"), path, summary))
            }
            What::Paused => {
                let summary = "No work is handed out until the swarm is resumed.".to_owned();
                Some(draft("paused", "swarm", "The swarm is paused".to_owned(), QUEUE.to_owned(), summary))
            }
            What::Resumed => {
                let summary = "Work is handed out again.".to_owned();
                Some(draft("resumed", "swarm", "The swarm goes on".to_owned(), QUEUE.to_owned(), summary))
            }
        }
    }

    /// One that has no beginning would begin anew with every start of this process.
    fn of_announcement(announcement: &Announcement, now: Timestamp) -> Option<Self> {
        let from = announcement.from.filter(|from| *from <= now)?;
        let is_over = announcement.until.is_some_and(|until| until <= now);
        // XML has no place for control characters.
        let text: String = announcement.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        (!is_over).then(|| Self {
            began: from,
            updated: from,
            key: vec!["announcement".to_owned(), text.clone()],
            title: text.clone(),
            path: "/".to_owned(),
            category: "announcement",
            summary: text,
        })
    }

    fn written(self, minter: &Minter) -> EntryView {
        let Self { began, updated, key, title, path, category, summary } = self;
        let key: Vec<&str> = key.iter().map(String::as_str).collect();
        let id = match *key {
            // A text is too long for a name, and what it says is nobody's business there.
            ["announcement", text] => minter.tag(began, &["announcement", &minter.short(&[&text])]),
            _ => minter.tag(began, &key),
        };
        EntryView { id, title, published: written(began), updated: written(updated), path, category, summary }
    }
}

/// RFC 3339, in whole seconds.
fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// For readers, on whatever day they read it.
fn read(at: Timestamp) -> String {
    at.strftime("%-d %b %Y %H:%M UTC").to_string()
}

/// In the middle of a sentence.
fn lower(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
