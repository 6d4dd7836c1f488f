//! What the scripted backends say: a farm with a queue of a chosen length, in which one number changes on demand.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// A farm that does nothing but count the failed tries of its first package.
#[derive(Debug)]
pub(crate) struct Farm {
    n_rows: usize,
    /// The queue's rows after the first, as they stand in the answer.
    rest: String,
}

impl Farm {
    /// With `n_rows` packages waiting.
    pub(crate) fn new(n_rows: usize) -> Self {
        let rest = (1..n_rows).map(|idx| format!(",{}", row(idx, 0))).collect();
        Self { n_rows, rest }
    }

    /// The answer to a request, after `n_changes` changes; `None` for what there is not.
    pub(crate) fn answer(&self, target: &str, n_changes: u64) -> Option<String> {
        match target.split('?').next()? {
            "/api/v1/queue" if self.n_rows == 0 => Some("[]".to_owned()),
            "/api/v1/queue" => Some(format!("[{}{}]", row(0, n_changes), self.rest)),
            "/api/v1/status" => Some(self.status().to_string()),
            "/api/v1/history" => Some(json!({"history": []}).to_string()),
            "/api/v1/nodes" => Some(json!([node()]).to_string()),
            _ => None,
        }
    }

    fn status(&self) -> Value {
        json!({
            "version": "2.6.0", "paused": false, "session": null,
            "needed": self.n_rows, "delegated": 0, "received": 0, "blocked": 0, "failed": 0, "total": self.n_rows,
            "packages": {"needed": [], "delegated": {}, "blocked": []}, "drones": {}, "drone_health": {},
        })
    }
}

fn row(idx: usize, n_failures: u64) -> Value {
    json!({
        "package": format!("=dev-libs/library-x{idx:04}-6.18.7"), "status": "needed", "assigned_to": null,
        "failures": n_failures, "error_message": "", "assigned_at": null, "completed_at": null,
    })
}

/// One drone with nothing to do, so that the farm is not without any.
fn node() -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    json!({
        "id": "00000001-aaaa-bbbb-cccc-000000000001", "name": "drone-bench", "ip": "10.42.0.194", "type": "drone",
        "cores": 8, "ram_gb": 31.0, "status": "online", "paused": false, "last_seen": now, "current_task": null,
        "capabilities": {"cores": 8, "ram_gb": 31.0}, "online": true, "assigned_packages": [], "build_progress": [],
        "metrics": {"cpu_percent": 4.0, "ram_percent": 22.0, "load_1m": 0.3},
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Farm;

    fn queue(farm: &Farm, n_changes: u64) -> Vec<Value> {
        serde_json::from_str(&farm.answer("/api/v1/queue", n_changes).unwrap()).unwrap()
    }

    #[test]
    fn one_number_changes_and_the_length_stays() {
        let farm = Farm::new(3);
        let (before, after) = (queue(&farm, 0), queue(&farm, 1));
        assert_eq!((before.len(), after.len()), (3, 3));
        assert_eq!(before[1..], after[1..]);
        assert_eq!((&before[0]["failures"], &after[0]["failures"]), (&0.into(), &1.into()));
        assert_eq!(queue(&Farm::new(0), 5).len(), 0);
        assert_eq!(queue(&Farm::new(1), 5).len(), 1);
    }

    #[test]
    fn everything_that_is_polled_is_answered() {
        let farm = Farm::new(1);
        for target in ["/api/v1/status", "/api/v1/history?limit=100", "/api/v1/nodes?all=true"] {
            assert!(serde_json::from_str::<Value>(&farm.answer(target, 0).unwrap()).is_ok(), "{target}");
        }
        assert_eq!(farm.answer("/api/v1/sessions", 0), None);
    }
}
