"""A scheme of very many members over many months, in a home that stays: what pages are served from.

    ./lifepot python benchmarks/million.py --home DIR --members 1000000 --months 24

Each month's files go through the code of `lifepot receive`: payroll bureaus of 125,000 people at 25,000 employers, a platform
so large that its months are large batches, and a small one whose months are small ones. Called again it goes on from the last
month that is there, so the home may be kept between runs and made longer.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg

from lifepot.rulebook.reader import rulebook_text
from lifepot.samples import write_month
from lifepot.scheme.opening import Clock, open_scheme
from lifepot.scheme.receive import receive
from lifepot.storage.database import Home, open_database

RULEBOOK = "lifetime-savings-account"
FIRST_MONTH = date(2026, 4, 1)
GIG_EVERY = 15
SHARES = (5, 1)
"""One person in fifteen drives, five of six for the large platform: 55,000 of a million, which makes its batches large."""


def month_at(place: int) -> date:
    """The month at a place, 0 for the first."""
    at = FIRST_MONTH.year * 12 + FIRST_MONTH.month - 1 + place
    return date(at // 12, at % 12 + 1, 1)


def files_of(directory: Path, members: int, place: int, seed: int) -> list[Path]:
    """A month's files, platforms' first: they pay all through the month, payrolls at its end."""
    paths = write_month(
        directory / str(place), members=members, month=month_at(place), seed=seed, gig_every=GIG_EVERY, shares=SHARES
    )
    return sorted(paths, key=lambda path: not path.name.startswith("platform"))


def months_there(connection: psycopg.Connection[Any], members: int, seed: int) -> int:
    """Months that were begun; the last may be unfinished, and its files are known when they come again. Opens the scheme
    where there is none. SystemExit where the home holds other members than these.
    """
    (laid,) = connection.execute("select to_regclass('scheme') is not null").fetchone() or (False,)
    if not laid:
        text, name = rulebook_text(RULEBOOK)
        open_scheme(connection, text, name, Clock.at(_who(members, seed), datetime(2026, 4, 6, tzinfo=UTC)))
    (who,) = connection.execute("select who from batch where place = 1").fetchone() or ("",)
    if who != _who(members, seed):
        raise SystemExit(f"This home was made by {who!r}: ask for the same members and seed, or for another home.")
    (count,) = connection.execute("select count(distinct as_of) from batch where place > 1").fetchone() or (0,)
    connection.rollback()
    return int(count)


def _who(members: int, seed: int) -> str:
    return f"benchmark of {members} members, seed {seed}"


def build(home: Path, members: int, months: int, seed: int) -> dict[str, Any]:
    """Bring the home to so many months; what is there then."""
    files = Path(tempfile.mkdtemp(prefix="lifepot-files-"))
    # Files of the next month are written by another process while this one's are received.
    with (
        open_database(Home(home)) as database,
        database.connect() as connection,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart,
    ):
        try:
            first = max(months_there(connection, members, seed) - 1, 0)
            coming = apart.submit(files_of, files, members, first, seed)
            for place in range(first, months):
                paths = coming.result()
                if place + 1 < months:
                    coming = apart.submit(files_of, files, members, place + 1, seed)
                receive_month(connection, paths, members, place, seed)
            connection.autocommit = True
            connection.execute("analyze")
            (size,) = connection.execute("select pg_database_size(current_database())").fetchone() or (0,)
            facts, transfers, large, batches = connection.execute(
                "select sum(facts)::bigint, sum(transfers)::bigint, count(*) filter (where large), count(*) from batch"
            ).fetchone() or (0, 0, 0, 0)
        finally:
            shutil.rmtree(files, ignore_errors=True)
    return {
        "members": members, "months": months, "facts": facts, "transfers": transfers, "batches": batches,
        "large_batches": large, "bytes": size,
    }  # fmt: skip


def receive_month(connection: psycopg.Connection[Any], paths: list[Path], members: int, place: int, seed: int) -> None:
    """Receive a month's files on the fifth of the next."""
    began = time.perf_counter(), time.process_time()
    today = month_at(place + 1).replace(day=5)
    clock = Clock.at(_who(members, seed), datetime(today.year, today.month, today.day, tzinfo=UTC))
    for path in paths:
        reply = receive(connection, path, clock)
        if reply.rejected:
            raise SystemExit("\n".join(reply.lines()))
        path.unlink()
    wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
    print(f"  {month_at(place):%Y-%m}  {wall:6.1f} s, {cpu:6.1f} s of this process", file=sys.stderr, flush=True)


def main() -> None:
    """Build it, and say what is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(build(options.home, options.members, options.months, options.seed)))


if __name__ == "__main__":
    main()
