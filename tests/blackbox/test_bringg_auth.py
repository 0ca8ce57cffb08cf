"""Who may send Bringg's webhooks: the holder of a static header's token, of a signed JSON Web
Token, or of an access token that the bridge gave out. What proves nothing is refused.
"""

import base64
import json
import time

import pytest

from local.fakes.bringg_auth import AUDIENCE, ISSUER, SUBJECT, Jwt, Oauth, StaticHeader
from local.fakes.tokens import signed, unsigned
from queues import Queues
from restaurant import Restaurant


class Bearer(StaticHeader):
    """Any text in the usual header."""


def oauth_of(account: Restaurant, style: str = "form", **changes: str) -> Oauth:
    url = account.url("bringg") + "/oauth/token"
    own = {
        "client_id": account.account.bringg_client_id,
        "client_secret": account.account.bringg_client_secret,
    }
    return Oauth(url, **own | changes, style=style)


def jwt_of(account: Restaurant, **claims: object) -> Jwt:
    return Jwt(account.account.bringg_jwt_key, claims=claims)


def status(account: Restaurant, proof) -> int:
    return account.bringg(account.new_order().bringg("order_created"), proof).status


def only(way: str) -> dict:
    """Settings of an account that takes one way and no other."""
    others = {"webhook_token", "jwt", "oauth"} - {way}
    return {"bringg": dict.fromkeys(others)}


def test_each_way_alone_lets_bringg_in_and_no_other_way(new_account):
    for way in ("webhook_token", "jwt", "oauth"):
        account = new_account(fleets=only(way))
        proofs = {
            "webhook_token": StaticHeader(account.account.bringg_token),
            "jwt": jwt_of(account),
        }
        if way == "oauth":
            proofs["oauth"] = oauth_of(account)
        else:
            assert oauth_of(account).fetch().status in (401, 404)
        for name, proof in proofs.items():
            assert status(account, proof) == (200 if name == way else 401), (way, name)


def test_all_ways_that_an_account_has_are_open(account: Restaurant):
    for proof in (StaticHeader(account.account.bringg_token), jwt_of(account), oauth_of(account)):
        assert status(account, proof) == 200


def test_a_header_with_the_token_is_demanded(account: Restaurant, new_account, queues: Queues):
    own, others = account.account, new_account().account.bringg_token
    queues.handled("fleet-event")
    with queues.held("fleet-event"):
        for token in ("", own.bringg_token + "x", others, own.jelp_token, own.bringg_client_secret):
            assert status(account, Bearer(token)) == 401, token
        assert status(account, Bearer(own.bringg_token, "X-Api-Key")) == 401
        assert queues.waiting("fleet-event") == 0
    assert status(account, Bearer(f"Bearer {own.bringg_token}")) == 200


def test_the_header_has_the_name_that_the_account_says(new_account):
    account = new_account(fleets={"bringg": {"token_in": {"header": "Application-Key"}}})
    token = account.account.bringg_token
    assert status(account, StaticHeader(token, "application-key")) == 200
    assert status(account, StaticHeader(token)) == 401
    # The name is of the static token's header; a JSON Web Token is in Bringg's own.
    assert status(account, jwt_of(account)) == 200


@pytest.mark.parametrize("scheme", ["JWTBearer", "Bearer", "bearer", ""])
def test_a_signed_token_is_accepted_however_bringg_calls_it(account: Restaurant, scheme: str):
    assert status(account, Jwt(account.account.bringg_jwt_key, scheme)) == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "never"},
        {"exp": 0},
        {"iss": "https://us3-admin-api.bringg.com"},
        {"iss": None},
        {"iss": ISSUER + "/"},
        {"aud": "somebody-else"},
        {"aud": None},
        {"aud": ["somebody-else"]},
        {"sub": "another-event"},
        {"sub": None},
        {"nbf": int(time.time()) + 3600},
    ],
)
def test_a_claim_that_is_not_as_agreed_is_refused(account: Restaurant, claims: dict):
    assert status(account, jwt_of(account, **claims)) == 401


@pytest.mark.parametrize("claims", [{"iat": None}, {"jti": "1"}, {"aud": ["others", AUDIENCE]}])
def test_what_else_a_token_says_does_not_matter(account: Restaurant, claims: dict):
    assert status(account, jwt_of(account, **claims)) == 200


def forged(account: Restaurant) -> dict[str, str]:
    """Tokens that a forger could make, by what is wrong with them."""
    key = base64.b64decode(account.account.bringg_jwt_key)
    claims = jwt_of(account).said()
    good = signed(key, claims)
    head, told, signature = good.split(".")
    richer = json.dumps(claims | {"exp": 4102444800}).encode()
    other = base64.urlsafe_b64encode(richer).rstrip(b"=").decode()
    return {
        "another key": signed(b"k" * 32, claims),
        "an empty key": signed(b"", claims),
        "the key's text": signed(account.account.bringg_jwt_key.encode(), claims),
        "none": unsigned(claims),
        "None": unsigned(claims, "None"),
        "none with a signature": signed(key, claims, {"alg": "none"}),
        "HS384": signed(key, claims, {"alg": "HS384"}),
        "HS512": signed(key, claims, {"alg": "HS512"}),
        "RS256": signed(key, claims, {"alg": "RS256"}),
        "no algorithm": signed(key, claims, {"alg": None}),
        "a key of its own": signed(
            b"k" * 32, claims, {"jwk": {"kty": "oct", "k": base64.b64encode(b"k" * 32).decode()}}
        ),
        "other claims": f"{head}.{other}.{signature}",
        "no signature": f"{head}.{told}.",
        "two parts": f"{head}.{told}",
        "half a signature": good[:-20],
        "not base64": f"{head}.{told}.***",
        "not JSON": f"{head}.bm90IEpTT04.{signature}",
        "dots": "..",
        "claims of no object": signed(key, [claims]),
    }


def test_a_forged_token_is_refused(account: Restaurant, queues: Queues):
    queues.handled("fleet-event")
    with queues.held("fleet-event"):
        for wrong, token in forged(account).items():
            for scheme in ("JWTBearer ", ""):
                assert status(account, Bearer(scheme + token)) == 401, wrong
        assert queues.waiting("fleet-event") == 0


def test_a_token_of_another_account_is_refused(account: Restaurant, new_account):
    other = new_account()
    assert status(account, jwt_of(other)) == 401
    theirs = oauth_of(other).headers()["Authorization"]
    assert status(account, Bearer(theirs)) == 401
    assert status(other, Bearer(theirs)) == 200


@pytest.mark.parametrize("style", ["form", "json", "query", "basic"])
def test_an_access_token_is_given_in_each_style(account: Restaurant, style: str):
    oauth = oauth_of(account, style)
    answer = oauth.fetch()
    assert answer.status == 200, answer
    body = answer.json()
    assert (body["token_type"].lower(), body["expires_in"]) == ("bearer", 3600)
    assert "no-store" in answer.headers["cache-control"]
    assert status(account, Bearer(f"Bearer {body['access_token']}")) == 200
    assert status(account, Bearer(f"Bearer {body['access_token'][:-1]}")) == 401


@pytest.mark.parametrize("style", ["form", "json", "query", "basic"])
@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": "wrong-secret-wrong-secret"},
        {"client_secret": ""},
        {"client_id": "somebody"},
        {"client_id": "", "client_secret": ""},
    ],
)
def test_a_client_that_is_not_the_accounts_gets_none(account: Restaurant, style: str, changes):
    answer = oauth_of(account, style).fetch(**changes)
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
    assert "access_token" not in answer.json()


@pytest.mark.parametrize("style", ["form", "json", "query", "basic"])
@pytest.mark.parametrize(
    ("grant", "error"),
    [
        ("authorization_code", "unsupported_grant_type"),
        ("password", "unsupported_grant_type"),
        (None, "invalid_request"),
    ],
)
def test_there_is_one_grant(account: Restaurant, style: str, grant: str | None, error: str):
    answer = oauth_of(account, style).fetch(grant_type=grant)
    assert (answer.status, answer.json()["error"]) == (400, error)


def test_the_secret_of_another_account_gets_none(account: Restaurant, new_account):
    theirs = new_account().account.bringg_client_secret
    answer = oauth_of(account, client_secret=theirs).fetch()
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


def test_an_access_token_is_no_signed_token_of_bringgs_and_the_other_way_round(
    account: Restaurant,
):
    """Each is checked with its own key and its own claims."""
    key = base64.b64decode(account.account.bringg_jwt_key)
    now = int(time.time())
    claims = {"iss": "courier-bridge", "aud": account.account_id, "sub": "bringg", "exp": now + 900}
    assert status(account, Bearer(f"Bearer {signed(key, claims)}")) == 401
    secret = account.account.bringg_client_secret.encode()
    usual = jwt_of(account).said()
    assert (usual["iss"], usual["sub"]) == (ISSUER, SUBJECT)
    assert status(account, Bearer(f"Bearer {signed(secret, usual)}")) == 401


def test_a_key_that_is_a_text_is_used_as_it_is_written(new_account):
    text = "a key of many words, in one language"
    account = new_account(
        fleets={
            "bringg": {
                "jwt": {
                    "key": text,
                    "key_encoding": "text",
                    "issuer": ISSUER,
                    "audience": AUDIENCE,
                    "subject": SUBJECT,
                }
            }
        }
    )
    assert status(account, Jwt(base64.b64encode(text.encode()).decode())) == 200
    assert status(account, jwt_of(account)) == 401


def test_nobody_learns_whether_an_account_takes_tokens(stack, account: Restaurant):
    url = f"{stack.api_url}/webhooks/bringg/nobody-is-called-this/oauth/token"
    answer = Oauth(url, "bringg", account.account.bringg_client_secret).fetch()
    assert answer.status == 404
