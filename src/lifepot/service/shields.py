"""What stands between the world and the app: headers on every answer, limits on every request.

Written on ASGI itself, so that it also holds for what goes wrong inside.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from starlette.exceptions import HTTPException

from lifepot.access.policy import POLICY
from lifepot.api.problems import problem

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "cache-control": "no-store",
}
"""On every answer that does not say otherwise: what is shown of a person stays in no cache."""

MIB = 1 << 20
LARGEST_BYTES = 12 * MIB
"""Evidence is at most 10 MiB."""

LARGEST_FILE_BYTES = 256 * MIB
"""A payroll file of a million rows is some 100 MB; a larger one is received on the machine itself, by `lifepot receive`."""

SILENCE_SECONDS = 20
"""How long a sender may be silent in the middle of a request."""

SLOWEST_BYTES_A_SECOND = 2_000
"""Slower over all than a poor telephone line, somebody holds the connection for its own sake."""

GRACE_SECONDS = 20


class TooLarge(HTTPException):
    """More was sent than is taken. An HTTPException, so that whoever reads a body inside the app lets it through."""

    def __init__(self) -> None:
        super().__init__(413, "That is too large.", {"connection": "close"})


class TooSlow(HTTPException):
    """What was sent came too slowly."""

    def __init__(self) -> None:
        super().__init__(408, "That came too slowly.", {"connection": "close"})


class Shields:
    """The outermost app."""

    def __init__(self, app: App, *, is_secure: bool, large_paths: tuple[str, ...] = ()) -> None:
        self._app = app
        self._large_paths = large_paths
        headers = HEADERS | ({"strict-transport-security": "max-age=63072000"} if is_secure else {})
        self._headers = [(name.encode(), text.encode()) for name, text in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, within the limits and under the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"], *(pair for pair in self._headers if pair[0] not in said)
                ]  # fmt: skip
            await send(message)

        most = LARGEST_FILE_BYTES if scope["path"] in self._large_paths else LARGEST_BYTES
        if _announced(scope) > most:
            await _refuse(with_headers, scope["path"], TooLarge())
            return
        await self._app(scope, self._limited(receive, most), with_headers)

    @staticmethod
    def _limited(receive: Receive, most: int) -> Receive:
        taken, loop = 0, asyncio.get_running_loop()
        begun = loop.time()
        more = True

        async def limited() -> Message:
            nonlocal taken, more
            if not more:
                return await receive()  # waits for the end of the connection, as long as the answer takes
            try:
                message = await asyncio.wait_for(receive(), SILENCE_SECONDS)
            except TimeoutError:
                raise TooSlow from None
            taken += len(message.get("body", b""))
            more = bool(message.get("more_body"))
            if taken > most:
                raise TooLarge
            spent = loop.time() - begun
            if more and spent > GRACE_SECONDS and taken < (spent - GRACE_SECONDS) * SLOWEST_BYTES_A_SECOND:
                raise TooSlow
            return message

        return limited


def _announced(scope: Scope) -> int:
    for name, text in scope["headers"]:
        if name == b"content-length" and text.isdigit():
            return int(text)
    return 0


async def _refuse(send: Send, path: str, error: HTTPException) -> None:
    """Say so before anything was read, and hang up: what was sent is not waited for."""
    kind, body = b"text/plain; charset=utf-8", str(error.detail).encode()
    if path.startswith("/api/v1"):
        kind, body = b"application/problem+json", bytes(problem(error, error.status_code).body)
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": error.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
