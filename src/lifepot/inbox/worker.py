"""The worker: one process beside those that answer pages. It receives the gigs that were kept, and does the jobs."""

import logging
import signal
import time
from datetime import timedelta
from types import FrameType

from psycopg.types.json import Jsonb

from lifepot.access.doors import Doors
from lifepot.access.identity import Identity, Role
from lifepot.errors import LifepotError
from lifepot.inbox import gigs, jobs, uploads
from lifepot.inbox.sandboxes import Sandboxes, drop_old
from lifepot.inbox.works import WORKS
from lifepot.papers.openly import open_figures

LOOKS_EVERY_SECONDS = 0.5
TIDIES_EVERY = timedelta(hours=1)
ONCE_KEPT = timedelta(days=30)
"""How long a repeated request is known to be one."""

WORKER = Identity(Role.OPERATOR, who="door", name="the door")
LOG = logging.getLogger("lifepot.worker")


class Stop:
    """Whether it was asked to stop; it stops between two pieces of work."""

    def __init__(self) -> None:
        self.asked = False
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked = True


def work(doors: Doors, stop: Stop) -> None:
    """Work until asked to stop. What goes wrong in the world (a database that is away) is logged, and tried again."""
    tidied = doors.now() - TIDIES_EVERY
    sandboxes = Sandboxes(doors)
    while not stop.asked:
        try:
            busy = once(doors)
            busy = sandboxes.once(once) or busy
            if doors.now() - tidied >= TIDIES_EVERY:
                tidied = doors.now()
                tidy(doors)
                publish(doors)
        except LifepotError as error:
            LOG.warning("%s", error)
            busy = False
        if not busy:
            time.sleep(LOOKS_EVERY_SECONDS)


def once(doors: Doors) -> bool:
    """Receive what was kept, and do one job; whether there was anything to do."""
    did = jobs.do_next(doors, WORKS)
    return fold_all(doors) or did


def fold_all(doors: Doors) -> bool:
    """Receive every payer's kept gigs; whether any were received. A mistake of ours with one payer's keeps nobody else waiting."""
    with doors.acting() as connection:
        payers = gigs.waiting_payers(connection)
    received = 0
    for payer in payers:
        try:
            with doors.acting() as connection:
                received += gigs.fold(connection, payer, doors.clock(WORKER))
        except LifepotError:
            raise
        except Exception:
            LOG.exception("the gigs kept of payer %s could not be received", payer)
    return received > 0


def publish(doors: Doors) -> bool:
    """Publish the open figures of the last month that is over, if they were not; whether it did. Goes through all facts, once a month."""
    with doors.acting() as connection:
        row = connection.execute(
            "select to_char(date_trunc('month', max(as_of)) - interval '1 day', 'YYYY-MM') from batch where closings > 0"
        ).fetchone()
        assert row is not None
        month = row[0]
        before = connection.execute("select from door.publication where month = %s", [month]).fetchone()
        if month is None or before is not None:
            return False
        figures = open_figures(connection).as_dict()
        connection.execute(
            "insert into door.publication (month, figures, made_at) values (%s, %s, %s) on conflict do nothing",
            [month, Jsonb(figures), doors.now()],
        )
    return True


def tidy(doors: Doors) -> None:
    """Forget what nobody will ask for again."""
    now = doors.now()
    with doors.acting() as connection:
        uploads.forget(connection, now)
        connection.execute("delete from door.once where asked_at < %s", [now - ONCE_KEPT])
        connection.execute("delete from door.sign_in where begun_at < %s", [now - timedelta(hours=1)])
        connection.execute("delete from door.ticket where ends_at < %s", [now])
        connection.execute("delete from door.session where ends_at < %s", [now - timedelta(days=1)])
    drop_old(doors, doors.clock(WORKER))
