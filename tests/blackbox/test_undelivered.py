"""Bringg's report of the webhooks that it gave up on, brought to the API as the CSV file that it
is: every row becomes the event that it would have been, and what arrived after all is known.
"""

import csv
import io
import json
from urllib.parse import urlencode

import pytest

from fleets import DELIVERED_AT, STEPS, at, bringg_story, events_of, settled, told
from leaks import stored
from local.fakes.bringg_people import SECRETS
from local.fakes.fleet import Event
from local.http import Answer
from problems import problem
from queues import Queues
from restaurant import Restaurant

NONE = {"refused_rows": 0, "refused": []}
SENT_AT = "2026-06-28T17:00:00Z"
COLUMNS = ("id", "webhook_type", "url", "created_at", "payload", "response_code")


def report(*events: Event, columns: tuple = COLUMNS, **cells: str) -> bytes:
    """A report of these events; `cells` are the same in every row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    for number, event in enumerate(events, 1):
        row = {
            "id": number,
            "webhook_type": event.name,
            "url": f"https://bridge.example/webhooks/bringg/demo/{event.name}",
            "created_at": "2026-06-28 17:00:00 UTC",
            "payload": json.dumps(event.body),
            "response_code": 503,
        }
        writer.writerow(row | cells)
    return out.getvalue().encode()


def bring(account: Restaurant, content: bytes, **query: str) -> Answer:
    path = f"/accounts/{account.account_id}/fleets/bringg/undelivered"
    path += f"?{urlencode(query)}" if query else ""
    return account.api("POST", path, content, **{"Content-Type": "text/csv"})


def test_a_whole_story_that_was_not_delivered_is_brought_in(account: Restaurant, queues: Queues):
    order = account.has_order()
    story = bringg_story(order)
    answer = bring(account, report(*story))
    assert answer.json() == {"rows": 9, "queued": 9, "ignored": 0, **NONE}, answer
    settled(account, queues, order)
    seen = told(account, order, *STEPS)
    assert seen["delivery"]["delivered_at"] == DELIVERED_AT
    assert [event.split()[0] for event in events_of(seen, "bringg")] == [e.name for e in story]


def test_what_arrived_after_all_is_not_applied_again(account: Restaurant, queues: Queues):
    order = account.has_order()
    story = bringg_story(order)
    account.report(*story[:5])
    settled(account, queues, order)
    for _ in range(2):
        assert bring(account, report(*story)).json()["queued"] == 9
        settled(account, queues, order)
    seen = told(account, order, *STEPS)
    assert len(events_of(seen, "bringg")) == 9


def test_a_late_report_takes_nothing_back(account: Restaurant, queues: Queues):
    order = account.has_order()
    *before, done = bringg_story(order)
    account.report(done)
    told(account, order, *STEPS)
    bring(account, report(*before))
    seen = settled(account, queues, order)
    assert (seen["delivery"]["status"], seen["delivery"]["delivered_at"]) == (
        "dropped_off",
        DELIVERED_AT,
    )
    told(account, order, *STEPS)


@pytest.mark.parametrize(
    ("columns", "query"),
    [
        (("payload", "created_at"), {}),
        (("payload",), {"sent_at": SENT_AT}),
        (
            ("Webhook Type", "Body"),
            {"payload_column": "body", "type_column": "webhook type", "sent_at": SENT_AT},
        ),
        (
            ("what", "which", "when"),
            {"payload_column": "what", "type_column": "which", "time_column": "When"},
        ),
        (
            ("when", "which", "what"),
            {"payload_column": "what", "type_column": "which", "time_column": "when"},
        ),
    ],
)
def test_the_columns_are_found_or_named(account, queues: Queues, columns: tuple, query: dict):
    order = account.has_order()
    event = order.bringg("task_done", DELIVERED_AT, wrapped=True)
    row = dict.fromkeys(columns, event.name) | {"when": SENT_AT, "created_at": SENT_AT}
    row[next(name for name in columns if name.lower() in ("payload", "body", "what"))] = json.dumps(
        event.body
    )
    answer = bring(account, report(event, columns=columns, **row), **query)
    assert answer.json() == {"rows": 1, "queued": 1, "ignored": 0, **NONE}, answer
    told(account, order, *STEPS)


def test_rows_that_are_no_events_are_named_and_the_others_taken(account, queues: Queues):
    order = account.has_order()
    good = order.bringg("task_done", DELIVERED_AT)
    useless = Event("bringg", "scan_created", {"id": 1})
    rows = report(good, useless, good, good, good).decode().splitlines(keepends=True)
    whole = json.dumps(good.body).replace('"', '""')
    rows[3] = rows[3].replace(whole, "{Testa Example")
    rows[4] = rows[4].replace(f'"{whole}"', "")
    rows[5] = rows[5].replace(whole, "[]")
    answer = bring(account, "".join([*rows, "\r\n", ",,,,,\r\n"]).encode())
    body = answer.json()
    assert (body["rows"], body["queued"], body["ignored"]) == (5, 1, 1), body
    assert [refused["row"] for refused in body["refused"]] == [3, 4, 5]
    assert body["refused_rows"] == 3
    assert all(refused["detail"] for refused in body["refused"])
    assert "Testa" not in str(body["refused"])
    settled(account, queues, order)
    told(account, order, *STEPS)


def test_customers_secrets_of_a_report_are_kept_nowhere(account, queues: Queues, table):
    order = account.new_order()
    bring(account, report(*bringg_story(order)))
    settled(account, queues, order)
    assert stored(table, account.account_id, SECRETS) == []


@pytest.mark.parametrize(
    ("content", "query", "field"),
    [
        (b"", {}, None),
        (b"a,b\n1,2\n", {}, "payload_column"),
        (b"payload\n{}\n", {"payload_column": "body"}, "payload_column"),
        (b"payload\n{}\n", {"type_column": "type"}, "type_column"),
        (b"payload\n{}\n", {"column": "payload"}, "column"),
        (b"payload\n{}\n", {}, "time_column"),
        (b"payload,time\n{},x\n", {"time_column": "when"}, "time_column"),
        (b"payload\n{}\n", {"sent_at": "yesterday"}, "sent_at"),
    ],
)
def test_a_file_that_is_no_report_is_refused(account, content: bytes, query: dict, field):
    status, named = problem(bring(account, content, **query))
    assert status == 400
    assert field in (None, named)


def test_a_driver_is_as_available_as_the_report_is_old(account: Restaurant, queues: Queues):
    """The event has no time of its own: that of the row decides, not the day of the report."""
    body = {"user": {"id": 7, "name": "Testa"}, "user_available": False}
    name = "driver_unavailable_status_changed"
    lost, newer = (
        Event("bringg", name, body),
        Event("bringg", name, body | {"user_available": True}),
    )
    account.report(newer)
    queues.handled("fleet-event")
    assert bring(account, report(lost)).json()["queued"] == 1
    queues.handled("fleet-event")
    assert account.driver("bringg:7")["available"] == {"bringg": True}


def test_of_a_file_that_is_something_else_a_hundred_rows_are_named(account: Restaurant):
    rows = "payload,time\n" + "what,2026-06-28T17:00:00Z\n" * 130
    body = bring(account, rows.encode()).json()
    assert (body["rows"], body["refused_rows"], len(body["refused"])) == (130, 130, 100)


def test_a_report_is_for_an_account_with_bringg_and_for_operators(new_account, stack):
    without = new_account(fleets={"bringg": None})
    assert problem(bring(without, report()))[0] == 404
    path = "/accounts/nobody-is-called-this/fleets/bringg/undelivered"
    assert problem(without.api("POST", path, report()))[0] == 404
    path = f"/accounts/{without.account_id}/fleets/jelp/undelivered"
    assert problem(without.api("POST", path, report()))[0] == 404


def test_a_report_of_many_is_taken_whole(account: Restaurant, queues: Queues):
    orders = [account.has_order() for _ in range(3)]
    events = [
        order.bringg("driver_on_the_way", at(f"30:{second:02}"), to="pickup")
        for order in orders
        for second in range(40)
    ]
    answer = bring(account, report(*events))
    assert answer.json() == {"rows": 120, "queued": 120, "ignored": 0, **NONE}
    for order in orders:
        settled(account, queues, order)
        told(account, order, "Waiting")
