//! Whether a call is let in: never by whatever is in it, unless it is the account's own token.

use courier_domain::account::{FleetAccount, TokenPlace};
use courier_domain::ids::AccountId;
use courier_domain::secret::TokenSet;
use courier_providers::contract::{Call, Credentials, Fleet};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::accounts::RECEIVED_AT;
use crate::input::Input;

/// The account's token. No fixture and no dictionary has it, and an input is not long enough to hit upon it.
const TOKEN: &str = "7Qh2-the-account's-own-token-xW9";
/// Where each of the fleets, or an account of one, puts a token.
const HEADERS: [&str; 3] = ["auth-token", "authorization", "x-token"];
/// The most bytes that are tried as a header or a query.
const LONGEST: usize = 512;

/// Tries the input as a header, as a query and as a body.
pub fn run(fleet: &dyn Fleet, input: &Input) {
    let short = input.body.get(..LONGEST).unwrap_or(input.body);
    let value = HeaderValue::from_bytes(short).ok();
    let headers: HeaderMap = HEADERS
        .into_iter()
        .filter_map(|name| value.clone().map(|value| (HeaderName::from_static(name), value)))
        .collect();
    let query = String::from_utf8_lossy(short);
    let places = [
        None,
        Some(TokenPlace::Header("x-token".to_owned())),
        Some(TokenPlace::Query("token".to_owned())),
        Some(TokenPlace::Query(String::new())),
    ];
    for token_in in places {
        let call =
            Call { rest: &[], query: &query, headers: &headers, body: input.body, received_at: RECEIVED_AT };
        assert!(!is_let_in(fleet, &call, token_in), "a call without the token is let in");
    }
}

fn is_let_in(fleet: &dyn Fleet, call: &Call, token_in: Option<TokenPlace>) -> bool {
    let account_id = AccountId::try_from("demo".to_owned()).expect("an account id");
    let webhook_tokens = Some(TokenSet::only(TOKEN));
    let account = FleetAccount { webhook_tokens, token_in, ..FleetAccount::default() };
    let credentials = Credentials { account_id: &account_id, fleet: &account, keys: None };
    fleet.authenticate(call, &credentials).is_ok()
}
