"""A withdrawal as its chain of facts tells it: what was asked, which steps were taken and by whom, and where it stands now."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE, Kind
from lifepot.ledger.chart import Account, number
from lifepot.periods import day_of, format_day
from lifepot.scheme.standing import Standing
from lifepot.storage.rows import Event
from lifepot.storage.store import Store

ENDED = ("declined", "cancelled", "arrived")


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of the chain. `amount` and `value` are NONE where it says none."""

    fact: int
    kind: int
    amount: int
    value: int
    on: int
    member: int
    who: str
    known_at: datetime
    place: int

    @property
    def word(self) -> str:
        """What it is called."""
        return (Kind(self.kind) if self.kind <= Kind.DIED else Event(self.kind)).name.lower()


@dataclass(slots=True)
class Withdrawal:
    """A chain. `number` is its first fact's; amounts are minor units."""

    number: int
    details: dict[str, Any]
    """Whom it goes to, what was said with it and what was quoted: personal, and empty once the person was erased."""
    steps: list[Step] = field(default_factory=list)

    def of(self, kind: int) -> list[Step]:
        """The steps of a kind."""
        return [step for step in self.steps if step.kind == kind]

    def total(self, kind: int) -> int:
        """What the steps of a kind come to."""
        return sum(step.amount for step in self.of(kind))

    @property
    def asked(self) -> Step:
        """The first step."""
        return self.steps[0]

    @property
    def member(self) -> int:
        """Whose money it is."""
        return self.asked.member

    @property
    def held(self) -> Step | None:
        """The withdrawal that now counts; None before it was approved and after all of it was put back."""
        told = [step for step in self.steps if step.kind in (Kind.WITHDRAWN, Event.REMOVED)]
        return told[-1] if told and told[-1].kind == Kind.WITHDRAWN else None

    @property
    def proved(self) -> set[int]:
        """The pieces of evidence that came, by number."""
        return {step.value for step in self.of(Event.PROVED)}

    @property
    def state(self) -> str:
        """Where it stands: asked, approved, sent, back, arrived, declined or cancelled."""
        for kind in (Event.CANCELLED, Event.DECLINED):
            if self.of(kind):
                return Event(kind).name.lower()
        if not self.of(Event.APPROVED):
            return "asked"
        out = self.total(Event.SENT) - self.total(Event.CAME_BACK)
        if out == 0:
            return "back" if self.of(Event.CAME_BACK) else "approved"
        return "arrived" if self.total(Event.ARRIVED) >= out and not self.unsent_stages else "sent"

    @property
    def unsent_stages(self) -> bool:
        """Whether some of it waits for a later stage."""
        return self.total(Event.RELEASED) > self.total(Event.SENT)

    @property
    def extended_to(self) -> int | None:
        """The last day to complete on, if that was extended."""
        steps = self.of(Event.EXTENDED)
        return steps[-1].value if steps else None

    def as_dict(self, standing: Standing, leaving: int) -> dict[str, Any]:
        """The withdrawal as JSON carries it; `leaving` is what is held for it and not sent."""
        purposes = list(standing.program.rulebook.purposes)
        purpose = purposes[self.asked.value] if self.asked.value >= 0 else None
        return {
            "withdrawal": self.number, "member": self.member, "purpose": purpose, "state": self.state,
            "amount_minor": self.asked.amount, "leaving_minor": leaving, "sent_minor": self.total(Event.SENT),
            "came_back_minor": self.total(Event.CAME_BACK), "arrived_minor": self.total(Event.ARRIVED),
            "complete_by": None if self.extended_to is None else format_day(self.extended_to),
            "payee": {name: self.details.get(name) for name in ("name", "sort_code", "account_number", "reference")},
            "steps": [
                {
                    "step": step.word, "effective_on": format_day(step.on), "who": step.who, "known_place": step.place,
                    "amount_minor": None if step.amount == NONE else step.amount,
                }
                for step in self.steps
            ],
        }  # fmt: skip


def read_withdrawals(connection: psycopg.Connection[Any], numbers: list[int]) -> list[Withdrawal]:
    """These chains, in this order, without those that do not exist."""
    found: dict[int, Withdrawal] = {}
    details = {
        row[0]: dict(zip(DETAILS, row[1:], strict=True))
        for row in connection.execute(
            "select withdrawal, payee, course, payee_name, sort_code, account_number, reference, said, quote "
            "from personal.withdrawal where withdrawal = any(%s)",
            [numbers],
        ).fetchall()
    }
    for asked in numbers:
        found[asked] = Withdrawal(asked, details.get(asked, {}))
    rows = connection.execute(
        "select fact.root, fact.id, fact.kind, fact.amount, fact.value, fact.effective_on, fact.member, batch.who, "
        "batch.known_at, batch.place from fact join batch on batch.number = (fact.id >> 32)::integer "
        "where root = any(%s) and (fact.kind in (3, 6) or fact.kind between 13 and 21 or fact.kind = 26) order by fact.id",
        [numbers],
    ).fetchall()
    for root, fact, kind, amount, value, on, *rest in rows:
        found[root].steps.append(Step(fact, kind, amount, value, day_of(on), *rest))
    return [one for one in found.values() if one.steps and one.asked.kind == Event.ASKED]


DETAILS = ("payee", "course", "name", "sort_code", "account_number", "reference", "said", "quote")


def read_withdrawal(connection: psycopg.Connection[Any], asked: int) -> Withdrawal:
    """One chain. Misuse if there is none."""
    found = read_withdrawals(connection, [asked])
    if not found:
        raise Misuse(f"There is no withdrawal {asked}.", remedy="`lifepot withdraw list` names those there are.")
    return found[0]


def numbers_of(connection: psycopg.Connection[Any], member: int | None = None) -> list[int]:
    """All withdrawals that were asked for, or one member's, oldest first."""
    whose = "" if member is None else "and member = %s "
    query = f"select root from fact where kind = 13 and kind between 13 and 21 {whose}order by id"
    return [one for (one,) in connection.execute(query.encode(), [] if member is None else [member]).fetchall()]


def leaving_of(store: Store, withdrawals: list[Withdrawal]) -> dict[int, int]:
    """What is held for each of these and not sent, minor units."""
    held = {one.number: 0 for one in withdrawals}
    number_by_fact = {step.fact: one.number for one in withdrawals for step in one.steps}
    members = np.unique(np.array([one.member for one in withdrawals], dtype=np.int64))
    if not len(members):
        return held
    member, transfers = store.transfers_of(members)
    account = number(Account.LEAVING, member)
    for column, sign in (("credit", 1), ("debit", -1)):
        mine = transfers[transfers[column] == account]
        for fact, amount in zip(mine["fact"].tolist(), mine["amount"].tolist(), strict=True):
            if fact in number_by_fact:
                held[number_by_fact[fact]] += sign * amount
    return held
