//! The text format, and what a scrape gets.

use super::*;

const START: f64 = 1_795_431_300.0;

fn get(world: &World, path: &str) -> (u16, String) {
    let answer = answer(world, &Request::get(path));
    (answer.status, String::from_utf8(answer.body).unwrap())
}

#[test]
fn every_family_is_announced_once_and_every_line_belongs_to_the_last_one() {
    let world = World::new(1, START);
    let (status, text) = get(&world, "/hosts/0/metrics");
    assert_eq!(status, 200);
    let mut family = "";
    let mut announced = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap();
            assert!(!announced.contains(&family), "{family}");
            announced.push(family);
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert_eq!(name.split('{').next().unwrap(), family);
            assert!(value.parse::<f64>().unwrap().is_finite(), "{line}");
        }
    }
    assert_eq!(announced.len(), families::FAMILIES.len());
    assert!(text.ends_with('\n'));
    assert!(text.contains("node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} "));
    assert!(text.contains("node_memory_MemTotal_bytes 3."));
}

#[test]
fn a_counter_is_called_total_and_nothing_else_is() {
    for family in &families::FAMILIES {
        assert_eq!(
            family.kind == families::Kind::Counter,
            family.name.ends_with("_total"),
            "{}",
            family.name
        );
    }
    assert!(families::FAMILIES.is_sorted_by_key(|family| family.name));
}

#[test]
fn labels_are_escaped() {
    let mut text = String::new();
    line(&mut text, "x", &[("a", "b\"c\\d\ne".to_owned()), ("f", String::new())], 1.0);
    assert_eq!(text, "x{a=\"b\\\"c\\\\d\\ne\",f=\"\"} 1\n");
}

#[test]
fn what_is_down_answers_503_and_what_is_unknown_404() {
    let mut world = World::new(1, START);
    world.take_offline("drone-izar-host");
    assert_eq!(get(&world, "/hosts/0/metrics").0, 503);
    assert_eq!(get(&world, "/hosts/1/metrics").0, 200);
    for path in ["/hosts/x/metrics", "/hosts/1", "/metrics", "/hosts/1/metrics/more"] {
        assert_eq!(get(&world, path).0, 404, "{path}");
    }
    world.stop("altair-link.internal.lan:8090");
    assert_eq!(get(&world, "/services/0/metrics").0, 503);
    assert_eq!(get(&world, "/services/1/metrics").0, 200);
}

#[test]
fn a_prober_is_up_whatever_it_finds() {
    let mut world = World::new(1, START);
    world.stop("http://altair-link.internal.lan:8090/healthz");
    let (status, text) = get(&world, "/services/9/metrics");
    assert_eq!(status, 200);
    assert!(text.contains("\nprobe_success 0\n"), "{text}");
    assert!(get(&world, "/services/11/metrics").1.contains("\nprobe_success 1\n"));
}

#[test]
fn the_scrape_jobs_name_every_target_with_its_own_labels() {
    let world = World::new(1, START);
    let yaml = scrape_jobs(&world, "127.0.0.1:4711");
    assert_eq!(yaml.matches("targets: [\"127.0.0.1:4711\"]").count(), 9 + 12);
    assert_eq!(yaml.matches("job_name: \"node\"").count(), 1);
    let line =
        "labels: {instance: \"drone-izar-host.internal.lan:9100\", __metrics_path__: \"/hosts/0/metrics\"}";
    assert!(yaml.contains(line), "{yaml}");
}
