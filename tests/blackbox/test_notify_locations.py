"""Where drivers are: one event a minute and account, of all who moved in it. The one test here
waits for the end of the minute, beside the tests of the other stacks.
"""

from datetime import UTC, datetime, timedelta

from bus import Bus
from integrator import Received
from local.fakes import captain
from local.fakes.captain import EMPLOYEE_ID
from local.fakes.subscriber_contract import problems
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

NAME = "agent.radar_locations.created"
SECOND_EMPLOYEE = EMPLOYEE_ID[:-1] + "8"


def are_at(account: Restaurant, places: dict[str, tuple[str, str]], seconds_ago: int) -> None:
    """Captain.AI reports where drivers are (latitude, longitude)."""
    [agent] = captain.agent_radar_locations_created()["data"]["agent_locations"]
    recorded_at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    [point] = agent["locations"]
    point |= {"recorded_at": recorded_at.isoformat()}
    agents = [
        {
            "agent_uuid": f"7183bb9f1a6{driver_id[-1]}",
            "agent_partners_external_identifier": driver_id,
            "locations": [point | {"latitude": latitude, "longitude": longitude}],
        }
        for driver_id, (latitude, longitude) in places.items()
    ]
    account.report(captain.agent_radar_locations_created(agents))


def told(calls: list[Received]) -> dict[str, tuple[float, float]]:
    """Where each driver is by the newest event that tells of them."""
    return {
        agent["agent_uuid"]: (float(point["latitude"]), float(point["longitude"]))
        for call in calls
        for agent in call.data["agent_locations"]
        for point in agent["locations"]
    }


def test_who_moved_in_a_minute_is_told_in_one_event(
    account: Restaurant, subscribe, queues: Queues, bus: Bus
):
    one, other = subscribe(account), subscribe(account, events=["order_assigned"])
    first, last = ("53.340001", "-6.250001"), ("53.340002", "-6.250002")
    elsewhere = ("53.350001", "-6.260001")
    are_at(account, {EMPLOYEE_ID: first, SECOND_EMPLOYEE: elsewhere}, seconds_ago=20)
    queues.handled("fleet-event")
    are_at(account, {EMPLOYEE_ID: last}, seconds_ago=10)
    queues.handled("fleet-event")
    seen = {EMPLOYEE_ID: (53.340002, -6.250002), SECOND_EMPLOYEE: (53.350001, -6.260001)}

    def look() -> bool:
        assert told(one.received(NAME)) == seen, one.received()
        return True

    wait_until(look, 120)
    calls = one.received()
    # Two, if the minute ended between the two reports.
    assert len(calls) in (1, 2)
    assert len({call.event_uuid for call in calls}) == len(calls)
    for call in calls:
        assert problems(call.headers, call.body) == []
        assert (call.name, call.webhook_id, call.attempt) == (NAME, call.event_uuid, 1)
        call.verified_by(one.secret)
        assert call.data["account_uuid"] == account.account_id
        for agent in call.data["agent_locations"]:
            assert agent["agent_partners_external_identifier"] == agent["agent_uuid"]
            assert [point["account_uuid"] for point in agent["locations"]] == [account.account_id]
    assert other.received() == []
    # Other rules of the bus have it too, and it does not come back from there.
    published = {e["event_uuid"] for e in bus.of(account) if e["name"] == NAME}
    assert published == {call.event_uuid for call in calls}
    one.settled(*["delivered"] * len(calls))
