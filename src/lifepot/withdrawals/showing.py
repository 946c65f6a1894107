"""A withdrawal or an income as somebody who decides looks at it: how it stands, its evidence, and the steps that may be taken now."""

from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.periods import format_day
from lifepot.rulebook.terms import Purpose
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import Event
from lifepot.withdrawals.chain import ENDED, Withdrawal, leaving_of, numbers_of, read_withdrawal, read_withdrawals
from lifepot.withdrawals.income import Income, read_income
from lifepot.withdrawals.quoting import terms_of
from lifepot.withdrawals.steps import complete_by, evidence_wanted

MAY = {
    "asked": ("approve", "decline", "cancel"), "approved": ("release", "extend", "return", "cancel"),
    "sent": ("arrived", "release", "extend", "return"), "back": ("release", "return", "cancel"), "arrived": ("extend", "return"),
}  # fmt: skip
"""The steps for a withdrawal in each state; whether one of them is refused for a reason of its own, it says itself."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence that a purpose asks for: its words, and the facts of the files that came for it with their names."""

    words: str
    files: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A withdrawal, its evidence, the steps that may be taken and the next stage that may be released ("" for none)."""

    withdrawal: Withdrawal
    purpose: str | None
    currency: str
    leaving: int
    evidence: list[Piece]
    may: list[str]
    stage: str
    complete_by: str | None
    said: dict[str, Any]
    quote: dict[str, Any]

    def as_dict(self, standing: Standing) -> dict[str, Any]:
        """As JSON carries it."""
        return self.withdrawal.as_dict(standing, self.leaving) | {
            "evidence": [{"words": one.words, "files": [name for _, name in one.files]} for one in self.evidence],
            "may": self.may, "stage": self.stage or None,
        }  # fmt: skip


def show(connection: psycopg.Connection[Any], number: int) -> Shown:
    """A withdrawal as it stands; what names somebody is there if the connection sees it. Misuse if there is none."""
    standing = read_standing(connection)
    chain = read_withdrawal(connection, number)
    purposes = list(standing.program.rulebook.purposes)
    purpose = purposes[chain.asked.value] if chain.asked.value >= 0 else None
    terms = terms_of(standing, purpose)
    came = connection.execute(
        "select fact, name from personal.evidence where withdrawal = %s order by fact", [number]
    ).fetchall()
    piece_by_fact = {step.fact: step.value for step in chain.of(Event.PROVED)}
    evidence = [
        Piece(words, [(fact, name) for fact, name in came if piece_by_fact.get(fact) == nth])
        for nth, words in enumerate(evidence_wanted(standing, chain))
    ]
    stages = list(terms.stages) if isinstance(terms, Purpose) else []
    left = stages[len(chain.of(Event.RELEASED)) :]
    last = None
    if chain.state in {"approved", "sent", "arrived"}:
        days = complete_by(standing, purpose, chain.held.on if chain.held is not None else chain.asked.on)
        last = format_day(chain.extended_to) if chain.extended_to is not None else days[0] if days else None
    may = [
        step
        for step in MAY.get(chain.state, ())
        if (step != "release" or left) and (step != "extend" or last) and (step != "return" or chain.held is not None)
    ]
    return Shown(
        chain, purpose, standing.currency, leaving_of(standing.store(connection), [chain])[number], evidence, may,
        left[0] if left else "", last, dict(chain.details.get("said") or {}), dict(chain.details.get("quote") or {}),
    )  # fmt: skip


def list_open(
    connection: psycopg.Connection[Any], member: int | None = None, *, every: bool = False
) -> list[dict[str, Any]]:
    """Withdrawals that have not ended (or every one), oldest first, by numbers alone: no payee is told."""
    standing = read_standing(connection)
    chains = [
        one for one in read_withdrawals(connection, numbers_of(connection, member)) if every or one.state not in ENDED
    ]
    purposes = list(standing.program.rulebook.purposes)
    return [
        {
            "withdrawal": one.number, "member": one.member, "state": one.state, "amount_minor": one.asked.amount,
            "purpose": purposes[one.asked.value] if one.asked.value >= 0 else None, "asked_on": format_day(one.asked.on),
        }
        for one in chains
    ]  # fmt: skip


def income_payee(
    connection: psycopg.Connection[Any], number: int
) -> tuple[Income, dict[str, Any] | None, list[tuple[int, str]]]:
    """An income, where it goes and the evidence that came with it (piece and name), as far as the connection sees them."""
    income = read_income(connection, number)
    row = connection.execute(
        "select payee_name, sort_code, account_number, reference from personal.income where income = %s", [number]
    ).fetchone()
    evidence = connection.execute(
        "select piece, name from personal.income_evidence where income = %s order by piece", [number]
    ).fetchall()
    names = ("name", "sort_code", "account_number", "reference")
    return income, None if row is None else dict(zip(names, row, strict=True)), evidence


def evidence_file(connection: psycopg.Connection[Any], withdrawal: int, fact: int) -> tuple[str, bytes] | None:
    """A file of a withdrawal's evidence: its name and its bytes; None where there is none that the connection sees."""
    row = connection.execute(
        "select name, content from personal.evidence where withdrawal = %s and fact = %s", [withdrawal, fact]
    ).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def income_evidence_file(connection: psycopg.Connection[Any], income: int, piece: int) -> tuple[str, bytes] | None:
    """The same of an income's evidence."""
    row = connection.execute(
        "select name, content from personal.income_evidence where income = %s and piece = %s", [income, piece]
    ).fetchone()
    return None if row is None else (row[0], bytes(row[1]))
