//! What surrounds every page: title, navigation, notices and the freshness of the sources.

use jiff::Timestamp;
use serde::Serialize;
use snapshot::{
    notice::{Beside, Notice, notices},
    section::{Observation, SourceName},
    snapshot::Snapshot,
    verdict,
};

use super::{
    badge::{Badge, Tone},
    scene::Scene,
    time::Instant,
    words::SentenceView,
};

/// The parts of the layout.
#[derive(Debug, Serialize)]
pub(super) struct Shell {
    /// The tab's title; it begins with the verdict's shape.
    pub(super) title: String,
    /// The page, below the base path; `None` on error pages, which are nowhere.
    pub(super) path: Option<String>,
    /// What is said of the page where it is linked: the verdict, as of when; `None` on error pages.
    pub(super) preview: Option<String>,
    /// The verdict's tone: the tab's picture.
    pub(super) tone: Tone,
    /// The way to the other pages.
    pub(super) nav: Vec<NavItem>,
    /// What the whole page should say.
    pub(super) notices: Vec<NoticeView>,
    /// Every configured source.
    pub(super) sources: Vec<SourceView>,
    /// Which moment this is; `None` on error pages, which show none.
    pub(super) moment: Option<MomentView>,
}

/// The moment that a page shows, for scripts.
#[derive(Debug, Serialize)]
pub(super) struct MomentView {
    /// This run of the server.
    pub(super) epoch: String,
    /// The version of the queue.
    pub(super) seq: u64,
    /// The server's clock when the page was made, with milliseconds.
    pub(super) server_time: String,
    /// The same for readers.
    pub(super) at: Instant,
}

/// One entry of the navigation.
#[derive(Debug, Serialize)]
pub(super) struct NavItem {
    /// Below the base path.
    pub(super) path: &'static str,
    /// What it is called.
    pub(super) text: &'static str,
    /// Whether it is the page at hand.
    pub(super) is_current: bool,
}

/// A notice.
#[derive(Debug, Serialize)]
pub(super) struct NoticeView {
    /// Its level.
    pub(super) badge: Badge,
    /// Its kind.
    pub(super) code: &'static str,
    /// Its words.
    pub(super) text: SentenceView,
}

/// A source and how fresh it is.
#[derive(Debug, Serialize)]
pub(super) struct SourceView {
    /// Its word in documents.
    pub(super) id: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// Its state.
    pub(super) badge: Badge,
    /// Since when it is in that state.
    pub(super) since: Instant,
    /// The last good answer.
    pub(super) last_seen: Option<Instant>,
    /// The end of the last attempt.
    pub(super) checked: Option<Instant>,
    /// Why the last attempt failed, in words that follow "it".
    pub(super) fault: Option<&'static str>,
    /// The leak guard holds back what it last said.
    pub(super) withheld: bool,
}

/// The pages of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `/`
    Dashboard,
    /// `/queue`
    Queue,
    /// `/history`
    History,
    /// `/infrastructure`
    Infrastructure,
    /// `/about/data`
    About,
    /// `/api`
    Api,
    /// One package: its page is none of the navigation.
    Package,
    /// One drone: neither is this.
    Drone,
    /// None of these.
    Elsewhere,
}

impl Place {
    const NAV: [Self; 3] = [Self::Dashboard, Self::Queue, Self::History];
    /// What knows machines, services or logs.
    const WATCHERS: [SourceName; 3] = [SourceName::Prometheus, SourceName::Loki, SourceName::Probes];

    const fn path(self) -> &'static str {
        match self {
            Self::Dashboard | Self::Package | Self::Drone | Self::Elsewhere => "/",
            Self::Queue => "/queue",
            Self::History => "/history",
            Self::Infrastructure => "/infrastructure",
            Self::About => "/about/data",
            Self::Api => "/api",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Dashboard => "Dashboard",
            Self::Queue => "Queue",
            Self::History => "History",
            Self::Infrastructure => "Infrastructure",
            Self::About => "About the data",
            Self::Api => "API",
            Self::Package | Self::Drone | Self::Elsewhere => "Command Center",
        }
    }

    /// The sources that the page rests on.
    pub(super) const fn sources(self) -> &'static [SourceName] {
        match self {
            Self::Dashboard | Self::About | Self::Elsewhere => &SourceName::ALL,
            Self::Api => &[],
            Self::Queue | Self::History | Self::Package => &[SourceName::Orchestrator],
            Self::Drone => &[SourceName::Gateway, SourceName::Orchestrator, SourceName::Prometheus],
            Self::Infrastructure => &Self::WATCHERS,
        }
    }
}

impl Shell {
    /// The surroundings of a page that shows this moment.
    pub(super) fn of(scene: Scene<'_>, place: Place, epoch: &str, seq: u64) -> Self {
        Self::about(scene, place, (place.text(), place.path().to_owned()), epoch, seq)
    }

    /// The surroundings of a page about something that has a name.
    pub(super) fn about(
        scene: Scene<'_>,
        place: Place,
        (name, path): (&str, String),
        epoch: &str,
        seq: u64,
    ) -> Self {
        let now = scene.now.wall;
        let verdict = verdict::verdict(scene.snapshot, scene.now);
        let state = format!("{} {}", verdict.level.shape(), verdict.title.plain(now));
        let title = match place {
            Place::Dashboard | Place::Elsewhere => format!("{state} · Command Center"),
            Place::Queue
            | Place::History
            | Place::Infrastructure
            | Place::About
            | Place::Api
            | Place::Package
            | Place::Drone => {
                format!("{state} · {name} · Command Center")
            }
        };
        let beside = if place == Place::Dashboard { Beside::Verdict } else { Beside::Nothing };
        let notices = notices(scene.snapshot, place.sources(), beside, scene.now);
        Self {
            title,
            path: Some(path),
            preview: Some(preview(&verdict, now)),
            tone: Tone::from(verdict.level),
            nav: nav(place, scene.snapshot),
            notices: notices.iter().map(|notice| NoticeView::of(scene, notice)).collect(),
            sources: scene.snapshot.sources.iter().map(|source| SourceView::of(scene, source)).collect(),
            moment: Some(MomentView {
                epoch: epoch.to_owned(),
                seq,
                server_time: now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
                at: scene.second(now),
            }),
        }
    }

    /// The surroundings of a page that shows nothing of the swarm.
    pub(super) fn bare(snapshot: &Snapshot, title: &str) -> Self {
        let title = format!("{title} · Command Center");
        let nav = nav(Place::Elsewhere, snapshot);
        Self {
            title,
            path: None,
            preview: None,
            tone: Tone::Unknown,
            nav,
            notices: Vec::new(),
            sources: Vec::new(),
            moment: None,
        }
    }
}

impl NoticeView {
    fn of(scene: Scene<'_>, notice: &Notice) -> Self {
        Self {
            badge: Badge::new(Tone::from(notice.level), notice.level.word()),
            code: notice.code.as_str(),
            text: scene.sentence(&notice.text),
        }
    }
}

impl SourceView {
    fn of(scene: Scene<'_>, (name, source): (SourceName, &Observation)) -> Self {
        Self {
            id: name.as_str(),
            name: name.title(),
            badge: Badge::source(source.state(scene.now)),
            since: scene.minute(source.since(scene.now)),
            last_seen: source.last_seen.map(|seen| scene.second(seen.at)),
            checked: source.checked_at.map(|at| scene.second(at)),
            fault: source.fault.map(snapshot::section::Fault::words),
            withheld: source.withheld,
        }
    }
}

/// Others keep what they show of a page for days, and so it says as of when.
fn preview(verdict: &verdict::Verdict, now: Timestamp) -> String {
    format!("As of {}: {}", now.strftime("%-d %b %Y %H:%M UTC"), verdict.text.plain(now))
}

/// The way to the infrastructure is shown where something watches it.
fn nav(place: Place, snapshot: &Snapshot) -> Vec<NavItem> {
    let item = |entry: Place| NavItem { path: entry.path(), text: entry.text(), is_current: entry == place };
    let is_watched = Place::WATCHERS.iter().any(|name| snapshot.sources.get(*name).is_some());
    let infrastructure = is_watched.then_some(Place::Infrastructure);
    Place::NAV.into_iter().chain(infrastructure).map(item).collect()
}
