//! What stands around the swarm: `[prometheus]`, `[loki]`, `[[services]]`, `[[probes]]`.

use std::collections::BTreeMap;

use scheduler::{
    backend::{
        loki::LokiQueries,
        prometheus::{Expression, Expressions},
    },
    config::{
        Backend, LOKI_INTERVAL, PROMETHEUS_INTERVAL,
        draft::watch::{ProbeDraft, ServiceDraft, WatchDraft},
        infrastructure::{ProbeTarget, Watch},
    },
};

use super::{backends, credentials, keys::Keys, notes::Notes};

/// Reads `[prometheus]`: where it is, and what is asked of it.
pub(super) fn prometheus(
    keys: &mut Keys<'_>,
    notes: &mut Notes,
    disks: &mut BTreeMap<String, String>,
) -> Option<(Backend, Expressions)> {
    let labels = keys.get("disks", "a table of labels by mount point", |value| {
        let labels = value.as_table()?.iter();
        labels.map(|(mount, label)| Some((mount.clone(), label.as_str()?.to_owned()))).collect()
    });
    *disks = labels.unwrap_or_default();
    let expressions = keys.section("expressions", |keys| {
        Expression::ALL.into_iter().fold(Expressions::default(), |expressions, expression| {
            match keys.text(expression.key()) {
                Some(query) => expressions.with(expression, query),
                None => expressions,
            }
        })
    });
    Some((backends::read(keys, notes, PROMETHEUS_INTERVAL)?, expressions))
}

/// Reads `[loki]`: where it is, and what is asked of it.
pub(super) fn loki(keys: &mut Keys<'_>, notes: &mut Notes) -> Option<(Backend, LokiQueries)> {
    let defaults = LokiQueries::default();
    let queries = LokiQueries {
        by_level: keys.text("by_level").unwrap_or(defaults.by_level),
        by_service: keys.text("by_service").unwrap_or(defaults.by_service),
        by_level_day: keys.text("by_level_day").unwrap_or(defaults.by_level_day),
        by_service_day: keys.text("by_service_day").unwrap_or(defaults.by_service_day),
    };
    Some((backends::read(keys, notes, LOKI_INTERVAL)?, queries))
}

/// Reads `[[services]]` and `[[probes]]`.
pub(super) fn watch(
    keys: &mut Keys<'_>,
    notes: &mut Notes,
    disks: BTreeMap<String, String>,
    publish_boot_times: bool,
) -> Option<Watch> {
    let draft = WatchDraft {
        services: keys.sections("services", |keys| {
            let name = keys.text("name");
            keys.section("match", |keys| ServiceDraft {
                name,
                job: keys.text("job"),
                instance: keys.text("instance"),
            })
        }),
        probes: keys.sections("probes", |keys| ProbeDraft {
            credentials: credentials::read(keys, notes).unwrap_or_default(),
            name: keys.text("name"),
            host: keys.text("host"),
            http: keys.text("http"),
            tcp: keys.text("tcp"),
            interval: keys.duration("interval"),
            timeout: keys.duration("timeout"),
        }),
        disks,
        publish_boot_times,
    };
    match draft.check() {
        Ok(watch) => {
            for (idx, probe) in watch.probes.iter().enumerate() {
                if let ProbeTarget::Http(url) = &probe.target {
                    notes.of_way(&format!("probes[{idx}].http"), url, &probe.credentials);
                }
            }
            Some(watch)
        }
        Err(problems) => {
            for problem in problems {
                keys.complain(&problem.key, problem.allowed);
            }
            None
        }
    }
}
