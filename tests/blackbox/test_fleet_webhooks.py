"""What Jelp's, Radaro's and Bringg's webhooks have in common: whom they answer how, and that no
body, however odd, breaks anything or is guessed at.
"""

import json
import random
import string

import pytest

from fleets import (
    REMARK,
    STEPS,
    bringg_story,
    events_of,
    jelp_story,
    radaro_story,
    settled,
    told,
    unlike,
)
from leaks import stored
from local.fakes import bringg
from local.fakes.fleet import Event
from local.http import call
from local.payloads import Order
from queues import Queues
from restaurant import Restaurant

FLEETS = ("jelp", "radaro", "bringg")
STORIES = {"jelp": jelp_story, "radaro": radaro_story, "bringg": bringg_story}
# By which an order is named, and for Radaro how a call proves itself and what kind it is.
NAMES = {
    "jelp": {"folio"},
    "radaro": {"token", "order_id", "event_type"},
    "bringg": {"id", "task_id", "webhook_type"},
}
MEGABYTE = 1024 * 1024


def every_event() -> list[tuple[str, int]]:
    return [(f, index) for f in FLEETS for index in range(len(STORIES[f](Order())))]


def one_of(order: Order, fleet: str, index: int) -> Event:
    return STORIES[fleet](order)[index]


def raw(account: Restaurant, fleet: str, body: bytes) -> object:
    """A body that is no object, with the proof that fits into the headers."""
    own = account.account
    token = {"jelp": own.jelp_token, "bringg": own.bringg_token}.get(fleet, "")
    headers = {"Authorization": token} if token else {}
    name = {"jelp": "/comment", "bringg": "/task_done"}.get(fleet, "")
    return call("POST", account.url(fleet) + name, body, headers)


@pytest.mark.parametrize("fleet", FLEETS)
def test_an_account_that_is_not_there_is_not_found(stack, fleet: str):
    for path in ("", "/task_done", "/comment"):
        if path and fleet == "radaro":
            continue
        url = f"{stack.api_url}/webhooks/{fleet}/nobody-is-called-this{path}"
        for headers in ({}, {"Authorization": "any-token-at-all"}):
            assert call("POST", url, {"token": "any-token-at-all"}, headers).status == 404


@pytest.mark.parametrize("fleet", FLEETS)
def test_a_fleet_that_the_account_has_not_is_not_found(new_account, fleet: str):
    account = new_account(fleets={fleet: None})
    event = one_of(account.new_order(), fleet, 0)
    assert account.send(event).status == 404
    others = [one_of(account.new_order(), other, 0) for other in FLEETS if other != fleet]
    assert [account.send(event).status for event in others] == [200, 200]


@pytest.mark.parametrize("fleet", FLEETS)
def test_an_account_that_is_disabled_keeps_nothing(new_account, queues: Queues, fleet: str):
    account = new_account(enabled=False)
    answer = account.send(one_of(account.new_order(), fleet, 0)).json()
    assert (answer["queued"], answer["ignored"]) == (0, answer["received"])


@pytest.mark.parametrize("fleet", FLEETS)
@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"text"', b"7", b"[{}]", b"\xff\xfe"])
def test_what_is_not_one_event_is_refused(account: Restaurant, fleet: str, body: bytes):
    """Radaro's proof is in the body, so that one without it may as well be refused for that."""
    assert raw(account, fleet, body).status in ((400, 401) if fleet == "radaro" else (400,))


@pytest.mark.parametrize("fleet", FLEETS)
def test_other_methods_and_deeper_paths_are_not_there(account: Restaurant, fleet: str):
    for method in ("GET", "PUT", "DELETE"):
        assert call(method, account.url(fleet)).status in (404, 405)
    assert call("POST", account.url(fleet) + "/a/b/c", {}).status in (404, 405)


@pytest.mark.parametrize("fleet", FLEETS)
def test_the_same_odd_value_in_every_field_breaks_nothing(
    account: Restaurant, queues: Queues, fleet: str
):
    """Only what names the order is left: each event is applied as far as it can be, or kept."""
    kept = NAMES[fleet] | {"publicId", "external_id", "task_external_id", "task"}
    values = (None, "", " ", [], {}, 0, True, "x" * 300)
    orders = [account.has_order() for _ in values]
    for order, value in zip(orders, values, strict=True):
        account.report(*(unlike(event, value, kept) for event in STORIES[fleet](order)))
    for order, value in zip(orders, values, strict=True):
        seen = settled(account, queues, order)
        assert all(command["state"] == "confirmed" for command in seen["commands"]), value
    letters = queues.dead_letters("fleet-event", account.account_id)
    assert all(reason for _, reason in letters)
    # The orders are none the worse for it.
    account.report(*(event for order in orders for event in STORIES[fleet](order)))
    for order, value in zip(orders, values, strict=True):
        seen = settled(account, queues, order)
        assert seen["delivery"]["provider"] == fleet, value
        assert account.calls(order)[-1][0] == "Delivered", value


@pytest.mark.parametrize(("fleet", "index"), every_event())
def test_an_event_of_names_and_nulls_is_taken(
    account: Restaurant, queues: Queues, fleet: str, index: int
):
    order = account.has_order()
    event = one_of(order, fleet, index)
    kept = NAMES[fleet] | {"publicId", "external_id", "task_external_id"}
    odd = unlike(event, None, kept)
    if fleet == "radaro":
        odd = odd.having(order_info={"order_id": order.radaro_id, "external_id": order.order_id})
    account.report(odd)
    seen = settled(account, queues, order)
    letters = queues.dead_letters("fleet-event", account.account_id)
    assert len(events_of(seen, fleet)) + len(letters) == 1


@pytest.mark.parametrize("fleet", FLEETS)
def test_an_event_that_names_nothing_is_refused_or_kept(account, queues: Queues, fleet: str):
    order = account.has_order()
    for event in STORIES[fleet](order):
        empty = unlike(event, None, {"token", "event_type"})
        answer = account.send(empty)
        assert answer.status in (200, 400), answer
    seen = settled(account, queues, order)
    assert (events_of(seen, fleet), seen["commands"]) == ([], [])
    queues.dead_letters("fleet-event", account.account_id)


def as_texts(content: object) -> object:
    """Numbers and booleans as texts, as in one of Bringg's samples."""
    if isinstance(content, dict):
        return {name: as_texts(inner) for name, inner in content.items()}
    if isinstance(content, list):
        return [as_texts(inner) for inner in content]
    return content if isinstance(content, str) else json.dumps(content)


@pytest.mark.parametrize("fleet", FLEETS)
def test_numbers_and_nulls_as_texts_mean_the_same(account: Restaurant, queues: Queues, fleet: str):
    order = account.has_order()
    for event in STORIES[fleet](order):
        account.report(event.having(**as_texts(event.body)))
    seen = settled(account, queues, order)
    told(account, order, *STEPS)
    assert seen["delivery"]["status"] == "dropped_off"
    assert len(events_of(seen, fleet)) == len(STORIES[fleet](order))


@pytest.mark.parametrize("fleet", FLEETS)
def test_steps_that_wait_for_syrve_are_all_told(account: Restaurant, queues: Queues, fleet: str):
    """Also those that a later step overtook before Syrve was asked for them."""
    order = account.has_order()
    with queues.held("syrve-command"):
        account.report(*STORIES[fleet](order))
        queues.handled("fleet-event")
        waiting = account.order(order, lambda o: len(o["commands"]) == 3)
        assert {command["state"] for command in waiting["commands"]} == {"queued"}
    told(account, order, *STEPS)


def test_no_proof_of_a_sender_is_stored_or_kept(account: Restaurant, queues: Queues, table):
    """In the table, among what waits for its order, and among dead letters."""
    known, unknown = account.has_order(), account.new_order()
    for order in (known, unknown):
        for fleet in FLEETS:
            account.report(*STORIES[fleet](order))
    account.report(known.jelp("complete_order").having(queueName=...).at_one_url())
    account.report(known.radaro("status_changed", "delivered").having(new_values=[]))
    account.report(known.bringg_point("order_eta_changed", "dropoff").at_one_url())
    settled(account, queues, known)
    secrets = account.account.secrets
    assert stored(table, account.account_id, secrets) == []
    letters = queues.dead_letters("fleet-event", account.account_id)
    assert len(letters) == 3
    assert [secret for secret in secrets if secret in str(letters)] == []


def a_remark(order: Order, fleet: str, text: str) -> Event:
    if fleet == "jelp":
        return order.jelp("comment", text)
    if fleet == "radaro":
        return order.radaro("changed", {"comment": text}, comment="")
    return bringg.note_created(text, task_id=str(order.bringg_id))


@pytest.mark.parametrize("fleet", FLEETS)
def test_a_remark_of_five_megabytes_is_taken_and_cut(account, queues: Queues, fleet: str):
    """Whether or not it could be compressed."""
    order = account.has_order()
    account.report(one_of(order, fleet, 1))
    letters = string.ascii_letters + string.digits
    noise = "".join(random.Random(4).choices(letters, k=5 * MEGABYTE))
    for text in (REMARK + "x" * 5 * MEGABYTE, noise):
        account.report(a_remark(order, fleet, text))
    seen = settled(account, queues, order)
    notes = [note["text"] for note in seen["deliveries"][fleet]["notes"]]
    assert [len(note) for note in notes] == [1000, 1000]
    assert any(note.startswith(REMARK) for note in notes)
    assert queues.dead_letters("fleet-event", account.account_id) == []


@pytest.mark.parametrize("fleet", FLEETS)
def test_a_call_that_is_too_large_is_refused(account: Restaurant, fleet: str):
    event = a_remark(account.new_order(), fleet, "x" * 7 * MEGABYTE)
    assert account.send(event).status == 413


@pytest.mark.parametrize("fleet", FLEETS)
def test_an_event_of_many_fields_that_does_not_fit_is_refused(account: Restaurant, fleet: str):
    """Each text is short, so that nothing is cut, and all of it is more than a message takes."""
    noise = random.Random(5)
    fields = {
        f"field{number}": "".join(noise.choices(string.ascii_letters, k=4000))
        for number in range(1000)
    }
    answer = account.send(one_of(account.new_order(), fleet, 0).having(surprise=fields))
    assert (answer.status, answer.json()["field"]) == (413, "body")


@pytest.mark.parametrize("fleet", FLEETS)
def test_fields_that_nobody_knows_yet_do_not_matter(account: Restaurant, queues: Queues, fleet):
    order = account.has_order()
    deep: object = "end"
    for _ in range(60):
        deep = {"deeper": [deep]}
    account.report(*(event.having(surprise=deep) for event in STORIES[fleet](order)))
    settled(account, queues, order)
    told(account, order, *STEPS)


@pytest.mark.parametrize("fleet", FLEETS)
def test_a_body_as_deep_as_a_well_is_answered(account: Restaurant, fleet: str):
    body = b'{"a":' * 200_000 + b"1" + b"}" * 200_000
    assert raw(account, fleet, body).status in (400, 401)


@pytest.mark.parametrize("fleet", FLEETS)
def test_a_time_in_the_future_is_not_believed(account: Restaurant, queues: Queues, fleet: str):
    """Else nothing that happens from now on would count until then."""
    order, far = account.has_order(), "2099-01-01T00:00:00Z"
    first = {
        "jelp": order.jelp("status_change", "TRANSIT", at=far),
        "radaro": order.radaro("status_changed", "picked_up", at=far),
        "bringg": order.bringg_point("way_point_left", "pickup", at=far),
    }[fleet]
    account.report(first)
    seen = settled(account, queues, order)
    told(account, order, "Waiting", "OnWay")
    assert seen["delivery"]["occurred_at"] < "2090"
    then = {
        "jelp": order.jelp("complete_order"),
        "radaro": order.radaro("status_changed", "delivered"),
        "bringg": order.bringg("task_done"),
    }[fleet]
    account.report(then)
    told(account, order, *STEPS)
