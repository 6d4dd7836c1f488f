//! A real Prometheus and a real `node_exporter`, as child processes on loopback.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
};

use serde_json::Value;
use simulator::message::encode;
use tempfile::TempDir;

use super::{
    DEADLINE,
    binary::free_address,
    http,
    program::{self, Program},
};

/// Series: their labels, and what each holds of its values.
pub(crate) type Series<T> = Vec<(BTreeMap<String, String>, Vec<T>)>;

/// Whether the tests were told that the programs are not there, as `cargo xtask test` does.
pub(crate) fn is_missing() -> bool {
    program::is_missing(&["prometheus", "prometheus-node-exporter"])
}

/// A `node_exporter` of this machine; it ends when it is dropped.
pub(crate) struct NodeExporter {
    pub(crate) address: SocketAddr,
    _program: Program,
}

/// A Prometheus; it ends when it is dropped.
pub(crate) struct Prometheus {
    pub(crate) address: SocketAddr,
    directory: TempDir,
    program: Option<Program>,
}

impl NodeExporter {
    pub(crate) fn start() -> Self {
        let address = free_address();
        let args = [format!("--web.listen-address={address}"), "--no-collector.systemd".to_owned()];
        let program = Program::start("prometheus-node-exporter", &args, address, "/");
        Self { address, _program: program }
    }
}

impl Prometheus {
    /// Starts one that scrapes twice a second what the entries of `scrape_configs` say, on top of a past in the
    /// `OpenMetrics` format.
    pub(crate) fn start(jobs: &str, past: Option<&str>) -> Self {
        let directory = TempDir::new().unwrap();
        let config = format!("global: {{scrape_interval: 500ms}}\nscrape_configs:\n{jobs}");
        fs::write(directory.path().join("prometheus.yml"), config).unwrap();
        if let Some(past) = past {
            backfill(directory.path(), past);
        }
        let mut prometheus = Self { address: free_address(), directory, program: None };
        prometheus.restart();
        prometheus
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn kill(&mut self) {
        self.program = None;
    }

    /// Starts it again, with what it has stored.
    pub(crate) fn restart(&mut self) {
        let at = |name: &str| self.directory.path().join(name).display().to_string();
        let args = [
            format!("--config.file={}", at("prometheus.yml")),
            format!("--storage.tsdb.path={}", at("data")),
            format!("--web.listen-address={}", self.address),
            "--storage.tsdb.retention.time=3d".to_owned(),
        ];
        self.program = Some(Program::start("prometheus", &args, self.address, "/-/ready"));
    }

    /// The values of an expression from `start` to `end`, both Unix seconds.
    #[track_caller]
    pub(crate) fn values(&self, expression: &str, start: f64, end: f64, step: f64) -> Series<f64> {
        let series = self.points(expression, start, end, step).into_iter();
        series
            .map(|(labels, points)| (labels, points.into_iter().map(|(_, value)| value).collect()))
            .collect()
    }

    /// The same with the second of each.
    #[track_caller]
    pub(crate) fn points(&self, expression: &str, start: f64, end: f64, step: f64) -> Series<(f64, f64)> {
        let expression = encode(expression);
        let target = format!("/api/v1/query_range?query={expression}&start={start}&end={end}&step={step}");
        let answer = self.get(&target);
        assert_eq!(answer["status"], "success", "{answer}");
        let point = |pair: &Value| (pair[0].as_f64().unwrap(), pair[1].as_str().unwrap().parse().unwrap());
        let series = answer["data"]["result"].as_array().unwrap().iter().map(|series| {
            let labels = serde_json::from_value(series["metric"].clone()).unwrap();
            (labels, series["values"].as_array().unwrap().iter().map(point).collect())
        });
        series.collect()
    }

    /// An answer, over HTTP/1.0 so that it comes in one piece.
    #[track_caller]
    fn get(&self, target: &str) -> Value {
        let mut stream = TcpStream::connect_timeout(&self.address, DEADLINE).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        write!(stream, "GET {target} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).unwrap();
        serde_json::from_slice(&http::receive(stream).unwrap().body).unwrap()
    }
}

/// Writes a past into the directory of a Prometheus that does not run yet.
fn backfill(directory: &Path, past: &str) {
    let file = directory.join("past.om");
    fs::write(&file, past).unwrap();
    let mut command = Command::new("promtool");
    command.args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"]);
    let output = command.arg(&file).arg(directory.join("data")).output();
    let output = output.unwrap_or_else(|error| panic!("promtool: {error}"));
    assert!(output.status.success(), "promtool: {}", String::from_utf8(output.stderr).unwrap());
}
