//! What is asked of the servers.

use std::fmt;

/// Something that is served from memory or from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// The document of the queue.
    Document,
    /// The dashboard.
    Page,
}

/// How it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// As it is.
    Identity,
    /// Compressed.
    Brotli,
    /// By someone who has it.
    Known,
}

/// One kind of request, from a number of clients at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case {
    /// What is asked for.
    pub(crate) subject: Subject,
    /// In which form.
    pub(crate) form: Form,
    /// By how many clients.
    pub(crate) n_connections: usize,
}

impl Subject {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Document, Self::Page];

    /// Where our server has it.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Document => "/api/v1/services/public/queue",
            Self::Page => "/",
        }
    }

    /// What the other servers call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Page => "page",
        }
    }
}

impl Form {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Identity, Self::Brotli, Self::Known];

    /// What the client says that it accepts.
    pub(crate) const fn accepted(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Brotli | Self::Known => "br",
        }
    }

    /// The status of the answer.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Identity | Self::Brotli => 200,
            Self::Known => 304,
        }
    }
}

impl Case {
    /// Where servers of ready files have what is asked for.
    pub(crate) fn file(self) -> String {
        file(self.subject, self.form.accepted())
    }

    /// What is wanted: how many times nginx's requests a second.
    pub(crate) const fn wanted_of_nginx(self) -> f64 {
        match self.form {
            Form::Identity | Form::Brotli => 1.15,
            Form::Known => 1.0,
        }
    }
}

/// Where servers of ready files have a subject in an encoding.
pub(crate) fn file(subject: Subject, accepted: &str) -> String {
    format!("/{}-{accepted}", subject.name())
}

// === impl Display ===

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = match self.subject {
            Subject::Document => "JSON",
            Subject::Page => "dashboard",
        };
        let form = match self.form {
            Form::Identity => "200, identity",
            Form::Brotli => "200, br",
            Form::Known => "304",
        };
        write!(f, "{subject}, {form}")
    }
}
