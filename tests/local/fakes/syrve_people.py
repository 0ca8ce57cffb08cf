"""Drivers and kitchens of the fake Syrve's restaurants, made as they are needed.

`make_couriers` makes as many as a test wants, the same ones each time, with ids that no other
organization has.
"""

import uuid


def courier(employee_id: str, first: str, last: str | None, code: str, **changes: object) -> dict:
    """An employee as the list of couriers shows one."""
    return {
        "id": employee_id,
        "firstName": first,
        "middleName": None,
        "lastName": last,
        "displayName": f"{first} {last}" if last else first,
        "code": code,
        "isDeleted": False,
        **changes,
    }


def courier_id(organization_id: str, number: int) -> str:
    """The id that `make_couriers` gives to its courier of that number."""
    return str(uuid.uuid5(uuid.UUID(organization_id), str(number)))


def make_couriers(organization_id: str, count: int, first: int = 1) -> list[dict]:
    """So many couriers of an organization, numbered from `first`."""
    return [
        courier(courier_id(organization_id, number), "Courier", f"Number{number}", str(number))
        for number in range(first, first + count)
    ]


def default_couriers() -> list[dict]:
    """Two drivers, one who left, and a system account, as real lists have one."""
    people = [
        (17, "Courier", "Seventeen", False),
        (18, "Courier", "Eighteen", False),
        (19, "Courier", "Nineteen", True),
        (99, "iikoTransport", None, False),
    ]
    return [
        courier(
            f"ffc60000-0000-4000-8000-{number:012d}", first, last, str(number), isDeleted=deleted
        )
        for number, first, last, deleted in people
    ]


def default_terminal_groups(organization_id: str) -> list[dict]:
    return [
        {
            "id": f"a5561d5e-0000-4000-8000-{number:012d}",
            "organizationId": organization_id,
            "name": f"Kitchen {number}",
            "address": None,
            "timeZone": "Europe/Dublin",
        }
        for number in (1, 2)
    ]
