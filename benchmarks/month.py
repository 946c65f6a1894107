"""A month of very many members: file → intake → kernel → transfers committed → balances readable, and what it costs.

    ./lifepot python benchmarks/month.py --members 1000000

Everything goes through the same code as `lifepot receive`, with fsync on, into a PostgreSQL that is made for the hour. In
the same run on the same server the month's transfers are copied once more, bare: that is the limit.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from meter import Cost, Meter, Server, peak_mib

import lifepot.scheme.receive as receiving
import lifepot.scheme.settle as settling
from lifepot.intake.reader import Reading
from lifepot.kernel.columns import Kind
from lifepot.periods import day_of
from lifepot.rulebook.reader import rulebook_text
from lifepot.samples import write_month
from lifepot.scheme.identify import Identifier
from lifepot.scheme.keeping import Keeper
from lifepot.scheme.opening import Clock, open_scheme
from lifepot.scheme.standing import read_standing
from lifepot.scheme.statement import read_statement
from lifepot.storage.database import Database, Home, open_database
from lifepot.storage.rows import FACT, TRANSFER, blank_facts
from lifepot.storage.server import erase
from lifepot.storage.store import Store

FRONT = (
    "digest of the file", "read and parse", "keep the file", "identify", "make and compare facts", "read facts back",
    "kernel", "write facts",
)  # fmt: skip
LEDGER = (
    "read closings", "read transfers back", "journal", "write transfers", "write closings", "chain and commit",
    "statements",
)  # fmt: skip
LIMIT = "bare copy"

LEDGER_AT_MOST, FRONT_AT_MOST = 1.5, 1.0
"""Times the limit's CPU seconds."""
STATEMENT_MS, CORRECTION_MS, PEAK_MIB = 20, 50, 2048

PEERS = {
    "TigerBeetle, packed structs": 246_000,
    "PostgreSQL, one row a transfer and a balance upsert": 164_000,
    "TigerBeetle, its Python client": 36_000,
    "PostgreSQL, one by one": 560,
    "hordak": 266,
}
"""Transfers a CPU second, client and server, each measured on a machine with two cores."""

FIRST_MONTH = 2026 * 12 + 3
ASKED = 50
"""So many members' statements are read, and so many corrections made, for a median."""
PIECE = 1 << 17


@dataclass(slots=True)
class MonthCost:
    """What one month cost, and how much there was of it."""

    month: date
    members: int
    rows: int = 0
    transfers: int = 0
    bytes: int = 0
    costs: dict[str, Cost] = field(default_factory=dict)

    def sum(self, stages: tuple[str, ...]) -> Cost:
        """Of these stages together."""
        return sum((self.costs.get(stage, Cost()) for stage in stages), Cost())

    @property
    def micros(self) -> float:
        """CPU microseconds a member, all stages but the statements, which are always as many."""
        return (self.sum(FRONT + LEDGER).cpu - self.sum(("statements",)).cpu) / self.members * 1e6

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "month": f"{self.month:%Y-%m}", "rows": self.rows, "transfers": self.transfers, "bytes": self.bytes,
            "front_cpu_s": self.sum(FRONT).cpu, "ledger_cpu_s": self.sum(LEDGER).cpu,
            "wall_s": self.sum(FRONT + LEDGER).wall, "cpu_us_a_member": self.micros,
            "stages": [
                {"stage": stage, "wall_s": cost.wall, "client_cpu_s": cost.client, "server_cpu_s": cost.server}
                for stage in FRONT + LEDGER
                if (cost := self.costs.get(stage))
            ],
        }  # fmt: skip


@dataclass(slots=True)
class Scheme:
    """A scheme of so many members, on a server of its own."""

    database: Database
    connection: psycopg.Connection[Any]
    server: Server
    files: Path
    members: int
    seed: int
    late: bool
    months: list[MonthCost] = field(default_factory=list)

    def receive_month(self) -> MonthCost:
        """The next month: its files are written (by another process, not timed) and received one by one."""
        at = FIRST_MONTH + len(self.months)
        month = date(at // 12, at % 12 + 1, 1)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            paths = apart.submit(write_month, self.files, members=self.members, month=month, seed=self.seed).result()
        # Platforms pay all through the month, payrolls at its end; `late`: platforms' files come last all the same.
        paths.sort(key=lambda path: path.name.startswith("platform") == self.late)
        self.checkpoint()
        cost = MonthCost(month, self.members)
        clock = self.clock(at + 1)
        with stages(self.server) as meter:
            for path in paths:
                cost.bytes += path.stat().st_size
                with meter.stage("make and compare facts"):
                    reply = receiving.receive(self.connection, path, clock)
                if reply.state != "received" or reply.rejected:
                    raise SystemExit("\n".join(reply.lines()))
                cost.rows, cost.transfers = cost.rows + reply.rows, cost.transfers + reply.transfers
                path.unlink()
        cost.costs = meter.costs
        watch = Meter(self.server)
        with watch.stage("statements"):
            self.statement_ms()
        cost.costs |= watch.costs
        self.months.append(cost)
        print(f"  {month:%Y-%m}  {cost.micros:6.2f} µs a member", file=sys.stderr)
        return cost

    def clock(self, at: int) -> Clock:
        """The fifth of a month, counted from the year 0."""
        today = date(at // 12, at % 12 + 1, 5)
        return Clock.at("benchmark", datetime(today.year, today.month, today.day, tzinfo=UTC))

    def some_members(self) -> list[int]:
        """Some members' numbers, the same each time."""
        chosen = np.random.default_rng(self.seed).choice(self.members, min(ASKED, self.members), replace=False)
        return [int(member) + 1 for member in chosen]

    def checkpoint(self) -> None:
        """Begin with nothing left to write of what came before."""
        with self.database.connect() as connection:
            connection.autocommit = True
            connection.execute("checkpoint")

    def bare_copy(self, month: MonthCost, times: int = 3) -> Cost:
        """The limit: the last month's transfers, made beforehand as the bytes that binary COPY takes, into a fresh table
        with their primary key. The median of so many times.
        """
        found = []
        columns = ", ".join(name for name, _ in TRANSFER.columns)
        with self.database.connect() as connection:
            (first,) = connection.execute(
                "select number from batch where as_of = (select max(as_of) from batch) order by number limit 1"
            ).fetchone() or (0,)
            (directory,) = connection.execute("show data_directory").fetchone() or ("",)
            content = Path(directory) / "bare.copy"
            made = connection.execute(
                f"copy (select {columns} from transfer where id >= {first << 32} order by id) to '{content}' (format binary)"
            )
            assert made.rowcount == month.transfers, "the month's transfers and no others"
            for _ in range(times):
                connection.execute("create table bare (like transfer including indexes)")
                connection.commit()  # a table of the same transaction would be copied past the log
                self.checkpoint()
                meter = Meter(self.server)
                with meter.stage(LIMIT):
                    with (
                        connection.cursor().copy(f"copy bare ({columns}) from stdin (format binary)") as copy,
                        content.open("rb", buffering=0) as stream,
                    ):
                        while piece := stream.read(PIECE):
                            copy.write(piece)
                    connection.commit()
                found.append(meter.costs[LIMIT])
                connection.execute("drop table bare")
                connection.commit()
        content.unlink()
        return sorted(found, key=lambda cost: cost.cpu)[times // 2]

    def statement_ms(self) -> list[float]:
        """How long each of some members' statements takes."""
        times = []
        for member in self.some_members():
            began = time.perf_counter()
            read_statement(self.connection, member)
            self.connection.rollback()
            times.append((time.perf_counter() - began) * 1000)
        return times

    def correction_ms(self, months_back: int) -> list[float]:
        """How long it takes, for each of some members, to settle and commit one pay of a month so far back anew."""
        times = []
        at = FIRST_MONTH + len(self.months) - 1 - months_back
        first, last = day_of(date(at // 12, at % 12 + 1, 1)), day_of(date((at + 1) // 12, (at + 1) % 12 + 1, 1))
        clock = self.clock(FIRST_MONTH + len(self.months))
        for member in self.some_members():
            past = read_standing(self.connection).store(self.connection).facts_of(np.array([member]))
            pays = past[(past["kind"] == Kind.PAY) & (past["effective_on"] >= first) & (past["effective_on"] < last)]
            self.connection.rollback()
            began = time.perf_counter()
            correct(self.connection, pays[-1:], clock)
            times.append((time.perf_counter() - began) * 1000)
        return times


def correct(connection: psycopg.Connection[Any], pay: Any, clock: Clock) -> None:
    """One pay was ten pounds less, and what both sides sent 30p."""
    standing = read_standing(connection)
    store = standing.store(connection)
    fact = blank_facts(1)
    for name, _ in FACT.columns:
        fact[name] = pay[name]
    fact["replaces"], fact["root"] = pay["id"], pay["root"]
    for name, less in (("earnings", 10_00), ("worker", 30), ("employer", 30)):
        fact[name] = np.maximum(pay[name] - less, 0)
    members = fact["member"].astype(np.int64)
    store.lock_members(members)
    batch = store.begin_batch()
    settled = settling.settle(store, standing, batch, members, fact, clock.as_of)
    assert len(settled.transfers), "a correction posts something"
    store.copy_in(FACT, settled.facts)
    store.copy_in(TRANSFER, settled.transfers)
    store.copy_closings(settled.closings)
    store.finish_batch(
        kind="correct", who=clock.who, known_at=clock.known_at, as_of_day=clock.as_of, key=f"correct:{batch}"
    )
    connection.commit()


@contextmanager
def stages(server: Server) -> Iterator[Meter]:
    """A meter with every stage of `receive` on it. What is in none of them makes and compares facts."""
    with Meter(server) as meter:
        meter.watch(receiving, "_digest", "digest of the file")
        meter.watch(receiving, "read", "read and parse")
        meter.watch_each(Reading, "blocks", "read and parse")
        meter.watch(Keeper, "keep", "keep the file")
        meter.watch(Identifier, "payers", "identify")
        meter.watch(Identifier, "members", "identify")
        meter.watch(receiving, "settle", "kernel")
        meter.watch(Store, "closings_latest", "read closings")
        meter.watch(Store, "closings_all", "read closings")
        meter.watch(
            Store, "rows_of", lambda _, table, __: "read facts back" if table is FACT else "read transfers back"
        )
        for function in ("targets", "to_post", "_owed", "_posted", "written"):
            meter.watch(settling, function, "journal")
        meter.watch(Store, "copy_in", lambda _, table, __: "write facts" if table is FACT else "write transfers")
        meter.watch(Store, "copy_closings", "write closings")
        meter.watch(Store, "finish_batch", "chain and commit")
        meter.watch(psycopg.Connection, "commit", "chain and commit")
        yield meter


@contextmanager
def scheme(members: int, options: argparse.Namespace, *, keep: bool = False) -> Iterator[Scheme]:
    """An open scheme in a home of its own, which is deleted afterwards."""
    home, files = Path(tempfile.mkdtemp(prefix="lifepot-month-")), Path(tempfile.mkdtemp(prefix="lifepot-files-"))
    try:
        with open_database(Home(home)) as database, database.connect() as connection:
            text, name = rulebook_text("lifetime-savings-account")
            opened = datetime(2026, 4, 6, tzinfo=UTC)
            open_scheme(connection, text, name, Clock.at("benchmark", opened))
            with database.connect() as other:
                yield Scheme(
                    database, connection, Server(other.info.backend_pid), files, members, options.seed, options.late
                )
    finally:
        shutil.rmtree(files)
        if keep:
            print(f"Kept: LIFEPOT_HOME={home}", file=sys.stderr)
        else:
            with suppress(FileNotFoundError):
                erase(home)
            shutil.rmtree(home)


@dataclass(slots=True)
class Outcome:
    """All that was measured."""

    months: list[MonthCost]
    limit: Cost
    peak_mib: float
    statement_ms: list[float] = field(default_factory=list)
    correction_ms: list[float] = field(default_factory=list)
    sweep: dict[int, float] = field(default_factory=dict)

    @property
    def last(self) -> MonthCost:
        """The month that counts."""
        return self.months[-1]

    @property
    def transfers_per_cpu_s(self) -> float:
        """By the ledger's stages."""
        return self.last.transfers / self.last.sum(LEDGER).cpu

    def targets(self) -> list[dict[str, Any]]:
        """Each target: what it is, the figure, what it should be at most (or at least), and whether it is."""
        limit, last = self.limit.cpu, self.last
        most = [
            ("ledger, CPU s", last.sum(LEDGER).cpu, LEDGER_AT_MOST * limit),
            ("file → intake → kernel, CPU s", last.sum(FRONT).cpu, FRONT_AT_MOST * limit),
            ("memory, MiB", self.peak_mib, PEAK_MIB),
        ]
        if self.statement_ms:
            most.append(("statement, ms", statistics.median(self.statement_ms), STATEMENT_MS))
            most.append(("correction, ms", statistics.median(self.correction_ms), CORRECTION_MS))
        found = [
            {"target": name, "figure": figure, "at_most": bound, "hit": figure <= bound} for name, figure, bound in most
        ]
        rate = self.transfers_per_cpu_s
        found += [
            {"target": f"ahead of {name}", "figure": rate, "at_least": peer, "hit": rate > peer}
            for name, peer in PEERS.items()
        ]
        return found

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "members": self.last.members, "limit_cpu_s": self.limit.cpu, "ledger_cpu_s": self.last.sum(LEDGER).cpu,
            "front_cpu_s": self.last.sum(FRONT).cpu, "transfers": self.last.transfers,
            "transfers_per_cpu_s": self.transfers_per_cpu_s, "peak_mib": self.peak_mib,
            "stages": self.last.as_dict()["stages"], "targets": self.targets(),
            "months": [month.as_dict() for month in self.months],
            "statement_ms": self.statement_ms, "correction_ms": self.correction_ms,
            "cpu_us_a_member": {str(members): micros for members, micros in self.sweep.items()},
        }  # fmt: skip

    def show(self) -> None:
        """For people."""
        print_month("The first month, which opens the accounts", self.months[0])
        if len(self.months) > 1:
            print_month("The last month", self.last)
        print_cost(LIMIT, self.limit, self.last.members)
        print(
            f"\n{self.last.transfers:,} transfers, {self.transfers_per_cpu_s:,.0f} a CPU second; the bare copy {self.last.transfers / self.limit.cpu:,.0f}"
        )
        if len(self.months) > 2:
            print("\nCPU µs a member, month by month: " + " ".join(f"{month.micros:.1f}" for month in self.months))
        for members, micros in self.sweep.items():
            print(f"{members:>9,} members: {micros:.1f} CPU µs each")
        print(f"\n{'target':54} {'figure':>11} {'bound':>11}")
        for target in self.targets():
            bound = target.get("at_most", target.get("at_least"))
            print(
                f"{target['target']:54} {target['figure']:11,.1f} {bound:11,.1f}  {'hit' if target['hit'] else 'missed'}"
            )


def print_month(title: str, month: MonthCost) -> None:
    """A table of stages."""
    print(
        f"\n{title} ({month.month:%B %Y}): {month.members:,} members, {month.rows:,} rows, {month.bytes / 1e6:,.0f} MB"
    )
    print(f"{'seconds':28} {'wall':>8} {'client':>8} {'server':>8} {'CPU':>8} {'µs a member':>12}")
    for stage in FRONT + LEDGER:
        if stage in month.costs:
            print_cost(stage, month.costs[stage], month.members)
        if stage == FRONT[-1]:
            print_cost("= front", month.sum(FRONT), month.members)
    print_cost("= ledger", month.sum(LEDGER), month.members)


def print_cost(name: str, cost: Cost, members: int) -> None:
    """A line of that table."""
    print(
        f"{name:28} {cost.wall:8.2f} {cost.client:8.2f} {cost.server:8.2f} {cost.cpu:8.2f} {cost.cpu / members * 1e6:12.2f}"
    )


def measure(options: argparse.Namespace) -> Outcome:
    """All that was asked for."""
    with scheme(options.members, options, keep=options.keep) as main:
        for _ in range(options.months):
            main.receive_month()
        # Before the limit's table and what it is copied from come into memory.
        peak = peak_mib() + main.server.peak_mib()
        outcome = Outcome(main.months, main.bare_copy(main.months[-1]), peak)
    if options.statement_months:
        with scheme(options.statement_members, options) as long:
            for _ in range(options.statement_months):
                long.receive_month()
            long.statement_ms()
            outcome.statement_ms = long.statement_ms()
            outcome.correction_ms = long.correction_ms(min(11, options.statement_months - 1))
    for members in options.sweep:
        with scheme(members, options) as each:
            for _ in range(2):
                each.receive_month()
            outcome.sweep[members] = each.months[-1].micros
    return outcome


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=2, help="the last one is what counts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--statement-months",
        type=int,
        default=0,
        metavar="M",
        help="also: a statement and a correction after so many months",
    )
    parser.add_argument(
        "--statement-members",
        type=int,
        default=60_000,
        metavar="N",
        help="of so many members (60000: large batches, as a large scheme has)",
    )
    parser.add_argument(
        "--sweep",
        type=int,
        nargs="*",
        default=[],
        metavar="N",
        help="also: the cost a member at so many members (10000 100000 1000000)",
    )
    parser.add_argument(
        "--late",
        action="store_true",
        help="platforms' files come after the payrolls': what they tell is then of the past",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the database")
    options = parser.parse_args()
    if options.sweep == [] and "--sweep" in sys.argv:
        options.sweep = [10_000, 100_000, 1_000_000]
    outcome = measure(options)
    if options.json:
        print(json.dumps(outcome.as_dict(), indent=2))
    else:
        outcome.show()


if __name__ == "__main__":
    main()
