//! The SDK clients. Credentials, region and endpoint come from the variables that Lambda sets (and, for a local stack,
//! `AWS_ENDPOINT_URL`). The trust roots are compiled in: the ones of Amazon's own authority, which signs every AWS
//! endpoint, so that neither a file is read nor a hundred certificates parsed at start.

use std::sync::OnceLock;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem::Finder;

use crate::config::{Missing, optional, required};
use crate::lazy::Lazy;

/// Everything the SDK's clients have in common.
#[derive(Debug, Clone)]
pub struct Aws {
    region: String,
    endpoint: Option<String>,
    credentials: Credentials,
    http: SharedHttpClient,
    sqs: OnceLock<Lazy<aws_sdk_sqs::Client>>,
}

/// A client of an SDK crate, configured like all the others.
macro_rules! client {
    ($aws:expr, $sdk:ident) => {{
        let mut config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new($aws.region.clone()))
            .credentials_provider($aws.credentials.clone())
            .http_client($aws.http.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(timeouts());
        config.set_endpoint_url($aws.endpoint.clone());
        $sdk::Client::from_conf(config.build())
    }};
}

impl Aws {
    /// From the environment of a Lambda function.
    pub fn from_env() -> Result<Self, Missing> {
        let region = optional("AWS_REGION").or_else(|| optional("AWS_DEFAULT_REGION"));
        let credentials = Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        Ok(Self::new(region.ok_or(Missing("AWS_REGION"))?, optional("AWS_ENDPOINT_URL"), credentials))
    }

    /// From given settings.
    pub fn new(region: String, endpoint: Option<String>, credentials: Credentials) -> Self {
        Self { region, endpoint, credentials, http: https(), sqs: OnceLock::new() }
    }

    /// The table.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        client!(self, aws_sdk_dynamodb)
    }

    /// The queues: one client for all of them.
    pub fn sqs(&self) -> Lazy<aws_sdk_sqs::Client> {
        let aws = self.clone();
        self.sqs.get_or_init(|| Lazy::new(move || client!(aws, aws_sdk_sqs))).clone()
    }

    /// The bus.
    pub fn eventbridge(&self) -> Lazy<aws_sdk_eventbridge::Client> {
        let aws = self.clone();
        Lazy::new(move || client!(aws, aws_sdk_eventbridge))
    }

    /// The parameter store.
    pub fn ssm(&self) -> Lazy<aws_sdk_ssm::Client> {
        let aws = self.clone();
        Lazy::new(move || client!(aws, aws_sdk_ssm))
    }
}

/// Short, because every caller has a deadline of its own: a webhook's sender, or a message's visibility.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .build()
}

fn https() -> SharedHttpClient {
    let tls = TlsContext::builder().with_trust_store(amazon_roots()).build().unwrap_or_default();
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(tls)
        .build_https()
}

/// Amazon Root CA 1 to 4 and the Starfield roots that older chains end in, out of Mozilla's list.
fn amazon_roots() -> TrustStore {
    amazon_certificates().fold(TrustStore::empty(), |store, der| {
        let body = STANDARD.encode(der);
        store
            .with_pem_certificate(format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"))
    })
}

fn amazon_certificates() -> impl Iterator<Item = &'static [u8]> {
    // A search byte by byte would take a third of the start-up.
    let owners = [Finder::new("Amazon Root CA"), Finder::new("Starfield")];
    let all = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(AsRef::as_ref);
    all.filter(move |der: &&[u8]| owners.iter().any(|owner| owner.find(der).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_that_signs_aws_endpoints_is_trusted_and_few_others() {
        let trusted: Vec<_> = amazon_certificates().collect();
        let roots = [
            "Amazon Root CA 1",
            "Amazon Root CA 2",
            "Amazon Root CA 3",
            "Amazon Root CA 4",
            "Starfield Services Root Certificate Authority - G2",
        ];
        for root in roots {
            assert!(trusted.iter().any(|der| Finder::new(root).find(der).is_some()), "{root}");
        }
        assert!(trusted.len() < 10, "{} roots", trusted.len());
    }
}
