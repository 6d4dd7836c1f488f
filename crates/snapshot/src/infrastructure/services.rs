//! Services, whoever measures them.

use crate::{
    infrastructure::{SERVICES_MAX, Service},
    snapshot::Snapshot,
};

/// Every service, ordered by name; `None` when nobody ever told of any.
///
/// A probe of our own has the word over Prometheus, which may still know the host.
#[must_use]
pub fn services(snapshot: &Snapshot) -> Option<Vec<Service>> {
    let probed = snapshot.probes.get().map(|probes| &probes.services);
    let scraped = snapshot.metrics.get().map(|metrics| &metrics.services);
    if probed.is_none() && scraped.is_none() {
        return None;
    }
    let (probed, scraped) = (probed.into_iter().flatten(), scraped.into_iter().flatten());
    let mut all: Vec<Service> = probed.chain(scraped).cloned().collect();
    // Stable: of two with the same name the probe comes first.
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|other, kept| {
        let is_same = kept.name.same(other.name.as_str());
        if is_same {
            kept.host = kept.host.take().or_else(|| other.host.take());
        }
        is_same
    });
    all.truncate(SERVICES_MAX);
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        infrastructure::{Measure, Reachability},
        testing::{edit, example, example_infrastructure, name},
    };

    fn names(snapshot: &Snapshot) -> Vec<(String, Measure)> {
        let services = services(snapshot).unwrap();
        services.iter().map(|service| (service.name.to_string(), service.measured_by)).collect()
    }

    #[test]
    fn a_probe_has_the_word_over_prometheus() {
        let mut snapshot = example_infrastructure();
        edit(&mut snapshot.metrics, |metrics| {
            let mut gateway = metrics.services[0].clone();
            gateway.name = name("gateway");
            gateway.state = Reachability::Down;
            metrics.services.insert(0, gateway);
        });
        edit(&mut snapshot.probes, |probes| probes.services[0].host = None);
        let expected = [
            ("Gateway".to_owned(), Measure::Probe),
            ("Loki".to_owned(), Measure::Prometheus),
            ("Node exporter".to_owned(), Measure::Prometheus),
        ];
        assert_eq!(names(&snapshot), expected);
        let gateway = services(&snapshot).unwrap().remove(0);
        assert_eq!((gateway.state, gateway.host), (Reachability::Up, Some(name("Altair-Link"))));
    }

    #[test]
    fn each_of_both_is_enough_and_without_both_nothing_is_known() {
        let all = example_infrastructure();
        let by = |change: fn(&mut Snapshot)| {
            let mut snapshot = all.clone();
            change(&mut snapshot);
            names(&snapshot).len()
        };
        assert_eq!(by(|it| it.metrics = crate::section::Section::empty()), 1);
        assert_eq!(by(|it| it.probes = crate::section::Section::empty()), 2);
        assert_eq!(services(&example()), None);
    }
}
