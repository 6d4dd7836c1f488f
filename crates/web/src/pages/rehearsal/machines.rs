//! The views about hosts, services, alerts and logs.

use super::{Fill, badge, instant, text};
use crate::pages::{
    backends::{BackendView, BackendsView},
    curve::{Curve, DayCurves, NumbersRow},
    hosts::{Cell, DiskView, DroneLink, HostView, HostsView, NetworkView, StripView},
    infrastructure::{
        AlertView, AlertsView, GalaxyView, InfrastructureView, ServiceView, ServicesView, SummaryRow,
        SummaryView,
    },
    logs::{LogsView, VolumeView},
    uptime::{MarkView, UptimeView, WindowView},
};

pub(super) fn curve() -> Curve {
    Curve { label: text(), width: 1, path: text() }
}

impl Fill {
    /// What is not there when nothing watches it.
    fn watched<T>(self, view: T) -> Option<T> {
        (self != Self::Empty).then_some(view)
    }

    pub(super) fn strip(self) -> Option<StripView> {
        self.watched(StripView {
            age: self.age(),
            is_known: self.is(),
            counts: self.list(badge()),
            cells: self.list(self.cell()),
            rest: self.text(),
        })
    }

    pub(super) fn infrastructure(self) -> InfrastructureView {
        let summary = SummaryView {
            age: self.age(),
            rows: vec![SummaryRow { title: "text", is_known: self.is(), counts: self.list(badge()) }],
            galaxies: self.list(GalaxyView { name: text(), hosts: self.text() }),
        };
        let alert = AlertView { badge: badge(), count: text(), is_one: self.is(), oldest: self.at() };
        InfrastructureView {
            summary: self.watched(summary),
            hosts: self.watched(self.hosts()),
            services: self.watched(self.services()),
            alerts: self.watched(AlertsView { age: self.age(), is_known: self.is(), rows: self.list(alert) }),
            logs: self.watched(self.logs()),
            backends: self.watched(self.backends()),
        }
    }

    fn backends(self) -> BackendsView {
        let (badge, since) = (badge(), instant());
        let backend = BackendView { name: "text", badge, since, uptime: self.uptime() };
        BackendsView { age: self.age(), rows: self.list(backend) }
    }

    fn uptime(self) -> Option<UptimeView> {
        let window = WindowView { title: "text", up: text(), observed: self.text() };
        let marks = self.list(MarkView { tone: badge().tone, path: text() });
        self.watched(UptimeView { label: text(), marks, windows: self.list(window) })
    }

    fn hosts(self) -> HostsView {
        HostsView {
            age: self.age(),
            is_known: self.is(),
            total: self.text(),
            is_folded: self.is(),
            is_plain: self.is(),
            hosts: self.list(self.host()),
        }
    }

    pub(super) fn host(self) -> HostView {
        let row = NumbersRow { from: instant(), cpu: text(), memory: text() };
        HostView {
            cell: self.cell(),
            numbers_id: text(),
            galaxy: self.text(),
            role: self.text(),
            drone: self.some(DroneLink { path: text(), badge: badge() }),
            cores: self.text(),
            memory_size: self.text(),
            booted: self.at(),
            loads: self.text(),
            network: self.some(NetworkView { received: text(), transmitted: text() }),
            disks: self.list(self.disk()),
            uptime: self.uptime(),
            day: self.some(DayCurves { cpu: curve(), memory: curve(), rows: self.list(row) }),
        }
    }

    fn cell(self) -> Cell {
        Cell {
            anchor: text(),
            name: text(),
            tone: badge().tone,
            badge: badge(),
            since: instant(),
            is_up: self.is(),
            cpu_percent: self.some(1),
            memory_percent: self.some(1),
            memory: self.some(badge()),
            disk: self.some(self.disk()),
        }
    }

    fn disk(self) -> DiskView {
        DiskView { name: text(), size: text(), percent: self.some(1), level: self.some(badge()) }
    }

    fn services(self) -> ServicesView {
        let service = ServiceView {
            name: text(),
            badge: badge(),
            since: instant(),
            host: self.text(),
            latency: self.text(),
            measured_by: "text",
            uptime: self.uptime(),
        };
        let (age, total) = (self.age(), self.text());
        ServicesView { age, is_known: self.is(), total, rows: self.list(service) }
    }

    fn logs(self) -> LogsView {
        LogsView {
            age: self.age(),
            window: self.text(),
            tiles: self.list(self.tile()),
            bar: self.bar(),
            services: self.list(VolumeView { name: text(), lines: text(), day: self.text(), percent: 1 }),
        }
    }
}
