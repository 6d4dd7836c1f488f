//! A real browser, driven over `WebDriver`; driver and browser end with the test.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use url::{ParseError, Url};

use super::{eventually, program};

/// What the driver says once it listens.
const STARTED: &str = "started successfully on port ";

const WIDTH: u32 = 1280;
const HEIGHT: u32 = 900;

/// What the page's time is when it is held.
const CLOCK: &str = include_str!("../browser/clock.js");

/// A browser with one window.
pub(crate) struct Browser {
    client: Client,
    runtime: Runtime,
    driver: Child,
    profile: TempDir,
}

/// Whether the programs are named as missing, so that tests of pages are skipped.
pub(crate) fn is_missing() -> bool {
    program::is_missing(&["chromium", "chromium-driver"])
}

impl Browser {
    pub(crate) fn start() -> Self {
        let profile = TempDir::new().unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}"));
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            line.split_once(STARTED).map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        let port = port.unwrap_or_else(|| panic!("chromedriver did not start"));
        // Whatever else it says is of no interest, and must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--disable-sync",
        ];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
        arguments.push(format!("--window-size={WIDTH},{HEIGHT}"));
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": arguments }));
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")).await
        });
        Self { client: client.unwrap(), runtime, driver, profile }
    }

    /// Time stands still in every page that is opened from now on, but for [`Browser::pass`].
    pub(crate) fn hold_the_clock(&self) {
        let parameters = json!({ "source": CLOCK });
        let command = DevTools { name: "Page.addScriptToEvaluateOnNewDocument", parameters };
        self.runtime.block_on(self.client.issue_cmd(command)).unwrap();
    }

    /// Lets time pass: what the page planned for this while happens, each at its instant.
    #[track_caller]
    pub(crate) fn pass(&self, time: Duration) {
        self.run("await clock.pass(arguments[0])", &[json!(time.as_millis())]);
    }

    /// Puts the window out of sight.
    pub(crate) fn hide(&self) {
        self.runtime.block_on(self.client.minimize_window()).unwrap();
        self.wait_for("the page out of sight", "return document.hidden");
    }

    /// Brings the window back.
    pub(crate) fn show(&self) {
        self.runtime.block_on(self.client.set_window_rect(0, 0, WIDTH, HEIGHT)).unwrap();
        self.wait_for("the page in sight", "return !document.hidden");
    }

    pub(crate) fn open(&self, url: &str) {
        self.runtime.block_on(self.client.goto(url)).unwrap();
    }

    /// Runs the body of an async function in the page; `args` are its arguments.
    #[track_caller]
    pub(crate) fn run(&self, body: &str, args: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             (async function () {{ {body} }}).apply(null, [...arguments].slice(0, -1)) \
             .then((value) => done({{ value: value ?? null }}), (error) => done({{ error: String(error.stack ?? error) }}))"
        );
        let answer = self.runtime.block_on(self.client.execute_async(&script, args.to_vec())).unwrap();
        assert!(answer["error"].is_null(), "{}", answer["error"]);
        answer["value"].clone()
    }

    /// Waits until a script says yes.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, body: &str) {
        eventually(what, || self.run(body, &[]).as_bool().filter(|is_so| *is_so));
    }
}

/// A command of Chromium's own protocol.
#[derive(Debug)]
struct DevTools {
    name: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.name, "params": self.parameters }).to_string()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session may have ended already.
        let _ = self.runtime.block_on(self.client.clone().close());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        for pid in processes_of(self.profile.path()) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// The processes that have this profile in their command line.
fn processes_of(profile: &Path) -> Vec<Pid> {
    let needle = profile.display().to_string();
    let pids =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_ours = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(needle.len()).any(|window| window == needle.as_bytes())
    };
    pids.filter(is_ours).filter_map(Pid::from_raw).collect()
}
