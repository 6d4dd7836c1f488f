//! Every way in which a backend can fail, against every backend.
//!
//! In each cell one backend misbehaves while the others do not. Every document and page answers, what was known stays
//! with its time, the fault has its name, the others are fresh, and when the backend behaves again, all is well within
//! one interval and one timeout. An answer that is odd and valid is no fault: what was said holds. Most of it happens to
//! scheduler and web side in this process, a stack for each backend; answers that do not end, and names that lead elsewhere,
//! happen to the real binary, which needs no more memory afterwards than before.
//!
//! The table is written past the harness, so that whoever runs the tests sees it.
//!
//! - `fault`: what is done to a backend, and what is expected of it.
//! - `farm`: the backends, and one that misbehaves.
//! - `site`: who watches them: a stack or the binary.
//! - `cell`: one fault against one backend.
//! - `view`: what a site says of one backend's part of the world.

mod cell;
mod farm;
mod fault;
mod site;
mod view;

use std::{fmt::Write as _, io::Write as _, panic, thread, time::Duration};

use self::{
    cell::Cell,
    farm::Victim,
    fault::{Fault, Kind},
    site::Site,
};
use crate::support::is_long;

/// What the binary may need more after its faults than after the first of them. An allocator does not give back
/// everything at once.
const GROWTH_MAX: u64 = 48 << 20;

/// What a busy machine may add to a promise.
const SLACK: Duration = Duration::from_secs(5);

/// A backend under every fault.
struct Column {
    victim: Victim,
    cells: Vec<(Fault, thread::Result<Cell>)>,
    /// What the binary held in memory after the first fault and after the last, in bytes.
    memory: Option<(u64, u64)>,
}

/// What came of some of a column's faults.
struct Tried {
    cells: Vec<(Fault, thread::Result<Cell>)>,
    memory: Option<(u64, u64)>,
}

impl Column {
    fn run(victim: Victim) -> Self {
        let tried = [Kind::Within, Kind::Outside].map(|kind| thread::spawn(move || try_all(victim, kind)));
        let [within, outside] = tried.map(|tried| tried.join().unwrap());
        let cells = within.cells.into_iter().chain(outside.cells).collect();
        Self { victim, cells, memory: outside.memory }
    }

    fn cell(&self, fault: Fault) -> String {
        let found = self.cells.iter().find(|(other, _)| *other == fault).map(|(_, cell)| cell);
        match found {
            Some(Ok(cell)) => cell.to_string(),
            Some(Err(_)) => "FAILED".to_owned(),
            None => String::new(),
        }
    }
}

/// Tries faults one after the other.
fn try_all(victim: Victim, kind: Kind) -> Tried {
    let site = Site::start(victim, kind);
    let mut cells = Vec::new();
    // Everything that is allocated once is, after one fault.
    let mut first = None;
    for fault in Fault::all().filter(|fault| fault.kind() == kind) {
        let cell = panic::catch_unwind(panic::AssertUnwindSafe(|| cell::run(&site, fault)));
        site.farm.restore();
        cells.push((fault, cell));
        first = first.or_else(|| site.resident());
    }
    Tried { cells, memory: first.zip(site.resident()) }
}

fn table(columns: &[Column]) -> String {
    let mut table = format!("\n{:<22}", "fault");
    columns.iter().for_each(|column| write!(table, "| {:<18}", column.victim.name()).unwrap());
    table.push('\n');
    for fault in Fault::all() {
        write!(table, "{:<22}", fault.name()).unwrap();
        columns.iter().for_each(|column| write!(table, "| {:<18}", column.cell(fault)).unwrap());
        table.push('\n');
    }
    write!(table, "{:<22}", "binary, MiB").unwrap();
    for column in columns {
        let (before, after) = column.memory.unwrap_or_default();
        write!(table, "| {:<18}", format!("{} -> {}", before >> 20, after >> 20)).unwrap();
    }
    table + "\nA fault's name and how long it took to heal; `said`: no fault, what was said holds.\n"
}

#[test]
fn every_backend_may_fail_in_every_way_and_only_what_it_knew_grows_old() {
    // Three to four minutes of processor time.
    if !is_long() {
        return;
    }
    let columns = Victim::ALL.map(|victim| thread::spawn(move || Column::run(victim)));
    let columns = columns.map(|column| column.join().unwrap());
    std::io::stderr().write_all(table(&columns).as_bytes()).unwrap();
    let failed = columns.iter().flat_map(|column| {
        let cells = column.cells.iter().filter(|(_, cell)| cell.is_err());
        cells.map(|(fault, _)| format!("{} of {}", fault.name(), column.victim.name()))
    });
    assert_eq!(failed.collect::<Vec<_>>(), Vec::<String>::new());
    for column in &columns {
        let (before, after) = column.memory.unwrap();
        assert!(after < before + GROWTH_MAX, "{}: from {before} to {after}", column.victim.name());
    }
    assert_eq!(columns.iter().map(|column| column.cells.len()).sum::<usize>(), Fault::all().count() * 5);
}
