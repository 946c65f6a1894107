"""Whether all is well: the database answers, and the worker was alive a moment ago. For whoever watches the machine."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import psycopg
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from lifepot.access.asking import Anybody
from lifepot.access.doors import Doors
from lifepot.errors import LifepotError

LOG = logging.getLogger("lifepot.health")

BEATS_EVERY_SECONDS = 15
QUIET = timedelta(minutes=1)
"""A worker of whom nothing was heard for so long is taken for dead."""

BEAT = "insert into door.beat (beat_at) values (%s) on conflict (one) do update set beat_at = excluded.beat_at"

router = APIRouter(include_in_schema=False)


@router.get("/health")
def health(asking: Anybody) -> PlainTextResponse:
    """`ok`, or with 503 `not well`; which of the two it is that is away stands in the log."""
    if trouble := trouble_of(asking.doors):
        LOG.warning("not well: %s", trouble)
        return PlainTextResponse("not well\n", 503)
    return PlainTextResponse("ok\n")


def trouble_of(doors: Doors) -> str:
    """What is not well, in words for the log; "" when all is."""
    try:
        with doors.acting() as connection:
            row = connection.execute("select beat_at from door.beat").fetchone()
    except (LifepotError, psycopg.OperationalError):
        return "the database does not answer"
    return "" if row is not None and doors.now() - row[0] < QUIET else "the worker is not there"


@contextmanager
def beating(doors: Doors) -> Iterator[None]:
    """Says now and then, as long as the block lasts, that this process lives and has its database."""
    over = Event()

    def beat() -> None:
        while not over.is_set():
            try:
                with doors.acting() as connection:
                    connection.execute(BEAT, [doors.now()])
            except (LifepotError, psycopg.Error) as error:
                LOG.warning("no sign of life was left: %s", type(error).__name__)
            over.wait(BEATS_EVERY_SECONDS)

    thread = Thread(target=beat, name="beating", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(1)
