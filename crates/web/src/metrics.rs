//! What the operator can watch of the public side: counters, each of which costs one atomic addition where it counts.
//!
//! Labels are closed: patterns of routes and never paths, statuses that are answered here, reasons that are ours. What
//! counts has its counter in hand, so that no request formats, looks up or waits.

mod requests;

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric as _},
    metrics::{MetricType, counter::Counter, family::Family, gauge::ConstGauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

pub(crate) use self::requests::{Place, Requests};
use crate::{error::WebError, ws::hub::Hub};

/// The upper ends of the classes of renderings, in seconds.
const RENDER_SECONDS: [f64; 8] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];
const REFUSALS: [Refusal; 5] =
    [Refusal::Full, Refusal::AddressFull, Refusal::Stopping, Refusal::Origin, Refusal::Handshake];
const ENDS: [Leaving; 5] =
    [Leaving::Gone, Leaving::Closed, Leaving::Stopping, Leaving::Slow, Leaving::Protocol];

type Label = [(&'static str, &'static str); 1];

/// The counters.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// Requests by route and status.
    pub(crate) requests: Arc<Requests>,
    /// Frames that subscribers were sent.
    pub(crate) frames: Counter,
    refusals: Reasons<{ REFUSALS.len() }>,
    ends: Reasons<{ ENDS.len() }>,
    renders: Histogram,
}

/// Why somebody cannot subscribe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Full,
    AddressFull,
    Stopping,
    Origin,
    Handshake,
}

/// Why somebody subscribes no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// The connection is no more.
    Gone,
    /// The subscriber said so.
    Closed,
    /// The server stops.
    Stopping,
    /// The subscriber takes too little.
    Slow,
    /// The subscriber broke a rule.
    Protocol,
}

/// A counter for each of some reasons.
#[derive(Debug)]
struct Reasons<const N: usize> {
    family: Family<Label, Counter>,
    counters: [Counter; N],
}

/// How many subscribe now, and how many may.
#[derive(Debug)]
struct Subscribers(Arc<Hub>);

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            requests: Arc::new(Requests::new()),
            frames: Counter::default(),
            refusals: Reasons::new(REFUSALS.map(Refusal::as_str)),
            ends: Reasons::new(ENDS.map(Leaving::as_str)),
            renders: Histogram::new(RENDER_SECONDS),
        }
    }

    /// Makes them part of a registry.
    pub(crate) fn register(&self, registry: &mut Registry, hub: Arc<Hub>) {
        registry.register_collector(Box::new(Arc::clone(&self.requests)));
        registry.register_collector(Box::new(Subscribers(hub)));
        registry.register(
            "command_center_subscribers_refused",
            "Requests for a subscription that were refused, by why",
            self.refusals.family.clone(),
        );
        registry.register(
            "command_center_subscribers_ended",
            "Subscriptions that ended, by why",
            self.ends.family.clone(),
        );
        registry.register(
            "command_center_frames_sent",
            "Frames that subscribers were sent",
            self.frames.clone(),
        );
        registry.register_with_unit(
            "command_center_render_duration",
            "How long it took to make what is published next",
            Unit::Seconds,
            self.renders.clone(),
        );
    }

    /// A subscription was refused.
    pub(crate) fn refused(&self, error: WebError) {
        let why = match error {
            WebError::TooManySubscribers => Refusal::Full,
            WebError::TooManyOfAddress => Refusal::AddressFull,
            WebError::Unavailable => Refusal::Stopping,
            WebError::ForeignOrigin => Refusal::Origin,
            _ => Refusal::Handshake,
        };
        self.refusals.counters[why as usize].inc();
    }

    /// A subscription ended.
    pub(crate) fn ended(&self, why: Leaving) {
        self.ends.counters[why as usize].inc();
    }

    /// Something was rendered.
    pub(crate) fn rendered(&self, took: Duration) {
        self.renders.observe(took.as_secs_f64());
    }
}

impl Refusal {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::AddressFull => "address_full",
            Self::Stopping => "stopping",
            Self::Origin => "origin",
            Self::Handshake => "handshake",
        }
    }
}

impl Leaving {
    /// Why somebody leaves to whom this code is said.
    pub(crate) const fn of_code(code: CloseCode) -> Self {
        match code {
            CloseCode::Away => Self::Stopping,
            CloseCode::Again => Self::Slow,
            _ => Self::Protocol,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Closed => "closed",
            Self::Stopping => "stopping",
            Self::Slow => "slow",
            Self::Protocol => "protocol",
        }
    }
}

impl<const N: usize> Reasons<N> {
    fn new(words: [&'static str; N]) -> Self {
        let family = Family::<Label, Counter>::default();
        let counters = words.map(|word| family.get_or_create_owned(&[("reason", word)]));
        Self { family, counters }
    }
}

// === impl Subscribers ===

impl Collector for Subscribers {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let figures = [
            ("command_center_subscribers", "Subscribers of the queue that are here now", self.0.total()),
            ("command_center_subscribers_max", "How many subscribers there may be", self.0.max_subscribers()),
        ];
        for (name, help, n) in figures {
            let gauge = ConstGauge::new(u64::try_from(n).unwrap_or(u64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}
