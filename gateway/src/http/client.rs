//! Where a request really comes from, and by what address it called us, past trusted proxies.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap};
use ipnet::IpNet;

/// The headers by which a proxy tells whom it speaks for.
const FORWARDED: [&str; 4] = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded"];

/// The client's side of a request.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// The network address.
    pub(crate) address: String,
    /// The scheme, host and port by which the client called.
    pub(crate) origin: String,
}

impl Client {
    /// Reads the connection, and the forwarding headers when a trusted proxy sent them.
    pub(crate) fn of(request: &HttpRequest, trusted: &[IpNet]) -> Self {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        let headers = request.headers();
        let host = text(headers, HOST.as_str()).unwrap_or_default();
        let through_proxy = peer.is_some_and(|peer| is_trusted(peer, trusted));
        if !through_proxy {
            if FORWARDED.iter().any(|name| headers.contains_key(*name)) {
                warn_once();
            }
            let address = peer.map(|peer| peer.to_string()).unwrap_or_default();
            return Self { address, origin: format!("http://{host}").to_ascii_lowercase() };
        }
        let address = forwarded_for(headers, trusted).or(peer).map(|address| address.to_string()).unwrap_or_default();
        let scheme = text(headers, "x-forwarded-proto").unwrap_or("http");
        let host = text(headers, "x-forwarded-host").unwrap_or(host);
        Self { address, origin: format!("{scheme}://{host}").to_ascii_lowercase() }
    }
}

impl Client {
    /// Whether it runs on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

/// Each proxy appends whom it heard from: the last address that is not a trusted proxy is the client.
/// What stands before that address, or before something that is no address, anybody may have written.
fn forwarded_for(headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let lines: Vec<_> =
        headers.get_all("x-forwarded-for").map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let hops: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).collect();
    let mut client = None;
    for hop in hops.iter().rev() {
        let Some(address) = address_of(hop.trim()) else { break };
        client = Some(address);
        if !is_trusted(address, trusted) {
            break;
        }
    }
    client
}

/// Some proxies append the port too.
fn address_of(hop: &str) -> Option<IpAddr> {
    let address = hop.parse().or_else(|_| hop.parse().map(|socket: SocketAddr| socket.ip())).ok()?;
    Some(IpAddr::to_canonical(&address))
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

fn warn_once() {
    static SAID: AtomicBool = AtomicBool::new(false);
    if !SAID.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "forwarded headers from an address that is not in CRM_TRUSTED_PROXIES are ignored; this is said once"
        );
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn client(lines: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = HeaderValue::from_bytes(line).expect("a header value");
            headers.append(HeaderName::from_static("x-forwarded-for"), value);
        }
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        forwarded_for(&headers, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn what_a_client_writes_before_its_own_address_is_not_believed() {
        let real = Some("203.0.113.9".to_owned());
        let lines: [&[&[u8]]; 7] = [
            &[b"203.0.113.9"],
            &[b"9.9.9.9, 203.0.113.9"],
            &[b"9.9.9.9, nonsense, 203.0.113.9"],
            &[b"9.9.9.9, , 203.0.113.9, 10.0.0.2"],
            &[b"9.9.9.9, \xff, 203.0.113.9"],
            &[b"9.9.9.9, nonsense", b"203.0.113.9, 10.0.0.2"],
            &[b"203.0.113.9:4711"],
        ];
        for lines in lines {
            assert_eq!(client(lines), real, "{lines:?}");
        }
        assert_eq!(client(&[b"9.9.9.9, nonsense"]), None);
        assert_eq!(client(&[b"9.9.9.9, nonsense, 10.0.0.2"]), Some("10.0.0.2".to_owned()));
        assert_eq!(client(&[]), None);
    }
}
