//! Every template with everything and with nothing, so that one that does not fit its view fails at the start.
//!
//! The views are written out here and not made from a snapshot: each branch of a template is to be walked, also those
//! that never come together.
//!
//! - [`details`] those about one package or drone
//! - [`mod@reference`] the one for those who write programs
//! - [`machines`] those about hosts, services, alerts and logs

mod details;
mod machines;
mod reference;

use super::{
    ErrorView, Pages, PagesError,
    about::{AboutView, OriginView, ScoreView},
    activity::{ActivityView, Line},
    badge::{Badge, Tone},
    builds::{ActiveBuild, BlockedItem, Expected, Late, PendingItem, Progress, Range},
    counts::{Bar, CountsView, DrainView, Part, SessionView, Tile},
    dashboard::{ActiveView, DashboardView, DayView, RecentView, SwarmView, VerdictView},
    drones::{DroneView, FleetView, TaskView},
    history::{Choice, DateField, Form, HistoryView, PagingView, SummaryView},
    patterns::Patterns,
    queue::{Group, ListView, QueueView},
    scene::Age,
    shell::{MomentView, NavItem, NoticeView, Shell, SourceView},
    time::Instant,
    trend::{TrendCurve, TrendView},
    words::{DroneName, Package, PieceView, SentenceView},
};
use crate::integrations::{badge, feed::FeedView};

/// How much the views of a rehearsal hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Every value is known, every list has a row.
    Full,
    /// No value is known, every list is empty.
    Empty,
    /// Every list has a row of which nothing is known.
    Hollow,
}

/// Renders every page.
///
/// # Errors
/// Names the first template that does not fit.
pub(super) fn rehearse(pages: &Pages) -> Result<(), PagesError> {
    for fill in [Fill::Full, Fill::Empty, Fill::Hollow] {
        pages.render("pages/dashboard.html", fill.shell(), fill.dashboard())?;
        pages.render("pages/queue.html", fill.shell(), fill.queue())?;
        pages.render("pages/history.html", fill.shell(), fill.history())?;
        pages.render("pages/infrastructure.html", fill.shell(), fill.infrastructure())?;
        pages.render("pages/about.html", fill.shell(), fill.about())?;
        pages.render("pages/api.html", fill.shell(), fill.api())?;
        pages.render("pages/package.html", fill.shell(), fill.package_page())?;
        pages.render("pages/drone.html", fill.shell(), fill.drone_page())?;
        pages.render("pages/error.html", fill.shell(), ErrorView { status: 404, message: "text" })?;
    }
    for feed in FeedView::specimens() {
        pages.feed(&feed)?;
    }
    pages.badge(&badge::Badge::specimen().picture())?;
    Ok(())
}

impl Fill {
    fn some<T>(self, value: T) -> Option<T> {
        (self == Self::Full).then_some(value)
    }

    fn list<T>(self, row: T) -> Vec<T> {
        if self == Self::Empty { Vec::new() } else { vec![row] }
    }

    fn text(self) -> Option<String> {
        self.some(text())
    }

    fn at(self) -> Option<Instant> {
        self.some(instant())
    }

    fn package(self) -> Option<Package> {
        self.some(Package { category: text(), name: text(), version: text(), path: text() })
    }

    fn activity(self) -> ActivityView {
        let line = Line {
            badge: badge(),
            has_package: !self.is(),
            package: self.package(),
            drone: self.drone(),
            text: self.text(),
            at: instant(),
        };
        ActivityView { age: self.age(), lines: self.list(line) }
    }

    fn drone(self) -> Option<DroneName> {
        self.some(DroneName { name: text(), path: text() })
    }

    fn is(self) -> bool {
        self == Self::Full
    }

    fn age(self) -> Age {
        Age { at: self.at(), state: "online", is_old: self.is(), source: "text" }
    }

    fn sentence(self) -> SentenceView {
        self.list(PieceView { text: text(), path: self.text(), time: self.at() })
    }

    fn shell(self) -> Shell {
        let moment = MomentView { epoch: text(), seq: 0, server_time: text(), at: instant() };
        let source = SourceView {
            id: "text",
            name: "text",
            badge: badge(),
            since: instant(),
            last_seen: self.at(),
            checked: self.at(),
            fault: self.some("text"),
            withheld: self.is(),
        };
        Shell {
            tone: Tone::Ok,
            title: text(),
            path: self.text(),
            preview: self.text(),
            nav: self.list(NavItem { path: "/", text: "text", is_current: self.is() }),
            notices: self.list(NoticeView { badge: badge(), code: "text", text: self.sentence() }),
            sources: self.list(source),
            moment: self.some(moment),
        }
    }

    fn about(self) -> AboutView {
        let source = OriginView {
            name: "text",
            gives: "text",
            badge: badge(),
            seen: self.at(),
            late: self.text(),
            silent: self.text(),
        };
        let score = ScoreView { basis: "text", builds: self.text(), error: self.text(), inside: self.text() };
        let (sources, scores) = (self.list(source), self.list(score));
        AboutView { sources, scores, keeps_names: self.is(), started: instant() }
    }

    fn dashboard(self) -> DashboardView {
        DashboardView {
            verdict: VerdictView {
                badge: badge(),
                code: "text",
                text: self.sentence(),
                notes: self.list(self.sentence()),
                since: instant(),
                age: self.age(),
            },
            swarm: SwarmView {
                age: self.age(),
                badge: badge(),
                since: self.at(),
                is_known: self != Self::Empty,
                version: self.text(),
                session: if self == Self::Empty { None } else { Some(self.session()) },
            },
            counts: self.counts(),
            active: self.active(),
            fleet: self.fleet(),
            hosts: self.strip(),
            recent: RecentView { age: self.age(), is_known: self.is(), builds: self.list(self.finished()) },
            activity: self.activity(),
            day: DayView {
                age: self.age(),
                tiles: [self.tile(), self.tile(), self.tile()],
                bar: self.bar(),
                rate: self.text(),
                build_time: self.text(),
                coverage: self.text(),
            },
        }
    }

    fn session(self) -> SessionView {
        SessionView {
            badge: badge(),
            started: self.at(),
            finished: None,
            end: self.some(self.drain()),
            total: self.text(),
            completed: self.text(),
            failed: self.text(),
            percent: self.some(1),
        }
    }

    fn drain(self) -> DrainView {
        let (low, high) = (instant(), instant());
        DrainView { at: instant(), low, high, excluded: self.text(), is_past: self.is() }
    }

    fn counts(self) -> CountsView {
        CountsView {
            age: self.age(),
            tiles: self.list(self.tile()),
            bar: self.bar(),
            total: self.text(),
            drain: self.some(self.drain()),
            is_open: self != Self::Empty,
        }
    }

    fn tile(self) -> Tile {
        Tile { value: self.text(), badge: badge(), is_live: self.is(), note: self.text() }
    }

    fn bar(self) -> Option<Bar> {
        self.some(Bar { label: text(), parts: self.list(Part { tone: Tone::Ok, x: 0, width: 1 }) })
    }

    fn active(self) -> ActiveView {
        ActiveView { age: self.age(), is_known: self.is(), builds: self.list(self.build()) }
    }

    fn build(self) -> ActiveBuild {
        let progress = Progress { percent: 1, started_at: text(), median_seconds: 1, high_seconds: 1 };
        let range = self.some(Range { low: instant(), high: instant() });
        ActiveBuild {
            id: text(),
            package: self.package(),
            compiling: self.package(),
            drone: self.drone(),
            state: "text",
            badge: badge(),
            reason: self.text(),
            started: self.at(),
            assigned: self.at(),
            progress: self.some(progress),
            is_ticking: self.is(),
            expected: self.some(Expected { verb: "text", at: instant(), range, basis: self.text() }),
            late: self.some(Late { high: instant(), basis: text() }),
            failures: self.text(),
            facts: self.text(),
        }
    }

    fn summary(self) -> SummaryView {
        SummaryView {
            tiles: [self.tile(), self.tile(), self.tile()],
            bar: self.bar(),
            rate: self.text(),
            median: self.text(),
            build_time: self.text(),
        }
    }

    fn fleet(self) -> FleetView {
        let drone = DroneView {
            anchor: text(),
            name: text(),
            path: text(),
            role: self.some("text"),
            galaxy: self.text(),
            badge: badge(),
            since: instant(),
            until: self.at(),
            is_offline: !self.is(),
            cores: self.text(),
            memory_gib: self.text(),
            cpu_percent: self.some(1),
            memory_percent: self.some(1),
            load: self.text(),
            task: self.some(TaskView { package: self.package(), compiling: self.package() }),
            last_build: self.package(),
            assigned: self.text(),
            is_optional: self.is(),
        };
        let (counts, drones) = (self.list(badge()), self.list(drone));
        FleetView { age: self.age(), is_known: self != Self::Empty, counts, drones }
    }

    fn queue(self) -> QueueView {
        let pending = PendingItem {
            id: text(),
            position: 1,
            package: self.package(),
            reason: self.some(badge()),
            is_held: self.is(),
            takes: self.text(),
            expected_start: self.at(),
            expected_finish: self.at(),
            facts: text(),
        };
        let blocked = BlockedItem {
            id: text(),
            package: self.package(),
            badge: badge(),
            reason: self.text(),
            failures: 1,
            facts: text(),
        };
        let group = Group { label: text(), id: text(), is_open: self.is(), items: self.list(pending) };
        QueueView {
            age: self.age(),
            is_known: self != Self::Empty,
            is_empty: self.is(),
            last_finished: self.at(),
            counts: self.counts(),
            scope: self.some("text"),
            active: self.active(),
            group_length: 1,
            is_waiting: self.is(),
            pending: self.listed(group),
            blocked: self.listed(blocked),
            recent: self.listed(self.finished()),
            trend: self.some(TrendView {
                age: self.age(),
                curves: self.list(TrendCurve { title: text(), most: text(), curve: machines::curve() }),
            }),
            patterns: Patterns::new(&instant()),
        }
    }

    fn listed<T>(self, row: T) -> ListView<T> {
        ListView { age: self.age(), total: self.text(), rows: self.list(row), truncated: self.text() }
    }

    fn history(self) -> HistoryView {
        let choices = || self.list(Choice { value: text(), text: text(), is_chosen: self.is() });
        let date = || DateField { kind: "date", value: text() };
        HistoryView {
            age: self.age(),
            is_known: self.is(),
            is_filtered: self.is(),
            form: Form {
                drones: choices(),
                statuses: choices(),
                package: text(),
                from: date(),
                to: date(),
                sort: choices(),
                order: choices(),
                per_page: choices(),
            },
            activity: self.some(self.activity()),
            summary: self.summary(),
            outcomes: self.some(self.outcomes()),
            durations: self.durations(),
            drones: self.list(self.part()),
            builds: self.list(self.finished()),
            total: self.text(),
            paging: PagingView {
                number: text(),
                pages: self.text(),
                first: text(),
                prev: self.text(),
                next: self.text(),
                last: text(),
                is_needed: self.is(),
            },
            has_data: self.is(),
            csv: text(),
            json: text(),
            kept: self.text(),
            oldest: self.at(),
            complete_from: self.at(),
        }
    }
}

fn text() -> String {
    "text".to_owned()
}

fn badge() -> Badge {
    Badge::new(Tone::Ok, "text")
}

fn instant() -> Instant {
    Instant { iso: text(), title: text(), text: text(), seconds: true }
}
