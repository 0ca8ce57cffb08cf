//! Tokens that a sender puts into each call, compared with the account's by hash and in constant time.

use std::borrow::Cow;

use courier_domain::account::TokenPlace;

use crate::contract::{Call, Credentials, Refusal};

/// Accepts a call with one of the account's tokens where the account says that the fleet puts it, or in the usual header.
pub(crate) fn check_placed(call: &Call, credentials: &Credentials) -> Result<(), Refusal> {
    let usual = || TokenPlace::Header("authorization".to_owned());
    let place = credentials.fleet.token_in.clone().unwrap_or_else(usual);
    check(placed(call, &place).as_deref(), call, credentials)
}

fn placed<'a>(call: &Call<'a>, place: &TokenPlace) -> Option<Cow<'a, str>> {
    match place {
        TokenPlace::Header(name) => call.header(name).map(|text| Cow::Borrowed(without_scheme(text))),
        TokenPlace::Query(name) => form_urlencoded::parse(call.query.as_bytes())
            .find_map(|(field, value)| (field == name.as_str()).then_some(value))
            .filter(|token| !token.is_empty()),
    }
}

/// The token of a header, bare or after the name of a scheme such as `Bearer`.
pub(crate) fn without_scheme(text: &str) -> &str {
    text.split_once(' ').map_or(text, |(_, token)| token.trim())
}

/// Accepts a token that is one of the account's. One that is absent or empty is refused, whatever the account has.
pub(crate) fn check(token: Option<&str>, call: &Call, credentials: &Credentials) -> Result<(), Refusal> {
    let token = token.filter(|token| !token.is_empty());
    let tokens = credentials.fleet.webhook_tokens.as_ref();
    let accepted = tokens.is_some_and(|tokens| tokens.accepts(token.unwrap_or_default(), call.received_at));
    match token {
        Some(_) if accepted => Ok(()),
        Some(_) => Err(Refusal::Unauthorized("the token is wrong")),
        None => Err(Refusal::Unauthorized("there is no token")),
    }
}

#[cfg(test)]
mod tests {
    use courier_domain::account::FleetAccount;
    use courier_domain::secret::TokenSet;
    use http::HeaderMap;

    use super::*;

    fn call<'a>(headers: &'a HeaderMap, query: &'a str) -> Call<'a> {
        Call { rest: &[], query, headers, body: b"", received_at: "2026-06-28T17:00:00Z".parse().unwrap() }
    }

    #[test]
    fn a_token_is_found_where_the_account_says_and_nowhere_else() {
        let headers = [("x-token", " Bearer secret ")];
        let headers: HeaderMap =
            headers.map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).into_iter().collect();
        let call = call(&headers, "a=b&token=se%2Bcret&empty=");
        let header = |name: &str| placed(&call, &TokenPlace::Header(name.into())).map(Cow::into_owned);
        let query = |name: &str| placed(&call, &TokenPlace::Query(name.into())).map(Cow::into_owned);
        assert_eq!((header("x-token").as_deref(), header("authorization")), (Some("secret"), None));
        assert_eq!(
            (query("token").as_deref(), query("empty"), query("x-token")),
            (Some("se+cret"), None, None)
        );
    }

    #[test]
    fn no_token_is_never_accepted() {
        let (id, headers) = ("demo".parse().unwrap(), HeaderMap::new());
        let tokens = |token: &str| FleetAccount {
            webhook_tokens: Some(TokenSet::only(token)),
            ..FleetAccount::default()
        };
        for (fleet, token, accepted) in [
            (tokens("right"), Some("right"), true),
            (tokens("right"), Some("wrong"), false),
            (tokens("right"), Some(""), false),
            (tokens("right"), None, false),
            (tokens(""), None, false),
            (tokens(""), Some(""), false),
            (FleetAccount::default(), Some("right"), false),
        ] {
            let credentials = Credentials { account_id: &id, fleet: &fleet, keys: None };
            assert_eq!(check(token, &call(&headers, ""), &credentials).is_ok(), accepted, "{token:?}");
        }
    }
}
