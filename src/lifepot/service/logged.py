"""What the log says of requests: those that broke or were not answered, each by a number that its answer carries too.

Of a request there is its number, its method and the pattern of its path: never the path itself, a query, a header or a body, for
they hold persons' numbers, tickets and names. Of an exception there is its kind and where it came from, and never its words: a
database's quote rows.
"""

import logging
import secrets
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from fastapi import Request

from lifepot.errors import LifepotError
from lifepot.service.shields import App, Message, Receive, Scope, Send

LOG = logging.getLogger("lifepot.requests")
ENDS = logging.getLogger("lifepot.serving")

NUMBER = "lifepot.request"
MOST_FRAMES = 12
SOURCE = Path(__file__).parents[2]


def begin_logging() -> None:
    """Log to standard error, a line each: when, how grave, which part, what. Of others' libraries only what is amiss."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("lifepot").setLevel(logging.INFO)


@contextmanager
def logging_its_end(name: str) -> Iterator[None]:
    """Begin to log; what ends this process is logged as what breaks a request is."""
    begin_logging()
    try:
        yield
    except LifepotError as error:
        ENDS.error("%s ended: %s", name, error)  # words of ours, that quote nobody
        raise SystemExit(1) from None
    except Exception as error:  # noqa: BLE001  # its words may quote a person, and Python would print them
        ENDS.error("%s broke: %s", name, told(error))
        raise SystemExit(1) from None


class Logged:
    """The app, numbered and logged. What breaks inside ends here."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = scope[NUMBER] = secrets.token_hex(6)
        status = 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
            await send(message)

        try:
            await self._app(scope, receive, numbered)
        except Exception as error:  # noqa: BLE001  # what nobody thought of: logged, and answered already by the app
            LOG.error("request=%s %s broke: %s", number, asked_for(scope), told(error))  # noqa: TRY400  # its words may quote a person
            return
        if status >= 500:
            LOG.warning("request=%s %s answered %s", number, asked_for(scope), status)


def number_of(request: Request) -> str:
    """A request's number in the log; "-" where nobody numbers."""
    return str(request.scope.get(NUMBER, "-"))


def asked_for(scope: Scope) -> str:
    """A request's method and the pattern of its path."""
    path = getattr(scope.get("route"), "path", "(no page)")
    return f"{scope['method']} {path}"


def told(error: BaseException) -> str:
    """An exception's kind and where it came from, innermost last; not its words."""
    kind = type(error).__name__
    if isinstance(error, psycopg.Error) and error.sqlstate:
        kind += f" {error.sqlstate}"
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return f"{kind} at " + " > ".join(f"{_place(one.filename)}:{one.lineno}" for one in frames)


def _place(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(SOURCE)) if path.is_relative_to(SOURCE) else path.name
