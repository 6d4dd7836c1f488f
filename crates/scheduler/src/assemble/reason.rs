//! Why an item is not being built.

use std::{collections::HashSet, sync::Arc};

use identity::directory::SubjectId;
use snapshot::{
    clock::Now,
    queue::{ItemState, Reason},
};

use super::{Assembler, fleet::Machine, naming::Naming, queue::Live};
use crate::report::{QueueRow, Remark, RowStatus, StatusReport};

/// What the waiting rows have before them.
pub(super) struct Outlook {
    is_paused: bool,
    is_anybody_online: bool,
    is_anybody_able: bool,
    /// By the backend's text: what every able drone has failed.
    failed_everywhere: HashSet<Arc<str>>,
}

impl Assembler {
    /// Looks at pause, drones and past failures. While no drone is known none is called missing.
    pub(super) fn outlook(
        &mut self,
        live: &[Live<'_>],
        machines: Option<&[Machine]>,
        status: Option<&StatusReport>,
        now: Now,
    ) -> Outlook {
        let retried = live
            .iter()
            .map(|live| live.row)
            .filter(|row| row.status == RowStatus::Needed && row.failures > 0)
            .map(|row| &*row.work.raw)
            .collect();
        let mut naming = Naming { directory: &mut self.directory, guard: &self.guard };
        let failed_on = self.book.failures(&retried, &mut naming);
        let machines = machines.unwrap_or_default();
        let able: Vec<SubjectId> = machines
            .iter()
            .filter(|machine| machine.is_able(now.wall))
            .map(|machine| machine.subject)
            .collect();
        let failed_everywhere = failed_on
            .into_iter()
            .filter(|(_, failed_on)| !able.is_empty() && able.iter().all(|drone| failed_on.contains(drone)));
        Outlook {
            is_paused: status.and_then(|status| status.is_paused).unwrap_or(false),
            is_anybody_online: machines.is_empty() || machines.iter().any(|machine| machine.node.is_online),
            is_anybody_able: machines.is_empty() || !able.is_empty(),
            failed_everywhere: failed_everywhere.map(|(raw, _)| raw).collect(),
        }
    }
}

impl Outlook {
    /// Why a wanted row waits: the first that holds.
    pub(super) fn reason(&self, row: &QueueRow) -> Reason {
        if self.is_paused {
            Reason::Paused
        } else if !self.is_anybody_online {
            Reason::NoDroneOnline
        } else if !self.is_anybody_able {
            Reason::NoDroneAble
        } else if row.failures > 0 && self.failed_everywhere.contains(&row.work.raw) {
            Reason::FailedOnEveryAbleDrone
        } else if row.failures > 0 {
            Reason::Retry
        } else {
            Reason::InLine
        }
    }
}

/// Why a handed-out item is not being built.
pub(super) fn of_held(state: ItemState) -> Option<Reason> {
    match state {
        ItemState::Assigned => Some(Reason::DroneBusy),
        ItemState::Stalled => Some(Reason::DroneOffline),
        _ => None,
    }
}

/// Why an item is held back.
pub(super) fn of_blocked(row: &QueueRow) -> Reason {
    match row.remark {
        Remark::Masked => Reason::Masked,
        Remark::SeveralDrones => Reason::FailedOnSeveralDrones,
        Remark::ByOperator => Reason::HeldByOperator,
        Remark::Other if row.failures >= 5 => Reason::FailedRepeatedly,
        Remark::Other => Reason::Unspecified,
    }
}
