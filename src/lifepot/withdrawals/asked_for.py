"""What one member has asked for, as it stands: withdrawals and regular incomes, with what each still waits for."""

from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.kernel.columns import NONE
from lifepot.periods import parse_day
from lifepot.rulebook.terms import Purpose
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import Event
from lifepot.withdrawals.chain import Withdrawal, leaving_of, numbers_of, read_withdrawals
from lifepot.withdrawals.income import Income, read_incomes
from lifepot.withdrawals.quoting import terms_of
from lifepot.withdrawals.steps import complete_by, evidence_wanted

MAY_CANCEL = ("asked", "approved", "back")


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A withdrawal: its chain, what for in words, what is held for it and not sent (minor units), the evidence it needs, in
    words, by piece, and of that what is missing; the last day to complete on.
    """

    chain: Withdrawal
    purpose: str | None
    what: str
    leaving: int
    wanted: tuple[str, ...]
    missing: dict[int, str]
    complete_by: int | None

    @property
    def may_cancel(self) -> bool:
        """Whether it may be cancelled now."""
        return self.chain.state in MAY_CANCEL

    @property
    def arrives(self) -> int | None:
        """What was quoted to arrive, minor units; None where the quote was erased."""
        found: int | None = (self.chain.details.get("quote") or {}).get("arrives_minor")
        return found

    def as_dict(self, standing: Standing) -> dict[str, Any]:
        """The same as JSON carries it."""
        return self.chain.as_dict(standing, self.leaving) | {
            "evidence_wanted": list(self.wanted), "evidence_missing": list(self.missing.values()),
            "said": self.chain.details.get("said"), "quote": self.chain.details.get("quote"),
        }  # fmt: skip


def withdrawals_of(connection: psycopg.Connection[Any], members: list[int]) -> list[AskedFor]:
    """Everything that members asked for, the last first."""
    numbers = [number for member in members for number in numbers_of(connection, member)]
    return _told(connection, read_withdrawals(connection, sorted(numbers, reverse=True)))


def withdrawal_of(connection: psycopg.Connection[Any], number: int) -> AskedFor | None:
    """One withdrawal, if this connection sees it."""
    found = _told(connection, read_withdrawals(connection, [number]))
    return found[0] if found else None


def known_by(connection: psycopg.Connection[Any], key: str) -> int | None:
    """The withdrawal that was asked for with a key, if this connection sees it."""
    row = connection.execute("select withdrawal from personal.withdrawal where key = %s", [key]).fetchone()
    return None if row is None else int(row[0])


def key_of(connection: psycopg.Connection[Any], number: int) -> str:
    """The key that a withdrawal was asked for with; "" for none."""
    row = connection.execute("select key from personal.withdrawal where withdrawal = %s", [number]).fetchone()
    return "" if row is None or row[0] is None else str(row[0])


def incomes_of(connection: psycopg.Connection[Any], members: list[int]) -> list[Income]:
    """The regular incomes of members among those this connection sees, the last first."""
    rows = connection.execute(
        "select income from personal.income where member = any(%s) order by income desc", [members]
    ).fetchall()
    return [one for (number,) in rows for one in read_incomes(connection, number)]


def described(standing: Standing, purpose: str | None) -> str:
    """What a withdrawal is for, in words."""
    terms = terms_of(standing, purpose)
    return terms.description.rstrip(".") if isinstance(terms, Purpose) else "Anything else: your own money"


def _told(connection: psycopg.Connection[Any], chains: list[Withdrawal]) -> list[AskedFor]:
    standing = read_standing(connection)
    leaving = leaving_of(standing.store(connection), chains)
    purposes = list(standing.program.rulebook.purposes)
    found = []
    for one in chains:
        value = one.asked.value
        purpose = None if value == NONE or value < 0 else purposes[value]
        wanted = evidence_wanted(standing, one)
        missing = (
            {nth: text for nth, text in enumerate(wanted) if nth not in one.proved} if one.state == "asked" else {}
        )
        ends = one.extended_to
        if ends is None and one.of(Event.APPROVED) and one.held is not None:
            days = complete_by(standing, purpose, one.held.on)
            ends = parse_day(days[0]) if days else None
        found.append(
            AskedFor(one, purpose, described(standing, purpose), leaving[one.number], tuple(wanted), missing, ends)
        )
    return found
