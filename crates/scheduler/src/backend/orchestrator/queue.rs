//! `/api/v1/queue` on the wire.

use serde::Deserialize;

use crate::{
    backend::{
        instants::Instants,
        wire::{Number, Text},
    },
    report::{QueueRow, Remark, RowStatus, Work},
};

pub(super) const PATH: &str = "/api/v1/queue";

#[derive(Debug, Deserialize)]
pub(super) struct WireRow {
    package: String,
    status: String,
    #[serde(default)]
    assigned_to: Text,
    #[serde(default)]
    failures: Number,
    #[serde(default)]
    error_message: Text,
    #[serde(default)]
    assigned_at: Number,
}

impl WireRow {
    pub(super) fn report(self, instants: &mut Instants) -> QueueRow {
        QueueRow {
            work: Work::parse(&self.package),
            status: match self.status.as_str() {
                "needed" => RowStatus::Needed,
                "delegated" => RowStatus::Delegated,
                "received" => RowStatus::Received,
                "blocked" => RowStatus::Blocked,
                "failed" => RowStatus::Failed,
                _ => RowStatus::Other,
            },
            drone: self.assigned_to.get(),
            failures: self.failures.count().unwrap_or(0),
            remark: remark(self.error_message.as_deref().unwrap_or_default()),
            assigned_at: instants.read(self.assigned_at),
        }
    }
}

/// Recognises the few texts that the backend itself writes; what drones and operators write is not looked at.
fn remark(text: &str) -> Remark {
    let failed_on = text.strip_prefix("Failed on ").and_then(|rest| rest.strip_suffix(" different drones"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if text == "Package masked upstream" {
        Remark::Masked
    } else if failed_on.is_some_and(is_number) {
        Remark::SeveralDrones
    } else if text.get(..16).is_some_and(|begin| begin.eq_ignore_ascii_case("manually blocked")) {
        Remark::ByOperator
    } else {
        Remark::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_backends_own_texts_are_recognised() {
        assert_eq!(remark("Package masked upstream"), Remark::Masked);
        assert_eq!(remark("Failed on 3 different drones"), Remark::SeveralDrones);
        assert_eq!(remark("Manually blocked by ops"), Remark::ByOperator);
        for text in
            ["", "Failed on drone-tarn different drones", "Failed on  different drones", "emerge failed"]
        {
            assert_eq!(remark(text), Remark::Other, "{text}");
        }
    }
}
