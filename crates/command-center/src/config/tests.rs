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
    // Where the site is has no default.
    let defaults = "public_url = \"https://status.example.org\"\n[gateway]\nurl = \"http://g\"\n\
                    [orchestrator]\nurl = \"http://o\"\n";
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
        trusted_proxies = ["10.0.0.0/40"]
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
        [http]
        max_connections = 0
        max_per_address = "many"
        request_within = "0s"
        stalled_after = "1h"
        [websocket]
        max_subscribers = -1
        max_per_address = 0
        heartbeat = "1m"
        slow_after = "0s"
        stalled_after = "2m"
        origins = ["blog.example.org"]
        "#,
    );
    for expected in [
        "c.toml: listen = \"nowhere\": must be an address",
        "c.toml: colour: there is no such key",
        "c.toml: gateway.url = \"ftp://x\": must be an absolute http:// or https:// URL",
        "c.toml: gateway.interval = \"1 parsec\": must be a duration",
        "c.toml: orchestrator.url = \"http://…@o\": must not contain a user or a password",
        "c.toml: orchestrator.timeout = \"2s\": must be more than 0s and less than the interval",
        "c.toml: identity.unknown = \"guess\": must be \"pseudonym\" or \"drop\"",
        "c.toml: identity.stars[0].name: is missing",
        "c.toml: identity.stars[1].name = \"10.0.0.1\": a name is not an address",
        "c.toml: history.keep = 3: must be a whole number from 100 to 1000000",
        "c.toml: http.max_connections = 0: must be a whole number from 1 to 1000000",
        "c.toml: http.max_per_address = \"many\": must be a whole number",
        "c.toml: http.request_within = \"0s\": must be from 1s to 5m",
        "c.toml: http.stalled_after = \"1h\": must be from 1s to 5m",
        "c.toml: websocket.max_subscribers = -1: must be a whole number",
        "c.toml: websocket.max_per_address = 0: must be a whole number",
        "c.toml: websocket.heartbeat = \"1m\": must be from 1s to 20s",
        "c.toml: websocket.slow_after = \"0s\": must be more than 0s",
        "c.toml: websocket.stalled_after = \"2m\": must be at most 60s",
        "c.toml: websocket.origins = [\"blog.example.org\"]: must be a list of origins",
        "c.toml: trusted_proxies = [\"10.0.0.0/40\"]: must be a list of addresses and networks",
    ] {
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{expected}\n{found:#?}");
    }
    assert_eq!(found.len(), 21, "{found:#?}");
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

const MARK: &str = "c4n4ry-s3cret";

/// A directory with files of secrets, good and bad, and a configuration that would stand in it.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.write("good", format!("  {MARK}\r\n"), 0o600);
        files.write("open", MARK, 0o644);
        files.write("empty", " \n", 0o600);
        files.write("lines", format!("{MARK}\n{MARK}\n"), 0o600);
        files.write("latin", b"c4n4ry-s3cret\xfc", 0o600);
        files.write("umlaut", format!("{MARK}ü"), 0o600);
        files.write("words", format!("Bearer {MARK}"), 0o600);
        files.write("large", "x".repeat(4097), 0o600);
        std::fs::create_dir(files.0.path().join("directory")).unwrap();
        files
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn parse(&self, text: &str) -> Result<Settings, Vec<String>> {
        let place = self.0.path().join("c.toml");
        parse(place.to_str().unwrap(), text, &NO_VARIABLES).map_err(|error| {
            assert!(!format!("{error:?} {error}").contains("c4n4ry"), "{error}");
            let start = format!("{}: ", place.display());
            error.problems().iter().map(|it| it.to_string().replacen(&start, "", 1)).collect()
        })
    }
}

#[test]
fn every_bad_credential_is_refused_under_its_key_and_never_shown() {
    let files = Files::new();
    for (key, expected) in [
        ("bearer_token_file = 5", "bearer_token_file: must be the path of a file"),
        ("bearer_token_file = \"c4n4ry-s3cret\"", "bearer_token_file: there is no such file"),
        ("bearer_token_file = \"directory\"", "bearer_token_file: must be a file"),
        ("bearer_token_file = \"empty\"", "bearer_token_file: the file is empty"),
        ("bearer_token_file = \"lines\"", "bearer_token_file: the file must hold one line"),
        ("bearer_token_file = \"latin\"", "bearer_token_file: the file is not UTF-8"),
        ("bearer_token_file = \"umlaut\"", "bearer_token_file: must be printable ASCII"),
        ("bearer_token_file = \"words\"", "bearer_token_file: must hold the token alone"),
        ("bearer_token_file = \"large\"", "bearer_token_file: the file is larger than 4096 bytes"),
        ("bearer_token = \"c4n4ry-s3cret\"", "bearer_token: there is no such key"),
        ("basic_auth = \"c4n4ry-s3cret\"", "basic_auth: must be a table"),
        ("basic_auth = { username = \"u\" }", "basic_auth.password_file: is missing"),
        ("basic_auth = { password_file = \"good\" }", "basic_auth.username: is missing"),
        (
            "basic_auth = { username = \"u\", password_file = \"good\", password = \"c4n4ry-s3cret\" }",
            "basic_auth.password: there is no such key",
        ),
        (
            "basic_auth = { username = \"u\", password_file = \"good\" }\nbearer_token_file = \"good\"",
            "basic_auth: cannot stand beside bearer_token_file",
        ),
        ("headers = \"X-A: c4n4ry-s3cret\"", "headers: must be a table"),
        ("headers = { \"X-A: c4n4ry-s3cret\" = 1 }", "headers: must be a table"),
        ("headers = { X-A = [\"c4n4ry-s3cret\"] }", "headers.X-A: must be a text in quotes, or { file"),
        (
            "headers = { X-A = { value = \"c4n4ry-s3cret\" } }",
            "headers.X-A: must be a text in quotes, or { file",
        ),
        ("headers = { X-A = { file = \"lines\" } }", "headers.X-A: the file must hold one line"),
        ("headers = { Host = \"c4n4ry-s3cret\" }", "headers.Host: cannot be set"),
        (
            "headers = { Authorization = \"c4n4ry-s3cret\" }\nbearer_token_file = \"good\"",
            "headers.Authorization: is set already",
        ),
        ("ca_file = \"no-such\"", "ca_file: there is no such file"),
        ("ca_file = \"good\"", "ca_file: holds no certificate"),
    ] {
        for table in ["gateway", "orchestrator", "prometheus", "loki"] {
            let found = files.parse(&format!("[{table}]\nurl = \"http://h\"\n{key}\n")).unwrap_err();
            let is_right = found.len() == 1 && found[0].starts_with(&format!("{table}.{expected}"));
            assert!(is_right, "{key}: {found:?}");
        }
        let text = format!("[[probes]]\nname = \"Web\"\nhttp = \"http://h\"\n{key}\n");
        let found = files.parse(&text).unwrap_err();
        assert!(found[0].starts_with(&format!("probes[0].{expected}")), "{key}: {found:?}");
    }
}

#[test]
fn bad_credentials_of_all_backends_are_listed_at_once() {
    let bad = "bearer_token_file = \"empty\"\nheaders = { Host = \"x\", X-A = 1 }\nca_file = \"no-such\"\n";
    let text = ["gateway", "loki"].map(|table| format!("[{table}]\nurl = \"ftp://h\"\n{bad}"));
    let found = Files::new().parse(&text.concat()).unwrap_err();
    assert_eq!(found.len(), 10, "{found:#?}");
}

#[test]
fn secrets_at_wrong_places_are_not_shown_either() {
    let files = Files::new();
    for text in [
        "[[prometheus]]\nheaders = { X-A = \"c4n4ry-s3cret\" }\n",
        "prometheus = \"u:c4n4ry-s3cret@p\"\n",
        "[gateway]\nurl = \"u:c4n4ry-s3cret@p\"\n",
        "[gateway]\nurl = \"https://u:c4n4ry-s3cret@p\"\n",
        "[[probes]]\nname = \"Web\"\nhttp = \"https://u:c4n4ry-s3cret@p\"\n",
        "[gateway]\nheaders = { X-A = c4n4ry-s3cret }\n",
        "[gateway]\nheaders = { X-A = \"c4n4ry-s3cret }\n",
    ] {
        assert!(files.parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_deserves_a_second_look_is_noted_without_any_value() {
    let files = Files::new();
    let settings = files
        .parse(
            r#"
            [gateway]
            url = "http://93.184.216.34"
            headers = { X-Scope-OrgID = "c4n4ry-s3cret" }
            [prometheus]
            url = "http://prometheus:9090"
            basic_auth = { username = "c4n4ry", password_file = "good" }
            [loki]
            url = "https://loki.example"
            bearer_token_file = "open"
            [[probes]]
            name = "Web"
            http = "http://web.example"
            headers = { X-A = { file = "good" } }
            "#,
        )
        .unwrap();
    let notes: Vec<_> = settings.notes.iter().collect();
    let way = "credentials travel unencrypted to a host that is not private; use https";
    let expected = [
        format!("gateway.url: {way}"),
        "loki.bearer_token_file: the file can be read by every user of this machine".to_owned(),
        format!("probes[0].http: {way}"),
    ];
    assert_eq!(notes, expected);
    assert!(!format!("{settings:?}").contains("c4n4ry"), "no secret in a Debug");
}
