//! Names to addresses, under the guard's eyes: the addresses that were checked are the ones that are connected to, so a
//! name that leads elsewhere by the time of the call gains nothing by it (DNS rebinding).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::guard::Guard;

/// The most addresses of a name that are tried for one connection, so that a name with thousands of them does not have us
/// knock on thousands of doors.
const MOST_TRIED: usize = 8;

/// The addresses of a name, once they are known.
pub(super) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks up names.
pub(super) trait Lookup: Send + Sync {
    /// All addresses of a name.
    fn addresses(&self, name: &str) -> Found;
}

/// The operating system's way.
pub(super) struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, name: &str) -> Found {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a name has no address to connect to.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAddress {
    /// It cannot be looked up.
    #[error("the name cannot be looked up")]
    Unknown(#[source] io::Error),
    /// Nothing is known under it.
    #[error("the name has no address")]
    Nowhere,
    /// At least one of its addresses may not be called.
    #[error("the name leads to an address that may not be called")]
    Forbidden,
}

/// What the HTTP client asks for addresses.
#[derive(Clone)]
pub(super) struct Resolver(Arc<Guard>);

impl Resolver {
    pub(super) fn new(guard: Arc<Guard>) -> Self {
        Self(guard)
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NoAddress;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NoAddress>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoAddress>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let found = guard.addresses(name.as_str()).await?;
            // The client puts the URL's port in the place of 0.
            let found = found.into_iter().take(MOST_TRIED).map(|address| SocketAddr::new(address, 0));
            Ok(found.collect::<Vec<_>>().into_iter())
        })
    }
}
