"""A Jelp that sends webhooks, as its documentation describes them.

`order_new` and `folio_update` carry the whole order, the others (its `order_update:*`) the little
that changed. Jelp documents neither how a webhook says which event it is, nor how it proves who
sent it: so this one can use a URL for each event or one for all, and a header or the query.

    jelp = FakeJelp("http://127.0.0.1:3000/webhooks/jelp/demo", "token", query="key")
    jelp.send(status_change("TRANSIT", folio="AIEW902A", publicId="WS-019930"))

Fields of every body can be changed with keyword arguments; `at` is when it happened.
"""

from datetime import datetime
from urllib.parse import quote

from ..http import Answer, call
from .fleet import Event, utc_ms

FOLIO, PUBLIC_ID, WORKSPACE = "AIEW902A", "WS-019930", "jelp"
# Jelp's words for a driver of a company that it passed the order on to.
EXTERNAL_DRIVER = {
    "name": "REPARTIDOR EXTERNO",
    "location": {"lat": 0, "lon": 0},
    "phone": None,
    "employeeCode": "external_driver",
}
OWN_DRIVER = {
    "name": "Courier Nineteen",
    "location": {"lat": 53.349805, "lon": -6.26031},
    "phone": {"countryCode": "+353", "phone": "10000019"},
    "employeeCode": "JD-19",
}
ENDED_REASON = {
    "_id": "65c6c54e21b45bc194527470",
    "code": "C-07",
    "description": "Nobody at home",
    "reference": "CanceledReason",
}


class FakeJelp:
    """`header` or `query` is the name of where it puts its token; the latter goes before."""

    def __init__(
        self, url: str, token: str | None, header: str = "Authorization", query: str | None = None
    ) -> None:
        self.url, self.token, self.header, self.query = url, token, header, query

    def send(self, event: Event) -> Answer:
        url = f"{self.url}/{event.name}" if event.name else self.url
        if self.token is None:
            return call("POST", url, event.body)
        if self.query:
            return call("POST", f"{url}?{self.query}={quote(self.token, safe='')}", event.body)
        return call("POST", url, event.body, {self.header: self.token})


At = str | datetime | None


def order_new(at: At = None, **changes: object) -> Event:
    return Event("jelp", "order_new", _order(at, appKey=None, **changes))


def folio_update(step: str, at: At = None, **changes: object) -> Event:
    """The old way to tell of any change: the whole order, with its status as `orderStep`."""
    return Event("jelp", "folio_update", _order(at, orderStep=step, **changes))


def assign_driver(driver: dict | None = None, at: At = None, **changes: object) -> Event:
    own = {
        "status": "PENDING",
        "deliveryCode": "224",
        "trackingId": "2422949",
        "driver": EXTERNAL_DRIVER if driver is None else driver,
        "provider": "QUICK" if driver is None else None,
        "driverAssignedBy": "Sistema",
        "queueName": "assign_driver",
    }
    return _update("assign_driver", at, own, changes)


def complete_order(at: At = None, **changes: object) -> Event:
    return _ended("complete_order", "COMPLETED", at, changes)


def cancel_order(at: At = None, **changes: object) -> Event:
    """How Jelp spells the status of a cancelled order is not published."""
    return _ended("cancel_order", "CANCELED", at, {"endedReason": ENDED_REASON} | changes)


def status_change(status: str, at: At = None, **changes: object) -> Event:
    own = {"deliveryCode": "421", "status": status, "statusBranch": "PENDING", "endedReason": None}
    return _update("status_change", at, own, changes)


def comment(text: str, at: At = None, **changes: object) -> Event:
    return _update("comment", at, {"comment": text}, changes)


def decline_cancel_request(at: At = None, **changes: object) -> Event:
    return _update("decline_cancel_request", at, {"status": "IN TRANSIT"}, changes)


def tracking(url: str, at: At = None, **changes: object) -> Event:
    return _update("tracking", at, {"trackingUrl": url}, changes)


def _ended(name: str, status: str, at: At, changes: dict) -> Event:
    own = {
        "deliveryCode": None,
        "status": status,
        "location": [-6.26031, 53.349805],
        "queueName": name,
        "endedReason": None,
    }
    return _update(name, at, own, changes)


def _update(name: str, at: At, own: dict, changes: dict) -> Event:
    common = {
        "timestamp": utc_ms(at),
        "folio": FOLIO,
        "publicId": PUBLIC_ID,
        "workspace": WORKSPACE,
    }
    return Event("jelp", name, common | own | changes)


def _order(at: At, **changes: object) -> dict:
    now = utc_ms(at)
    phone = {"countryCode": "+353", "isCellphone": True, "extension": None, "phone": "10000000"}
    address = {
        "neighborhood": "CENTRE",
        "cityName": "Dublin",
        "street": "Example Street",
        "zipCode": "D00 X000",
        "exteriorNumber": "12",
        "interiorNumber": None,
        "location": [-6.26031, 53.349805],
        "fullAddress": "Example Street 12, CENTRE, D00 X000, DUBLIN",
    }
    movement = {
        "driver": None,
        "location": [0, 0],
        "changedStatusDetail": None,
        "status": "PENDING",
        "createdAt": now,
    }
    said = {
        "type": "TEXT",
        "origin": "Panel Administrador",
        "content": {"text": "Actualizó el estatus a Pendiente"},
        "createdAt": now,
    }
    order = {
        "_id": "65c6c54e21b45bc19452746c",
        "isPickupAnywhere": False,
        "isPaid": False,
        "orderType": "DELIVERY",
        "paymentMethod": {"name": "EFECTIVO", "scope": "BOTH", "__v": 0, "code": "cash"},
        "customerDetails": {
            "client": "Testa Example",
            "firstName": "Testa",
            "firstLastName": None,
            "phoneNumber": phone,
        },
        "businessUnit": {"id": "6381122d58ecd8780b0b9eb0", "code": "HQ", "name": "JELP BU"},
        "movements": [movement],
        "orderStep": "PENDING",
        "totalAmount": 22,
        "folio": FOLIO,
        "publicId": PUBLIC_ID,
        "updatedAt": now,
        "endedAt": None,
        "createdAt": now,
        "currencyType": "MXN",
        "externalService": None,
        "externalId": [],
        "plaza": {"name": "JELP PLAZA", "timeZone": "America/Mexico_City"},
        "cancelationReason": None,
        "completedReason": None,
        "branch": {"name": "JELP HQ", "address": address, "phoneNumber": phone, "externalId": []},
        "destiny": address | {"latitude": 53.349805, "longitude": -6.26031},
        "deliveryMan": None,
        "comments": [said],
        "origin": {"id": "5c2403c7d7fa3d134b5d880f", "name": "SAD"},
        "note": None,
        "shoppingCar": {"prescriptionAction": "NONE", "products": []},
        "paidWith": 22,
        "scheduledDate": None,
        "trackingId": "42at8wt",
        "provider": None,
        "tags": [],
        "deliveryCode": None,
        "productsQuantity": 0,
        "supplierVehicleType": "MOTORCYCLE",
        "driverAssignedBy": "Sistema",
        "thirdPartyService": {},
        "thirdPartyServiceAssignments": [],
        "workspaceData": {"name": "Jelp", "slug": WORKSPACE, "type": "enterprise"},
    }
    return order | changes
