"""The stack's public address: plain URLs in front of the emulator's HTTP API.

An HTTP API on AWS has a host name of its own; on one machine that would need a name server. So a
small reverse proxy listens on API_PORT and forwards method, path, query, headers and body as they
are. It lets through more than the 6 MB that a function accepts, so that their limit is tested.
"""

import asyncio
import threading

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from yarl import URL

from .settings import HOST

MAX_BODY = 12 * 1024 * 1024
# These concern one connection, not the message (RFC 9110, 7.6.1).
HOP_BY_HOP = {
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
}


class Proxy:
    """Serves from a thread of its own, since its users are not asynchronous."""

    def __init__(self, target: str, port: int = 0) -> None:
        self.target, self.port = target, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self._thread.start()
        self._call(self._start())

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _start(self) -> None:
        # No limit of connections: the emulator is the one to say when it has too many.
        self._session = ClientSession(
            connector=TCPConnector(limit=0),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=60),
            auto_decompress=False,
        )
        application = web.Application(client_max_size=MAX_BODY)
        application.router.add_route("*", "/{path:.*}", self._forward)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.port).start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = [pair for pair in request.headers.items() if pair[0].lower() not in HOP_BY_HOP]
        headers += [
            ("X-Forwarded-For", request.remote or HOST),
            ("X-Forwarded-Port", str(self.port)),
            ("X-Forwarded-Proto", "http"),
        ]
        try:
            async with self._session.request(
                request.method,
                URL(self.target + request.raw_path, encoded=True),
                data=body,
                headers=headers,
                allow_redirects=False,
                skip_auto_headers=("User-Agent", "Content-Type", "Accept", "Accept-Encoding"),
            ) as answer:
                return web.Response(
                    status=answer.status,
                    headers=[
                        pair for pair in answer.headers.items() if pair[0].lower() not in HOP_BY_HOP
                    ],
                    body=await answer.read(),
                )
        except (ClientError, TimeoutError) as error:
            return web.json_response({"message": f"no answer: {error}"}, status=502)
