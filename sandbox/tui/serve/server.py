"""The server: a page, its files, and a socket to one process of the app for each tab.

Of textual-serve only what runs in the browser is used. Its own server asks nobody who they are, takes
requests from any page, and starts the app through a shell.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from aiohttp import WSMsgType, web

from sandbox.errors import UsageError
from sandbox.tui.serve.door import Door
from sandbox.tui.serve.link import place_of, written
from sandbox.tui.serve.pages import FILES, guard, plain_page, terminal_page
from sandbox.tui.serve.process import TabProcess

__all__ = ["Server", "serve"]

_HEARTBEAT: Final = 15.0
"""Seconds between two signs of life; a tab that gives none is gone."""
_TYPED: Final = 1 << 20
"""Bytes of one message from a tab: a long paste."""
_WIDEST: Final = 1000
_HIGHEST: Final = 500
"""Cells of a tab's terminal."""

_STRANGER: Final = (
    "Open the address that `backrooms serve` has printed: it holds the token that lets you in."
)
_NO_HOST: Final = "This server does not answer to that name: open the address that it has printed."
_ENDED: Final = "The app was left, or has ended."

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Lets in, gives out pages, and keeps the processes of all tabs.

    Args:
        door: who is let in.
        root: the folder of transcripts.
        tabs: how many may be open at once.
    """

    def __init__(self, door: Door, root: Path, tabs: int) -> None:
        self._door = door
        self._root = root
        self._most = tabs
        self._tabs: set[TabProcess] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._closing = False

    def application(self) -> web.Application:
        """What aiohttp runs."""
        spec = importlib.util.find_spec("textual_serve")
        assert spec is not None
        assert spec.origin is not None
        application = web.Application(middlewares=[self._let_in])
        application.add_routes(
            [
                web.get("/", self._page),
                web.get("/alive", self._alive),
                web.get("/ws/{link:.*}", self._tab),
                web.static("/page", FILES),
                web.static("/static", Path(spec.origin).parent / "static"),
            ]
        )
        return application

    async def close(self) -> None:
        """End all tabs in order; returns when no process is left."""
        self._closing = True
        async with asyncio.TaskGroup() as closing:
            for tab in self._tabs:
                closing.create_task(tab.close(), name="tab.close")
        while self._leaving:
            await asyncio.wait(self._leaving)

    def kill(self) -> None:
        """End all tabs at once."""
        for tab in self._tabs:
            tab.kill()

    # who is let in -----------------------------------------------------------------------------

    @web.middleware
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            answer = await self._answer(request, handler)
        except web.HTTPException as error:
            answer = _said(error.status, error.reason)
        if not answer.prepared:
            answer.headers.update(
                guard(request.host if self._door.knows_host(request.host) else "")
            )
        return answer

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        door, origin = self._door, request.headers.get("Origin")
        if not door.knows_host(request.headers.get("Host")):
            return _said(403, _NO_HOST)
        if origin is not None and not door.knows_origin(origin, request.host):
            return _said(403, "Another page has asked for this one, and is not answered.")
        if request.path == "/" and "token" in request.query:
            return self._exchange(request)
        if not door.has_cookie(request.cookies.get(door.cookie_name)):
            return _said(403, _STRANGER)
        return await handler(request)

    def _exchange(self, request: web.Request) -> web.StreamResponse:
        """The token for a cookie; the address without it is what a history keeps."""
        if not self._door.has_token(request.query["token"]):
            return _said(403, f"That token is not this server's. {_STRANGER}")
        link = written(request.query)
        answer = web.Response(status=303, headers={"Location": f"/?{link}" if link else "/"})
        answer.set_cookie(
            self._door.cookie_name, self._door.cookie, httponly=True, samesite="Strict", path="/"
        )
        return answer

    # what is answered --------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.StreamResponse:
        link = written(request.query)
        try:
            place_of(link, self._root)
        except UsageError as error:
            return _said(400, str(error))
        if self._full:
            return _said(
                503, f"{self._most} tabs are open, and no more are served: close one first."
            )
        return web.Response(text=terminal_page(request.host, link), content_type="text/html")

    async def _alive(self, _: web.Request) -> web.StreamResponse:
        return _said(503, "The server is stopping.") if self._closing else web.Response(text=_ENDED)

    @property
    def _full(self) -> bool:
        return self._closing or len(self._tabs) >= self._most

    async def _tab(self, request: web.Request) -> web.StreamResponse:
        """One tab, from its opening to its end."""
        if not self._door.knows_origin(request.headers.get("Origin"), request.host):
            return _said(403, "A tab says which page it belongs to.")
        link = request.match_info["link"]
        try:
            place_of(link, self._root)
        except UsageError as error:
            return _said(400, str(error))
        if self._full:
            return _said(503, f"{self._most} tabs are open.")
        tab = TabProcess(self._root, link)
        self._tabs.add(tab)
        try:
            pipe = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=_TYPED)
            await pipe.prepare(request)
            await tab.open(
                _cells(request.query.get("width"), 80), _cells(request.query.get("height"), 24)
            )
            await _join(tab, pipe)
        finally:
            # A task of its own: this handler may be cancelled, and the app still takes its time to end.
            leaving = asyncio.create_task(self._leave(tab), name="tab.leave")
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        return pipe

    async def _leave(self, tab: TabProcess) -> None:
        try:
            # An app that was left may play on, as its reader wanted; a tab that was closed is over.
            await (tab.ended() if tab.left and not self._closing else tab.close())
        finally:
            self._tabs.discard(tab)


async def _join(tab: TabProcess, pipe: web.WebSocketResponse) -> None:
    """Paint what the app paints and type what the reader types, until one of them ends."""
    painting = asyncio.create_task(_paint(tab, pipe), name="tab.paint")
    try:
        async for message in pipe:
            if message.type == WSMsgType.TEXT:
                await _hear(tab, pipe, str(message.data))
    finally:
        painting.cancel()
        await asyncio.wait([painting])


async def _paint(tab: TabProcess, pipe: web.WebSocketResponse) -> None:
    with suppress(ConnectionError):
        async for part in tab.screen():
            await pipe.send_bytes(part)
        await pipe.close()


async def _hear(tab: TabProcess, pipe: web.WebSocketResponse, message: str) -> None:
    """One message of a tab; what is none of them is passed over."""
    try:
        kind, *rest = json.loads(message)
        what = rest[0] if rest else None
        if kind == "stdin" and isinstance(what, str):
            await tab.type(what)
        elif kind == "resize" and isinstance(what, dict):
            width, height = _cells(what.get("width"), 80), _cells(what.get("height"), 24)
            await tab.tell({"type": "resize", "width": width, "height": min(height, _HIGHEST)})
        elif kind == "ping":
            await pipe.send_json(["pong", what])
        elif kind in {"blur", "focus"}:
            await tab.tell({"type": kind})
    except (ValueError, TypeError, RecursionError):
        return


def _cells(value: object, default: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:9])
    return max(1, min(value, _WIDEST)) if type(value) is int else default


def _said(status: int, sentence: str) -> web.Response:
    return web.Response(status=status, text=plain_page(sentence), content_type="text/html")


async def serve(host: str, port: int, root: Path, tabs: int, tell: Callable[[Door], None]) -> None:
    """Listen until a signal comes; then end all tabs, and return when nothing is left.

    Args:
        host: where to listen.
        port: 0 for one that is free.
        root: the folder of transcripts.
        tabs: how many may be open at once.
        tell: is given the door once it is open.

    Raises:
        OSError: the port is taken, or the host is not this machine's.
    """
    listening = socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    )
    door = Door(host, listening.getsockname()[1])
    server = Server(door, root, tabs)
    runner = web.AppRunner(server.application(), access_log=None, handle_signals=False)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def heed() -> None:
        if stop.is_set():
            server.kill()  # asked twice: at once
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, heed)
    try:
        await runner.setup()
        await web.SockSite(runner, listening).start()
        tell(door)
        await stop.wait()
    finally:
        await server.close()
        await runner.cleanup()
