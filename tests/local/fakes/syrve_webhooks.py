"""Sends the fake Syrve's webhooks the way the real one does.

The body is a JSON array, the token chosen by the receiver travels bare in `Authorization`, and
only 200 counts as received. The real sender repeats every ten minutes for an hour; this one
repeats a few times within seconds. One worker sends in order, so that a demo is easy to follow;
nothing may rely on that order, since the real sender promises none.
"""

import asyncio
import contextlib
import time

import aiohttp


class WebhookSender:
    def __init__(self, attempts: int = 4, retry_seconds: float = 0.2) -> None:
        self.attempts = attempts
        self.retry_seconds = retry_seconds
        self.sent: list[dict] = []
        self._queue: asyncio.Queue = asyncio.Queue()

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        self._worker = asyncio.create_task(self._work())

    async def stop(self) -> None:
        self._worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._worker
        await self._session.close()

    def queue(self, target: dict | None, event: dict) -> bool:
        """Send one event later; False when nobody wants it."""
        if target is None or not _wanted(target.get("filter"), event):
            return False
        self._queue.put_nowait((target, [event]))
        return True

    async def idle(self) -> None:
        """Wait until everything queued has been sent or given up."""
        await self._queue.join()

    async def send(self, target: dict, body: object) -> int | None:
        """Send a body now, with retries; the last status, or None when nobody answered."""
        headers = {"Authorization": target["token"]} if target.get("token") else {}
        events = body if isinstance(body, list) else [body]
        record = {
            "url": target["url"],
            "event_types": [e.get("eventType") for e in events if isinstance(e, dict)],
            "attempts": 0,
            "status": None,
            "at": time.time(),
        }
        self.sent.append(record)
        while record["status"] != 200 and record["attempts"] < self.attempts:
            if record["attempts"]:
                await asyncio.sleep(self.retry_seconds * record["attempts"])
            record["attempts"] += 1
            record["status"] = await self._post(target["url"], headers, body)
        return record["status"]

    async def _post(self, url: str, headers: dict, body: object) -> int | None:
        try:
            async with self._session.post(
                url, json=body, headers=headers, allow_redirects=False
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def _work(self) -> None:
        while True:
            target, body = await self._queue.get()
            try:
                await self.send(target, body)
            finally:
                self._queue.task_done()


def _wanted(filters: dict | None, event: dict) -> bool:
    """No filter means everything, which is how the settings are read where Syrve is silent."""
    if filters is None:
        return True
    if event["eventType"] == "PersonalShift":
        return bool((filters.get("personalShiftFilter") or {}).get("updates"))
    orders = filters.get("deliveryOrderFilter")
    if orders is None:
        return False
    if event["eventType"] == "DeliveryOrderError":
        return bool(orders.get("errors"))
    statuses = orders.get("orderStatuses")
    order = event["eventInfo"].get("order")
    return statuses is None or order is None or order["status"] in statuses
