"""A stage for tests of the fake Captain.AI's REST API: a client of it, and bodies as we send them.

`with_captain(scenario)` runs an asynchronous scenario against a fresh fake and cleans up after it.
"""

import asyncio
import uuid

from aiohttp import ClientSession

from .captain import ACCOUNT_UUID
from .captain_api import FakeCaptainApi
from .captain_state import DEVELOPER_KEY, INTEGRATION_KEY

KEYS = {"x-integration-key": INTEGRATION_KEY, "x-developer-key": DEVELOPER_KEY}
ACCOUNT = f"/v1/accounts/{ACCOUNT_UUID}"
ADDRESS = {
    "apartment_number": "4",
    "line_1": "12 Example Street",
    "city": "Dublin",
    "postcode": "D00 X000",
    "country": "IE",
    "latitude": "53.349805",
    "longitude": "-6.26031",
    "address_specific_instructions_to_driver": "Blue door",
}


def new_order(**changes: object) -> dict:
    """A body that creates an order; a change to None takes a field away."""
    body = {
        "placed_at_time": "2026-06-28T15:20:00.000Z",
        "partners_unique_internal_order_id": str(uuid.uuid4()),
        "store_order_reference_description": "577",
        "kind": "delivery",
        "recipient": {"full_name": "Testa Example", "phone_number": "+35310000000"},
        "delivery_job": {"dropoff_location": ADDRESS},
        "scheduled_for": "2026-06-28T17:00:00+01:00",
        "items": [
            {
                "name": "Pizza Margherita",
                "quantity": 2,
                "price": "11.00",
                "addons": ["Olives"],
                "special_instructions": "well done",
            }
        ],
        "financial_record": {
            "grand_total_including_tax": "22.00",
            "payment_status": "fully_paid",
            "remaining_balance": "0.00",
        },
        "preparation": {"auto_prepare": False},
        "custom_fields": {"syrve_order_id": "497f6eca"},
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def new_driver(**changes: object) -> dict:
    body = {
        "partners_external_identifier": "ffc60000-0000-4000-8000-000000000017",
        "first_name": "Courier",
        "last_name": "Seventeen",
        "active": True,
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


class CaptainClient:
    def __init__(self, fake: FakeCaptainApi, session: ClientSession) -> None:
        self.fake, self.session = fake, session

    async def call(
        self, method: str, path: str, body: object = None, keys: dict | None = None
    ) -> tuple[int, object]:
        headers = KEYS if keys is None else keys
        url = self.fake.url + path
        async with self.session.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def control(self, method: str, path: str, body: object = None):
        url = f"{self.fake.url}/_control/{path}"
        async with self.session.request(method, url, json=body or {}) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def create(self, **changes: object) -> dict:
        status, order = await self.call("POST", f"{ACCOUNT}/orders", new_order(**changes))
        assert status == 201, order
        return order

    async def upsert(self, **changes: object) -> dict:
        path = f"{ACCOUNT}/external-drivers/upsert"
        status, driver = await self.call("PUT", path, new_driver(**changes))
        assert status == 200, driver
        return driver


def with_captain(scenario) -> None:
    """Run a scenario against a fresh fake."""

    async def run() -> None:
        fake = FakeCaptainApi()
        await fake.start()
        async with ClientSession() as session:
            try:
                await scenario(CaptainClient(fake, session))
            finally:
                await fake.stop()

    asyncio.run(run())
