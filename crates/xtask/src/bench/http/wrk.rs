//! Debian's `wrk`: as many requests as a server takes, over a number of connections.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::bench::error::{BenchError, Context as _};

/// Says in one line what matters; wrk hands it times in microseconds.
const SCRIPT: &str = r#"
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("counted %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"#;

/// The load generator with its script.
#[derive(Debug)]
pub(crate) struct Wrk {
    script: PathBuf,
}

/// What one run found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Load {
    /// Answers in all.
    pub(crate) n_requests: f64,
    /// Answers a second.
    pub(crate) per_second: f64,
    /// Half of the answers took no longer, in milliseconds.
    pub(crate) p50_ms: f64,
    /// All but one of a hundred took no longer, in milliseconds.
    pub(crate) p99_ms: f64,
}

impl Wrk {
    /// Writes the script into `directory`.
    pub(crate) fn new(directory: &Path) -> Result<Self, BenchError> {
        let script = directory.join("count.lua");
        fs::write(&script, SCRIPT).during("writing wrk's script")?;
        Ok(Self { script })
    }

    /// Asks for `path` again and again over `n_connections` for `duration`.
    pub(crate) fn run(
        &self,
        server: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
        n_connections: usize,
        duration: Duration,
    ) -> Result<Load, BenchError> {
        let mut command = Command::new("wrk");
        command.args(["--threads", "1", "--connections", &n_connections.to_string()]);
        command
            .args(["--duration", &format!("{}s", duration.as_secs().max(1)), "--script"])
            .arg(&self.script);
        for (name, value) in headers {
            command.args(["--header", &format!("{name}: {value}")]);
        }
        let output = command.arg(format!("http://{server}{path}")).output().during("running wrk")?;
        let text = String::from_utf8(output.stdout).unwrap_or_default();
        parse(&text).ok_or_else(|| BenchError::Unexpected(format!("wrk says: {text}")))?
    }
}

/// The line of the script; `None` when there is none.
fn parse(text: &str) -> Option<Result<Load, BenchError>> {
    let line = text.lines().find_map(|line| line.strip_prefix("counted "))?;
    let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [n_requests, duration_us, p50_us, p99_us, n_errors] = numbers[..] else { return None };
    if n_errors > 0.0 {
        return Some(Err(BenchError::Disturbed(format!("{n_errors} requests failed"))));
    }
    let per_second = n_requests / duration_us * 1e6;
    Some(Ok(Load { n_requests, per_second, p50_ms: p50_us / 1e3, p99_ms: p99_us / 1e3 }))
}

#[cfg(test)]
mod tests {
    use super::{Load, parse};

    #[test]
    fn the_line_is_found_and_errors_are_no_result() {
        let load = parse("Running\ncounted 3000 2000000 500 1500 0\n").unwrap().unwrap();
        assert_eq!(load, Load { n_requests: 3e3, per_second: 1.5e3, p50_ms: 0.5, p99_ms: 1.5 });
        assert!(parse("counted 3000 2000000 500 1500 2").unwrap().is_err());
        assert!(parse("unable to connect").is_none());
    }
}
