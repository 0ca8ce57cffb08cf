"""The fake Captain.AI that sends webhooks: it must repeat and give up as the real one does.

Its REST API is tested in test_fake_captain_api.py; that accounts know it, here.
"""

import asyncio
import json

import pytest
from aiohttp import web

from local.account import Account
from local.fakes import captain
from local.fakes.captain_state import CaptainState
from local.fakes.scenario import FIXTURES, address, listen


@pytest.mark.parametrize(
    "path", sorted((FIXTURES / "captain").glob("*.json")), ids=lambda p: p.stem
)
def test_a_captain_fixture_has_the_documented_envelope(path):
    event = json.loads(path.read_text())
    assert set(event) == set(captain.envelope("any", {}))
    assert set(event["metadata"]) == {"sent_at", "delivery_attempt"}


def test_captain_repeats_an_event_until_it_is_received():
    bodies = []

    async def scenario() -> captain.Delivery:
        answers = [500, 302, 204]

        async def receive(request: web.Request) -> web.Response:
            assert request.headers["Auth-Token"] == "secret"
            bodies.append(await request.json())
            return web.Response(status=answers.pop(0), headers={"Location": "/hook"})

        runner = await listen(receive)
        sender = captain.FakeCaptain(address(runner), "secret", backoff_base=0.001)
        delivery = await sender.send_async(captain.job_delivery_status_updated("collected"))
        await runner.cleanup()
        return delivery

    delivery = asyncio.run(scenario())
    assert (delivery.received, delivery.statuses) == (True, [500, 302, 204])
    assert [body["metadata"]["delivery_attempt"] for body in bodies] == [1, 2, 3]
    assert len({body["event_uuid"] for body in bodies}) == 1
    assert isinstance(bodies[0]["data"]["published_at"], float)


def test_captain_gives_up_after_fifteen_attempts():
    sender = captain.FakeCaptain("http://127.0.0.1:9/hook", "secret", backoff_base=0)
    delivery = sender.send(captain.order_assigned())
    assert (delivery.received, len(delivery.statuses)) == (False, 15)


def test_captain_can_send_every_documented_event():
    events = [
        captain.order_assigned(),
        captain.order_unassigned(),
        *(captain.job_delivery_status_updated(status) for status in captain.JOB_STATUSES),
        *(captain.order_status_updated(status) for status in captain.ORDER_STATUSES),
        captain.agent_radar_locations_created(),
        captain.agent_eta_updated(),
        captain.item_status_updated(),
        captain.analytics_report_ready(),
        captain.order_kds_print_request(),
    ]
    fixtures = [json.loads(path.read_text()) for path in (FIXTURES / "captain").glob("*.json")]
    known = {event["event_name"] for event in fixtures} - {"agent_mood_updated"}
    assert {event["event_name"] for event in events} == known


def test_an_account_is_dispatched_where_it_is_told_and_known_there():
    account = Account()
    assert account.body("http://127.0.0.1:1")["dispatch_to"] is None
    body = account.body("http://127.0.0.1:1", "http://127.0.0.1:2")
    told = body["fleets"]["captain"]
    assert (body["dispatch_to"], told["base_url"]) == ("captain", "http://127.0.0.1:2")
    fake = CaptainState()
    assert told["account_uuid"] in fake.accounts
    assert (told["integration_key"], told["developer_key"]) in fake.keys
