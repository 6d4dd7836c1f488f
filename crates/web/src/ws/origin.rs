//! Which pages may open a socket: our own, and those that the operator named.

use actix_web::http::{
    Uri,
    header::{self, HeaderMap},
};

use crate::config::Config;

/// Whether a request may come from where it says it comes from.
///
/// Browsers always say it and let no page lie about it. Programs say nothing and are let in: what is here is public,
/// and the rule only keeps other people's pages from spending our sockets. Scheme and outer port are a proxy's matter,
/// so ours is a page whose host is the one that was asked for, or one under which the site answers.
pub(crate) fn is_allowed(headers: &HeaderMap, host: &str, config: &Config) -> bool {
    let mut lines = headers.get_all(header::ORIGIN);
    let Some(line) = lines.next() else { return true };
    let (Ok(text), None) = (line.to_str(), lines.next()) else { return false };
    let Some(origin) = Origin::parse(text) else { return false };
    origin.is_of(host)
        || config.allowed_hosts().name(&origin.host)
        || config.websocket().origins.contains(&origin)
}

/// Scheme, host and port of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// Reads an origin such as `https://status.example.org`; `None` when it is none, or has more than these parts.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let default = default_port(uri.scheme_str()?)?;
        let authority = uri.authority()?;
        let port = match (authority.port_u16(), authority.as_str().strip_prefix(authority.host())?) {
            (Some(port), _) => port,
            (None, "") => default,
            (None, _) => return None,
        };
        let is_bare = text.get(uri.scheme_str()?.len() + 3..)?.len() == authority.as_str().len();
        let host = authority.host().to_ascii_lowercase();
        is_bare.then(|| Self { scheme: uri.scheme_str().unwrap_or_default().to_owned(), host, port })
    }

    /// Whether a page of this origin asks the host that it came from.
    fn is_of(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
            _ => (host, default_port(&self.scheme)),
        };
        self.host.eq_ignore_ascii_case(name) && port == Some(self.port)
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;
    use crate::config::{AllowedHosts, WebSocket};

    fn is_allowed_from(origins: &[&'static str], host: &str) -> bool {
        let websocket = WebSocket {
            origins: vec![Origin::parse("https://blog.example.net").unwrap()],
            ..WebSocket::default()
        };
        let config = Config::new()
            .with_allowed_hosts(AllowedHosts::parse(["public.example.org"]).unwrap())
            .with_websocket(websocket);
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(header::ORIGIN, HeaderValue::from_static(origin));
        }
        is_allowed(&headers, host, &config)
    }

    #[test]
    fn our_own_pages_and_named_ones_may_connect() {
        let host = "status.example.org";
        assert!(is_allowed_from(&[], host));
        for origin in [
            "https://status.example.org",
            "http://STATUS.example.org",
            "https://status.example.org:443",
            "https://public.example.org",
            "https://public.example.org:8443",
            "https://blog.example.net",
        ] {
            assert!(is_allowed_from(&[origin], host), "{origin}");
        }
        assert!(is_allowed_from(&["http://127.0.0.1:8093"], "127.0.0.1:8093"));
        assert!(is_allowed_from(&["http://[::1]:8093"], "[::1]:8093"));
        assert!(is_allowed_from(&["http://[::1]"], "[::1]"));
        for origin in [
            "null",
            "",
            "https://evil.example",
            "https://status.example.org.evil.example",
            "https://status.example.org:8443",
            "https://status.example.org:x",
            "https://status.example.org/",
            "https://user@status.example.org",
            "http://blog.example.net",
            "ftp://status.example.org",
            "status.example.org",
        ] {
            assert!(!is_allowed_from(&[origin], host), "{origin}");
        }
        assert!(!is_allowed_from(&["https://status.example.org", "https://status.example.org"], host));
    }
}
