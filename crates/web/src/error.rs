//! What goes wrong for a visitor: a closed set of answers, none of which repeats anything that was sent.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::Serialize;
use snapshot::snapshot::Snapshot;
use utoipa::ToSchema;

use crate::{cache::CachePolicy, pages::Pages, parameters::BadParameter, ws::handshake};

/// An answer other than success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebError {
    /// A parameter cannot be used.
    BadParameter(BadParameter),
    /// There is nothing there.
    NotFound,
    /// It can only be read.
    MethodNotAllowed,
    /// The request names a host that is not served here.
    Misdirected,
    /// It cannot be answered now.
    Unavailable,
    /// It is answered over a WebSocket only.
    UpgradeRequired,
    /// It asks for a WebSocket in a wrong way.
    BadHandshake,
    /// A page of another site asks for a WebSocket.
    ForeignOrigin,
    /// Nobody else can subscribe now.
    TooManySubscribers,
    /// Nobody else of this address can subscribe or connect now.
    TooManyOfAddress,
    /// Nobody else can connect now.
    TooManyConnections,
}

/// In which form an error is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Audience<'a> {
    /// Programs: the envelope.
    Program,
    /// People: a page, with the ways to the others that there are.
    Person(&'a Pages, &'a Snapshot),
}

/// An error, for programs.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct Envelope {
    /// `error`
    status: &'static str,
    error: Body,
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = ErrorBody)]
struct Body {
    code: &'static str,
    message: &'static str,
    parameter: Option<&'static str>,
}

impl WebError {
    /// One of each.
    pub(crate) const ALL: [Self; 11] = [
        Self::BadParameter(BadParameter {
            parameter: None,
            message: "what is allowed; \"parameter\" names the known one that is at fault",
        }),
        Self::BadHandshake,
        Self::ForeignOrigin,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Misdirected,
        Self::UpgradeRequired,
        Self::TooManyOfAddress,
        Self::Unavailable,
        Self::TooManySubscribers,
        Self::TooManyConnections,
    ];

    /// The whole answer.
    pub(crate) fn answer(self, audience: Audience<'_>) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::build(self.status());
        response.insert_header((header::CACHE_CONTROL, CachePolicy::NoStore.header()));
        if self == Self::MethodNotAllowed {
            response.insert_header((header::ALLOW, HeaderValue::from_static("GET, HEAD")));
        }
        if self == Self::UpgradeRequired {
            response.insert_header((header::UPGRADE, HeaderValue::from_static("websocket")));
            let version = HeaderValue::from_static(handshake::VERSION);
            response.insert_header((header::SEC_WEBSOCKET_VERSION, version));
        }
        if let Some(seconds) = self.retry_after_seconds() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        match audience {
            Audience::Program => response.json(self.envelope()),
            Audience::Person(pages, snapshot) => {
                let page = pages.error(snapshot, self.status().as_u16(), &self.sentence());
                response.content_type("text/html; charset=utf-8").body(page)
            }
        }
    }

    fn envelope(self) -> Envelope {
        let parameter = match self {
            Self::BadParameter(bad) => bad.parameter,
            _ => None,
        };
        Envelope { status: "error", error: Body { code: self.code(), message: self.message(), parameter } }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadParameter(_) => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Unavailable | Self::TooManySubscribers | Self::TooManyConnections => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
            Self::BadHandshake => StatusCode::BAD_REQUEST,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::TooManyOfAddress => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// When to try again, where that may help.
    const fn retry_after_seconds(self) -> Option<u64> {
        match self {
            Self::Unavailable | Self::TooManyConnections => Some(5),
            Self::TooManySubscribers => Some(30),
            Self::TooManyOfAddress => Some(60),
            _ => None,
        }
    }

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::BadParameter(_) => "bad_parameter",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Misdirected => "misdirected",
            Self::Unavailable | Self::TooManySubscribers | Self::TooManyConnections => "unavailable",
            Self::UpgradeRequired => "upgrade_required",
            Self::BadHandshake => "bad_handshake",
            Self::ForeignOrigin => "forbidden",
            Self::TooManyOfAddress => "too_many_requests",
        }
    }

    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::BadParameter(bad) => bad.message,
            Self::NotFound => "there is no such page",
            Self::MethodNotAllowed => "only GET and HEAD are allowed",
            Self::Misdirected => "this host is not served here",
            Self::Unavailable => "this cannot be answered now",
            Self::UpgradeRequired => "this is a WebSocket, version 13",
            Self::BadHandshake => "this is no WebSocket handshake",
            Self::ForeignOrigin => "pages of other sites cannot connect",
            Self::TooManySubscribers => "there are too many subscribers now",
            Self::TooManyOfAddress => "there are too many connections from this address now",
            Self::TooManyConnections => "there are too many connections now",
        }
    }

    /// The message as people read it. A parameter at its beginning keeps its name as it is.
    fn sentence(self) -> String {
        let message = self.message();
        let begins_with_name = match self {
            Self::BadParameter(bad) => bad.parameter.is_some_and(|name| message.starts_with(name)),
            _ => false,
        };
        let mut chars = message.chars();
        match chars.next() {
            Some(first) if !begins_with_name => format!("{}{}.", first.to_uppercase(), chars.as_str()),
            _ => format!("{message}."),
        }
    }
}

// === impl WebError ===

impl From<BadParameter> for WebError {
    fn from(bad: BadParameter) -> Self {
        Self::BadParameter(bad)
    }
}
