//! What is known at the instant of the question: how old each source is, and a few figures of the farm.

use std::fmt::Error;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};
use snapshot::{
    clock::{Clock, Now},
    estimate::Score,
    section::SourceState,
    snapshot::Snapshot,
    store::Reader,
};

const STATES: [SourceState; 4] =
    [SourceState::Online, SourceState::Stale, SourceState::Offline, SourceState::Unknown];

/// Asks the published snapshot.
#[derive(Debug)]
pub(super) struct Known {
    reader: Reader<Snapshot>,
    clock: Clock,
}

impl Known {
    pub(super) fn new(reader: Reader<Snapshot>, clock: Clock) -> Self {
        Self { reader, clock }
    }
}

impl Collector for Known {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let (snapshot, now) = (self.reader.load(), self.clock.now());
        sources(&mut encoder, &snapshot, now)?;
        farm(&mut encoder, &snapshot)?;
        estimates(&mut encoder, &snapshot)
    }
}

fn sources(encoder: &mut DescriptorEncoder<'_>, snapshot: &Snapshot, now: Now) -> Result<(), Error> {
    let ages = snapshot
        .sources
        .iter()
        .filter_map(|(name, source)| Some(([("source", name.as_str())], source.age(now)?.as_secs_f64())));
    gauges(
        encoder,
        "command_center_source_age_seconds",
        "How long ago a source last gave a good answer; absent before the first",
        ages,
    )?;
    let states = snapshot.sources.iter().flat_map(|(name, source)| {
        let state = source.state(now);
        let is = move |one: SourceState| if one == state { 1.0 } else { 0.0 };
        STATES.map(|one| ([("source", name.as_str()), ("state", one.as_str())], is(one)))
    });
    gauges(
        encoder,
        "command_center_source_state",
        "1 for the state that a source is shown in, 0 for the others",
        states,
    )
}

fn farm(encoder: &mut DescriptorEncoder<'_>, snapshot: &Snapshot) -> Result<(), Error> {
    let counts = snapshot.queue.get().map(|queue| queue.counts);
    let items = counts.into_iter().flat_map(|counts| {
        [
            ("pending", counts.pending),
            ("building", counts.building),
            ("completed", counts.completed),
            ("failed", counts.failed),
            ("blocked", counts.blocked),
        ]
    });
    let items = items.filter_map(|(state, n)| Some(([("state", state)], f64::from(n?))));
    gauges(encoder, "command_center_queue_items", "Items of the queue as last told, by state", items)?;
    let drones = snapshot.fleet.get().map(snapshot::fleet::Fleet::counts).into_iter().flat_map(|drones| {
        [
            ("building", drones.building),
            ("idle", drones.idle),
            ("paused", drones.paused),
            ("grounded", drones.grounded),
            ("offline", drones.offline),
        ]
    });
    let drones = drones.map(|(state, n)| ([("state", state)], f64::from(n)));
    gauges(encoder, "command_center_drones", "Drones as last told, by state", drones)?;
    let kept = snapshot.history.get().map(|history| u32::try_from(history.builds.len()).unwrap_or(u32::MAX));
    let kept = kept.into_iter().map(|n| ([("", ""); 0], f64::from(n)));
    gauges(encoder, "command_center_history_builds", "Finished builds that are kept in memory", kept)
}

/// What became of what was promised.
fn estimates(encoder: &mut DescriptorEncoder<'_>, snapshot: &Snapshot) -> Result<(), Error> {
    let scores = snapshot.scores;
    let scores = [("package", scores.package), ("category", scores.category), ("global", scores.global)];
    let each = |figure: fn(Score) -> f64| {
        scores.into_iter().filter_map(move |(basis, score)| Some(([("basis", basis)], figure(score?))))
    };
    gauges(
        encoder,
        "command_center_estimate_builds",
        "Finished builds whose duration was estimated before, by what the estimate was learned from",
        each(|score| f64::from(score.builds)),
    )?;
    gauges(
        encoder,
        "command_center_estimate_typical_error_ratio",
        "The median error of estimates, as a part of what was estimated",
        each(|score| f64::from(score.typical_error_percent) / 100.0),
    )?;
    gauges(
        encoder,
        "command_center_estimate_inside_ratio",
        "The part of builds that ended inside the range that was told; 0.8 is meant",
        each(|score| f64::from(score.inside_percent) / 100.0),
    )
}

fn gauges<const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl Iterator<Item = ([(&'static str, &'static str); N], f64)>,
) -> Result<(), Error> {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in values {
        let gauge = ConstGauge::new(value);
        if N == 0 {
            gauge.encode(metric)?;
            return Ok(());
        }
        gauge.encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}
