"""A claim for very many members and its reply, one line in a hundred refused: what each costs, and the bare COPY of the same rows.

    ./lifepot python benchmarks/claims.py --members 1000000

A month is received first, as `month.py` does it. The claim is made and answered through the code of `lifepot claim make` and
`lifepot claim reply`, with fsync on, each with its file; what has fallen due is posted before a claim, and counts.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from meter import Cost, Meter, peak_mib
from month import FIRST_MONTH, PIECE, Scheme, scheme

import lifepot.scheme.claim as claiming
import lifepot.scheme.claim_file as writing
import lifepot.scheme.claim_reply as replying
from lifepot.periods import parse_day
from lifepot.storage.rows import FACT
from lifepot.storage.store import Store

STAGES = (
    "post what is due", "read what is owed", "add up", "read the reply", "read lines", "hold against claim", "read closings",
    "make postings", "write facts", "write transfers", "write closings", "write the file", "chain and commit", "the rest",
)  # fmt: skip

AT_MOST = 3.0
"""Times the bare copy's CPU seconds."""

UNTIL = "2026-04-30"
REFUSED_EACH = 100


@dataclass(slots=True)
class Done:
    """A claim or a reply: its costs by stage, its rows, and the bare copy of them."""

    name: str
    costs: dict[str, Cost]
    lines: int
    bytes: int
    rows: dict[str, int]
    limit: Cost = field(default_factory=Cost)

    @property
    def cost(self) -> Cost:
        """All stages together."""
        return sum(self.costs.values(), Cost())

    @property
    def times(self) -> float:
        """CPU seconds, as times the bare copy's."""
        return self.cost.cpu / self.limit.cpu

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name, "lines": self.lines, "bytes": self.bytes, "rows": self.rows, "cpu_s": self.cost.cpu,
            "wall_s": self.cost.wall, "limit_cpu_s": self.limit.cpu, "times": self.times, "at_most": AT_MOST,
            "stages": [
                {"stage": stage, "wall_s": cost.wall, "client_cpu_s": cost.client, "server_cpu_s": cost.server}
                for stage, cost in self.costs.items()
            ],
        }  # fmt: skip

    def show(self) -> None:
        """For people."""
        rows = ", ".join(f"{count:,} {table}s" for table, count in self.rows.items())
        print(f"\n{self.name}: {self.lines:,} lines in {self.bytes / 1e6:,.0f} MB; {rows}")
        print(f"{'seconds':24} {'wall':>8} {'client':>8} {'server':>8} {'CPU':>8}")
        for stage in STAGES:
            if stage in self.costs:
                _show(stage, self.costs[stage])
        _show("=", self.cost)
        _show("bare copy", self.limit)
        hit = "hit" if self.times <= AT_MOST else "missed"
        print(f"{self.times:.2f} times the bare copy; at most {AT_MOST}: {hit}")


def _show(name: str, cost: Cost) -> None:
    print(f"{name:24} {cost.wall:8.2f} {cost.client:8.2f} {cost.server:8.2f} {cost.cpu:8.2f}")


@contextmanager
def stages(here: Scheme) -> Iterator[Meter]:
    """A meter with every stage on it."""
    with Meter(here.server) as meter:
        meter.watch(claiming, "settle_here", "post what is due")
        meter.watch(claiming, "read_owing", "read what is owed")
        meter.watch(claiming, "owed_by_key", "add up")
        meter.watch(claiming, "_within_reach", "add up")
        meter.watch(claiming, "write_claim", "write the file")
        meter.watch(writing, "cells_naming", "write the file")
        meter.watch(replying, "read_reply", "read the reply")
        meter.watch(replying, "_said", "hold against claim")
        meter.watch(Store, "facts_in", "read lines")
        for room in (claiming, replying):
            meter.watch(room, "post_directly", "make postings")
        meter.watch(Store, "closings_latest", "read closings")
        meter.watch(Store, "copy_in", lambda _, table, __: "write facts" if table is FACT else "write transfers")
        meter.watch(Store, "copy_closings", "write closings")
        meter.watch(Store, "finish_batch", "chain and commit")
        meter.watch(psycopg.Connection, "commit", "chain and commit")
        yield meter


def make(here: Scheme, out: Path) -> Done:
    """A claim to government for the month that was received."""
    here.checkpoint()
    first = _last_batch(here)
    with stages(here) as meter, meter.stage("the rest"):
        claimed = claiming.make_claim(
            here.connection, "government", parse_day(UNTIL), here.clock(FIRST_MONTH + 1), out=out
        )
    assert claimed.state == "made"
    done = Done("Claim", meter.costs, claimed.lines, out.stat().st_size, {})
    done.limit = bare_copy(here, first, done)
    return done


def answer(here: Scheme, out: Path, reply: Path) -> Done:
    """Its reply: one line in a hundred is refused. The bank's part, once it is there, belongs after it."""
    lines = _write_reply(out, reply)
    here.checkpoint()
    first = _last_batch(here)
    with stages(here) as meter, meter.stage("the rest"):
        answered = replying.receive_reply(here.connection, reply, here.clock(FIRST_MONTH + 1))
    assert (answered.paid + answered.refused, answered.faults) == (lines, [])
    done = Done("Reply", meter.costs, lines, reply.stat().st_size, {})
    done.limit = bare_copy(here, first, done)
    return done


def _write_reply(out: Path, reply: Path) -> int:
    """As government might: every line of the claim's file, paid, but for one in a hundred."""
    count = 0
    with out.open(encoding="utf-8", newline="") as claim, reply.open("w", encoding="utf-8", newline="") as text:
        rows = csv.reader(claim)
        for row in rows:
            if row and row[0] == "line":
                break
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("line", "outcome", "amount", "code"))
        for row in rows:
            count += 1
            writer.writerow(
                (row[0], "refused", "", "NOT_KNOWN") if count % REFUSED_EACH == 0 else (row[0], "paid", row[5], "")
            )
    return count


def _last_batch(here: Scheme) -> int:
    row = here.connection.execute("select max(number) from batch").fetchone()
    here.connection.rollback()
    assert row is not None
    return int(row[0])


def bare_copy(here: Scheme, before: int, done: Done, times: int = 3) -> Cost:
    """The limit: the rows that the batches since `before` wrote, as the bytes that binary COPY takes, into fresh tables with
    their primary keys. The median of so many times.
    """
    found = []
    with here.database.connect() as connection:
        (directory,) = connection.execute("show data_directory").fetchone() or ("",)
        content = {}
        for table, batch in (("fact", "id >> 32"), ("transfer", "id >> 32"), ("closing", "batch")):
            content[table] = Path(directory) / f"bare.{table}"
            order = "batch, member" if table == "closing" else "id"
            query = f"copy (select * from {table} where {batch} > {before} order by {order}) to '{content[table]}' (format binary)"
            done.rows[table] = connection.execute(query.encode()).rowcount
        for _ in range(times):
            for table in content:
                connection.execute(
                    f"create table bare_{table} (like {table} including indexes including storage)".encode()
                )
            connection.commit()  # a table of the same transaction would be copied past the log
            here.checkpoint()
            meter = Meter(here.server)
            with meter.stage("bare copy"):
                for table, file in content.items():
                    with (
                        connection.cursor().copy(f"copy bare_{table} from stdin (format binary)".encode()) as copy,
                        file.open("rb", buffering=0) as stream,
                    ):
                        while piece := stream.read(PIECE):
                            copy.write(piece)
                connection.commit()
            found.append(meter.costs["bare copy"])
            for table in content:
                connection.execute(f"drop table bare_{table}".encode())
            connection.commit()
        for file in content.values():
            file.unlink()
    return sorted(found, key=lambda cost: cost.cpu)[times // 2]


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.late = False
    with scheme(options.members, options) as here:
        here.receive_month()
        out, reply = here.files / "claim.csv", here.files / "reply.csv"
        before = peak_mib()
        made = make(here, out)
        answered = answer(here, out, reply)
        client, server = peak_mib(), here.server.peak_mib()
    if options.json:
        print(json.dumps({"peak_mib": client + server, "done": [made.as_dict(), answered.as_dict()]}, indent=2))
        return
    for done in (made, answered):
        done.show()
    print(
        f"\nmemory: {client:,.0f} MiB here (the month before had {before:,.0f}), {server:,.0f} MiB the largest server process"
    )


if __name__ == "__main__":
    sys.exit(main())
