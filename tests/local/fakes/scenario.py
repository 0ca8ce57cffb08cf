"""A stage for tests of the fake Syrve: a client of it that also receives its webhooks.

`with_fake(scenario)` runs an asynchronous scenario against a fresh fake and cleans up after it.
"""

import asyncio
import json
from pathlib import Path

from aiohttp import ClientSession, web

from .syrve import FakeSyrve
from .syrve_state import API_LOGIN, ORGANIZATION_ID

FIXTURES = Path(__file__).parents[2] / "fixtures"
UPDATE_STATUS = "/api/1/deliveries/update_order_delivery_status"
COMMAND_STATUS = "/api/1/commands/status"
ORDER_ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"


def fixture(sender: str, name: str) -> object:
    return json.loads((FIXTURES / sender / name).read_text())


class Client:
    """A client of one fake, which also receives the webhooks that the fake sends."""

    def __init__(self, fake: FakeSyrve, session: ClientSession) -> None:
        self.fake, self.session, self.token = fake, session, None
        self.received: list[tuple[str, list]] = []
        self.answers: list[int] = []

    async def post(self, path: str, body: object, headers: dict | None = None):
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = self.fake.url + path
        async with self.session.post(url, json=body, headers=own | (headers or {})) as response:
            text = await response.text()
            try:
                return response.status, json.loads(text)
            except json.JSONDecodeError:
                return response.status, text

    async def control(self, method: str, path: str, body: object = None):
        url = f"{self.fake.url}/_control/{path}"
        async with self.session.request(method, url, json=body or {}) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def log_in(self) -> None:
        _, answer = await self.post("/api/1/access_token", {"apiLogin": API_LOGIN})
        self.token = answer["token"]

    async def store_order(self, name: str = "order_created.json", webhook: bool = False):
        info = fixture("syrve", name)[0]["eventInfo"]
        return await self.control("POST", "orders", {"eventInfo": info, "webhook": webhook})

    async def update_status(self, status: str, /, **more: str):
        body = {"organizationId": ORGANIZATION_ID, "orderId": ORDER_ID, "deliveryStatus": status}
        return await self.post(UPDATE_STATUS, body | more)

    async def command(self, correlation_id: str) -> dict:
        body = {"organizationId": ORGANIZATION_ID, "correlationId": correlation_id}
        return (await self.post(COMMAND_STATUS, body))[1]

    async def order(self) -> dict:
        return (await self.control("GET", f"state/order/{ORDER_ID}"))["order"]

    async def receive(self, request: web.Request) -> web.Response:
        self.received.append((request.headers.get("Authorization"), await request.json()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


def with_fake(scenario) -> None:
    """Run a scenario against a fresh fake, logged in, with its webhooks sent to the client."""

    async def run() -> None:
        fake = FakeSyrve()
        await fake.start()
        async with ClientSession() as session:
            client = Client(fake, session)
            runner = await listen(client.receive)
            try:
                target = {"url": address(runner), "token": "hook-token"}
                await client.control("PUT", "webhook", target)
                fake.sender.retry_seconds = 0.01
                await client.log_in()
                await scenario(client)
            finally:
                await runner.cleanup()
                await fake.stop()

    asyncio.run(run())


async def listen(handler) -> web.AppRunner:
    app = web.Application()
    app.router.add_post("/hook", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def address(runner: web.AppRunner) -> str:
    return f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
