//! The alerts: pending at first, then firing; their labels and texts are full of internals.

use super::{HOUR, MINUTE, World};

/// How long something must last before its alert fires, in seconds.
const PATIENCE: f64 = 2.0 * MINUTE;
/// Above which share a disk raises an alert.
const FULL: f64 = 0.85;

/// What the alerts contain beside the names of hosts, services and mounts.
pub(crate) const INTERNAL_FRAGMENTS: [&str; 8] = [
    "ThorvaldsBackupLate",
    "HomelabHostDown",
    "HomelabDiskFull",
    "HomelabServiceDown",
    "pager@internal.lan",
    "runbooks.internal.lan",
    "WD-WX42A10H7LVC",
    "10.42.0.20",
];

/// An alert that is not inactive.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The labels, `alertname` and `severity` among them.
    pub labels: Vec<(&'static str, String)>,
    /// Texts for whoever is woken.
    pub annotations: Vec<(&'static str, String)>,
    /// Whether it has lasted long enough.
    pub firing: bool,
    /// Since when its condition holds.
    pub active_at: f64,
    /// The value of its expression.
    pub value: f64,
}

impl World {
    /// Every alert that is pending or firing now.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        let mut alerts = vec![self.watchdog()];
        for host in self.hosts() {
            let labels = |name: &str, severity: &str| {
                vec![
                    ("alertname", name.to_owned()),
                    ("instance", host.instance.clone()),
                    ("job", "node".to_owned()),
                    ("severity", severity.to_owned()),
                ]
            };
            if let Some(since) = host.away_since(self.now) {
                let text = format!("{} ({}) is gone, ask pager@internal.lan", host.host, host.address);
                alerts.push(self.alert(labels("HomelabHostDown", "critical"), text, since, 0.0));
                continue;
            }
            let disks = host.disks(self.now).into_iter();
            for disk in disks.filter(|disk| !disk.is_pseudo() && disk.used_share() > FULL) {
                let mut labels = labels("HomelabDiskFull", "warning");
                labels.push(("device", disk.device.to_owned()));
                labels.push(("mountpoint", disk.mountpoint.to_owned()));
                let text = format!("{} on {} is nearly full", disk.mountpoint, host.host);
                let percent = disk.used_share() * 100.0;
                alerts.push(self.alert(labels, text, self.begun_at + 5.0 * HOUR, percent));
            }
        }
        for watched in self.services() {
            let Some(since) = watched.fails_since(self.now) else { continue };
            let service = watched.service;
            let labels = vec![
                ("alertname", "HomelabServiceDown".to_owned()),
                ("instance", service.instance.to_owned()),
                ("job", service.job.to_owned()),
                ("severity", "page".to_owned()),
            ];
            let text = format!("{} at {} does not answer", service.job, service.instance);
            alerts.push(self.alert(labels, text, since, 0.0));
        }
        alerts.extend(self.smart_errors());
        alerts.push(self.backup_late());
        alerts
    }

    /// Fires for ever, to show that alerts arrive.
    fn watchdog(&self) -> Alert {
        let labels = vec![("alertname", "Watchdog".to_owned()), ("severity", "none".to_owned())];
        let text = "Always firing, so that pager@internal.lan hears something".to_owned();
        self.alert(labels, text, self.begun_at + 3.217_481, 1.0)
    }

    /// Comes and goes every few hours.
    fn smart_errors(&self) -> Option<Alert> {
        let into = self.now.rem_euclid(self.scaled(4.0 * HOUR));
        let labels = vec![
            ("alertname", "SmartErrors".to_owned()),
            ("instance", "vault-nas.internal.lan:9633".to_owned()),
            ("serial", "WD-WX42A10H7LVC".to_owned()),
            ("severity", "info".to_owned()),
        ];
        let text = "smartd on vault-nas.internal.lan (10.42.0.20) counts errors".to_owned();
        (into < self.scaled(HOUR)).then(|| self.alert(labels, text, self.now - into, 8.0))
    }

    /// Pending for ever: it must not be counted.
    fn backup_late(&self) -> Alert {
        let labels = vec![
            ("alertname", "ThorvaldsBackupLate".to_owned()),
            ("severity", "warning".to_owned()),
            ("instance", "vault-nas.internal.lan:9100".to_owned()),
        ];
        let text = "/mnt/thor-backup was written to two days ago".to_owned();
        Alert { firing: false, ..self.alert(labels, text, self.begun_at, 176_400.5) }
    }

    fn alert(&self, labels: Vec<(&'static str, String)>, text: String, active_at: f64, value: f64) -> Alert {
        let runbook = "https://runbooks.internal.lan/homelab".to_owned();
        let firing = self.now - active_at >= self.scaled(PATIENCE);
        Alert {
            labels,
            annotations: vec![("runbook_url", runbook), ("summary", text)],
            firing,
            active_at,
            value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: f64 = 1_795_431_300.0;

    fn label<'a>(alert: &'a Alert, name: &str) -> Option<&'a str> {
        alert.labels.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    fn named(world: &World, name: &str) -> Vec<Alert> {
        world.alerts().into_iter().filter(|alert| label(alert, "alertname") == Some(name)).collect()
    }

    #[test]
    fn a_host_that_falls_silent_is_pending_first_and_fires_later() {
        let mut world = World::new(8, START);
        world.bring_back("sweeper-capella-vm");
        let before = named(&world, "HomelabHostDown").len();
        world.stop("vault-nas");
        let alerts = named(&world, "HomelabHostDown");
        assert_eq!(alerts.len(), before + 1);
        assert!(alerts.iter().any(|alert| !alert.firing && alert.active_at == START));
        world.advance_to(START + PATIENCE);
        assert!(
            named(&world, "HomelabHostDown").iter().any(|alert| alert.active_at == START && alert.firing)
        );
    }

    #[test]
    fn every_severity_occurs_within_hours_and_pending_ones_too() {
        let mut world = World::new(1, START);
        let (mut firing, mut pending) = (Vec::new(), 0);
        for hour in 0..9 {
            world.advance_to(START + f64::from(hour) * HOUR);
            for alert in world.alerts() {
                assert!(alert.active_at <= world.now());
                pending += usize::from(!alert.firing);
                if alert.firing {
                    firing.push(label(&alert, "severity").unwrap().to_owned());
                }
            }
        }
        for severity in ["critical", "warning", "info", "none"] {
            assert!(firing.iter().any(|found| found == severity), "{severity}");
        }
        assert!(pending > 0);
    }

    #[test]
    fn every_text_names_something_internal() {
        let world = World::new(1, START);
        let internal = world.internal_strings();
        for alert in world.alerts() {
            for (name, text) in &alert.annotations {
                assert!(internal.iter().any(|word| text.contains(word.as_str())), "{name}: {text}");
            }
        }
    }
}
