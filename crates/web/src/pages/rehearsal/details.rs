//! Views of one package and one drone, written out.

use super::{
    super::{
        curve::Curve,
        drone::DronePage,
        durations::{BinView, DurationsView, Trend},
        items::ItemView,
        package::{Outcome, PackageView, PartView},
    },
    Fill, badge, instant, text,
};

impl Fill {
    pub(super) fn package_page(self) -> PackageView {
        let outcome = || Outcome { version: self.text(), at: instant(), drone: self.drone() };
        let part = || PartView {
            version: self.text(),
            drone: self.drone(),
            built: text(),
            failed: text(),
            median: self.text(),
            last: instant(),
        };
        PackageView {
            age: self.age(),
            package: self.package().unwrap_or_else(super::Package::pattern),
            summary: self.summary(),
            last_success: self.some(outcome()),
            first_failure: self.some(outcome()),
            items: self.items(),
            durations: self.durations(),
            versions: self.list(part()),
            drones: self.list(part()),
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

    fn durations(self) -> DurationsView {
        let curve = Curve { label: text(), width: 1, path: text() };
        let trend = Trend { curve, n_builds: text(), shortest: text(), longest: text(), newest: text() };
        let bin = BinView { label: text(), builds: text(), percent: 1 };
        DurationsView { trend: self.some(trend), bins: self.list(bin) }
    }
}
