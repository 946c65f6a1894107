"""One question to the provider and its answer: small, soon, as JSON, or not at all."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from lifepot.openid.trouble import NoAnswer

LARGEST_ANSWER_BYTES = 256 * 1024

# For the whole of it: who sends a byte a second is never silent for long.
WHOLE_SECONDS = 10.0
SILENT_SECONDS = 5.0

_REMEDY = "Try again shortly. If it stays so, see whether the provider is up and whether its address is right."


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the JSON object of an answer, which may hold tokens and is not shown."""

    status: int
    told: dict[str, Any] = field(repr=False)


def ask(address: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Get an address, or post a form to it.

    No redirect is followed: an address that was checked is the one that is asked. NoAnswer when there is none in time, when
    it is larger than 256 KiB, or no JSON object.
    """
    try:
        status, body = asyncio.run(_exchange(address, form, headers or {}))
    except (TimeoutError, httpx.TimeoutException) as error:
        raise NoAnswer(f"The sign-in provider did not answer in time ({_shown(address)}).", remedy=_REMEDY) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NoAnswer(f"The sign-in provider cannot be reached ({_shown(address)}).", remedy=_REMEDY) from error
    if 300 <= status < 400:
        raise NoAnswer(
            f"The sign-in provider sends us elsewhere from {_shown(address)}, which is not followed.",
            remedy="Name the provider by the address that answers itself.",
        )
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _no_object(address, status) from error
    if not isinstance(told, dict):
        raise _no_object(address, status)
    return Answer(status, told)


async def _exchange(address: str, form: Mapping[str, str] | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """The status and body as they came; asynchronous only because such a call can be given up as a whole."""
    # Uncompressed, so that what is counted is what comes in.
    said = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "lifepot", **headers}
    client = httpx.AsyncClient(verify=_trusted(), timeout=SILENT_SECONDS, follow_redirects=False)
    async with asyncio.timeout(WHOLE_SECONDS), client:
        method = "GET" if form is None else "POST"
        async with client.stream(method, address, data=form, headers=said) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise NoAnswer(f"The answer from {_shown(address)} is compressed, unasked.", remedy=_REMEDY)
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > LARGEST_ANSWER_BYTES:
                    raise NoAnswer(f"The answer from {_shown(address)} is too large to be one.", remedy=_REMEDY)
            return response.status_code, bytes(body)


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts; an institution's own may be among them."""
    return ssl.create_default_context()


def _shown(address: str) -> str:
    return address.partition("?")[0]


def _no_object(address: str, status: int) -> NoAnswer:
    return NoAnswer(
        f"What the sign-in provider answered at {_shown(address)} ({status}) is no JSON object.", remedy=_REMEDY
    )
