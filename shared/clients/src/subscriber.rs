//! Calls to subscribers: URLs that integrators gave us, which may lead anywhere and answer anything. A call is signed
//! after Standard Webhooks, ends in 15 s, goes to public addresses alone (`guard`, `resolver`) and takes no more of the
//! answer than is kept, whatever the other side does.
//!
//! The status alone decides whether it was a success. A body that is long, slow, endless or broken changes nothing about
//! a 2xx: it is read as far as it is kept and until the time is over, and the connection is dropped.

mod addresses;
mod answer;
mod guard;
mod resolver;
mod sign;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use courier_domain::notification::AttemptError;
use courier_domain::ports::{Subscriber, SubscriberAnswer, SubscriberCall, UrlGuard};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::http as clients;
use clients::Timeouts;
use clients::strangers::{self, Strangers};
use guard::Guard;
use resolver::{Lookup, Resolver, SystemLookup};

pub use sign::new_signing_secret;

const AUTH_TOKEN: HeaderName = HeaderName::from_static("auth-token");
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
const WEBHOOK_REPLAY: HeaderName = HeaderName::from_static("webhook-replay");

/// How long a call may take.
const TIMEOUTS: Timeouts = Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(15) };

/// Interim answers (1xx) that are put up with. One or two are usual.
const MOST_INTERIM: usize = 16;

/// Calls subscribers, and says which may be called.
pub struct SubscriberClient {
    guard: Arc<Guard>,
    timeouts: Timeouts,
    http: OnceLock<Strangers<Resolver>>,
}

impl SubscriberClient {
    /// With `loopback_allowed`, loopback addresses may be called as well, by plain HTTP too: for stacks on one machine.
    pub fn new(loopback_allowed: bool) -> Self {
        Self::with(loopback_allowed, Box::new(SystemLookup), TIMEOUTS)
    }

    /// The same with names looked up another way and in another time.
    fn with(loopback_allowed: bool, lookup: Box<dyn Lookup>, timeouts: Timeouts) -> Self {
        let guard = Arc::new(Guard::new(loopback_allowed, lookup, timeouts.connect));
        Self { guard, timeouts, http: OnceLock::new() }
    }

    /// The HTTP client. Names of hosts are looked up under the guard's eyes, for each connection again.
    fn http(&self) -> Result<&Strangers<Resolver>, rustls::Error> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let client = strangers::client(Resolver::new(Arc::clone(&self.guard)), self.timeouts.connect, &[])?;
        Ok(self.http.get_or_init(|| client))
    }

    /// The answer up to its headers.
    async fn send(
        &self,
        call: &SubscriberCall<'_>,
        deadline: Instant,
    ) -> Result<Response<Incoming>, AttemptError> {
        let mut request = self.request(call)?;
        let flooded = flooded(&mut request);
        let client = self.http().map_err(|error| {
            tracing::error!(%error, "no HTTP client can be made");
            AttemptError::Connection
        })?;
        tokio::select! {
            sent = timeout_at(deadline, client.request(request)) => {
                sent.map_err(|_| AttemptError::Timeout)?.map_err(|error| answer::why(&error))
            }
            () = flooded.notified() => Err(AttemptError::Answer),
        }
    }

    /// What is sent. An address in the URL itself never comes before the resolver, so the URL is checked as it was at
    /// registration.
    fn request(&self, call: &SubscriberCall<'_>) -> Result<Request<Full<Bytes>>, AttemptError> {
        let url = self.guard.parse(call.url).map_err(|_| AttemptError::ForbiddenAddress)?;
        let uri = url.as_str().parse::<Uri>().map_err(|_| AttemptError::ForbiddenAddress)?;
        let Some(headers) = headers(call) else {
            tracing::error!(
                webhook_id = call.webhook_id,
                "no headers can be made for a call to a subscriber"
            );
            return Err(AttemptError::Connection);
        };
        let mut request = Request::new(Full::new(Bytes::copy_from_slice(call.body)));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (Method::POST, uri, headers);
        Ok(request)
    }
}

/// Tells when a request was answered by more interim answers than are put up with.
fn flooded(request: &mut Request<Full<Bytes>>) -> Arc<Notify> {
    let (flooded, seen) = (Arc::new(Notify::new()), AtomicUsize::new(0));
    let tell = Arc::clone(&flooded);
    hyper::ext::on_informational(request, move |_| {
        if seen.fetch_add(1, Ordering::Relaxed) == MOST_INTERIM {
            tell.notify_one();
        }
    });
    flooded
}

impl Subscriber for SubscriberClient {
    /// Makes a call. One that cannot be made at all, because a key is no key or a token is none that a header takes, is
    /// [`AttemptError::Connection`] and logged as an error: the API lets no such thing in.
    async fn call(&self, call: SubscriberCall<'_>) -> SubscriberAnswer {
        let deadline = Instant::now() + self.timeouts.total;
        match self.send(&call, deadline).await {
            Ok(response) => answer::read(response, &call, deadline).await,
            Err(error) => answer::none(error),
        }
    }
}

impl UrlGuard for SubscriberClient {
    async fn admit(&self, url: &str) -> Result<String, String> {
        self.guard.admit(url).await
    }
}

impl fmt::Debug for SubscriberClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriberClient").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

/// The headers of a call, if they can be made.
fn headers(call: &SubscriberCall<'_>) -> Option<HeaderMap> {
    let token = HeaderValue::from_str(call.auth_token.expose()).ok();
    let mut token = token.filter(|token| !token.is_empty())?;
    token.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(clients::USER_AGENT));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(AUTH_TOKEN, token);
    headers.insert(WEBHOOK_ID, HeaderValue::from_str(call.webhook_id).ok()?);
    headers.insert(WEBHOOK_TIMESTAMP, HeaderValue::from(call.at.as_second()));
    headers.insert(WEBHOOK_SIGNATURE, HeaderValue::from_str(&sign::signatures(call)?).ok()?);
    if call.replay {
        headers.insert(WEBHOOK_REPLAY, HeaderValue::from_static("true"));
    }
    Some(headers)
}
