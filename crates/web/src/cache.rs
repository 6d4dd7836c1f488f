//! How long an answer may be kept by others.

use actix_web::http::header::HeaderValue;

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CachePolicy {
    /// Documents that change with every poll.
    Live,
    /// Documents that change with every build.
    Slow,
    /// What cannot say itself how old it is.
    Minute,
    /// What is asked for again and again by those who only want to know what is new.
    FiveMinutes,
    /// Pages: kept, but asked for again every time.
    Page,
    /// What is named by its content.
    Immutable,
    /// Nothing to keep.
    NoStore,
}

impl CachePolicy {
    /// The value of `Cache-Control`.
    pub(crate) const fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Live => "public, max-age=5, stale-while-revalidate=30, stale-if-error=86400",
            Self::Slow => "public, max-age=15, stale-while-revalidate=30, stale-if-error=86400",
            Self::Minute => "public, max-age=60",
            Self::FiveMinutes => "public, max-age=300",
            Self::Page => "no-cache",
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::NoStore => "no-store",
        })
    }
}
