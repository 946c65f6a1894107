"""A regular income out of a pot: agreed on once, and from then on a withdrawal each month until it is stopped or the pot is empty.

An income is a chain of batches of the kind `income`, each with its step in its summary, and so in the chain of digests. A
month's batch has a key of income and month, which the books hold once: so no month is paid twice, whoever runs what when.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import NONE
from lifepot.periods import day_of, format_day, parse_day
from lifepot.rulebook.terms import Purpose
from lifepot.scheme.lives import merged_into
from lifepot.scheme.opening import Clock
from lifepot.scheme.settle import settle
from lifepot.scheme.standing import Standing, locked
from lifepot.storage.rows import BATCH_BITS, Event, blank_facts
from lifepot.storage.store import Store
from lifepot.withdrawals.accounts import must_be_possible_account
from lifepot.withdrawals.payees import MEMBER, Destination
from lifepot.withdrawals.quoting import Quote, Wish, asking, must_be_possible, quoted, taken_from, terms_of
from lifepot.withdrawals.schedule import Due, Terms, first_month, month_text, months_due
from lifepot.withdrawals.steps import LARGEST_EVIDENCE_BYTES

KIND = "income"
"""Of the batches."""

Evidence = tuple[str, bytes]
"""A file's name and content."""


@dataclass(frozen=True, slots=True)
class Step:
    """One batch of the chain: `word` is asked, approved, changed, declined, stopped or paid; `said` is its summary."""

    word: str
    who: str
    known_at: datetime
    on: int
    place: int
    said: dict[str, Any]

    @property
    def terms(self) -> Terms:
        """Of what was asked or changed."""
        return Terms(self.said["amount"], self.said["day"], self.said["from_month"])


@dataclass(frozen=True, slots=True)
class Income:
    """A chain. `number` is its first batch's."""

    number: int
    steps: list[Step]

    @property
    def member(self) -> int:
        """Whose money it is."""
        return int(self.steps[0].said["member"])

    @property
    def purpose(self) -> str:
        """The rulebook's word for what it is for."""
        return str(self.steps[0].said["purpose"])

    @property
    def agreed(self) -> list[Terms]:
        """The terms that were approved, in that order."""
        found: list[Terms] = []
        waiting: Step | None = None
        for step in self.steps:
            if step.word in ("asked", "changed"):
                waiting = step
            elif step.word == "approved" and waiting is not None:
                found.append(waiting.terms)
        return found

    @property
    def waiting(self) -> Step | None:
        """What was asked or changed and waits for somebody's approval."""
        told = [step for step in self.steps if step.word in ("asked", "changed", "approved", "declined")]
        return told[-1] if told[-1].word in ("asked", "changed") else None

    @property
    def paid(self) -> list[Step]:
        """The months that were made, oldest first."""
        return [step for step in self.steps if step.word == "paid"]

    @property
    def stopped_on(self) -> int | None:
        """The day from which nothing falls due any more, if somebody stopped it."""
        days = [parse_day(step.said["from_on"]) for step in self.steps if step.word == "stopped"]
        return days[0] if days else None

    @property
    def is_empty(self) -> bool:
        """Whether it ended because nothing was left."""
        return any(step.said["emptied"] for step in self.paid)

    @property
    def state(self) -> str:
        """asked, declined, running, stopped, or ended (the pot is empty)."""
        if self.is_empty:
            return "ended"
        if self.stopped_on is not None:
            return "stopped"
        if not self.agreed:
            return "asked" if self.waiting is not None else "declined"
        return "running"

    def due(self, until: int) -> list[Due]:
        """The months that are due up to a day and not made yet."""
        made = {int(step.said["month"]) for step in self.paid}
        return [] if self.is_empty else months_due(self.agreed, made, until, self.stopped_on)

    def as_dict(self) -> dict[str, Any]:
        """The income as JSON carries it."""
        agreed, waiting = self.agreed, self.waiting
        now = agreed[-1] if agreed else None
        return {
            "income": self.number, "member": self.member, "purpose": self.purpose, "state": self.state,
            "amount_minor": None if now is None else now.amount, "day": None if now is None else now.day,
            "waiting": None if waiting is None else {
                "amount_minor": waiting.terms.amount, "day": waiting.terms.day, "from": month_text(waiting.terms.from_month),
            },
            "paid_minor": sum(int(step.said["amount"]) for step in self.paid),
            "months": [
                {
                    "month": month_text(step.said["month"]), "due_on": step.said["due_on"],
                    "amount_minor": step.said["amount"], "withdrawal": step.said["withdrawal"],
                }
                for step in self.paid
            ],
            "steps": [
                {"step": step.word, "who": step.who, "effective_on": format_day(step.on), "known_place": step.place}
                for step in self.steps
                if step.word != "paid"
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A month that was made, or could not be. `withdrawal`: its chain, None if nothing was there; `emptied`: the income has
    ended with it; `because`: why nothing was made and the month still waits.
    """

    income: int
    member: int
    month: str
    amount: int
    withdrawal: int | None
    emptied: bool = False
    because: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "income": self.income, "member": self.member, "month": self.month, "amount_minor": self.amount,
            "withdrawal": self.withdrawal, "ended": self.emptied, "because": self.because or None,
        }  # fmt: skip


def read_incomes(connection: psycopg.Connection[Any], number: int | None = None) -> list[Income]:
    """All incomes, or that one, oldest first."""
    one_of = "" if number is None else "and (summary->>'income')::integer = %s "
    query = f"select who, known_at, as_of, place, summary from batch where kind = 'income' {one_of}order by number"
    rows = connection.execute(query.encode(), [] if number is None else [number]).fetchall()
    found: dict[int, Income] = {}
    for who, known_at, as_of, place, said in rows:
        one = found.setdefault(int(said["income"]), Income(int(said["income"]), []))
        one.steps.append(Step(said["step"], who, known_at, day_of(as_of), place, said))
    return list(found.values())


def read_income(connection: psycopg.Connection[Any], number: int) -> Income:
    """One of them. Misuse if there is none."""
    found = read_incomes(connection, number)
    if not found:
        raise Misuse(f"There is no income {number}.", remedy="`lifepot income list` names those there are.")
    return found[0]


def ask(
    connection: psycopg.Connection[Any], wish: Wish, day: int, from_on: int, to: Destination, evidence: Sequence[Evidence],
    clock: Clock,
) -> Income:  # fmt: skip
    """Ask for an income: `wish.amount` each month, on a day of it, from the first such day that is not before `from_on`. The
    purpose must be met and something be there; its evidence comes with it. Commits.
    """
    _must_be_terms(wish.amount, day)
    if from_on < clock.as_of:
        raise Misuse("An income begins today or later.", remedy="Give a later day with --from.")
    standing, store = locked(connection, np.array([wish.member]))
    assert wish.purpose is not None, "an income is for a purpose"
    must_be_purpose_of_member(standing, wish.purpose)
    found = _quoted(connection, store, standing, wish, clock)
    if found.not_there < found.amount:
        must_be_possible(standing, replace(found, not_there=0))
    else:
        must_be_possible(standing, found)
    terms = terms_of(standing, wish.purpose)
    to.must_be_allowed(terms, wish.purpose)
    must_be_possible_account(connection, to.sort_code, to.account_number)
    wanted = terms.evidence if isinstance(terms, Purpose) else []
    missing = wanted[len(evidence) :]
    if missing or len(evidence) > len(wanted):
        raise LifepotError(
            f"An income for {wish.purpose} comes with {len(wanted)} pieces of evidence (purposes.{wish.purpose}.evidence).",
            remedy=f"Missing: {'; '.join(missing)}." if missing else "Give no more.",
        )
    if any(not 0 < len(content) <= LARGEST_EVIDENCE_BYTES for _, content in evidence):
        raise Misuse("A piece of evidence is a file of at most 10 MiB.", remedy="Give a smaller photo or paper.")
    number = store.begin_batch()
    connection.execute(
        "insert into personal.income (income, member, payee_name, sort_code, account_number, reference, said) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [number, wish.member, to.name, to.sort_code, to.account_number, to.reference, Jsonb(wish.said)],
    )
    for piece, (name, content) in enumerate(evidence):
        connection.execute(
            "insert into personal.income_evidence (income, piece, name, sha256, content) values (%s, %s, %s, %s, %s)",
            [number, piece, name, hashlib.sha256(content).digest(), content],
        )
    said = {
        "member": wish.member, "purpose": wish.purpose, "amount": wish.amount, "day": day,
        "from_month": first_month(day, from_on),
        "evidence": [hashlib.sha256(content).hexdigest() for _, content in evidence],
    }  # fmt: skip
    return _stepped(connection, store, standing, number, "asked", f"ask:{number}", said, clock)


def approve(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Income:
    """Agree to what was asked or changed. Whoever approves is not who asked, whatever the amount: it goes on. Commits."""
    standing, store, income = _locked(connection, number)
    waiting = _must_wait(income)
    if clock.is_by(waiting.who):
        raise LifepotError(
            f"{clock.who} asked for it, and whoever asks for an income does not approve it.", remedy="Somebody else approves it."
        )  # fmt: skip
    batch = store.begin_batch()
    return _stepped(connection, store, standing, number, "approved", f"step:{batch}", {}, clock)


def decline(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Income:
    """Refuse what was asked or changed; what was agreed on before goes on. Commits."""
    standing, store, income = _locked(connection, number)
    _must_wait(income)
    batch = store.begin_batch()
    return _stepped(connection, store, standing, number, "declined", f"step:{batch}", {}, clock)


def change(
    connection: psycopg.Connection[Any], number: int, amount: int | None, day: int | None, clock: Clock
) -> Income:
    """Ask for another amount or day from the next month on that is neither made nor due before today. Commits. It waits for
    approval, and until then what was agreed on goes on.
    """
    standing, store, income = _locked(connection, number)
    _must_be(income, "running")
    now = income.agreed[-1]
    amount, day = now.amount if amount is None else amount, now.day if day is None else day
    _must_be_terms(amount, day)
    made = [int(step.said["month"]) + 1 for step in income.paid]
    from_month = max([first_month(day, clock.as_of), now.from_month, *made])
    batch = store.begin_batch()
    said = {"amount": amount, "day": day, "from_month": from_month}
    return _stepped(connection, store, standing, number, "changed", f"step:{batch}", said, clock)


def stop(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Income:
    """No more of it: nothing falls due from today on. Commits. What fell due before and was not made is still made."""
    standing, store, income = _locked(connection, number)
    _must_be(income, "asked", "running")
    batch = store.begin_batch()
    said = {"from_on": format_day(clock.as_of)}
    return _stepped(connection, store, standing, number, "stopped", f"step:{batch}", said, clock)


def make_due(connection: psycopg.Connection[Any], clock: Clock) -> list[Made]:
    """Make the withdrawal of every month that is due and not made yet, each in a batch of its own, approved and ready to be sent:
    for what is there, if the pot holds less. Commits after each. Whatever stops it, what was made stays made, and the next call
    makes the rest.
    """
    numbers = [one.number for one in read_incomes(connection) if one.due(clock.as_of)]
    connection.rollback()
    found = []
    for number in numbers:
        while (made := _make_next(connection, number, clock)) is not None:
            found.append(made)
            if made.because:
                break
    return found


def _make_next(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Made | None:
    """The oldest month of an income that is due; None if there is none any more."""
    standing, store, income = _locked(connection, number)
    due = income.due(clock.as_of)
    payee = connection.execute(
        "select payee_name, sort_code, account_number, reference, said from personal.income where income = %s", [number]
    ).fetchone()
    if not due:
        connection.rollback()
        return None
    first = due[0]
    month = month_text(first.month)

    def waits(because: str) -> Made:
        connection.rollback()
        return Made(number, income.member, month, 0, None, because=because)

    if payee is None:
        return waits("whom it goes to is no longer known")
    reader = merged_into(store, income.member)
    if reader != income.member:
        return waits(f"member {income.member} is now member {reader}; stop it, and ask for it anew")
    on = replace(clock, as_of=max(standing.as_of, clock.as_of))
    wish = Wish(income.member, income.purpose, first.amount, arrives=False, said=dict(payee[4]))
    found = _quoted(connection, store, standing, wish, on)
    there = found.amount - found.not_there
    if found.met and 0 < there < wish.amount:
        wish = replace(wish, amount=there)
        found = _quoted(connection, store, standing, wish, on)
    said = {"month": first.month, "due_on": format_day(first.on), "amount": 0, "withdrawal": None, "emptied": True}
    key = f"month:{month}"
    if found.met and there <= 0:
        store.begin_batch()
        _stepped(connection, store, standing, number, "paid", key, said, on)
        return Made(number, income.member, month, 0, None, emptied=True)
    try:
        must_be_possible(standing, found)
    except LifepotError as refusal:
        return waits(refusal.message)
    batch = store.begin_batch()
    withdrawal = batch << BATCH_BITS
    facts = asking(standing, wish, wish.amount, on, batch)
    steps = blank_facts(2)
    steps["kind"], steps["member"], steps["root"] = [Event.APPROVED, Event.RELEASED], income.member, withdrawal
    steps["effective_on"], steps["amount"] = on.as_of, [NONE, found.arrives]
    facts["amount"][0], facts["value"][0] = wish.amount, facts["value"][-1]
    settled = settle(store, standing, batch, np.array([income.member]), np.concatenate([facts, steps]), on.as_of)
    taken, charged = taken_from(standing, settled, settled.facts)
    assert sum(taken.values()) - sum(charged.values()) == found.arrives, "what was quoted under the same lock is there"
    settled.write(store)
    name, sort_code, account_number, reference, _ = payee
    connection.execute(
        "insert into personal.withdrawal (withdrawal, member, course, payee_name, sort_code, account_number, reference, said, "
        "quote, key) values (%s, %s, '', %s, %s, %s, %s, %s, %s, %s)",
        [withdrawal, income.member, name, sort_code, account_number, reference or f"LIFEPOT {batch}", Jsonb(wish.said),
         Jsonb(found.as_dict()), f"income:{number}:{month}"],
    )  # fmt: skip
    emptied = sum(found.left.values()) == 0
    said |= {"amount": wish.amount, "withdrawal": withdrawal, "emptied": emptied}
    _stepped(connection, store, standing, number, "paid", key, said, on)
    return Made(number, income.member, month, wish.amount, withdrawal, emptied)


def _quoted(connection: psycopg.Connection[Any], store: Store, standing: Standing, wish: Wish, clock: Clock) -> Quote:
    connection.execute("savepoint before_the_quote")
    found = quoted(store, standing, wish, clock)
    connection.execute("rollback to savepoint before_the_quote")
    return found


def _locked(connection: psycopg.Connection[Any], number: int) -> tuple[Standing, Store, Income]:
    """The income as it stands once its member is locked."""
    member = read_income(connection, number).member
    standing, store = locked(connection, np.array([member]))
    return standing, store, read_income(connection, number)


def _stepped(
    connection: psycopg.Connection[Any], store: Store, standing: Standing, number: int, word: str, key: str,
    said: dict[str, Any], clock: Clock,
) -> Income:  # fmt: skip
    store.finish_batch(
        kind=KIND, who=clock.who, known_at=clock.known_at, as_of_day=max(clock.as_of, standing.as_of),
        key=f"income:{number}:{key}", summary={"income": number, "step": word} | said,
    )  # fmt: skip
    connection.commit()
    found = read_income(connection, number)
    connection.rollback()
    return found


def _must_be(income: Income, *states: str) -> None:
    if income.state not in states:
        raise LifepotError(
            f"Income {income.number} is {income.state}.", remedy=f"This step is for one that is {' or '.join(states)}."
        )


def _must_wait(income: Income) -> Step:
    waiting = income.waiting
    if waiting is None or income.state in ("stopped", "ended"):
        raise LifepotError(
            f"Nothing of income {income.number} waits for approval; it is {income.state}.",
            remedy="`lifepot income show` tells its steps.",
        )
    return waiting


def _must_be_terms(amount: int, day: int) -> None:
    if amount <= 0 or not 1 <= day <= 31:
        raise Misuse(
            "An income is an amount above nothing, on a day from 1 to 31.", remedy="Say for example 250.00 --day 1."
        )


def must_be_purpose_of_member(standing: Standing, purpose: str) -> None:
    """Raises where this scheme has no such purpose, or its money does not go to members."""
    purposes = standing.program.rulebook.purposes
    allowing = [name for name, terms in purposes.items() if MEMBER in (terms.to or [MEMBER])]
    if purpose not in allowing:
        raise LifepotError(
            f"There is no regular income for {purpose} in this scheme (purposes.…to: {MEMBER}).",
            remedy=f"It can be for {', '.join(allowing)}."
            if allowing
            else "Adopt a rulebook whose purpose pays the member.",
        )
