//! What is wrong with the machines, in sentences for notes and notices.
//!
//! They are in the present tense, and so they are said only while Prometheus answers.

use jiff::Timestamp;

use crate::{
    fleet::DroneState,
    infrastructure::{Disk, FillLevel, Host, Metrics, Reachability, Severity},
    section::{SourceName, SourceState},
    sentence::{Sentence, count, enumeration},
    situation::Situation,
};

/// Something that is wrong, and since when, as far as was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The sentence.
    pub(crate) text: Sentence,
    /// Since when; of several machines since the first of them.
    pub(crate) since: Timestamp,
}

/// Hosts that are down. One whose drone is named offline already, or may sleep, is not worth another sentence.
pub(crate) fn down(s: &Situation<'_>) -> Option<Trouble> {
    let is_told = |host: &Host| {
        let drones = s.snapshot.fleet.get().map_or(&[][..], |fleet| &fleet.drones);
        let mut drones = drones.iter().filter(|drone| drone.name.same(host.name.as_str()));
        drones.any(|drone| drone.state == DroneState::Offline && (drone.optional || drone.is_expected()))
    };
    let hosts = || present(s).into_iter().flat_map(|metrics| &metrics.hosts);
    let is_down = |host: &&Host| host.state == Reachability::Down && !is_told(host);
    let down: Vec<&Host> = hosts().filter(is_down).collect();
    let since = down.iter().map(|host| host.state_since).min()?;
    let text = match down.as_slice() {
        [host] => Sentence::new(format!("{} is down since ", host.name)).time(since).text("."),
        hosts => {
            let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
            Sentence::new(format!("{} hosts are down: {}.", hosts.len(), enumeration(&names)))
        }
    };
    Some(Trouble { text, since })
}

/// Disks that are at least this full.
pub(crate) fn full(s: &Situation<'_>, at_least: FillLevel) -> Option<Trouble> {
    let hosts = || present(s).into_iter().flat_map(|metrics| &metrics.hosts);
    let disks = || hosts().flat_map(|host| host.disks.iter().map(move |disk| (host, disk)));
    let is_full = |(_, disk): &(&Host, &Disk)| disk.level() >= Some(at_least);
    let full: Vec<(&Host, &Disk)> = disks().filter(is_full).collect();
    // The first of the fullest.
    let (host, disk) = *full.iter().rev().max_by_key(|(_, disk)| disk.used_percent)?;
    let percent = disk.used_percent?;
    let text = if full.len() == 1 {
        format!("Disk {} on {} is {percent} % full.", disk.name, host.name)
    } else {
        let are = if at_least == FillLevel::Critical { "nearly full" } else { "getting full" };
        format!("{} disks are {are}, {} on {} most of all ({percent} %).", full.len(), disk.name, host.name)
    };
    let seen = s.snapshot.sources.get(SourceName::Prometheus).map(|source| source.since(s.now))?;
    let since = full.iter().filter_map(|(_, disk)| disk.full_since).min().unwrap_or(seen);
    Some(Trouble { text: text.into(), since })
}

/// Alerts that fire and are critical.
pub(crate) fn alarming(s: &Situation<'_>) -> Option<Sentence> {
    let alerts = present(s)?.alerts.as_ref()?;
    let critical = alerts.iter().filter(|alerts| alerts.severity == Severity::Critical);
    let n: u32 = critical.map(|alerts| alerts.count).sum();
    let are = if n == 1 { "is" } else { "are" };
    (n > 0).then(|| Sentence::new(format!("{} {are} firing.", count(n, "critical alert"))))
}

/// That nobody knows any of this any more.
pub(crate) fn silent(s: &Situation<'_>) -> Option<Sentence> {
    let prometheus = s.snapshot.sources.get(SourceName::Prometheus)?;
    let seen = prometheus.last_seen.filter(|_| prometheus.is_late(s.now))?;
    Some(Sentence::new("Metrics are old: Prometheus silent since ").time(seen.at).text("."))
}

/// What Prometheus tells, while it does.
fn present<'a>(s: &Situation<'a>) -> Option<&'a Metrics> {
    let state = s.snapshot.source_state(SourceName::Prometheus, s.now);
    s.snapshot.metrics.get().filter(|_| state == Some(SourceState::Online))
}

#[cfg(test)]
mod tests;
