"""A bank's statement of 10,000 entries, and file, bank and ledger side by side, with the bare COPY of the same rows beside them.

    ./lifepot python benchmarks/bank.py [--entries 10000]

Half of the entries are payers' money, a quarter are payments of the scheme's own, sent before in one run, and a quarter name
nobody. The statement is received through the code of `lifepot bank`, with fsync on. The limit is a bare COPY of the facts,
transfers, entries and texts that it wrote into tables with the same keys, in the same run; CPU seconds of client and server.
"""

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from meter import Cost, Meter, Server, peak_mib
from month import scheme

from lifepot.banking.payments import OwnAccount
from lifepot.banking.references import Kind, make_reference
from lifepot.kernel.columns import NONE
from lifepot.payments.reconcile import reconcile
from lifepot.payments.runs import set_own_account
from lifepot.payments.statements import receive_statement
from lifepot.scheme.direct import post_directly
from lifepot.scheme.opening import Clock
from lifepot.scheme.standing import locked
from lifepot.storage.rows import Event, blank_facts

AT_MOST = 3.0
"""Times the bare copy's CPU seconds."""
DAY = "2026-07-01"
TABLES = ("fact", "transfer", "bank_entry", "personal.bank_text")


def sent(connection: psycopg.Connection[Any], clock: Clock, count: int) -> None:
    """Payments of so many members' that are on their way."""
    members = np.arange(1, count + 1)
    standing, store = locked(connection, np.append(members, 0))
    batch = store.begin_batch()
    facts = blank_facts(count)
    facts["kind"], facts["member"], facts["amount"], facts["value"] = Event.SENT, members, 1000 + members, 1
    facts["line"], facts["root"], facts["effective_on"] = members, NONE, clock.as_of
    post_directly(store, standing, batch, facts).write(store)
    connection.execute(
        "insert into payer (ref, kind, batch) select 'PAYER' || n, 'employer', %s from generate_series(1, 500) as n",
        [batch],
    )
    store.finish_batch(kind="pay", who="b", known_at=clock.known_at, as_of_day=clock.as_of, key="sent")
    connection.commit()


def statement(file: Path, count: int) -> None:
    """So many entries."""
    lines = ["date,description,amount,transaction id"]
    for nth in range(count):
        if nth % 4 == 0:
            member = nth // 4 + 1
            said, minor = make_reference(Kind.WITHDRAWAL, member), -(1000 + member)
        elif nth % 4 == 1:
            said, minor = f"cash {nth}", 5000 + nth
        else:
            said, minor = f"PAYER{nth % 500 + 1} JULY", 100_000 + nth
        lines.append(f"{DAY},{said},{minor / 100:.2f},T{nth}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def bare(connection: psycopg.Connection[Any], server: Server, since: int, times: int = 3) -> Cost:
    """The limit: the same rows, copied out beforehand, into fresh tables with the same primary keys."""
    wheres = {
        "fact": f"id >= {since << 32}",
        "transfer": f"id >= {since << 32}",
        "bank_entry": "true",
        "personal.bank_text": "true",
    }
    contents = {}
    for table, where in wheres.items():
        with connection.cursor().copy(f"copy (select * from {table} where {where}) to stdout (format binary)") as out:  # type: ignore[arg-type]
            contents[table] = b"".join(bytes(piece) for piece in out)
    found = []
    for _ in range(times):
        for table in TABLES:
            connection.execute(f"create table bare_{table.replace('.', '_')} (like {table} including indexes)")  # type: ignore[arg-type]
        connection.commit()
        meter = Meter(server)
        with meter.stage("bare"):
            for table, content in contents.items():
                with connection.cursor().copy(
                    f"copy bare_{table.replace('.', '_')} from stdin (format binary)"
                ) as copy:  # type: ignore[arg-type]
                    copy.write(content)
            connection.commit()
        found.append(meter.costs["bare"])
        for table in TABLES:
            connection.execute(f"drop table bare_{table.replace('.', '_')}")  # type: ignore[arg-type]
        connection.commit()
    return sorted(found, key=lambda cost: cost.cpu)[times // 2]


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    clock = Clock.at("benchmark", datetime(2026, 7, 1, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as place, scheme(1, argparse.Namespace(seed=1, late=False)) as here:
        connection, server = here.connection, here.server
        set_own_account(connection, OwnAccount("Bench", "200000", "55779911"))
        sent(connection, clock, options.entries // 4)
        file = Path(place) / "bank.csv"
        statement(file, options.entries)
        (since,) = connection.execute("select max(number) + 1 from batch").fetchone() or (0,)
        connection.commit()
        meter = Meter(server)
        with meter.stage("receive"):
            taken = receive_statement(connection, file, clock)
        with meter.stage("reconcile"):
            found = reconcile(connection, clock.as_of)
        connection.rollback()
        assert len(taken.entries) == options.entries
        assert found.unexplained == 0
        assert len(found.suspense) == options.entries // 4
        limit = bare(connection, server, since)
    rows = {
        name: {
            "cpu": cost.cpu,
            "wall": cost.wall,
            "times": cost.cpu / limit.cpu,
            "hit": cost.cpu <= AT_MOST * limit.cpu,
        }
        for name, cost in meter.costs.items()
    }
    if options.json:
        print(
            json.dumps({"entries": options.entries, "limit_cpu": limit.cpu, "peak_mib": peak_mib(), **rows}, indent=2)
        )
        return
    print(
        f"{options.entries:,} entries; a bare COPY of the same rows takes {limit.cpu:.3f} CPU s; {peak_mib():.0f} MiB"
    )
    for name, row in rows.items():
        print(
            f"{name:10} {row['cpu']:6.2f} CPU s {row['wall']:6.2f} s wall {row['times']:6.1f} x  {'hit' if row['hit'] else 'missed'}"
        )


if __name__ == "__main__":
    main()
