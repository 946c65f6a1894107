"""Schemes to try things on: opened in databases of their own, told things in files as payers write them."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg

from lifepot.ledger.chart import PART_STEP, Account
from lifepot.periods import parse_day
from lifepot.rulebook.reader import rulebook_text
from lifepot.scheme.opening import Clock, open_scheme
from lifepot.scheme.receive import receive
from lifepot.scheme.reply import Reply
from lifepot.scheme.resettle import Resettled, settle_all
from lifepot.scheme.standing import read_standing
from lifepot.storage.database import Database
from lifepot.storage.server import EmbeddedServer

COLUMNS = (
    "payer", "kind", "on", "nino", "payroll_id", "forename", "surname", "born", "email", "period_start", "period_end",
    "frequency", "earnings", "hours", "worker", "employer", "amount", "attribute", "value", "reason",
)  # fmt: skip
"""Of our own contributions file."""

Row = Mapping[str, str]

ANN, BOB, CAT, DAN = "AB100001A", "AB100002A", "AB100003A", "AB100004A"
BORN = "1990-01-01"


def pay(nino: str, on: str, earnings: str, worker: str = "", employer: str = "", **more: str) -> Row:
    """A month's pay by ACME, unless `more` says otherwise."""
    said = {"payer": "ACME", "frequency": "month", "born": BORN}
    return (
        {"kind": "pay", "nino": nino, "on": on, "earnings": earnings, "worker": worker, "employer": employer}
        | said
        | more
    )


def paid(nino: str, on: str, amount: str, **more: str) -> Row:
    """A payment by the member, unless `more` names a payer."""
    return {"kind": "paid", "nino": nino, "on": on, "amount": amount, "born": BORN} | more


def withdrawn(nino: str, on: str, amount: str, purpose: str = "") -> Row:
    """Money taken out."""
    return {"kind": "withdrawn", "nino": nino, "on": on, "amount": amount, "value": purpose}


def says(nino: str, on: str, attribute: str, value: str) -> Row:
    """Something declared from a day on."""
    return {"kind": "status", "nino": nino, "on": on, "attribute": attribute, "value": value, "born": BORN}


def contributions(rows: list[Row]) -> str:
    """Rows as our own contributions file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def clock(as_of: str | int) -> Clock:
    """Looked at as of a day, at whatever time it is."""
    return Clock.at("the tests", datetime.now(UTC), parse_day(as_of) if isinstance(as_of, str) else as_of)


class Scheme:
    """An opened scheme and a folder for the files it is sent."""

    def __init__(self, connection: psycopg.Connection[Any], folder: Path, url: str = "") -> None:
        self.connection = connection
        self.folder = folder
        self.url = url

    @classmethod
    def open(
        cls, connection: psycopg.Connection[Any], folder: Path, rulebook: str = "lifetime-savings-account"
    ) -> "Scheme":
        """Open a scheme in an empty database. Time stands on 1 January 2019, before all that is told here."""
        text, file = rulebook_text(rulebook)
        open_scheme(connection, text, file, clock("2019-01-01"))
        return cls(connection, folder)

    def file(self, rows: list[Row] | str) -> Path:
        """A file with these rows, or this text, under a name of its own."""
        path = self.folder / f"{uuid4().hex}.csv"
        path.write_text(rows if isinstance(rows, str) else contributions(rows), encoding="utf-8")
        return path

    def tell(self, rows: list[Row] | str | Path, as_of: str | int, mode: str | None = None) -> Reply:
        """Receive a file."""
        path = rows if isinstance(rows, Path) else self.file(rows)
        return receive(self.connection, path, clock(as_of), mode=mode)

    def told(self, rows: list[Row] | str | Path, as_of: str | int, mode: str | None = None) -> Reply:
        """Receive a file in which nothing is wrong."""
        reply = self.tell(rows, as_of, mode)
        assert reply.state == "received", reply.lines()
        assert reply.clean, reply.lines()
        return reply

    def settle(self, as_of: str | int) -> Resettled:
        """Settle as of a day."""
        return settle_all(self.connection, clock(as_of))

    def place(self) -> int:
        """The chain's last place."""
        return int(self.one("select max(place) from batch"))

    def one(self, statement: str, parameters: list[Any] | None = None) -> Any:
        """The one figure that a query answers."""
        row = self.connection.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        return row[0]

    def pots(self) -> dict[str, int]:
        """What stands on every account, pence: members' under their NINO (else their number), payers' under their name."""
        rows = self.connection.execute(
            "select account, sum(amount)::bigint from (select account_name(debit) as account, -amount as amount from transfer "
            "union all select account_name(credit), amount from transfer) as side group by 1 having sum(amount) <> 0"
        ).fetchall()
        ninos = dict(self.connection.execute("select member, nino from personal.identity").fetchall())
        payers = dict(self.connection.execute("select id, ref from payer").fetchall())
        found = {}
        for name, amount in rows:
            word, _, owner = name.partition(":")
            is_payers = word in {"in_transit", "owed_by", "held_for"}
            names = payers if is_payers else ninos
            found[f"{word} {names.get(int(owner), owner)}" if owner else word] = int(amount)
        return found

    def pot(self, nino: str) -> dict[str, int]:
        """One member's accounts."""
        return {name.split()[0]: amount for name, amount in self.pots().items() if name.endswith(f" {nino[:8]}")}

    def check(self) -> None:
        """The laws that hold after everything: sums are zero, closings are the sums of transfers, no pot is negative."""
        store = read_standing(self.connection).store(self.connection)
        by_asset: Counter[int] = Counter()
        for asset, _, minor in store.balances():
            by_asset[asset] += minor
        assert set(by_asset.values()) <= {0}
        of_members = self.connection.execute(
            "select member, kind, sum(amount)::bigint from ("
            "select (debit & ((1::bigint << 40) - 1))::integer as member, debit >> 40 as kind, -amount as amount from transfer "
            "union all select (credit & ((1::bigint << 40) - 1))::integer, credit >> 40, amount from transfer) as side "
            "where kind < 64 group by 1, 2"
        ).fetchall()
        members = np.array(sorted({member for member, _, _ in of_members}), dtype=np.int64)
        closings = store.closings_latest(members)
        stands = {int(row["member"]): row["balances"] for row in closings}
        for member, kind, amount in of_members:
            part, its = kind // PART_STEP, Account(kind % PART_STEP)
            assert stands[member][7 * part + its - 1] == amount, (member, part, its)
            assert amount <= 0 if its == Account.OVERDRAWN else amount >= 0, (member, part, its, amount)
        assert sum(int(row["balances"].sum()) for row in closings) == sum(amount for _, _, amount in of_members)


@cache
def _template(server: EmbeddedServer, rulebook: str) -> str:
    """The name of a database in which a scheme with this rulebook was opened, made once."""
    name = f"opened_{uuid4().hex}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    with Database(server.url(name)).connect() as connection:
        Scheme.open(connection, Path(), rulebook)
    return name


@contextmanager
def opened_database(server: EmbeddedServer, rulebook: str = "lifetime-savings-account") -> Iterator[Database]:
    """A database of its own in which a scheme was just opened."""
    name = f"scheme_{uuid4().hex}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template {_template(server, rulebook)}".encode())
        try:
            yield Database(server.url(name))
        finally:
            connection.execute(f"drop database {name} with (force)".encode())


@contextmanager
def opened(server: EmbeddedServer, folder: Path, rulebook: str = "lifetime-savings-account") -> Iterator[Scheme]:
    """A scheme of its own, just opened."""
    with opened_database(server, rulebook) as database, database.connect() as connection:
        yield Scheme(connection, folder, database.url)
        connection.rollback()
