"""What tests of the driver sync share: the restaurant's list in Syrve, a run, and what came of it.

A list is `items` of the fake, made by `syrve_people`; a run is asked for through the API, or queued
as the schedule would queue it.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from commands import asked
from local.fakes.syrve_people import courier, courier_id, make_couriers
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

COURIERS = "/api/1/employees/couriers"
ORGANIZATIONS = "/api/1/organizations"
COUNTS = ("created", "updated", "deactivated", "unchanged", "unreadable")


def employs(restaurant: Restaurant, couriers: int | list[dict]) -> list[str]:
    """The restaurant has these couriers in Syrve, or so many; their ids."""
    if isinstance(couriers, int):
        couriers = make_couriers(restaurant.organization_id, couriers)
    restaurant.pos.state.couriers[restaurant.organization_id] = couriers
    return [one["id"] for one in couriers]


def new_courier(restaurant: Restaurant, number: int, **changes: object) -> dict:
    """One courier, who is not in the list yet."""
    identifier = courier_id(restaurant.organization_id, number)
    return courier(identifier, "Courier", f"Number{number}", str(number), **changes)


def asks_for_sync(restaurant: Restaurant) -> datetime:
    """Ask for a run; when it was started."""
    answer = restaurant.api.post(f"/accounts/{restaurant.account_id}/drivers/sync")
    assert answer.status == 202, answer
    assert answer.json()["account_id"] == restaurant.account_id
    return datetime.fromisoformat(answer.json()["run_at"])


def ended(restaurant: Restaurant, state: str, since: datetime, timeout: float = 30) -> dict:
    """The account as soon as a run that was started then, or later, has ended in this state."""

    def look() -> dict | None:
        account = restaurant.get().json()
        sync = account["driver_sync"]
        shown = {name: sync and sync[name] for name in ("state", "finished_at")}
        assert sync and sync["state"] == state, (shown, account["sync_error"])
        assert datetime.fromisoformat(sync["started_at"]) >= since
        return account

    return wait_until(look, timeout)


def synced(restaurant: Restaurant, timeout: float = 30, **counts: int) -> dict:
    """The account after a run, asked for now, that ended well and with these counts."""
    account = ended(restaurant, "succeeded", asks_for_sync(restaurant), timeout)
    assert account["sync_error"] is None
    if counts:
        shown = {name: account["driver_sync"][name] for name in COUNTS}
        assert shown == dict.fromkeys(COUNTS, 0) | counts
    return account


def not_synced(restaurant: Restaurant) -> str:
    """Why a run, asked for now, changed nothing."""
    account = ended(restaurant, "failed", asks_for_sync(restaurant))
    sync = account["driver_sync"]
    assert [sync[name] for name in COUNTS] == [0, 0, 0, 0, 0]
    return account["sync_error"]


def drivers(restaurant: Restaurant) -> dict[str, dict]:
    """All drivers as the API lists them, page by page."""
    listed, cursor = [], ""
    while cursor is not None:
        page = restaurant.get(f"/drivers?limit=100{cursor and f'&cursor={cursor}'}").json()
        listed += page["items"]
        cursor = page["next_cursor"]
    assert [driver["driver_id"] for driver in listed] == sorted(d["driver_id"] for d in listed)
    return {driver["driver_id"]: driver for driver in listed}


def shown(restaurant: Restaurant, *fields: str) -> dict[str, tuple]:
    """These fields of all drivers."""
    found = drivers(restaurant).items()
    return {driver_id: tuple(driver[field] for field in fields) for driver_id, driver in found}


def versions(restaurant: Restaurant, table: Callable[..., dict]) -> dict[str, int]:
    """How often each driver was written."""
    found, start = {}, {}
    while start is not None:
        page = table(
            "query",
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"ACCOUNT#{restaurant.account_id}#DRIVERS"}},
            ProjectionExpression="gsi1sk, version",
            **start,
        )
        found |= {item["gsi1sk"]["S"]: int(item["version"]["N"]) for item in page["Items"]}
        last = page.get("LastEvaluatedKey")
        start = {"ExclusiveStartKey": last} if last else None
    return found


def message(restaurants: Iterable[Restaurant], run_at: datetime | None = None) -> str:
    """A message of the sync's queue, as the schedule makes it: for accounts of one login."""
    run_at = run_at or datetime.now(UTC)
    told = {
        "run_at": run_at.isoformat(),
        "good_until": (run_at + timedelta(minutes=10)).isoformat(),
        "accounts": [restaurant.account_id for restaurant in restaurants],
    }
    return json.dumps(told)


def fetched(restaurant: Restaurant) -> list[list[str]]:
    """Of which organizations the couriers were asked for, call by call."""
    return [entry["body"]["organizationIds"] for entry in asked(restaurant, COURIERS)]


def hears_back(restaurant: Restaurant) -> None:
    """Syrve tells the bridge of shifts, also of those that the bridge opened and closed itself."""
    restaurant.pos.state.webhooks[restaurant.organization_id] = {
        "url": restaurant.url("syrve"),
        "token": restaurant.account.syrve_token,
        "filter": None,
    }


def heard(restaurant: Restaurant) -> list[dict]:
    """What Syrve has told of, with the status of the answer."""
    return [sent for sent in restaurant.pos.sender.sent if sent["url"] == restaurant.url("syrve")]


def driver_commands(restaurant: Restaurant, driver_id: str, states: list[str]) -> list[dict]:
    """The driver's commands, oldest first, as soon as they are these: `clockin confirmed`."""

    def look() -> list[dict]:
        commands = restaurant.driver(driver_id)["commands"][::-1]
        assert [f"{command['kind']} {command['state']}" for command in commands] == states, commands
        return commands

    return wait_until(look, 20)


def forget_retry(queues: Queues) -> None:
    """A run that failed is in the queue again, for half a minute; the test does not wait for it."""
    wait_until(lambda: queues.waiting("driver-sync") == 1)
    queues.purge("driver-sync")
