//! Rules for the composition. Its form is read strictly: a key that is not one of the Compose specification's, as far as
//! it is used here, is an error, and so is a value of another kind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{COMPOSE, EXAMPLE};
use crate::tidy::at;

/// A variable of the environment where compose puts a value: `${NAME}`, `${NAME:-default}`.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$\{([A-Z_]+)[:}?-]").ok());

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Composition {
    name: String,
    #[serde(rename = "x-server")]
    _template: IgnoredAny,
    services: BTreeMap<String, Service>,
    volumes: BTreeMap<String, Option<IgnoredAny>>,
    networks: BTreeMap<String, Network>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    #[serde(rename = "name")]
    _name: String,
    external: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    image: String,
    container_name: String,
    restart: String,
    environment: BTreeMap<String, String>,
    networks: Vec<String>,
    user: String,
    read_only: bool,
    cap_drop: Vec<String>,
    security_opt: Vec<String>,
    #[serde(rename = "cpus")]
    _cpus: f64,
    #[serde(rename = "mem_limit")]
    _mem_limit: String,
    #[serde(rename = "pids_limit")]
    _pids_limit: u32,
    #[serde(rename = "ulimits")]
    _ulimits: BTreeMap<String, u64>,
    #[serde(rename = "stop_grace_period")]
    _stop_grace_period: String,
    #[serde(rename = "logging")]
    _logging: Logging,
    build: Option<Build>,
    #[serde(default)]
    ports: Vec<String>,
    #[serde(default)]
    volumes: Vec<String>,
    #[serde(default)]
    tmpfs: Vec<String>,
    #[serde(default)]
    profiles: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Logging {
    #[serde(rename = "driver")]
    _driver: String,
    #[serde(rename = "options")]
    _options: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    context: String,
    dockerfile: String,
}

/// Every rule that the composition breaks; `user` is as whom the image runs.
pub fn problems(text: &str, user: &str) -> Vec<String> {
    let composition: Composition = match serde_saphyr::from_str(text) {
        Ok(composition) => composition,
        Err(error) => return vec![at(COMPOSE, 1, format!("is not a composition: {error}"))],
    };
    let mut found = Vec::new();
    let mut expect = |holds: bool, problem: String| {
        if !holds {
            found.push(at(COMPOSE, 1, problem));
        }
    };
    expect(
        composition.name == "command-center",
        "the project's name decides the name of the volume".to_owned(),
    );
    expect(
        composition.networks.values().all(|network| network.external),
        "networks belong to the operator".to_owned(),
    );
    let names: Vec<&str> = composition.services.keys().map(String::as_str).collect();
    expect(
        names == ["candidate", "command-center"],
        format!("there are a service and its candidate, not {names:?}"),
    );
    for (name, service) in &composition.services {
        let is_candidate = name == "candidate";
        expect(service.image.contains("${RELEASE:-"), format!("{name}: images are named by release"));
        expect(service.user == user, format!("{name}: runs as {} and the image as {user}", service.user));
        expect(
            service.read_only && service.cap_drop == ["ALL"],
            format!("{name}: must have nothing to write to and no capabilities"),
        );
        expect(
            service.security_opt == ["no-new-privileges:true"],
            format!("{name}: must not gain privileges"),
        );
        for network in &service.networks {
            expect(composition.networks.contains_key(network), format!("{name}: no network {network}"));
        }
        let named = service.volumes.iter().filter(|volume| !volume.starts_with('.'));
        let named: BTreeSet<&str> = named.filter_map(|volume| volume.split(':').next()).collect();
        let declared: BTreeSet<&str> = composition.volumes.keys().map(String::as_str).collect();
        if is_candidate {
            expect(
                service.ports.is_empty() && named.is_empty() && service.build.is_none(),
                format!("{name}: must have neither ports nor data"),
            );
            expect(
                service.profiles == ["candidate"] && service.restart == "no",
                format!("{name}: must not run by itself"),
            );
            expect(
                service.tmpfs.iter().any(|place| place.starts_with("/data:")),
                format!("{name}: needs /data"),
            );
        } else {
            expect(service.container_name == "command-center", format!("{name}: is called so"));
            expect(service.restart == "unless-stopped", format!("{name}: must come back by itself"));
            expect(
                service.ports == ["8093:5000"],
                format!("{name}: publishes the site as 8093 and nothing else"),
            );
            expect(
                named == declared && service.volumes.iter().any(|volume| volume == "data:/data"),
                format!("{name}: keeps its data in a volume"),
            );
            let build =
                service.build.as_ref().map(|build| (build.context.as_str(), build.dockerfile.as_str()));
            expect(build == Some(("..", super::DOCKERFILE)), format!("{name}: is built from the workspace"));
        }
    }
    let [candidate, service] = ["candidate", "command-center"].map(|name| composition.services.get(name));
    let same = candidate.zip(service).is_none_or(|(candidate, service)| {
        candidate.environment == service.environment && candidate.image == service.image
    });
    expect(same, "a candidate is what will run".to_owned());
    found
}

/// What is read from the environment and what the example has must be the same: by compose, and by deploy.sh.
pub fn variable_problems(compose: &str, example: &str, script: &str) -> Vec<String> {
    let read: BTreeSet<&str> = VARIABLE
        .iter()
        .flat_map(|pattern| pattern.captures_iter(compose))
        .filter_map(|variable| Some(variable.get(1)?.as_str()))
        // deploy.sh says which release is meant.
        .filter(|name| *name != "RELEASE")
        .collect();
    let shown: BTreeSet<&str> = example.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    let mut found = Vec::new();
    for name in read.iter().filter(|name| !shown.contains(*name)) {
        found.push(at(EXAMPLE, 1, format!("does not show {name}, which compose reads")));
    }
    for name in shown.iter().filter(|name| !read.contains(*name) && !name.starts_with('#')) {
        let is_of_deploy = name.starts_with("DEPLOY_") && script.contains(&format!("${{{name}"));
        if !is_of_deploy {
            found.push(at(EXAMPLE, 1, format!("shows {name}, which nobody reads")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{problems, variable_problems};

    const GOOD: &str = include_str!("../../../../docker/compose.yaml");
    const USER: &str = "65532:65532";

    /// One part is another; exactly these problems come of it.
    #[track_caller]
    fn refuses(good: &str, bad: &str, expected: &[&str]) {
        assert!(GOOD.contains(good), "{good}");
        let found = problems(&GOOD.replace(good, bad), USER);
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found:#?}");
        }
    }

    #[test]
    fn the_form_is_read_strictly() {
        refuses("restart: unless-stopped", "restarts: unless-stopped", &["not a composition"]);
        refuses("pids_limit: 128", "pids_limit: many", &["not a composition"]);
        refuses("read_only: true", "read_only: true\n  read_only: true", &["not a composition"]);
        refuses("  data:\n", "  data:\n  other:\n", &["in a volume"]);
        refuses("networks: [swarm]", "networks: [swarm, none]", &["no network none", "no network none"]);
    }

    #[test]
    fn what_is_not_safe_is_refused() {
        refuses("[\"8093:5000\"]", "[\"8093:5000\", \"5001:5001\"]", &["and nothing else"]);
        refuses("read_only: true", "read_only: false", &["no capabilities", "no capabilities"]);
        refuses("cap_drop: [ALL]", "cap_drop: []", &["no capabilities", "no capabilities"]);
        refuses("no-new-privileges:true", "seccomp:unconfined", &["gain", "gain"]);
        refuses("user: \"65532:65532\"", "user: \"0:0\"", &["runs as 0:0", "runs as 0:0"]);
        refuses("profiles: [candidate]", "profiles: [candidate]\n    ports: [\"1:1\"]", &["neither ports"]);
        refuses("restart: \"no\"", "restart: always", &["by itself"]);
        refuses("external: true", "external: false", &["belong to the operator"]);
        assert_eq!(problems(GOOD, USER), [""; 0]);
    }

    #[test]
    fn the_example_shows_what_is_read() {
        let compose = "a: ${A:-}\nb: ${B}\nrelease: ${RELEASE:-x}\n";
        let script = "echo \"${DEPLOY_HOST-}\"";
        assert_eq!(variable_problems(compose, "# x\nA=1\nB=\nDEPLOY_HOST=x\n", script), [""; 0]);
        assert_eq!(variable_problems(compose, "A=1\n", script).len(), 1);
        assert_eq!(variable_problems(compose, "A=1\nB=1\nC=1\nDEPLOY_OTHER=1\n", script).len(), 2);
    }
}
