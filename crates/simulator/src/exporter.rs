//! The hosts' metrics in `node_exporter`'s text format, for a real Prometheus to scrape.
//!
//! One listener serves all of them, each under a path of its own. A Prometheus tells them apart by labels that
//! [`scrape_jobs`] gives them, the same ones that the simulated Prometheus gives its series.
//!
//! - `families`: what is told about a host.

use std::fmt::Write;

use crate::message::{Answer, Request};
use crate::number;
use crate::world::World;
use crate::world::hosts::Host;
use crate::world::services::Watch;

pub(crate) mod families;

/// The content type of the text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a scrape gets: the metrics of a host or a service that is up, and 503 for one that is down.
#[must_use]
pub fn answer(world: &World, request: &Request) -> Answer {
    let mut parts = request.path.trim_start_matches('/').split('/');
    let kind = parts.next().unwrap_or_default();
    let number = parts.next().and_then(|text| text.parse::<usize>().ok());
    let text = match (kind, number, parts.next(), parts.next()) {
        ("hosts", Some(number), Some("metrics"), None) => host_text(world, number),
        ("services", Some(index), Some("metrics"), None) => service_text(world, index),
        _ => return Answer::new(404, "text/plain; charset=utf-8", "404 page not found\n"),
    };
    match text {
        Some(text) => Answer::new(200, CONTENT_TYPE, text),
        None => Answer::new(503, "text/plain; charset=utf-8", "down\n"),
    }
}

/// The metrics of a host at `unix`, as its `node_exporter` would tell them.
#[must_use]
pub fn text(host: &Host, unix: f64) -> String {
    let mut text = String::new();
    for family in &families::FAMILIES {
        header(&mut text, family.name, family.kind.word(), family.help);
        for row in (family.read)(host, unix) {
            line(&mut text, family.name, &row.labels, row.value);
        }
    }
    text
}

/// Jobs for the list `scrape_configs` of a Prometheus, indented by two blanks, that scrape everything from
/// `authority` (`127.0.0.1:1234`) with the labels that the simulated Prometheus has.
#[must_use]
pub fn scrape_jobs(world: &World, authority: &str) -> String {
    let mut jobs: Vec<(&str, Vec<(String, String)>)> = Vec::new();
    let hosts = world.hosts().into_iter().map(|host| ("node", host.instance, "hosts", host.number));
    let services = world.services().into_iter().enumerate();
    let services = services.map(|(index, watched)| {
        (watched.service.job, watched.service.instance.to_owned(), "services", index)
    });
    for (job, instance, kind, number) in hosts.chain(services) {
        let target = (instance, format!("/{kind}/{number}/metrics"));
        match jobs.iter_mut().find(|(name, _)| *name == job) {
            Some((_, targets)) => targets.push(target),
            None => jobs.push((job, vec![target])),
        }
    }
    let mut yaml = String::new();
    for (job, targets) in jobs {
        // Writing to a string cannot fail.
        writeln!(yaml, "  - job_name: {job:?}\n    static_configs:").ok();
        for (instance, path) in targets {
            writeln!(
                yaml,
                "      - targets: [{authority:?}]\n        labels: {{instance: {instance:?}, __metrics_path__: {path:?}}}"
            )
            .ok();
        }
    }
    yaml
}

fn host_text(world: &World, number: usize) -> Option<String> {
    let host = world.hosts().into_iter().find(|host| host.number == number)?;
    host.up(world.now()).then(|| text(&host, world.now()))
}

/// A prober is always up and tells what it found; everything else is up or down itself.
fn service_text(world: &World, index: usize) -> Option<String> {
    let watched = world.services().into_iter().nth(index)?;
    let works = watched.works(world.now());
    let mut text = String::new();
    match watched.service.watch {
        Watch::Probe => {
            header(
                &mut text,
                "probe_duration_seconds",
                "gauge",
                "Returns how long the probe took to complete in seconds",
            );
            line(&mut text, "probe_duration_seconds", &[], watched.probe_duration(world.now()));
            header(&mut text, "probe_success", "gauge", "Displays whether or not the probe was a success");
            line(&mut text, "probe_success", &[], f64::from(u8::from(works)));
        }
        Watch::Scrape if works => {
            header(
                &mut text,
                "process_start_time_seconds",
                "gauge",
                "Start time of the process since unix epoch in seconds.",
            );
            line(&mut text, "process_start_time_seconds", &[], world.begun_at());
        }
        Watch::Scrape => return None,
    }
    Some(text)
}

fn header(text: &mut String, name: &str, kind: &str, help: &str) {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
}

fn line(text: &mut String, name: &str, labels: &[(&'static str, String)], value: f64) {
    text.push_str(name);
    for (index, (label, value)) in labels.iter().enumerate() {
        let escaped = value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n");
        write!(text, "{}{label}=\"{escaped}\"", if index == 0 { '{' } else { ',' }).ok();
    }
    writeln!(text, "{} {}", if labels.is_empty() { "" } else { "}" }, number::shortest(value)).ok();
}

#[cfg(test)]
mod tests;
