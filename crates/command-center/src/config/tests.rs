//! The configuration, tried with the example and with mistakes.

use super::*;

const EXAMPLE: &str = include_str!("../../../../config/command-center.example.toml");
const NO_VARIABLES: [(&str, &str, Option<String>); 0] = [];

fn problems(text: &str) -> Vec<String> {
    match parse("c.toml", text, &NO_VARIABLES) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_example_is_valid_and_shows_the_defaults() {
    let settings = parse("example", EXAMPLE, &NO_VARIABLES).unwrap();
    let defaults = "[gateway]\nurl = \"http://g\"\n[orchestrator]\nurl = \"http://o\"\n";
    let defaults = parse("defaults", defaults, &NO_VARIABLES).unwrap();
    assert_eq!(settings.listen, defaults.listen);
    assert_eq!(settings.internal_listen, defaults.internal_listen);
    assert_eq!(settings.web, defaults.web);
    let timing = |backend: &Option<scheduler::config::Backend>| {
        backend
            .as_ref()
            .map(|b| (b.interval(), b.timeout(), b.limits().stale_after, b.limits().offline_after))
    };
    assert_eq!(timing(&settings.scheduler.gateway), timing(&defaults.scheduler.gateway));
    assert_eq!(timing(&settings.scheduler.orchestrator), timing(&defaults.scheduler.orchestrator));
    assert_eq!(settings.scheduler.forget_after, defaults.scheduler.forget_after);
    assert_eq!(settings.scheduler.policy, defaults.scheduler.policy);
    assert_eq!(settings.scheduler.history_keep, defaults.scheduler.history_keep);
    assert_eq!(settings.scheduler.identity.stars().len(), 2);
}

#[test]
fn every_key_of_the_example_is_known_and_a_misspelt_one_is_not() {
    for line in EXAMPLE.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')) {
        let (key, _) = line.split_once(" = ").unwrap();
        let misspelt = EXAMPLE.replacen(line, &line.replacen(key, &format!("{key}x"), 1), 1);
        let found = problems(&misspelt);
        assert!(
            found.iter().any(|p| p.contains(&format!("{key}x: there is no such key"))),
            "{key}: {found:?}"
        );
    }
}

#[test]
fn all_problems_are_listed_at_once_with_key_value_and_what_is_allowed() {
    let found = problems(
        r#"
        listen = "nowhere"
        colour = "red"
        [gateway]
        url = "ftp://x"
        interval = "1 parsec"
        [orchestrator]
        url = "http://user:secret@o"
        interval = "1s"
        timeout = "2s"
        [identity]
        unknown = "guess"
        [[identity.stars]]
        aliases = ["a-host"]
        [[identity.stars]]
        name = "10.0.0.1"
        [history]
        keep = 3
        "#,
    );
    for expected in [
        "c.toml: listen = \"nowhere\": must be an address",
        "c.toml: colour: there is no such key",
        "c.toml: gateway.url = \"ftp://x\": must be an absolute http:// or https:// URL",
        "c.toml: gateway.interval = \"1 parsec\": must be a duration",
        "c.toml: orchestrator.timeout = \"2s\": must be more than 0s and less than the interval",
        "c.toml: identity.unknown = \"guess\": must be \"pseudonym\" or \"drop\"",
        "c.toml: identity.stars[0].name: is missing",
        "c.toml: identity.stars[1].name = \"10.0.0.1\": a name is not an address",
        "c.toml: history.keep = 3: must be a whole number from 100 to 1000000",
    ] {
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{expected}\n{found:#?}");
    }
    assert_eq!(found.len(), 9, "{found:#?}");
}

#[test]
fn a_syntax_error_names_its_line() {
    let found = problems("listen = \"127.0.0.1:1\"\n[gateway\n");
    assert!(found[0].starts_with("c.toml:2: "), "{found:?}");
}

#[test]
fn a_password_in_a_url_is_not_repeated() {
    let found = problems("[gateway]\nurl = \"ftp://user:secret@g\"\n");
    assert!(!found[0].contains("secret"), "{found:?}");
}

#[test]
fn environment_variables_override_the_file_and_are_named_in_problems() {
    let variable = |value: &str| [("GATEWAY_URL", "gateway", Some(value.to_owned()))];
    let file = "[gateway]\nurl = \"http://file\"\n";
    let settings = parse("c.toml", file, &variable("http://variable:1")).unwrap();
    assert_eq!(settings.scheduler.gateway.unwrap().url().host_str(), Some("variable"));
    let error = parse("c.toml", file, &variable("variable")).unwrap_err();
    assert!(error.to_string().starts_with("GATEWAY_URL: gateway.url"), "{error}");
}

#[test]
fn a_notice_with_an_internal_name_is_refused() {
    let text = "[[identity.stars]]\nname = \"Izar\"\naliases = [\"drone-izar-host\"]\n";
    let found = problems(
        &format!("{text}[notice]\ntext = \"We move drone-izar-host.\"\n").replace("[[id", "[identity]\n[[id"),
    );
    assert!(found[0].contains("internal names"), "{found:?}");
    assert!(problems("[notice]\ntext = \"See 10.0.0.7\"\n")[0].contains("10.0.0.7"));
    assert!(problems("[notice]\ntext = \"Izar moves.\"\n").is_empty());
}

#[test]
fn what_stands_around_the_swarm_is_checked_like_the_rest() {
    let text = r#"
        [prometheus]
        url = "http://p"
        disks = { "/mnt/pool" = "Pool" }
        [prometheus.expressions]
        cpu_percent = "cpu"
        typo = "x"
        [[services]]
        name = "Gateway"
        match = { job = "gateway" }
        [[services]]
        name = "Lost"
        [[probes]]
        name = "Web"
        http = "ftp://x"
        [[probes]]
        name = "Both"
        "#;
    let found = problems(text);
    for expected in [
        "c.toml: prometheus.expressions.typo: there is no such key",
        "c.toml: services[1].match: must name a job",
        "c.toml: probes[0].http = \"ftp://x\": must be an absolute",
        "c.toml: probes[1] = ",
    ] {
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{expected}\n{found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");
}
