//! Views of one package and one drone, and of builds as a whole, written out.

use super::{
    super::{
        badge::Tone,
        builds::FinishedBuild,
        curve::Curve,
        drone::DronePage,
        durations::{BinView, DurationsView, Trend},
        items::ItemView,
        outcomes::{OutcomesView, ShapeView, StretchView},
        package::{Outcome, PackageView, PartView},
    },
    Fill, badge, instant, text,
};

impl Fill {
    pub(super) fn package_page(self) -> PackageView {
        let outcome = || Outcome { version: self.text(), at: instant(), drone: self.drone() };
        PackageView {
            age: self.age(),
            package: self.package().unwrap_or_else(super::Package::pattern),
            summary: self.summary(),
            last_success: self.some(outcome()),
            first_failure: self.some(outcome()),
            items: self.items(),
            durations: self.durations(),
            versions: self.list(self.part()),
            drones: self.list(self.part()),
            builds: self.list(self.finished()),
            total: self.text(),
            query: text(),
            oldest: self.at(),
        }
    }

    pub(super) fn drone_page(self) -> DronePage {
        DronePage {
            name: text(),
            age: self.age(),
            drone: self.fleet().drones.pop(),
            items: self.items(),
            host: self.some(self.host()),
            host_age: self.age(),
            builds_age: self.age(),
            summary: self.summary(),
            durations: self.durations(),
            builds: self.list(self.finished()),
            total: self.text(),
            query: text(),
            oldest: self.at(),
        }
    }

    fn items(self) -> Vec<ItemView> {
        self.list(ItemView {
            package: self.package(),
            badge: badge(),
            drone: self.drone(),
            started: self.at(),
            expected: self.at(),
        })
    }

    pub(super) fn finished(self) -> FinishedBuild {
        let (package, drone, took) = (self.package(), self.drone(), self.text());
        let share = self.some(50);
        FinishedBuild { id: text(), package, drone, badge: badge(), took, share, finished: instant() }
    }

    pub(super) fn part(self) -> PartView {
        PartView {
            version: self.text(),
            drone: self.drone(),
            built: text(),
            failed: text(),
            median: self.text(),
            last: instant(),
        }
    }

    pub(super) fn outcomes(self) -> OutcomesView {
        let row = StretchView { from: instant(), built: text(), failed: text(), uncounted: text() };
        OutcomesView {
            width: 8,
            label: text(),
            shapes: self.list(ShapeView { tone: Tone::Ok, path: text() }),
            rows: self.list(row),
        }
    }

    pub(super) fn durations(self) -> DurationsView {
        let curve = Curve { label: text(), width: 1, path: text() };
        let trend = Trend { curve, n_builds: text(), shortest: text(), longest: text(), newest: text() };
        let bin = BinView { label: text(), builds: text(), percent: 1 };
        DurationsView { trend: self.some(trend), bins: self.list(bin) }
    }
}
