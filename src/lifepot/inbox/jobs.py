"""Work that takes longer than a person waits: asked for in a row, done by a worker, its progress told, and done once.

That it is done is written in the transaction that does it. A worker that is killed leaves a job as if nobody had begun it, or as
done; which worker has a job is a lock of its connection, which ends with it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from lifepot.access.doors import Connection, Doors
from lifepot.errors import LifepotError
from lifepot.periods import day_of
from lifepot.scheme.opening import Clock

JOBS_ROOM = 3
"""Of the advisory locks that are pairs (see `storage.store`): one door for each job."""


LOG = logging.getLogger("lifepot.jobs")

OUR_MISTAKE = {
    "error": "The server made a mistake of its own; nothing was done.",
    "remedy": "It is in the server's log: tell whoever runs it.",
}


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `answer` is its outcome, or where it `failed` the error's message and remedy."""

    number: int
    kind: str
    asked: dict[str, Any]
    upload: str | None
    payer: int | None
    who: str
    asked_at: datetime
    stage: str
    done: int
    of_all: int
    ended: bool
    failed: bool
    answer: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """The job as JSON carries it."""
        state = "failed" if self.failed else "done" if self.ended else "running" if self.stage else "waiting"
        return {
            "job": self.number, "kind": self.kind, "state": state, "asked_at": self.asked_at.isoformat(), "stage": self.stage,
            "done": self.done, "of": self.of_all, "answer": self.answer,
        }  # fmt: skip


Tell = Callable[[str, int, int], None]
Work = Callable[[Connection, Job, Clock, Tell], dict[str, Any]]
"""Does a job: commits once, at its end, and gives the answer."""

FIND = """select job, kind, asked, upload::text, payer, who, asked_at, coalesce(stage, ''), coalesce(done, 0), coalesce(of_all, 0),
    ended_at is not null, coalesce(failed, false), answer
from door.job left join door.progress using (job) where job = %s"""

TELL = """insert into door.progress (job, stage, done, of_all, failed, answer)
values (%(job)s, %(stage)s, %(done)s, %(of)s, %(failed)s, %(answer)s) on conflict (job) do update
set stage = excluded.stage, done = excluded.done, of_all = excluded.of_all, failed = excluded.failed, answer = excluded.answer"""


def ask(
    connection: Connection, kind: str, asked: dict[str, Any], who: str, now: datetime, *, upload: str | None = None,
    payer: int | None = None,
) -> int:  # fmt: skip
    """Ask for a job; gives its number. The caller commits."""
    row = connection.execute(
        "insert into door.job (kind, asked, upload, payer, who, asked_at) values (%s, %s, %s, %s, %s, %s) returning job",
        [kind, Jsonb(asked), upload, payer, who, now],
    ).fetchone()
    assert row is not None
    return int(row[0])


def find(connection: Connection, number: int) -> Job | None:
    """A job, if the connection sees it."""
    row = connection.execute(FIND, [number]).fetchone()
    return None if row is None else Job(*row)


def do_next(doors: Doors, works: dict[str, Work]) -> bool:
    """Do the oldest job that nobody does; whether there was one."""
    with doors.acting() as holding:
        job = _taken(holding)
        holding.commit()
        if job is None:
            return False
        try:
            _do(doors, job, works[job.kind])
        finally:
            holding.execute("select pg_advisory_unlock(%s, %s)", [JOBS_ROOM, job.number])
    return True


def _taken(connection: Connection) -> Job | None:
    waiting = connection.execute("select job from door.job where ended_at is null order by job limit 100").fetchall()
    for (number,) in waiting:
        got = connection.execute("select pg_try_advisory_lock(%s, %s)", [JOBS_ROOM, number]).fetchone()
        if got == (True,):
            job = find(connection, number)
            if job is not None and not job.ended:
                return job
            connection.execute("select pg_advisory_unlock(%s, %s)", [JOBS_ROOM, number])
    return None


def _do(doors: Doors, job: Job, work: Work) -> None:
    now = doors.now()
    clock = Clock.at(job.who, now, day_of(now.date()) if doors.as_of is None else doors.as_of)
    with doors.acting() as telling, doors.acting() as connection:

        def tell(stage: str, done: int, of: int, *, failed: bool = False, answer: dict[str, Any] | None = None) -> None:
            said = {"job": job.number, "stage": stage, "done": done, "of": of, "failed": failed}
            telling.execute(TELL, said | {"answer": None if answer is None else Jsonb(answer)})
            telling.commit()

        tell("begun", 0, 1)
        failed = False
        try:
            # Commits with the work, or not at all.
            connection.execute("update door.job set ended_at = %s where job = %s", [doors.now(), job.number])
            answer = work(connection, job, clock, tell)
            connection.commit()
        except LifepotError as error:
            connection.rollback()
            answer, failed = {"error": error.message, "remedy": error.remedy}, True
        except Exception:
            connection.rollback()
            LOG.exception("job %s (%s)", job.number, job.kind)
            answer, failed = OUR_MISTAKE, True
        tell("ended", 1, 1, failed=failed, answer=answer)
        # What keeps nothing, or failed, has ended too.
        telling.execute(
            "update door.job set ended_at = coalesce(ended_at, %s) where job = %s", [doors.now(), job.number]
        )
        telling.commit()
