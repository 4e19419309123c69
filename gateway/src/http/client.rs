//! Where a request really comes from, and by what address it called us, past trusted proxies.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap};
use ipnet::IpNet;

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
            if headers.contains_key("x-forwarded-for") {
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

/// Each proxy appends whom it heard from: the last address that is not a trusted proxy is the client.
fn forwarded_for(headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let hops: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map_while(|hop| hop.trim().parse::<IpAddr>().ok())
        .map(|hop| hop.to_canonical())
        .collect();
    hops.iter().rev().find(|hop| !is_trusted(**hop, trusted)).or(hops.first()).copied()
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
        tracing::warn!("X-Forwarded-For from an address that is not in CRM_TRUSTED_PROXIES is ignored");
    }
}
