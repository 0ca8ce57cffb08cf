"""Entries of Syrve's list that are no employees: what the accounts of one login make of an answer
that holds some.
"""

import json
import uuid
from datetime import UTC, datetime

from commands import fault
from couriers import COUNTS, COURIERS, employs, ended, message, new_courier, shown, synced
from queues import Queues
from restaurant import Restaurant


def lists(*restaurants: tuple[Restaurant, list]) -> str:
    """Syrve's answer, whatever is in it; the fake itself keeps to the contract."""
    employees = [
        {"organizationId": restaurant.organization_id, "items": items}
        for restaurant, items in restaurants
    ]
    return json.dumps({"correlationId": str(uuid.uuid4()), "employees": employees})


def test_an_entry_that_is_no_employee_is_left_out_alone(new_account, own_syrve, queues: Queues):
    account = new_account(own_syrve)
    other = new_account(login_of=account)
    [known, *_] = employs(account, 3)
    employs(other, 2)
    for restaurant, created in ((account, 3), (other, 2)):
        synced(restaurant, created=created)
    renamed = new_courier(account, 1, displayName="Anna Novak")
    odd = [new_courier(account, 8) | {"id": "17"}, {"displayName": "Nobody"}]
    gone = new_courier(other, 1, isDeleted=True)
    answer = lists(
        (account, [odd[0], renamed, new_courier(account, 2), odd[1], new_courier(account, 4)]),
        (other, [gone, new_courier(other, 2)]),
    )
    fault(account, "status", COURIERS, status=200, body="text", text=answer)
    since = datetime.now(UTC)
    queues.send("driver-sync", message([account, other]))
    sync = ended(account, "succeeded", since)["driver_sync"]
    assert [sync[name] for name in COUNTS] == [1, 1, 0, 2, 2]
    assert account.driver(known)["name"] == "Anna Novak"
    assert set(shown(account, "active").values()) == {(True,)}, "the third may be one of the two"
    sync = ended(other, "succeeded", since)["driver_sync"]
    assert [sync[name] for name in COUNTS] == [0, 0, 1, 1, 0]
    # The list is as before.
    synced(account, updated=1, deactivated=1, unchanged=2)
