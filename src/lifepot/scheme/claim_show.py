"""The claims that were made, and how their lines stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Misuse
from lifepot.periods import day_of, format_day
from lifepot.scheme.claim_file import REASONS, Heading, share_names, write_claim
from lifepot.scheme.claim_lines import Funder, history
from lifepot.scheme.claim_terms import terms_for
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.owing import cells_naming
from lifepot.storage.rows import BATCH_BITS, Event, Rows
from lifepot.storage.store import Store

MOST_LINES = 1_000
"""Lines of a claim that are shown one by one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a claim and what became of it (minor units, signed as it is)."""

    line: str
    person: str
    period_start: int
    period_end: int
    share: str
    amount_minor: int
    quotes: str
    reason: str
    paid_minor: int
    refused_minor: int
    code: str

    def as_dict(self) -> dict[str, Any]:
        """The line as JSON carries it."""
        return {
            "line": self.line, "person": self.person, "period_start": format_day(self.period_start),
            "period_end": format_day(self.period_end), "share": self.share, "amount_minor": self.amount_minor,
            "quotes": self.quotes or None, "reason": self.reason, "paid_minor": self.paid_minor,
            "refused_minor": self.refused_minor, "code": self.code or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A claim that was made, and how it stands. What is open was neither paid nor refused yet."""

    number: int
    funder: str
    until: int
    made_on: int
    lines: int
    asked_minor: int
    recovered_minor: int
    paid_minor: int
    refused_minor: int
    sha256: str
    place: int

    @property
    def open_minor(self) -> int:
        """What was asked, less what is recovered, and neither came nor was refused."""
        return self.asked_minor - self.recovered_minor - self.paid_minor - self.refused_minor

    def as_dict(self) -> dict[str, Any]:
        """The claim as JSON carries it."""
        return {
            "claim": self.number, "funder": self.funder, "until": format_day(self.until),
            "made_on": format_day(self.made_on), "lines": self.lines, "asked_minor": self.asked_minor,
            "recovered_minor": self.recovered_minor, "paid_minor": self.paid_minor, "refused_minor": self.refused_minor,
            "open_minor": self.open_minor, "sha256": self.sha256, "place": self.place,
        }  # fmt: skip


_MADE = """
    select
        claim.number, coalesce(payer.ref, 'government'), until, made_on, lines, asked_minor, recovered_minor,
        coalesce(sum(claim_answer.paid_minor), 0)::bigint, coalesce(sum(claim_answer.refused_minor), 0)::bigint,
        encode(claim.sha256, 'hex'), place
    from claim
        join batch on batch.number = claim.batch
        left join payer on payer.id = funder
        left join claim_answer on claim_answer.claim = claim.number
    where %(number)s::integer is null or claim.number = %(number)s
    group by claim.number, payer.ref, place order by claim.number
"""


def list_claims(connection: psycopg.Connection[Any]) -> list[Made]:
    """All claims, in the order in which they were made."""
    read_standing(connection)  # says so if there is no scheme
    return list(_made(connection, None))


def _made(connection: psycopg.Connection[Any], number: int | None) -> Iterator[Made]:
    for row in connection.execute(_MADE.encode(), {"number": number}).fetchall():
        yield Made(row[0], row[1], day_of(row[2]), day_of(row[3]), *row[4:])


def show_claim(
    connection: psycopg.Connection[Any], number: int, out: Path | None = None
) -> tuple[Made, list[Line], bool]:
    """A claim, its lines (the first of them), and whether its file is as it was when it was made; with `out` the file is
    written there once more.
    """
    standing = read_standing(connection)
    made, batch, funder = _found(connection, number)
    facts = Store(connection).facts_in(batch, made.lines)
    terms = terms_for(standing.program.rulebook, funder)
    heading = Heading(
        standing.title, number, made.funder, made.until, made.made_on, terms.due_on(made.until), standing.currency
    )
    written = write_claim(connection, standing, heading, funder, facts, out)
    return made, _lines(connection, standing, made, funder, facts), written.sha256.hex() == made.sha256


def look_at_claim(connection: psycopg.Connection[Any], number: int) -> tuple[Made, list[Line]]:
    """A claim and the first of its lines; each names its person if the connection sees them."""
    standing = read_standing(connection)
    made, batch, funder = _found(connection, number)
    return made, _lines(connection, standing, made, funder, Store(connection).facts_in(batch, made.lines))


def _found(connection: psycopg.Connection[Any], number: int) -> tuple[Made, int, int]:
    """A claim, its batch and its funder."""
    made = next(_made(connection, number), None)
    if made is None:
        raise Misuse(f"There is no claim {number}.", remedy="`lifepot claim list` names the claims there are.")
    row = connection.execute("select batch, funder from claim where number = %s", [number]).fetchone()
    assert row is not None
    return made, row[0], row[1]


def _lines(connection: psycopg.Connection[Any], standing: Standing, made: Made, funder: int, facts: Rows) -> list[Line]:
    store, number = Store(connection), made.number
    shown = facts[np.argsort(facts["amount"] >= 0, kind="stable")[:MOST_LINES]]
    answers = _answers(connection, store, number)
    codes = dict(connection.execute("select id, code from refusal_code").fetchall())
    members = np.unique(shown["member"]).astype(np.int64)
    named = cells_naming(connection, funder, members)
    person = dict(zip(members.tolist(), (cell.decode() for cell in named.tolist()), strict=True))
    roots = (shown["root"] >> BATCH_BITS).tolist()
    claims = dict(connection.execute("select batch, number from claim where batch = any(%s)", [roots]).fetchall())
    shares = share_names(standing)
    lines = []
    for fact in shown:
        own, root, amount = int(fact["id"]), int(fact["root"]), int(fact["amount"])
        quotes = "" if own == root else f"{claims[root >> BATCH_BITS]}-{(root & ((1 << BATCH_BITS) - 1)) + 1}"
        mine = answers.get(int(fact["line"]), [])
        lines.append(
            Line(
                f"{number}-{fact['line']}", person[int(fact["member"])], int(fact["period_start"]), int(fact["period_end"]),
                shares[int(fact["attribute"])], amount, quotes, REASONS[2 if amount < 0 else 1 if quotes else 0],
                sum(minor for kind, minor, _ in mine if kind == Event.CAME),
                sum(minor for kind, minor, _ in mine if kind == Event.ANSWERED),
                " ".join(dict.fromkeys(codes[code] for kind, _, code in mine if kind == Event.ANSWERED)),
            )
        )  # fmt: skip
    return lines


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was refused and is still owed (`amount` minor units of it), not claimed again; `on`: the day of the reply."""

    claim: int
    funder: str
    line: int
    member: int
    code: str
    on: int
    amount: int


def refused_lines(connection: psycopg.Connection[Any]) -> list[Refused]:
    """Lines that wait to be claimed again or given up. Only members with a refused line are read."""
    standing = read_standing(connection)
    store = standing.store(connection)
    last = connection.execute(
        "select funder, coalesce(ref, 'government'), max(until) from claim left join payer on payer.id = funder "
        "where claim.number in (select claim from claim_answer where refused_minor <> 0) group by 1, 2 order by 1"
    ).fetchall()
    codes = dict(connection.execute("select id, code from refusal_code").fetchall())
    found: list[Refused] = []
    for number, name, until in last:
        funder = Funder(number, name, terms_for(standing.program.rulebook, number))
        rows = connection.execute(
            "select fact.value, fact.line, fact.member, fact.attribute, fact.period_start, fact.hours, fact.effective_on "
            "from claim_answer join claim on claim.number = claim_answer.claim join fact on fact.kind = %(kind)s "
            "and fact.id >= claim_answer.batch::bigint << 32 and fact.id < (claim_answer.batch + 1)::bigint << 32 "
            "where claim.funder = %(funder)s and claim_answer.refused_minor <> 0 order by fact.id",
            {"kind": int(Event.ANSWERED), "funder": number},
        ).fetchall()
        # Of a line that was refused twice, the later refusal is what waits.
        latest = {(row[2], row[3], day_of(row[4])): row for row in rows}
        members = np.unique(np.array([row[2] for row in rows], dtype=np.int64))
        owed = history(store, standing, funder, members, day_of(until))
        for member, share, start, amount in zip(
            *(getattr(owed, column).tolist() for column in ("member", "share", "start", "amount")), strict=True
        ):
            row = latest.get((member, share, start))
            if row is not None and amount:
                found.append(Refused(row[0], name, row[1], member, codes[row[5]], day_of(row[6]), amount))
    return found


def _answers(connection: psycopg.Connection[Any], store: Store, number: int) -> dict[int, list[tuple[int, int, int]]]:
    """Kind, amount and code of what replies said, by the claim's line, of the lines that are shown."""
    batches = connection.execute(
        "select batch, facts from claim_answer join batch on batch.number = batch where claim = %s order by batch",
        [number],
    ).fetchall()
    found: dict[int, list[tuple[int, int, int]]] = {}
    for batch, count in batches:
        facts = store.facts_in(batch, count)
        facts = facts[np.isin(facts["kind"], [Event.CAME, Event.ANSWERED])]
        for line, kind, amount, code in zip(
            *(facts[name].tolist() for name in ("line", "kind", "amount", "hours")), strict=True
        ):
            found.setdefault(line, []).append((kind, amount, code))
    return found
