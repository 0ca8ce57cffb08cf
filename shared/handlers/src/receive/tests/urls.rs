//! Every URL that an account is told to register leads somewhere.

use courier_domain::delivery::Provider;
use courier_providers::contract::fleet;
use serde_json::Value;

use super::fleets::{call, event, own_token, receiver};
use super::{read, receipt, request};

/// An event that may come to this URL: those of Bringg are told from the URL where the body does not say it.
fn event_for(provider: Provider) -> Value {
    let mut event = event(provider);
    event.as_object_mut().unwrap().remove("webhook_type");
    event
}

#[tokio::test]
async fn an_event_can_be_sent_to_every_url_that_is_shown() {
    for provider in Provider::ALL {
        for (name, rest) in fleet(provider).urls().iter().filter(|(name, _)| !name.ends_with("_oauth_token"))
        {
            let body = if rest.is_empty() { event(provider) } else { event_for(provider) };
            let receiver = receiver(provider);
            let to_account = call(provider, "demo", Some(&own_token(provider)), body);
            let path = format!("{}{rest}", to_account.uri().path());
            let mut headers = to_account.headers().iter();
            let header = headers.next().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
            let answer = receiver.handle(&request(&path, header, to_account.body().clone())).await;
            assert_eq!(read(&answer), receipt(1, 1, 0), "{name}");
            if provider == Provider::Bringg && !rest.is_empty() {
                assert_eq!(Some(receiver.events.items()[0].kind.as_str()), rest.strip_prefix('/'));
            }
        }
    }
}
