//! The page about machines, and what the dashboard shows of them.

use snapshot::{
    infrastructure::{Host, LogLevel, Reachability},
    section::Section,
    snapshot::Sources,
};

use super::*;

/// The example with only these sources beside the control plane.
fn watched_by(names: &[SourceName]) -> Snapshot {
    let all = testing::example_infrastructure();
    let mut snapshot = testing::example();
    let mut sources: Sources = snapshot.sources.clone();
    for name in names {
        sources.insert(*name, all.sources.get(*name).unwrap().clone());
        match name {
            SourceName::Prometheus => snapshot.metrics = all.metrics.clone(),
            SourceName::Loki => snapshot.logs = all.logs.clone(),
            _ => snapshot.probes = all.probes.clone(),
        }
    }
    Snapshot { sources, galaxies: all.galaxies.clone(), ..snapshot }
}

fn with_hosts(n: usize) -> Snapshot {
    let mut snapshot = testing::example_infrastructure();
    testing::set_hosts(&mut snapshot, testing::many_hosts(n));
    snapshot
}

#[track_caller]
fn check_sections(snapshot: &Snapshot, expected: &[&str]) {
    let html = infrastructure(snapshot);
    for id in ["glance", "alerts", "hosts", "services", "logs"] {
        assert_eq!(html.contains(&format!("id=\"{id}\"")), expected.contains(&id), "{id}");
    }
}

#[test]
fn the_page_has_the_facts_of_the_documented_example() {
    let html = infrastructure(&testing::example_infrastructure());
    assert!(html.contains("<title>◆ 2 building · Infrastructure · Command Center</title>"));
    assert_says(section(&html, "notices"), "▲ Attention Disk var on Altair-Link is 91 % full.");
    let glance = section(&html, "glance");
    assert_says(glance, "Hosts ■ 1 down ● 1 up");
    assert_says(glance, "Services ▲ 1 degraded ● 2 up");
    assert_says(glance, "Alerts ▲ 1 warning");
    assert_says(glance, "Andromeda 0 hosts Milky Way 2 hosts");
    assert_says(section(&html, "alerts"), "▲ warning 1 firing since 03:14 UTC");
    let hosts = section(&html, "hosts");
    assert_says(hosts, "Hosts 2 as of 14:29:51 UTC");
    assert_says(
        hosts,
        "Tarn ■ down 14 cores, –not known, Milky Way, drone down since 03:12 UTC; as a drone ■ offline",
    );
    assert_says(hosts, "Altair-Link ● up 8 cores, 31 GiB, Milky Way, services");
    assert_says(hosts, "up since 11 Feb 08:14 UTC; started 11 Feb 08:13 UTC");
    assert_says(
        hosts,
        "cpu 12 % memory 57 % load 1, 5, 15 min 0.8 0.6 0.6 network in, out 1.2 MB/s, 340 kB/s",
    );
    assert_says(hosts, "root, 250 GB 69 % var, 1 TB 91 % ▲ high");
    assert_says(hosts, "22 Feb 14:30 UTC 31 29 30 28 27 29 57 57 57 57 57 57");
    let services = section(&html, "services");
    assert_says(services, "as of 14:29:47 UTC");
    assert_says(services, "Node exporter ▲ degraded 03:12 UTC –not known –not known Prometheus");
    assert_says(services, "Gateway ● up 20 Feb 19:05 UTC Altair-Link 4 ms a probe");
    let logs = section(&html, "logs");
    assert_says(
        logs,
        "○ critical 0 0 in 1 d ■ error 3 60 in 1 d ▲ warning 12 240 in 1 d ● info 1840 36,800 in 1 d",
    );
    assert_says(
        logs,
        "Lines in 1 h, counted and never read. Gateway 1204, 24,080 in 1 d Orchestrator 651, 13,020 in 1 d",
    );
}

#[test]
fn what_no_configured_source_can_tell_is_not_there() {
    use SourceName::{Loki, Probes, Prometheus};
    check_sections(
        &watched_by(&[Prometheus, Loki, Probes]),
        &["glance", "alerts", "hosts", "services", "logs"],
    );
    check_sections(&watched_by(&[Prometheus]), &["glance", "alerts", "hosts", "services"]);
    check_sections(&watched_by(&[Probes]), &["glance", "services"]);
    check_sections(&watched_by(&[Loki]), &["logs"]);
    check_sections(&watched_by(&[]), &[]);
    assert_says(&infrastructure(&testing::example()), "Nothing watches the machines");
    let glance = infrastructure(&watched_by(&[Probes]));
    assert!(!text(section(&glance, "glance")).contains("Hosts"), "{glance}");
}

#[test]
fn the_way_there_is_shown_where_something_watches() {
    let is_shown = |snapshot: &Snapshot| queue(snapshot).contains("href=\"/infrastructure\"");
    for name in [SourceName::Prometheus, SourceName::Loki, SourceName::Probes] {
        assert!(is_shown(&watched_by(&[name])), "{name:?}");
    }
    assert!(!is_shown(&testing::example()));
    assert!(
        infrastructure(&watched_by(&[SourceName::Loki]))
            .contains("href=\"/infrastructure\" aria-current=\"page\"")
    );
}

#[test]
fn each_section_grows_old_with_its_own_source() {
    let old = "▲ showing what was known at 13:02:07 UTC";
    for (source, sections) in [
        (SourceName::Prometheus, &["glance", "alerts", "hosts", "services"][..]),
        (SourceName::Loki, &["logs"][..]),
        (SourceName::Probes, &["glance", "services"][..]),
    ] {
        let mut snapshot = testing::example_infrastructure();
        testing::silence(&mut snapshot, source, "2026-02-23T13:02:07Z");
        let html = infrastructure(&snapshot);
        for id in ["glance", "alerts", "hosts", "services", "logs"] {
            assert_eq!(
                text(section(&html, id)).contains(old),
                sections.contains(&id),
                "{id} without {source:?}"
            );
        }
        // What was known stays.
        assert_says(section(&html, "hosts"), "Altair-Link ● up");
        assert_says(section(&html, "logs"), "error 3");
    }
}

#[test]
fn alerts_that_are_not_told_are_not_none() {
    let told = |alerts| {
        let mut snapshot = testing::example_infrastructure();
        testing::edit(&mut snapshot.metrics, |metrics| metrics.alerts = alerts);
        let html = infrastructure(&snapshot);
        (text(section(&html, "alerts")), text(section(&html, "glance")))
    };
    let (alerts, glance) = told(Some(Vec::new()));
    assert!(alerts.ends_with("None firing.") && glance.contains("Alerts none"), "{alerts} {glance}");
    let (alerts, glance) = told(None);
    assert!(alerts.ends_with("Not known.") && glance.contains("Alerts –not known"), "{alerts} {glance}");
}

#[test]
fn a_curve_has_gaps_where_nothing_is_known_and_words_for_those_who_do_not_see_it() {
    let html = infrastructure(&testing::example_infrastructure());
    assert_eq!(
        html.matches("role=\"img\" aria-label=\"CPU use over 24 hours: 27 to 98 %, at the end 97 %\"")
            .count(),
        1
    );
    let memory = html.split("aria-label=\"Memory use").nth(1).unwrap();
    assert!(memory.starts_with(" over 24 hours: 56 to 57 %, at the end 57 %, 2 of 48 steps not known\""));
    let path = memory.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(path.matches('M').count(), 2);
    assert!(path.ends_with("L43 43M46 44L47 43"), "{path}");
}

#[test]
fn hosts_and_drones_of_one_name_lead_to_each_other() {
    let mut snapshot = testing::example_infrastructure();
    let host = |name| testing::host(name, Reachability::Up);
    testing::set_hosts(&mut snapshot, vec![host("Izar"), host("Kepler 22")]);
    let (page, dashboard) = (infrastructure(&snapshot), dashboard(&snapshot));
    assert!(page.contains("href=\"/drones/Izar\"") && dashboard.contains("href=\"/drones/Izar\""));
    assert_says(section(&page, "hosts"), "as a drone ▶ building");
    assert!(dashboard.contains("href=\"/infrastructure#host_Kepler_22\""));
    assert!(page.contains("id=\"host_Kepler_22\""));
    assert_eq!(page.matches("as a drone").count(), 1);
}

#[test]
fn the_dashboard_has_a_cell_a_host() {
    let html = dashboard(&testing::example_infrastructure());
    let strip = section(&html, "hosts");
    assert_says(strip, "Tarn ■ down since 03:12 UTC");
    assert_says(strip, "Altair-Link ● up cpu 12 % memory 57 % var 91 % ▲ high");
    assert_says(strip, "as of 14:29:51 UTC");
    assert!(!dashboard(&testing::example()).contains("id=\"hosts\""));
    let html = dashboard(&testing::started_infrastructure());
    assert_says(section(&html, "hosts"), "Prometheus has not answered yet Not known yet.");
}

#[test]
fn a_crowd_of_hosts_is_folded_and_stays_bounded() {
    for (n, n_folded, n_curves, n_cells) in [
        (0, 0, 0, 0),
        (1, 0, 2, 1),
        (12, 0, 24, 12),
        (13, 13, 26, 13),
        (200, 200, 390, 24),
        (1_000, 1_000, 0, 24),
    ] {
        let snapshot = with_hosts(n);
        let html = infrastructure(&snapshot);
        assert_eq!(html.matches("id=\"fold-host_").count(), n_folded, "{n}");
        assert_eq!(html.matches("class=\"curve\"").count(), n_curves, "{n}");
        assert!(html.len() < 5 << 19, "{n}: {} bytes", html.len());
        let strip = dashboard(&snapshot);
        let hosts = section(&strip, "hosts");
        assert_eq!(hosts.matches("class=\"cell\"").count(), n_cells, "{n}");
    }
    assert_says(section(&infrastructure(&with_hosts(0)), "hosts"), "No host is known.");
    assert_says(section(&dashboard(&with_hosts(200)), "hosts"), "■ 5 down ● 195 up");
    assert_says(section(&dashboard(&with_hosts(200)), "hosts"), "176 more are not shown here.");
    assert_says(section(&infrastructure(&with_hosts(1_000)), "hosts"), "Curves are left out");
}

#[test]
fn a_host_of_which_nothing_is_known_says_so() {
    let mut snapshot = testing::example_infrastructure();
    let host = Host { cores: None, ..testing::host("Vega", Reachability::Up) };
    testing::set_hosts(&mut snapshot, vec![host]);
    let html = infrastructure(&snapshot);
    assert_says(
        section(&html, "hosts"),
        "Vega ● up –not known cores, –not known up since 06:00 UTC cpu –not known memory –not known load 1, 5, 15 min –not known",
    );
    assert!(!section(&html, "hosts").contains("<details"));
}

#[test]
fn logs_before_the_first_answer_are_not_zero() {
    let mut snapshot = testing::example_infrastructure();
    snapshot.logs = Section::empty();
    assert!(text(section(&infrastructure(&snapshot), "logs")).ends_with("Not known yet."));
    let mut quiet = testing::example_infrastructure();
    testing::edit(&mut quiet.logs, |logs| {
        (logs.hour.levels, logs.day) = ([0; LogLevel::ALL.len()], None);
        (logs.hour.services, logs.hour.other) = (Vec::new(), u64::MAX);
    });
    let html = infrastructure(&quiet);
    assert_says(section(&html, "logs"), "○ critical 0 ○ error 0");
    assert_says(section(&html, "logs"), "other 18,446,744,073,709,551,615");
}

#[test]
fn every_share_of_time_says_of_how_much_it_is_one() {
    let html = infrastructure(&testing::example_infrastructure());
    let windows = "24 h 52.94 % 7 d 93.25 % 30 d 98.4 % of 97.2 % seen 90 d 98.4 % of 41 % seen";
    assert_says(section(&html, "hosts"), windows);
    let label = "aria-label=\"30 days: up 98.4 % of the 97.2 % observed; failures on 1 of 30 days; 28 days not observed\"";
    assert!(section(&html, "hosts").contains(label));
    assert_says(section(&html, "services"), "a probe 24 h 100 % 7 d 99.97 % 30 d 99.9 % of 97.2 % seen");
    let backends = section(&html, "backends");
    assert_says(backends, "Gateway ● online 06:02 UTC 24 h 100 %");
    assert_says(backends, "Loki ● online 06:02 UTC 24 h 100 %");
    assert!(!backends.contains("Probes"));
}

#[test]
fn what_nobody_saw_is_neither_up_nor_down() {
    let mut snapshot = testing::example_infrastructure();
    snapshot.availability = Section::empty();
    let html = infrastructure(&snapshot);
    assert!(!html.contains("class=\"days\""));
    assert_says(section(&html, "services"), "a probe –not known");
    assert_says(section(&html, "backends"), "Gateway ● online 06:02 UTC –not known");
}
