//! `names`: asks the running server, over its internal listener, what it calls every internal name.

use std::{net::SocketAddr, time::Duration};

use scheduler::names::{NameRow, NamesReport};

use super::{Failure, print};
use crate::{cli::NamesArgs, config};

/// How long the running server may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(args: &NamesArgs) -> Result<(), Failure> {
    let address = match args.internal_listen {
        Some(address) => address,
        None => config::load(args.config.config.as_deref())?.internal_listen,
    };
    let report = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::runtime)?
        .block_on(ask(reachable(address)))?;
    print(if args.toml { report.to_toml() } else { table(&report) }.trim_end());
    Ok(())
}

async fn ask(address: SocketAddr) -> Result<NamesReport, Failure> {
    let unreachable = |why: &str| Failure::Runtime(format!("no names from {address}: {why}"));
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(scheduler::client::no_tls().map_err(Failure::runtime)?)
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(Failure::runtime)?;
    let answer = client
        .get(format!("http://{address}/names"))
        .send()
        .await
        .map_err(|_| unreachable("is the server running, and is this its internal listener?"))?;
    if !answer.status().is_success() {
        return Err(unreachable(&format!("it answered {}", answer.status())));
    }
    let body = answer.bytes().await.map_err(|_| unreachable("its answer broke off"))?;
    serde_json::from_slice(&body).map_err(|_| unreachable("its answer is not a list of names"))
}

/// A listener on every address is asked on loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
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
