//! Why a measurement ends without a result.

use std::io;

/// Why a measurement ends without a result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The system refuses something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// Something did not happen in time.
    #[error("waited too long for {0}")]
    Late(&'static str),
    /// The machine was too busy for this measurement; another one may succeed.
    #[error("{0}")]
    Disturbed(String),
    /// Someone said what was not expected.
    #[error("{0}")]
    Unexpected(String),
}

/// Says what was tried when it failed.
pub(crate) trait Context<T> {
    /// The value, or an error that names `what` was tried.
    fn during(self, what: &'static str) -> Result<T, BenchError>;
}

impl<T, E: Into<io::Error>> Context<T> for Result<T, E> {
    fn during(self, what: &'static str) -> Result<T, BenchError> {
        self.map_err(|source| BenchError::Io { what, source: source.into() })
    }
}
