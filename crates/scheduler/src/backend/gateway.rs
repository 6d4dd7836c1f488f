//! The gateway: which drones there are.
//!
//! Its `/api/v1/health` is not asked: nothing that it says is published, and a list of drones proves its health.

use serde::Deserialize;
use snapshot::clock::Now;

use super::{instants::Instants, node::WireNode};
use crate::{
    client::Client,
    error::FetchError,
    report::{GatewayReport, Report},
};

const NODES: &str = "/api/v1/nodes?all=true";

/// Either of the two forms that gateways write.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum WireNodes {
    List(Vec<WireNode>),
    ByKind(WireKinds),
}

#[derive(Debug, Deserialize)]
struct WireKinds {
    drones: Vec<WireNode>,
    #[serde(default)]
    orchestrators: Vec<WireNode>,
}

/// Polls the gateway once.
///
/// # Errors
/// Says why there is no usable answer. Cancellation safe.
pub async fn poll(
    client: &Client,
    instants: &mut Instants,
    now: impl Fn() -> Now,
) -> Result<Report, FetchError> {
    let nodes: WireNodes = client.get(NODES).await?.ok_or(FetchError::Status(404))?;
    instants.begin(now().wall);
    Ok(Report::Gateway(report(nodes, instants)))
}

fn report(nodes: WireNodes, instants: &mut Instants) -> GatewayReport {
    let (drones, others) = match nodes {
        WireNodes::List(nodes) => nodes.into_iter().partition(WireNode::is_drone),
        WireNodes::ByKind(kinds) => {
            let (drones, mut others): (Vec<_>, Vec<_>) =
                kinds.drones.into_iter().partition(WireNode::is_drone);
            others.extend(kinds.orchestrators);
            (drones, others)
        }
    };
    GatewayReport {
        nodes: drones.into_iter().filter_map(|node| node.report(instants)).collect(),
        others: others.into_iter().map(WireNode::names).collect(),
    }
}
