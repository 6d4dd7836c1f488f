//! Whose connection it is: behind a proxy the address of the socket is the proxy's.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::http::header::{self, HeaderMap, HeaderName};

use crate::config::TrustedProxies;

/// What the edge of a content network says.
const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");
/// What a single proxy says.
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Who is at the other end, as far as limits are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// One client.
    Known(IpAddr),
    /// Any number of clients behind one address.
    Shared,
}

impl Peer {
    /// Who sent a request. What headers say is believed of trusted proxies only.
    pub(crate) fn of(socket: Option<IpAddr>, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let Some(socket) = socket.map(|address| address.to_canonical()) else { return Self::Shared };
        if trusted.contain(socket) {
            let client = single(headers, &CF_CONNECTING_IP).or_else(|| {
                let is_forwarded = headers.contains_key(header::X_FORWARDED_FOR);
                if is_forwarded { forwarded(headers, trusted) } else { single(headers, &X_REAL_IP) }
            });
            return client.map_or(Self::Shared, Self::Known);
        }
        if is_local(socket) { Self::Shared } else { Self::Known(socket) }
    }
}

/// What one household has: an address, or the 64 bits of a network in which everybody may take any.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(network).into()
        }
    }
}

/// A header with one address.
fn single(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    address(headers.get(name)?.to_str().ok()?)
}

/// The last address that was not added by one of our own: everything before it may be made up.
fn forwarded(headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    let lines: Vec<&str> =
        headers.get_all(header::X_FORWARDED_FOR).map(|line| line.to_str().ok()).collect::<Option<_>>()?;
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    hops.map(address).find(|hop| hop.is_none_or(|hop| !trusted.contain(hop))).flatten()
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let socket = || text.parse().ok().map(|socket: std::net::SocketAddr| socket.ip());
    bare.parse().ok().or_else(socket).map(|address: IpAddr| address.to_canonical())
}

/// Whether an address is likely that of a proxy or a tunnel beside us.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            let is_carrier_grade = a == 100 && (64..128).contains(&b);
            address.is_loopback() || address.is_private() || address.is_link_local() || is_carrier_grade
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(socket: &str, lines: &[(&'static str, &'static str)], expected: Option<&str>) {
        let trusted = TrustedProxies::parse(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let expected = expected.map_or(Peer::Shared, |address| Peer::Known(address.parse().unwrap()));
        assert_eq!(Peer::of(socket.parse().ok(), &headers, &trusted), expected, "{socket} {lines:?}");
    }

    #[test]
    fn headers_are_believed_of_trusted_proxies_only() {
        const XFF: &str = "x-forwarded-for";
        const CF: &str = "cf-connecting-ip";
        const REAL: &str = "x-real-ip";
        check("203.0.113.9", &[], Some("203.0.113.9"));
        check("203.0.113.9", &[(XFF, "198.51.100.1"), (CF, "198.51.100.2")], Some("203.0.113.9"));
        check("::ffff:203.0.113.9", &[], Some("203.0.113.9"));
        for local in ["127.0.0.2", "192.168.1.1", "172.16.0.1", "100.64.0.1", "169.254.0.1", "::1", "fe80::1"]
        {
            check(local, &[(XFF, "198.51.100.1")], None);
        }
        check("100.128.0.1", &[], Some("100.128.0.1"));
        check("unknown", &[], None);

        check("127.0.0.1", &[], None);
        check("10.1.1.1", &[(CF, "198.51.100.2"), (XFF, "198.51.100.1")], Some("198.51.100.2"));
        check("fd00::1", &[(XFF, "6.6.6.6, 198.51.100.1, 10.0.0.7")], Some("198.51.100.1"));
        check(
            "10.1.1.1",
            &[(XFF, "6.6.6.6"), (XFF, "198.51.100.1"), (XFF, "10.0.0.7")],
            Some("198.51.100.1"),
        );
        check("10.1.1.1", &[(XFF, "[2001:db8::1]:443, 10.0.0.7")], Some("2001:db8::1"));
        check("10.1.1.1", &[(XFF, "198.51.100.1:80")], Some("198.51.100.1"));
        // What follows a hop that cannot be read is not known to be true.
        check("10.1.1.1", &[(XFF, "198.51.100.1, unknown")], None);
        check("10.1.1.1", &[(XFF, "10.0.0.1, 10.0.0.2")], None);
        check("10.1.1.1", &[(CF, "x"), (XFF, "198.51.100.1")], Some("198.51.100.1"));

        check("10.1.1.1", &[(REAL, "198.51.100.3")], Some("198.51.100.3"));
        check("10.1.1.1", &[(REAL, "198.51.100.3"), (XFF, "198.51.100.1")], Some("198.51.100.1"));
        check("10.1.1.1", &[(REAL, "198.51.100.3"), (XFF, "unknown")], None);
        check("10.1.1.1", &[(REAL, "x")], None);
        check("203.0.113.9", &[(REAL, "198.51.100.3")], Some("203.0.113.9"));
    }
}
