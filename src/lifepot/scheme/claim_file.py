"""A claim's file: what goes to a funder, and nothing of any other. docs/file-layouts.md describes it."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import LifepotError
from lifepot.kernel.columns import PARTIES
from lifepot.money import format_minor
from lifepot.periods import format_day
from lifepot.scheme import spelled
from lifepot.scheme.standing import Standing
from lifepot.storage.owing import cells_naming
from lifepot.storage.rows import BATCH_BITS, Rows, each_once, picked

COLUMNS = ("line", "person", "period_start", "period_end", "share", "amount", "quotes", "reason")
REASONS = ("new", "correction", "recovery")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a claim's lines."""

    scheme: str
    claim: int
    funder: str
    until: int
    made_on: int
    due_on: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Written:
    """A claim's file as it was written: its digest, and how many of its lines give back."""

    sha256: bytes
    recoveries: int


def write_claim(
    connection: psycopg.Connection[Any], standing: Standing, heading: Heading, payer: int, facts: Rows, out: Path | None
) -> Written:
    """Write the file of a claim with these lines (facts, by number) to `out`; None: only its digest is taken."""
    running = hashlib.sha256()
    content = _content(connection, standing, heading, payer, facts)
    try:
        if out is None:
            for piece in content:
                running.update(piece)
        else:
            with out.open("wb") as stream:
                for piece in content:
                    running.update(piece)
                    stream.write(piece)
    except OSError as error:
        raise LifepotError(
            f"{out} cannot be written ({error.strerror}).", remedy="Give a file in a directory that can be."
        ) from None
    return Written(running.digest(), int((facts["amount"] < 0).sum()))


def _content(
    connection: psycopg.Connection[Any], standing: Standing, heading: Heading, payer: int, facts: Rows
) -> Iterator[bytes]:
    amount = facts["amount"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    asked, back = int(amount[amount > 0].sum()), -int(amount[amount < 0].sum())
    writer.writerows(
        [
            ("scheme", heading.scheme), ("claim", heading.claim), ("to", heading.funder),
            ("until", format_day(heading.until)), ("made_on", format_day(heading.made_on)),
            ("due_on", "" if heading.due_on is None else format_day(heading.due_on)), ("currency", heading.currency),
            ("lines", len(facts)), ("asked", format_minor(asked)), ("recovered", format_minor(back)),
            ("total", format_minor(asked - back)), (), COLUMNS,
        ]
    )  # fmt: skip
    yield text.getvalue().encode()
    # What was paid too much is recovered before anything else.
    order = np.argsort(amount >= 0, kind="stable")
    member = facts["member"].astype(np.int64)  # rising
    whose = np.cumsum(np.append(True, member[1:] != member[:-1])) - 1
    named = cells_naming(connection, payer, each_once(member))[whose[order]]
    facts, amount = (picked(facts, order), amount[order]) if back else (facts, amount)
    corrects = facts["root"] != facts["id"]
    claims, numbers = _quoted(connection, facts, corrects)
    quotes = [spelled.whole(claims), np.full((len(facts), 1), ord("-"), np.uint8), spelled.whole(numbers)]
    for part in quotes:
        part[~corrects] = 0
    own = spelled.among([f"{heading.claim}-"], np.zeros(len(facts), np.int64))
    reason = np.where(amount < 0, 2, np.where(corrects, 1, 0))
    yield from spelled.lines(
        [
            [own, spelled.whole(facts["line"].astype(np.int64))], [spelled.cells(named)],
            [spelled.days(facts["period_start"])], [spelled.days(facts["period_end"])],
            [spelled.among(share_names(standing), facts["attribute"].astype(np.int64))], [spelled.amounts(amount)], quotes,
            [spelled.among(REASONS, reason)],
        ]
    )  # fmt: skip


def share_names(standing: Standing) -> list[str]:
    """Whose money each share is, and in a pot of several parts which part: "employer", "government.retirement"."""
    many = len(standing.part_names) > 1
    return [f"{party}.{part}" if many else party for part in standing.part_names for party in PARTIES]


def _quoted(connection: psycopg.Connection[Any], facts: Rows, corrects: Any) -> tuple[Any, Any]:
    """Claim and line that each line quotes; 0 for one that corrects nothing."""
    if not corrects.any():
        return np.zeros(len(facts), np.int64), np.zeros(len(facts), np.int64)
    batches, which = np.unique(np.where(corrects, facts["root"] >> BATCH_BITS, 0), return_inverse=True)
    rows = connection.execute("select batch, number from claim where batch = any(%s)", [batches.tolist()]).fetchall()
    number_by_batch = dict(rows)
    claims = np.array([number_by_batch.get(one, 0) for one in batches.tolist()], np.int64)[which]
    return claims, np.where(corrects, (facts["root"] & ((1 << BATCH_BITS) - 1)) + 1, 0)
