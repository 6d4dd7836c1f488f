//! Which server: the address of its socket and of its document, from what the user wrote.

use url::Url;

/// Where the queue's socket is, below the base path.
const SOCKET: &str = "/ws/queue";

/// Where the queue's document is, below the base path.
const DOCUMENT: &str = "/api/v1/services/public/queue";

/// One server's queue.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// `ws` or `wss`.
    socket: Url,
    /// `http` or `https`.
    document: Url,
}

/// A text that names no server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum TargetError {
    #[error("no URL such as http://127.0.0.1:8093")]
    NoUrl,
    #[error("the URL must begin with http, https, ws or wss")]
    Scheme,
    #[error("the URL may have a host, a port and a path, and nothing else")]
    Extra,
}

impl Target {
    /// Reads a URL; without a scheme it is `http`. The socket's own path may be in it.
    pub(super) fn parse(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&text).map_err(|_| TargetError::NoUrl)?;
        let (socket, document) = match url.scheme() {
            "http" | "ws" => ("ws", "http"),
            "https" | "wss" => ("wss", "https"),
            _ => return Err(TargetError::Scheme),
        };
        let is_bare = url.username().is_empty() && url.password().is_none();
        if !is_bare || url.query().is_some() || url.fragment().is_some() {
            return Err(TargetError::Extra);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(TargetError::NoUrl)?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let path = url.path().trim_end_matches('/');
        let base = path.strip_suffix(SOCKET).unwrap_or(path).trim_end_matches('/');
        let at = |scheme: &str, path: &str| {
            Url::parse(&format!("{scheme}://{host}{port}{base}{path}")).map_err(|_| TargetError::NoUrl)
        };
        Ok(Self { socket: at(socket, SOCKET)?, document: at(document, DOCUMENT)? })
    }

    /// The socket, going on after a version or from the beginning.
    pub(super) fn socket(&self, resume: Option<web::mirror::Resume<'_>>) -> Url {
        with_resume(&self.socket, resume)
    }

    /// The document, likewise.
    pub(super) fn document(&self, resume: Option<web::mirror::Resume<'_>>) -> Url {
        with_resume(&self.document, resume)
    }

    /// What the user calls it: host, port and base path.
    pub(super) fn name(&self) -> String {
        let port = self.document.port().map(|port| format!(":{port}")).unwrap_or_default();
        let base = self.document.path().strip_suffix(DOCUMENT).unwrap_or_default();
        format!("{}{port}{base}", self.document.host_str().unwrap_or_default())
    }
}

fn with_resume(url: &Url, resume: Option<web::mirror::Resume<'_>>) -> Url {
    let mut url = url.clone();
    if let Some(resume) = resume {
        let since = resume.since.to_string();
        url.query_pairs_mut().append_pair("epoch", resume.epoch).append_pair("since", &since);
    }
    url
}

#[cfg(test)]
mod tests {
    use web::mirror::Resume;

    use super::*;

    #[test]
    fn the_socket_and_the_document_of_what_users_write() {
        for (text, socket, document, name) in [
            ("http://127.0.0.1:8093", "ws://127.0.0.1:8093", "http://127.0.0.1:8093", "127.0.0.1:8093"),
            ("localhost:8093/", "ws://localhost:8093", "http://localhost:8093", "localhost:8093"),
            ("https://a.example/farm/", "wss://a.example/farm", "https://a.example/farm", "a.example/farm"),
            (
                "wss://a.example/farm/ws/queue",
                "wss://a.example/farm",
                "https://a.example/farm",
                "a.example/farm",
            ),
            ("ws://[::1]:80/ws/queue/", "ws://[::1]", "http://[::1]", "[::1]"),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!(target.socket(None).as_str(), format!("{socket}{SOCKET}"), "{text}");
            assert_eq!(target.document(None).as_str(), format!("{document}{DOCUMENT}"), "{text}");
            assert_eq!(target.name(), name, "{text}");
        }
        let resume = Resume { epoch: "k3v9q2", since: 7 };
        let socket = Target::parse("a.example").unwrap().socket(Some(resume));
        assert_eq!(socket.as_str(), "ws://a.example/ws/queue?epoch=k3v9q2&since=7");
    }

    #[test]
    fn what_names_no_server_is_refused() {
        use TargetError::{Extra, NoUrl, Scheme};
        for (text, error) in [
            ("", NoUrl),
            ("http://", NoUrl),
            ("http://a:b", NoUrl),
            ("ftp://a.example", Scheme),
            ("http://a@b.example", Extra),
            ("http://a.example/?x", Extra),
            ("http://a.example/#x", Extra),
        ] {
            assert_eq!(Target::parse(text).err(), Some(error), "{text}");
        }
    }
}
