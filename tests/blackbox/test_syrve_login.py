"""Logging in to Syrve: one token for all, renewed when refused, and logins that are refused."""

import json
from concurrent.futures import ThreadPoolExecutor

from commands import asked, collected, failed, fault, waiting
from local.fakes.syrve import FakeSyrve
from local.fakes.syrve_state import APP_ID, CLIENT_SECRET
from local.payloads import ACCESS_TOKEN, UPDATE_STATUS
from local.stack import NAME
from queues import Queues
from restaurant import Restaurant


def test_an_expired_token_is_renewed_once_and_the_call_replayed(restaurant: Restaurant):
    restaurant.commands(collected(restaurant), ["confirmed"])
    assert len(asked(restaurant, ACCESS_TOKEN)) == 1
    restaurant.pos.state.tokens.clear()
    order = collected(restaurant)
    [command] = restaurant.commands(order, ["confirmed"])
    assert len(asked(restaurant, ACCESS_TOKEN)) == 2
    statuses = [entry["status"] for entry in asked(restaurant, UPDATE_STATUS)]
    assert statuses == [200, 401, 200]
    assert command["attempts"] == 1


def test_a_missing_right_is_final(restaurant: Restaurant, queues: Queues):
    fault(restaurant, "rights_401")
    order = collected(restaurant)
    assert "is not allowed for this ApiLogin." in failed(restaurant, queues, order)
    assert len(asked(restaurant, UPDATE_STATUS)) == 1
    assert len(asked(restaurant, ACCESS_TOKEN)) == 1


def test_what_a_wrong_login_could_not_tell_goes_on_once_it_is_right(restaurant: Restaurant):
    known = dict(restaurant.pos.state.api_logins)
    restaurant.pos.state.api_logins.clear()
    order = collected(restaurant)
    waiting(restaurant, order, "Login is not authorized")
    assert asked(restaurant, UPDATE_STATUS) == []
    restaurant.pos.state.api_logins |= known
    body = restaurant.account.body(restaurant.pos.url)
    assert restaurant.api.put(f"/accounts/{restaurant.account_id}", body).status == 200
    restaurant.commands(order, ["confirmed"], timeout=60)


def test_many_orders_and_processes_share_one_token(restaurant: Restaurant, queues: Queues, stack):
    """The queue's messages are given to four copies of the function at once."""
    with queues.held("syrve-command"):
        orders = [collected(restaurant) for _ in range(8)]
        queues.handled("fleet-event")
        batches = [queues.receive("syrve-command", 2) for _ in range(4)]
        assert [len(batch) for batch in batches] == [2] * 4
        functions = stack.client("lambda")

        def invoke(records: list[dict]) -> dict:
            payload = json.dumps({"Records": records})
            answer = functions.invoke(FunctionName=f"{NAME}-syrve-command", Payload=payload)
            return json.load(answer["Payload"])

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(invoke, batches))
    assert [len(answer["batchItemFailures"]) for answer in answers] == [2] * 4
    for order in orders:
        restaurant.commands(order, ["confirmed"])
    assert len(asked(restaurant, ACCESS_TOKEN)) == 1
    assert len(asked(restaurant, UPDATE_STATUS)) == 8


def test_a_registered_application_gets_its_token_the_newer_way(new_account, own_syrve: FakeSyrve):
    account = new_account(own_syrve)
    body = account.account.body(own_syrve.url)
    body["syrve"] |= {"app_id": APP_ID, "client_secret": CLIENT_SECRET}
    assert account.api.put(f"/accounts/{account.account_id}", body).status == 200
    account.commands(collected(account), ["confirmed"])
    assert asked(account, ACCESS_TOKEN) == []
    assert len(asked(account, "/api/v2/access_token")) == 1
