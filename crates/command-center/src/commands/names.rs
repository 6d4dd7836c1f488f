//! `names`: asks the running server, over its internal listener, what it calls every internal name.

use std::time::Duration;

use scheduler::names::{NameRow, NamesReport};

use super::{Failure, backstage, print};
use crate::cli::NamesArgs;

/// How long the running server may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(args: &NamesArgs) -> Result<(), Failure> {
    let body = backstage::ask(&args.running, "/names", "no names from", PATIENCE)?;
    let report: NamesReport = serde_json::from_slice(&body)
        .map_err(|_| Failure::Runtime("what the server answered is not a list of names".to_owned()))?;
    print(if args.toml { report.to_toml() } else { table(&report) }.trim_end());
    Ok(())
}

/// The list in columns.
fn table(report: &NamesReport) -> String {
    if report.names.is_empty() {
        return "No internal name was seen yet.".to_owned();
    }
    let header = ["INTERNAL", "SEEN BY", "PUBLIC", "STATUS", "HANDLE", "FIRST SEEN", "LAST SEEN"];
    let rows: Vec<[&str; 7]> = report.names.iter().map(columns).collect();
    let widths: Vec<usize> = (0..header.len())
        .map(|column| {
            let of_rows = rows.iter().map(|row| row[column].chars().count());
            of_rows.chain([header[column].len()]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &[&str; 7]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    std::iter::once(&header).chain(&rows).map(line).collect::<Vec<_>>().join("\n")
}

fn columns(row: &NameRow) -> [&str; 7] {
    [
        &row.internal,
        &row.origin,
        row.public.as_deref().unwrap_or("-"),
        &row.status,
        &row.handle,
        &row.first_seen,
        &row.last_seen,
    ]
}
