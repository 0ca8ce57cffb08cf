//! The client for servers that anybody may name. It is made of the same parts as the usual one, which cannot be told the
//! two things that count here: how much is read at a time, and what to do about interim answers (1xx). Of these a server
//! may send any number; with the usual buffers, 50 MB of them are worked through at a stretch, and nobody else's call of
//! the process gets on meanwhile.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tower_service::Service;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use super::IDLE;

/// Bytes that are read at a time; the head of an answer has to fit in as well.
const BUFFER: usize = 16 << 10;

/// An error of any kind.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The client.
pub(crate) type Strangers<R> = Client<InTime<HttpsConnector<HttpConnector<R>>>, Full<Bytes>>;

/// Makes a client that asks `resolver` for each connection to a name and gives up connecting after `limit`. It follows no
/// redirect, takes no proxy and unpacks nothing. `extra` are roots besides the usual ones.
pub(crate) fn client<R>(
    resolver: R,
    limit: Duration,
    extra: &[CertificateDer<'static>],
) -> Result<Strangers<R>, rustls::Error>
where
    R: Service<Name, Response: Iterator<Item = SocketAddr>, Error: Into<BoxError>, Future: Send>,
    R: Clone + Send + Sync + 'static,
{
    let mut roots = RootCertStore::empty();
    for root in TLS_SERVER_ROOT_CERTS.iter().chain(extra) {
        roots.add(root.clone())?;
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(limit));
    let https =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    Ok(Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .http1_max_buf_size(BUFFER)
        .build(InTime { connector: https, limit }))
}

/// A connector that takes no longer than a limit for name lookup, TCP and TLS.
#[derive(Clone)]
pub(crate) struct InTime<C> {
    connector: C,
    limit: Duration,
}

impl<C> Service<Uri> for InTime<C>
where
    C: Service<Uri, Error = BoxError, Future: Send + 'static>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.limit, self.connector.call(uri));
        Box::pin(async move { connecting.await? })
    }
}
