//! The one place where an HTTP client is made, so that every call out has the same limits: it ends in time, goes to the
//! address that was configured and nowhere else, and trusts the same roots on every machine.
//!
//! The roots are compiled in. Reading and parsing the system's store is a large part of a function's cold start, and a
//! Lambda image is replaced as a whole anyway. For the same reason a client is made on first use, not at start-up.
//!
//! Servers that anybody may name are called by a client of their own kind, `strangers`.

pub(crate) mod strangers;

use std::time::Duration;

use reqwest::{Certificate, Client, Response, redirect};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// Who calls.
pub(crate) const USER_AGENT: &str = concat!("courier-bridge/", env!("CARGO_PKG_VERSION"));

/// How long a connection is kept for another call, seconds. A frozen Lambda does not notice that the other side hung
/// up, and a request written to such a connection has an unknown outcome; so they are kept within a batch, not longer.
pub(crate) const IDLE: Duration = Duration::from_secs(15);

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup, TCP and TLS.
    pub connect: Duration,
    /// From the start of a call to the end of its answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(20) }
    }
}

/// Makes a client. It follows no redirect (a redirected POST would hand its token to another host) and takes no proxy
/// from the environment. Plain `http` works: whether it is wanted is decided where an address is configured.
#[expect(clippy::disallowed_methods, reason = "the one place where a client is made")]
pub fn client(timeouts: Timeouts) -> Result<Client, reqwest::Error> {
    let roots =
        TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>()?;
    Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .pool_idle_timeout(IDLE)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .tls_certs_only(roots)
        .build()
}

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is larger than allowed.
    TooLarge,
    /// The connection broke or the time was over.
    Cut(reqwest::Error),
}

/// Reads a body of at most `limit` bytes, without first taking in more. Memory is taken for as much as is announced, since
/// growing to a large body would take twice of it.
pub(crate) async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let announced = response.content_length().unwrap_or_default();
    let mut body = match usize::try_from(announced) {
        Ok(announced) if announced <= limit => Vec::with_capacity(announced),
        _ => return Err(BodyError::TooLarge),
    };
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Cut)? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads the first `limit` bytes of a body that only explains an error; what cannot be read is left out.
pub(crate) async fn read_start(mut response: Response, limit: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < limit
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(limit);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_made_from_the_compiled_in_roots() {
        client(Timeouts::default()).unwrap();
        assert!(TLS_SERVER_ROOT_CERTS.len() > 100);
    }

    #[test]
    fn a_call_ends_in_20_seconds_of_which_5_are_for_connecting() {
        let Timeouts { connect, total } = Timeouts::default();
        assert_eq!((connect.as_secs(), total.as_secs()), (5, 20));
    }
}
