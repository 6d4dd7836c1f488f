//! What the running server says on its internal listener.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use super::Failure;
use crate::{cli::RunningArgs, config};

/// Asks for `path` and gives the body.
///
/// # Errors
/// In one sentence that begins with `nothing` and the address, when there is no good answer within `patience`; and when
/// the address is looked up in a configuration that is wrong.
pub(super) fn ask(
    args: &RunningArgs,
    path: &str,
    nothing: &str,
    patience: Duration,
) -> Result<Vec<u8>, Failure> {
    let address = match args.internal_listen {
        Some(address) => address,
        None => config::load(args.config.config.as_deref())?.internal_listen,
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::runtime)?
        .block_on(get(reachable(address), path, patience))
        .map_err(|why| Failure::Runtime(format!("{nothing} {address}: {why}")))
}

async fn get(address: SocketAddr, path: &str, patience: Duration) -> Result<Vec<u8>, String> {
    let tls = scheduler::client::no_tls().map_err(|error| error.to_string())?;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .timeout(patience)
        .build()
        .map_err(|error| error.to_string())?;
    let answer = client.get(format!("http://{address}{path}")).send().await.map_err(|error| {
        let why = if error.is_timeout() {
            "it does not answer"
        } else {
            "is the server running, and is this its internal listener?"
        };
        why.to_owned()
    })?;
    if !answer.status().is_success() {
        return Err(format!("it answered {}", answer.status()));
    }
    let body = answer.bytes().await.map_err(|_| "its answer broke off".to_owned())?;
    Ok(body.into())
}

/// A listener on every address is asked on loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
