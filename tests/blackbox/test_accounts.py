"""Accounts in the operators' API: written, read, listed, deleted, and their secrets kept."""

import base64
import json
import uuid

import pytest

from local.fakes.bringg_auth import Jwt, Oauth, StaticHeader
from local.http import Api
from problems import problem
from restaurant import Restaurant

FLEETS = ("jelp", "radaro", "bringg")


def changed(body: dict, path: str, value: object) -> dict:
    """The body with one field changed; `...` removes it."""
    target, names = body, path.split(".")
    for name in names[:-1]:
        target = target[name]
    if value is ...:
        del target[names[-1]]
    else:
        target[names[-1]] = value
    return body


def test_an_account_is_written_read_listed_and_deleted(account: Restaurant, api: Api, stack):
    shown = account.get().json()
    urls = {
        sender: account.url(sender) for sender in ("syrve", "captain", "captain_items", *FLEETS)
    }
    assert shown["webhook_urls"] | urls == shown["webhook_urls"]
    for name, url in shown["webhook_urls"].items():
        sender = account.url(name.partition("_")[0])
        assert url == sender or url.startswith(f"{sender}/"), name
    assert shown["webhook_urls"]["bringg_oauth_token"] == account.url("bringg") + "/oauth/token"
    assert (shown["account_id"], shown["time_zone"]) == (account.account_id, "Europe/Dublin")
    assert shown["syrve"]["organization_id"] == account.organization_id
    body = account.account.body(account.pos.url) | {"name": "Another Name", "enabled": False}
    answer = api.put(f"/accounts/{account.account_id}", body)
    assert answer.status == 200
    written = answer.json()
    assert (written["name"], written["enabled"]) == ("Another Name", False)
    assert written["created_at"] == shown["created_at"] < written["updated_at"]
    assert account.get().json() == written
    listed, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/accounts?limit=100{cursor and f'&cursor={cursor}'}").json()
        listed += [item["account_id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert listed == sorted(listed)
    assert account.account_id in listed
    assert api.delete(f"/accounts/{account.account_id}").status == 204
    assert problem(account.get())[0] == 404
    assert problem(api.delete(f"/accounts/{account.account_id}"))[0] == 404
    with pytest.raises(stack.client("ssm").exceptions.ParameterNotFound):
        stack.client("ssm").get_parameter(
            Name=f"/courier-bridge/courier-bridge/accounts/{account.account_id}"
        )


def test_secrets_go_in_and_never_come_out(account: Restaurant, api: Api, table):
    body = account.account.body(account.pos.url)
    keys = {"integration_key": "integration-key-0123", "developer_key": "developer-key-0123"}
    body["fleets"]["captain"] |= keys
    answers = [
        api.put(f"/accounts/{account.account_id}", body),
        account.get(),
        api.get("/accounts"),
    ]
    own = account.account
    secret = [*own.secrets, *keys.values()]
    for answer in answers:
        assert answer.status == 200
        assert [text for text in secret if text in answer.body.decode()] == []
    shown = answers[1].json()
    assert (shown["syrve"]["api_login"], shown["syrve"]["webhook_token"]) == ("set", "set")
    captain = shown["fleets"]["captain"]
    assert (captain["webhook_token"], captain["developer_key"]) == ("set", "set")
    assert {shown["fleets"][fleet]["webhook_token"] for fleet in FLEETS} == {"set"}
    bringg = shown["fleets"]["bringg"]
    assert (bringg["jwt"]["key"], bringg["oauth"]["client_secret"]) == ("set", "set")
    key = {"pk": {"S": f"ACCOUNT#{account.account_id}"}, "sk": {"S": "ACCOUNT"}}
    stored = str(table("get_item", Key=key)["Item"])
    assert [text for text in secret if text in stored] == []


def test_what_was_read_can_be_written_back(account: Restaurant, api: Api):
    shown = account.get().json()
    body = {name: shown[name] for name in account.account.body("")}
    assert api.put(f"/accounts/{account.account_id}", body).status == 200
    assert account.syrve([]).status == 200
    order = account.has_order()
    account.report(order.job("collected"))
    account.commands(order, ["confirmed"])
    secret = account.account.bringg_client_secret
    oauth = Oauth(account.url("bringg") + "/oauth/token", "bringg", secret)
    for proof in (None, Jwt(account.account.bringg_jwt_key), oauth):
        assert account.bringg(order.bringg("order_created"), proof).status == 200
    account.report(order.jelp("order_new"), order.radaro("created"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", ...),
        ("name", ""),
        ("name", 5),
        ("time_zone", "Mars/Olympus"),
        ("enabled", "yes"),
        ("syrve.base_url", "ftp://example.com"),
        ("syrve.base_url", "http://example.com"),
        ("syrve.base_url", ...),
        ("syrve.organization_id", "12"),
        ("syrve.api_login", ...),
        ("syrve.webhook_token", ...),
        ("syrve.webhook_token", "short"),
        ("syrve.terminal_group_id", "kitchen"),
        ("syrve.surprise", 1),
        ("fleets.captain.webhook_token", ...),
        ("fleets.captain.base_url", "nonsense"),
        ("fleets.captain.match_orders_by", "colour"),
        ("fleets.jelp.webhook_token", ...),
        ("fleets.jelp.webhook_token", "short"),
        ("fleets.jelp.webhook_token", "sixteen letters or more, spaces too"),
        ("fleets.jelp.token_in", {"cookie": "token"}),
        ("fleets.jelp.token_in", {"header": "no name"}),
        ("fleets.jelp.token_in", {"query": ""}),
        ("fleets.jelp.order_reference", "phone"),
        ("fleets.jelp.jwt", {}),
        ("fleets.radaro.webhook_token", ...),
        ("fleets.radaro.webhook_token", ""),
        ("fleets.radaro.token_in", {"header": "token"}),
        ("fleets.bringg.webhook_token", "short"),
        ("fleets.bringg.token_in", {"query": "token"}),
        ("fleets.bringg.jwt.key", ...),
        ("fleets.bringg.jwt.key", "c2hvcnQ="),
        ("fleets.bringg.jwt.key", "not base64, but long enough for a key!"),
        ("fleets.bringg.jwt.issuer", ""),
        ("fleets.bringg.jwt.audience", ...),
        ("fleets.bringg.jwt.subject", 5),
        ("fleets.bringg.jwt.algorithm", "none"),
        ("fleets.bringg.oauth.client_id", ""),
        ("fleets.bringg.oauth.client_secret", ...),
        ("fleets.bringg.oauth.client_secret", "short"),
        ("fleets.uber", {"webhook_token": "sixteen-letters-or-more"}),
        ("dispatch_to", "pigeon"),
        ("dispatch_to", "jelp"),
        ("match_orders_by", "colour"),
        ("surprise", 1),
    ],
)
def test_a_wrong_field_is_named_and_its_value_not_repeated(account, api, path: str, value):
    body = changed(account.account.body(account.pos.url), path, value)
    new = f"new-{uuid.uuid4().hex[:8]}"
    answer = api.put(f"/accounts/{new}", body)
    assert problem(answer) == (400, path)
    if isinstance(value, str) and value:
        assert f'"{value}"' not in answer.json()["detail"]
    assert api.get(f"/accounts/{new}").status == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}{}"])
def test_a_body_that_is_no_account_is_refused(account: Restaurant, api: Api, body: bytes):
    assert problem(api("PUT", f"/accounts/{account.account_id}", body))[0] == 400


def test_a_field_that_is_given_twice_is_named(account: Restaurant, api: Api):
    body = json.dumps(account.account.body(account.pos.url))
    doubled = body.replace('"name":', '"name": "x", "name":').encode()
    assert problem(api("PUT", f"/accounts/{account.account_id}", doubled)) == (400, "name")


@pytest.mark.parametrize("name", ["Upper-Case", "-dash-first", "a" * 64, "under_score"])
def test_an_account_needs_a_slug_for_a_name(account: Restaurant, api: Api, name: str):
    assert problem(api.put(f"/accounts/{name}", account.account.body(account.pos.url)))[0] == 400


def test_bringg_needs_one_way_at_least(account: Restaurant, api: Api):
    body = changed(account.account.body(account.pos.url), "fleets.bringg", {})
    assert problem(api.put(f"/accounts/new-{uuid.uuid4().hex[:8]}", body)) == (400, "fleets.bringg")


def test_a_fleet_that_is_taken_away_is_not_listened_to(account: Restaurant, api: Api):
    """Written before the first webhook, since receivers keep what they read for a minute."""
    body = account.account.body(account.pos.url)
    for fleet in FLEETS:
        del body["fleets"][fleet]
    written = api.put(f"/accounts/{account.account_id}", body).json()
    assert set(written["webhook_urls"]) == {"syrve", "captain", "captain_items"}
    order = account.new_order()
    for event in (order.jelp("order_new"), order.radaro("created"), order.bringg("order_created")):
        assert account.send(event).status == 404
    key = Jwt(account.account.bringg_jwt_key)
    assert account.bringg(order.bringg("order_created"), key).status == 404


# By sender: what sends one call with a token, and the token that the account was made with.
SENDERS = {
    "syrve": (lambda a, token: a.syrve([], token), lambda a: a.syrve_token),
    "captain": (
        lambda a, token: a.captain(a.new_order().captain("event_unknown"), token),
        lambda a: a.captain_token,
    ),
    "jelp": (
        lambda a, token: a.jelp(a.new_order().jelp("order_new"), token),
        lambda a: a.jelp_token,
    ),
    "bringg": (
        lambda a, token: a.bringg(a.new_order().bringg("order_created"), StaticHeader(token)),
        lambda a: a.bringg_token,
    ),
    "bringg_jwt": (
        lambda a, key: a.bringg(a.new_order().bringg("order_created"), Jwt(key)),
        lambda a: a.bringg_jwt_key,
    ),
    "bringg_oauth": (
        lambda a, secret: Oauth(a.url("bringg") + "/oauth/token", "bringg", secret).fetch(),
        lambda a: a.bringg_client_secret,
    ),
}


@pytest.mark.parametrize("sender", list(SENDERS))
def test_a_rotated_token_and_the_one_before_it_are_both_valid(account, api, sender: str):
    """Rotated before the first webhook, since receivers keep what they read for a minute."""
    path = f"/accounts/{account.account_id}/webhook_tokens/{sender}/rotate"
    first, second = (api.post(path) for _ in range(2))
    assert (first.status, second.status) == (200, 200)
    assert second.json()["previous_valid_until"]
    send, old = SENDERS[sender]
    tokens = [old(account.account), first.json()["webhook_token"], second.json()["webhook_token"]]
    assert [send(account, token).status for token in tokens] == [401, 200, 200]


def test_radaros_token_is_made_by_radaro_and_changed_by_writing_the_account(account, api: Api):
    path = f"/accounts/{account.account_id}"
    assert problem(api.post(f"{path}/webhook_tokens/radaro/rotate"))[0] == 409
    body = changed(account.account.body(account.pos.url), "fleets.radaro.webhook_token", "n" * 24)
    assert api.put(path, body).status == 200
    event, old = account.new_order().radaro("created"), account.account.radaro_token
    assert [account.radaro(event, token).status for token in (old, "n" * 24, "o" * 24)] == [
        200,
        200,
        401,
    ]


@pytest.mark.parametrize("sender", ["jelp", "bringg_jwt", "bringg_oauth"])
def test_a_sender_that_the_account_has_not_has_no_token_to_rotate(new_account, sender: str):
    fleets = {"jelp": None, "bringg": {"jwt": None, "oauth": None}}
    account = new_account(fleets=fleets)
    path = f"/accounts/{account.account_id}/webhook_tokens/{sender}/rotate"
    assert problem(account.api.post(path))[0] == 404


def test_a_key_that_is_changed_by_writing_the_account_overlaps_too(account: Restaurant, api: Api):
    new = base64.b64encode(b"n" * 32).decode()
    body = changed(account.account.body(account.pos.url), "fleets.bringg.jwt.key", new)
    assert api.put(f"/accounts/{account.account_id}", body).status == 200
    event, wrong = account.new_order().bringg("order_created"), base64.b64encode(b"w" * 32).decode()
    keys = [account.account.bringg_jwt_key, new, wrong]
    assert [account.bringg(event, Jwt(key)).status for key in keys] == [200, 200, 401]


def test_a_token_changed_by_writing_the_account_overlaps_too(account: Restaurant, api: Api):
    body = changed(account.account.body(account.pos.url), "syrve.webhook_token", "n" * 24)
    assert api.put(f"/accounts/{account.account_id}", body).status == 200
    tokens = [account.account.syrve_token, "n" * 24, "o" * 24]
    assert [account.syrve([], token).status for token in tokens] == [200, 200, 401]
