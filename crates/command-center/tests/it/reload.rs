//! SIGHUP, as operators and subscribers see it: what is taken over, what is kept, and what is said about it.

use std::{
    fs,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;
use simulator::{
    message::Answer,
    recording::{self, State},
    server::Server,
};

use crate::support::{
    binary::Running,
    eventually, http,
    stack::{DOCUMENTS, PUBLIC},
    subscriber::Subscriber,
};

/// A farm, two services that are probed, and the server that watches them.
struct Site {
    running: Running,
    directory: tempfile::TempDir,
    farm: Server,
    probed: [Server; 2],
}

impl Site {
    fn start(rest: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let service = || Server::start(|_| Answer::new(200, "text/plain", "")).unwrap();
        let (farm, probed) = (recording::serve(State::Busy).unwrap(), [service(), service()]);
        let [config, log] = ["config.toml", "log"].map(|name| directory.path().join(name));
        write(&config, &farm, &probed, rest);
        let log = fs::File::create(log).unwrap();
        let args = ["serve", "--config", config.to_str().unwrap()];
        let running = Running::start_logging_to(Stdio::from(log), &args, &[]);
        Self { running, directory, farm, probed }
    }

    /// Writes another configuration and asks for it; waits until the log has one more line with `said`.
    fn reload(&self, rest: &str, said: &str) {
        let n_before = self.log().matches(said).count();
        write(&self.directory.path().join("config.toml"), &self.farm, &self.probed, rest);
        self.running.signal(Signal::HUP);
        eventually(said, || (self.log().matches(said).count() > n_before).then_some(()));
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    fn document(&self, name: &str) -> Value {
        http::get_json(self.running.public, &format!("{PUBLIC}/{name}"))
    }

    fn notice(&self) -> Option<String> {
        let document = self.document("build-swarm");
        let notices = document["notices"].as_array().unwrap();
        let operators = notices.iter().find(|notice| notice["code"] == "operator")?;
        Some(operators["text"].as_str().unwrap().to_owned())
    }
}

/// `{probe0}` and `{probe1}` stand for the URLs of the services.
fn write(config: &Path, farm: &Server, probed: &[Server; 2], rest: &str) {
    let [first, second] = [0, 1].map(|n| probed[n].url());
    let rest = rest.replace("{probe0}", &first).replace("{probe1}", &second);
    let timing = "interval = \"300ms\"\ntimeout = \"280ms\"";
    let url = farm.url();
    let text =
        format!("[gateway]\nurl = \"{url}\"\n{timing}\n[orchestrator]\nurl = \"{url}\"\n{timing}\n{rest}\n");
    // At one blow, as editors do it.
    let aside = config.with_extension("new");
    fs::write(&aside, text).unwrap();
    fs::rename(&aside, config).unwrap();
}

fn probe(name: &str, url: &str) -> String {
    format!("[[probes]]\nname = \"{name}\"\nhttp = \"{url}\"\ninterval = \"200ms\"\n")
}

#[test]
fn sighup_takes_over_names_services_probes_and_notice_without_losing_a_subscriber() {
    let before = [&probe("Shop", "{probe0}"), "[notice]\ntext = \"All is calm.\"\n"].concat();
    let site = Site::start(&before);
    let mut subscriber = Subscriber::join(site.running.public);
    let first = subscriber.frame();
    let shop = || site.document("infrastructure")["data"]["services"][0].clone();
    eventually("a probe that found something", || (shop()["state"] == "up").then_some(()));
    assert_eq!(site.notice().as_deref(), Some("All is calm."));
    let since = shop()["state_since"].clone();

    let star = "[[identity.stars]]\nname = \"Vega\"\naliases = [\"drone-tarn\"]\n";
    let hidden = "[identity]\nhidden_packages = [\"net-misc/*\"]\n";
    let notice = "[notice]\ntext = \"Moving house.\"\nlevel = \"warning\"\n";
    let after = [hidden, star, &probe("Mail", "{probe1}"), &probe("Shop", "{probe0}"), notice].concat();
    site.reload(&after, "the configuration was read again");

    eventually("the new notice", || (site.notice()? == "Moving house.").then_some(()));
    let swarm = site.document("build-swarm");
    let drones = swarm["data"]["drones"].as_array().unwrap();
    assert_eq!(drones.len(), 5);
    assert_eq!(drones.iter().filter(|drone| drone["name"] == "Vega").count(), 1);
    let infrastructure = eventually("the new probe's finding", || {
        let document = site.document("infrastructure");
        (document["data"]["services"][0]["state"] == "up").then_some(document)
    });
    let services = infrastructure["data"]["services"].as_array().unwrap();
    assert_eq!([&services[0]["name"], &services[1]["name"]], ["Mail", "Shop"]);
    assert_eq!(services[1]["state_since"], since, "what was probed before is as long up as it was");
    let history = site.document("build-history").to_string();
    assert!(history.contains("\"Vega\"") && !history.contains("net-misc/"), "the past is renamed and hidden");

    // The subscriber was told of it as of any other change.
    let told = subscriber.until(|frame| frame.to_string().contains("\"Vega\""));
    assert_eq!(told["epoch"], first["epoch"]);
    assert_ne!(told["type"], "snapshot", "{told}");

    // Another one instead of the first: nobody asks the first any more, and the others go on.
    site.reload(&probe("Mail", "{probe1}"), "the configuration was read again");
    let asked = || [0, 1].map(|n| site.probed[n].requests());
    let settled = asked();
    eventually("more checks", || (asked()[1] > settled[1] + 5).then_some(()));
    assert!(asked()[0] <= settled[0] + 1, "at most one was under way");
    assert_eq!(site.document("infrastructure")["data"]["services"].as_array().unwrap().len(), 1);
    assert_eq!(site.notice(), None);
    subscriber.until(|frame| !frame.to_string().contains("\"Vega\""));
    end(site);
}

#[test]
fn a_wrong_file_changes_nothing_and_what_needs_a_restart_is_named() {
    let good = "[notice]\ntext = \"All is calm.\"\n";
    let site = Site::start(good);
    let refused = "the configuration is wrong and stays what it was";
    for wrong in
        ["[notice]\ntext = 5\n", "[notice]\ntext = \"unclosed\n", "[identity]\nsecret-host-name = 1\n"]
    {
        site.reload(wrong, refused);
        assert_eq!(site.notice().as_deref(), Some("All is calm."));
        for document in DOCUMENTS {
            assert_eq!(http::get(site.running.public, document).status, 200);
        }
    }
    fs::remove_file(site.directory.path().join("config.toml")).unwrap();
    let n_refused = site.log().matches(refused).count();
    site.running.signal(Signal::HUP);
    eventually("no file is no configuration", || {
        (site.log().matches(refused).count() > n_refused).then_some(())
    });
    // Somebody may have tried secrets as values, or hosts as keys.
    assert!(site.log().contains("identity") && !site.log().contains("secret-host-name"), "{}", site.log());

    let restart = "[history]\nkeep = 500\n[prometheus]\nurl = \"http://x.invalid\"\n";
    site.reload(&format!("{restart}[notice]\ntext = \"Moving.\"\n"), "these changes need a restart");
    let log = site.log();
    assert!(log.contains("history, prometheus"), "{log}");
    assert!(!log.contains("x.invalid"), "{log}");
    eventually("what can be taken over is", || (site.notice()? == "Moving.").then_some(()));
    assert!(site.document("build-swarm")["sources"]["prometheus"].is_null());
    end(site);
}

#[test]
fn a_hundred_reloads_in_a_row_end_with_the_last_one() {
    let site = Site::start("");
    for n in 0..100 {
        let text = format!("[notice]\ntext = \"Number {n}.\"\n{}", probe("Shop", "{probe0}"));
        write(&site.directory.path().join("config.toml"), &site.farm, &site.probed, &text);
        site.running.signal(Signal::HUP);
    }
    eventually("the last one", || (site.notice()? == "Number 99.").then_some(()));
    end(site);
}

#[test]
fn a_demonstration_has_nothing_to_read_and_ends() {
    let demo = Running::start(&["demo"], &[]);
    demo.signal(Signal::HUP);
    let (status, log) = demo.end();
    assert_eq!(status.code(), Some(0), "{log}");
}

fn end(site: Site) {
    let begun = Instant::now();
    site.running.signal(Signal::TERM);
    let Site { running, directory, .. } = site;
    assert_eq!(
        running.end().0.code(),
        Some(0),
        "{}",
        fs::read_to_string(directory.path().join("log")).unwrap()
    );
    assert!(begun.elapsed() < Duration::from_secs(10));
}
