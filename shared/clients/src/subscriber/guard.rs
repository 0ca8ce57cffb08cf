//! Which URLs may be called (SSRF): whoever registers one must not reach what only we can reach. The same rules hold when
//! it is registered, so that its owner learns of it, and at every call, since a name may lead elsewhere by then.
//!
//! A URL is read as browsers read it (WHATWG), which brings every spelling of an address (octal, hexadecimal, one number,
//! percent signs, full-width digits) to one form before it is looked at.

use std::net::IpAddr;
use std::time::Duration;

use http::Uri;
use url::{Host, Url};

use super::addresses::why_not_public;
use super::resolver::{Lookup, NoAddress};

/// The longest URL, bytes.
const LONGEST: usize = 2048;

/// Ports of services that a call could be mistaken by for one of their own: files, shells, names, mail and news. Any other
/// is fine.
const NOT_HTTP: [u16; 13] = [0, 21, 22, 23, 25, 53, 110, 119, 143, 465, 587, 993, 995];

/// The rules.
pub(super) struct Guard {
    loopback_allowed: bool,
    lookup: Box<dyn Lookup>,
    /// How long a lookup may take.
    patience: Duration,
}

impl Guard {
    pub(super) fn new(loopback_allowed: bool, lookup: Box<dyn Lookup>, patience: Duration) -> Self {
        Self { loopback_allowed, lookup, patience }
    }

    /// All there is to check without a lookup: the spelling, and the address if it is one.
    pub(super) fn parse(&self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|_| "must be a URL")?;
        let Some(host) = url.host() else { return Err("must be an https URL with a host".into()) };
        if text.len() > LONGEST || url.as_str().len() > LONGEST {
            return Err(format!("must be at most {LONGEST} bytes long"));
        }
        match url.scheme() {
            "https" => {}
            "http" if self.loopback_allowed && is_loopback(&host) => {}
            "http" if self.loopback_allowed => {
                return Err("must be https, unless it leads to this machine".into());
            }
            _ => return Err("must be an https URL".into()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or a password".into());
        }
        if url.fragment().is_some() {
            return Err("must not have a part after #".into());
        }
        if url.port().is_some_and(|port| NOT_HTTP.contains(&port)) {
            return Err("must not have the port of another service than HTTP".into());
        }
        // Two libraries read it, this one and the client's: they have to see the same host in it, or what is checked here is
        // not what is called.
        let read = url.as_str().parse::<Uri>();
        if !read.is_ok_and(|uri| (uri.host(), uri.port_u16()) == (url.host_str(), url.port())) {
            return Err("must be a URL that can be called".into());
        }
        let literal = match host {
            Host::Domain(_) => return Ok(url),
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
        };
        match self.refuses(literal) {
            Some(why) => Err(format!("must lead to a public address: {literal} is not ({why})")),
            None => Ok(url),
        }
    }

    /// The URL in its normal spelling, if it may be called. The kind of an address that a name leads to is not told: names
    /// of our own network are nobody's business.
    pub(super) async fn admit(&self, text: &str) -> Result<String, String> {
        let url = self.parse(text)?;
        if let Some(Host::Domain(name)) = url.host() {
            let found = tokio::time::timeout(self.patience, self.addresses(name)).await;
            match found {
                Ok(Ok(_)) => {}
                Ok(Err(NoAddress::Forbidden)) => {
                    return Err(format!("must lead to public addresses alone: {name} does not"));
                }
                Ok(Err(_)) | Err(_) => {
                    return Err(format!("must lead somewhere: {name} cannot be looked up"));
                }
            }
        }
        Ok(url.into())
    }

    /// The addresses of a name, if all of them may be called: which one is taken is not ours to choose.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, NoAddress> {
        let found = self.lookup.addresses(name).await.map_err(NoAddress::Unknown)?;
        if found.is_empty() {
            return Err(NoAddress::Nowhere);
        }
        if found.iter().any(|address| self.refuses(*address).is_some()) {
            return Err(NoAddress::Forbidden);
        }
        Ok(found)
    }

    /// Why an address may not be called.
    fn refuses(&self, address: IpAddr) -> Option<&'static str> {
        why_not_public(address).filter(|_| !(self.loopback_allowed && address.is_loopback()))
    }
}

/// Whether a host is this machine by its very name.
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
