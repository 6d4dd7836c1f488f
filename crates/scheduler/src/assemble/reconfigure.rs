//! Another configuration while the scheduler runs: who is called what, which services are known, what is announced.
//!
//! What was published until now is called by its new names before anything else happens: a machine that a star claims
//! is the same machine as before, with its past and its times, and nothing of it seems to have left or to have come.

use std::{mem, sync::Arc};

use identity::{directory::Moved, name::PublicName};
use snapshot::{
    clock::Now,
    infrastructure::Probes,
    section::{Limits, Observation, Section, SourceName},
};

use super::Assembler;
use crate::config::{Change, Names, infrastructure::Probe};

/// What the assembler must know of a new configuration.
#[derive(Debug)]
pub struct Reconfiguration {
    /// What is different.
    pub change: Change,
    /// Secrets of the new probes that the leak guard must search for.
    pub secrets: Vec<String>,
    /// When the silence of all probes begins to matter.
    pub limits: Limits,
}

impl Assembler {
    /// Takes over another configuration. No probe of the old one may report any more.
    pub fn reconfigure(&mut self, reconfiguration: Reconfiguration, now: Now) {
        let Reconfiguration { change, secrets, limits } = reconfiguration;
        self.announce(change.announcement, now);
        self.snapshot.galaxies = galaxies(&change.identity);
        let moved = self.directory.reconfigure(change.identity);
        self.directory.add_secrets(secrets);
        self.watch.services = change.services;
        // Due again, as the rules are others.
        self.metrics_named_at = None;
        self.set_probes(change.probes, limits, now);
        let pins = mem::take(&mut self.pins).into_iter();
        self.pins =
            pins.filter_map(|((machine, raw), at)| Some(((moved.machine(machine)?, raw), at))).collect();
        self.refresh_guard();
        self.rename_published(&moved, now);
    }

    fn set_probes(&mut self, probes: Vec<Probe>, limits: Limits, now: Now) {
        // What was found stays with the services, by their names.
        self.probed.clear();
        let sources = &mut self.snapshot.sources;
        match sources.get_mut(SourceName::Probes) {
            _ if probes.is_empty() => {
                sources.remove(SourceName::Probes);
                self.snapshot.probes = Section::empty();
                self.note_hits(SourceName::Probes, "probes", 0);
            }
            Some(observation) => observation.limits = limits,
            None => sources.insert(SourceName::Probes, Observation::new(now.wall, limits)),
        }
        self.watch.probes = probes;
    }

    fn rename_published(&mut self, moved: &Moved, now: Now) {
        let published = self.snapshot.clone();
        let moved = Some(moved);
        if let Some(fleet) = published.fleet.get() {
            let fleet = self.renamed_fleet(fleet.clone(), moved);
            self.snapshot.fleet.replace(fleet, now.wall);
        }
        if let Some(queue) = published.queue.get() {
            let queue = self.renamed_queue(queue.clone(), moved);
            self.snapshot.queue.replace(queue, now.wall);
        }
        if let Some(metrics) = published.metrics.get() {
            let metrics = self.renamed_metrics(metrics.clone(), moved);
            self.snapshot.metrics.replace(metrics, now.wall);
        }
        if let Some(probes) = self.snapshot.probes.content.clone() {
            let probes = self.renamed_probes(Probes::clone(&probes), moved);
            self.snapshot.probes.replace(probes, now.wall);
        }
        if let Some(logs) = published.logs.get() {
            let logs = self.renamed_logs(logs.clone());
            self.snapshot.logs.replace(logs, now.wall);
        }
        if let Some(activity) = published.activity.get() {
            let activity = self.renamed_activity(activity.clone(), moved);
            self.snapshot.activity.replace(activity, now.wall);
        }
        if let Some(control) = published.control.get() {
            let (control, n_hits) = self.screen.control(&self.guard, control.clone());
            self.note_hits(SourceName::Orchestrator, "control", n_hits);
            self.snapshot.control.replace(control, now.wall);
        }
    }
}

/// The public names of all galaxies, sorted.
pub(crate) fn galaxies(names: &Names) -> Arc<[PublicName]> {
    let mut galaxies: Vec<_> = names.galaxies().iter().map(|galaxy| galaxy.name.clone()).collect();
    galaxies.sort();
    galaxies.into()
}
