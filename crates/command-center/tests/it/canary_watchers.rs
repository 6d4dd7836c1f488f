//! Nothing that Prometheus, Loki or a probed service wrote leaves, nor what the configuration says of them.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::process::Signal;
use serde_json::Value;
use simulator::{message::Answer, server::Server};

use crate::support::{
    binary::{Running, free_address},
    eventually, http,
    leaks::{check, crawl},
    planted::{DOMAIN, Form, MARK, Watchers},
};

const INFRASTRUCTURE: &str = "/api/v1/services/public/infrastructure";
const TIMING: &str = "interval = \"300ms\"\ntimeout = \"280ms\"\n";

/// Services to be probed, each with something to tell.
struct Probed {
    failing: Server,
    elsewhere: Server,
    banner: std::net::SocketAddr,
    n_greeted: Arc<AtomicU64>,
    refused: std::net::SocketAddr,
}

impl Probed {
    fn start() -> Self {
        let telling = |status: u16| {
            Server::start(move |_| {
                let mut answer = Answer::new(status, "text/plain", format!("{MARK} of {DOMAIN}"));
                let location = format!("http://{MARK}.{DOMAIN}/{MARK}");
                answer.headers = vec![
                    ("location".to_owned(), location),
                    ("x-powered-by".to_owned(), MARK.to_owned()),
                    ("www-authenticate".to_owned(), format!("Basic realm=\"{MARK}\"")),
                ];
                answer
            })
            .unwrap()
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let banner = listener.local_addr().unwrap();
        let n_greeted = Arc::new(AtomicU64::new(0));
        let greeted = Arc::clone(&n_greeted);
        // Ends with the process of the tests: there is no other way to end an accept.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                greeted.fetch_add(1, Ordering::SeqCst);
                // Whoever only wanted to connect has gone already.
                let _ = stream.write_all(format!("SSH-2.0-{MARK} {DOMAIN}\r\n").as_bytes());
                let _ = stream.read(&mut [0]);
            }
        });
        Self { failing: telling(500), elsewhere: telling(302), banner, n_greeted, refused: free_address() }
    }

    /// The configuration, and in which state each service must be seen.
    fn probes(&self) -> (String, Vec<(&'static str, &'static str)>) {
        // A label of more than 63 characters is no name that any resolver asks for.
        let nowhere = format!("{MARK}-{}.{DOMAIN}", "x".repeat(64));
        let with_path = |server: &Server| format!("http://{}/{MARK}/path?{MARK}=1", server.address());
        let probes = [
            ("Failing", "http", with_path(&self.failing), "down"),
            ("Elsewhere", "http", with_path(&self.elsewhere), "up"),
            ("Nowhere", "http", format!("http://{nowhere}/"), "down"),
            ("Sealed", "http", format!("https://{}/{MARK}", self.failing.address()), "down"),
            ("Banner", "tcp", self.banner.to_string(), "up"),
            ("Refused", "tcp", self.refused.to_string(), "down"),
            ("Unresolved", "tcp", format!("{nowhere}:5432"), "down"),
        ];
        let mut text = String::new();
        for (name, kind, target, _) in &probes {
            write!(text, "[[probes]]\nname = \"{name}\"\n{kind} = '{target}'\n{TIMING}").unwrap();
        }
        (text, probes.map(|(name, _, _, state)| (name, state)).to_vec())
    }
}

/// What a configuration names, and must therefore be seen under its public name.
struct Named {
    text: String,
    hosts: Vec<String>,
    services: Vec<(&'static str, &'static str)>,
    disk: Option<&'static str>,
    log: Option<&'static str>,
}

impl Named {
    fn nothing() -> Self {
        Self { text: String::new(), hosts: vec![], services: vec![], disk: None, log: None }
    }

    /// Every other host, two jobs, one instance of a job, a mount point and what is probed.
    fn of(watchers: &Watchers, probed: &Probed) -> Self {
        let (mut text, mut services) = probed.probes();
        let mut hosts = Vec::new();
        for (n, instance) in watchers.values("node_uname_info", "instance").iter().step_by(2).enumerate() {
            let name = format!("Star {n}");
            write!(text, "[[identity.stars]]\nname = \"{name}\"\naliases = ['{instance}']\n").unwrap();
            hosts.push(name);
        }
        let gateway = crate::support::planted::canary("job", "gateway");
        let node = &watchers.values("node_uname_info", "job")[0];
        let instance = &watchers.values("node_uname_info", "instance")[0];
        let matches = [
            ("Machines", format!("job = '{node}'"), "up"),
            ("First machine", format!("job = '{node}', instance = '{instance}'"), "up"),
            ("Front door", format!("job = '{gateway}'"), "up"),
        ];
        for (name, rule, state) in matches {
            write!(text, "[[services]]\nname = \"{name}\"\nmatch = {{ {rule} }}\n").unwrap();
            services.push((name, state));
        }
        Self { text, hosts, services, disk: Some("Vault"), log: Some("Front door") }
    }
}

fn infrastructure(site: &Running) -> Value {
    http::get_json(site.public, INFRASTRUCTURE)
}

fn list<'a>(document: &'a Value, key: &str) -> &'a [Value] {
    document["data"][key].as_array().unwrap()
}

/// Waits until what was planted is seen, under the names that it may have.
fn await_everything(site: &Running, watchers: &Watchers, named: &Named) {
    let n_hosts = watchers.values("node_uname_info", "instance").len();
    let name = |row: &Value| row["name"].as_str().unwrap().to_owned();
    let document = eventually("everything that was planted", || {
        let document = infrastructure(site);
        let n_up = list(&document, "hosts").iter().filter(|host| host["state"] == "up").count();
        let are_seen = named.services.iter().all(|(wanted, state)| {
            let found = list(&document, "services").iter().find(|service| service["name"] == **wanted);
            found.is_some_and(|service| service["state"] == **state || service["state"] == "degraded")
        });
        let is_counted = document["data"]["logs"]["levels"]["unknown"].as_u64() > Some(0);
        (n_up >= n_hosts && are_seen && is_counted).then_some(document)
    });
    let hosts: Vec<String> = list(&document, "hosts").iter().map(name).collect();
    assert!(named.hosts.iter().all(|host| hosts.contains(host)), "{hosts:?}");
    assert_eq!(list(&document, "services").len(), named.services.len());
    let disks = || list(&document, "hosts").iter().flat_map(|host| host["disks"].as_array().unwrap());
    assert!(disks().any(|disk| disk["name"] == "disk-1"), "mount points are unknown words");
    assert!(named.disk.is_none_or(|label| disks().any(|disk| disk["name"] == *label)));
    assert!(
        document["data"]["alerts"]["firing"].to_string().contains("other"),
        "severities are unknown words"
    );
    let logs = &document["data"]["logs"];
    let lines = |wanted: &str| {
        let services = logs["services"].as_array().unwrap().iter();
        services
            .filter(|service| service["name"] == *wanted)
            .any(|service| service["lines"].as_u64() > Some(0))
    };
    assert!(lines("other") && named.log.is_none_or(lines), "{logs}");
}

/// Watches through every form of answer and looks for canaries in everything public and in the log.
fn no_canary_leaves(named: &Named, watchers: &Watchers, probed: &Probed) {
    let url = |server: &Server| format!("{}/", server.url());
    let disks = watchers.values("node_filesystem_size_bytes", "mountpoint");
    let mount = disks.iter().find(|mount| *mount != "/").unwrap();
    let label = named.disk.map_or(String::new(), |label| format!("disks = {{ '{mount}' = \"{label}\" }}\n"));
    let config = format!(
        "[prometheus]\nurl = '{}'\n{TIMING}{label}[loki]\nurl = '{}'\n{TIMING}{}",
        url(&watchers.prometheus),
        url(&watchers.loki),
        named.text,
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config).unwrap();
    // A root that signed nothing: with it the binary is able to speak TLS on any machine.
    let root = tempfile::NamedTempFile::new().unwrap();
    let certificate = rcgen::generate_simple_self_signed(["nobody".to_owned()]).unwrap().cert;
    std::fs::write(root.path(), certificate.pem()).unwrap();
    let variables = [("SSL_CERT_FILE", root.path().to_str().unwrap())];
    let site = Running::start(&["serve", "--config", file.path().to_str().unwrap()], &variables);
    let ports = [
        watchers.prometheus.address(),
        watchers.loki.address(),
        probed.failing.address(),
        probed.elsewhere.address(),
        probed.banner,
        probed.refused,
    ];
    let mut secrets: Vec<String> = ports.iter().map(|address| format!(":{}", address.port())).collect();
    secrets.extend([MARK, DOMAIN].map(str::to_owned));

    await_everything(&site, watchers, named);
    check(&crawl(site.public), &secrets);
    for form in Form::ALL {
        watchers.answer_as(form);
        let [prometheus, loki] = form.faults();
        eventually(&format!("the faults of {form:?}"), || {
            let sources = infrastructure(&site)["sources"].clone();
            let is_so = sources["prometheus"]["fault"] == prometheus && sources["loki"]["fault"] == loki;
            is_so.then_some(())
        });
        check(&crawl(site.public), &secrets);
    }
    watchers.answer_as(Form::Good);
    await_everything(&site, watchers, named);
    check(&crawl(site.public), &secrets);

    site.signal(Signal::TERM);
    let (status, log) = site.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("source changed"), "the log says something: {log}");
    check(&[("the log".to_owned(), log)], &secrets);
}

#[test]
fn no_text_of_prometheus_or_loki_leaves_when_nothing_is_named() {
    let (watchers, probed) = (Watchers::start(), Probed::start());
    no_canary_leaves(&Named::nothing(), &watchers, &probed);
}

#[test]
fn no_name_of_the_configuration_leaves_and_no_word_of_a_probed_service() {
    let (watchers, probed) = (Watchers::start(), Probed::start());
    no_canary_leaves(&Named::of(&watchers, &probed), &watchers, &probed);
    assert!(probed.failing.requests() > 0 && probed.elsewhere.requests() > 0);
    assert!(probed.n_greeted.load(Ordering::SeqCst) > 0);
}

#[test]
fn canaries_come_in_every_spelling() {
    let watchers = Watchers::start();
    let instances = watchers.values("up", "instance").join(" ") + &watchers.values("up", "job").join(" ");
    for sign in [MARK, "CANARY", "%63%61", "&#x63;&#x61;", "\\u0063\\u0061"] {
        assert!(instances.contains(sign), "{sign}");
    }
}
