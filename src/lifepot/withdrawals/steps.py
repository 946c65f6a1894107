"""The steps of a withdrawal. Each is one batch, looks at the chain under the member's lock, and either is taken whole or refused
with the rule that stands in the way and what would make it pass.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from lifepot.errors import LifepotError, Misuse
from lifepot.household.consents import consent_of
from lifepot.kernel.columns import NONE, Kind
from lifepot.money import format_minor
from lifepot.periods import format_day, parse_day
from lifepot.rulebook.terms import Purpose
from lifepot.scheme.opening import Clock
from lifepot.scheme.settle import Settled, settle
from lifepot.scheme.standing import Standing, locked, read_standing
from lifepot.storage.rows import BATCH_BITS, Event, Rows, blank_facts
from lifepot.storage.store import Store
from lifepot.withdrawals.accounts import must_be_possible_account
from lifepot.withdrawals.chain import Withdrawal, leaving_of, numbers_of, read_withdrawal, read_withdrawals
from lifepot.withdrawals.payees import Destination
from lifepot.withdrawals.quoting import Quote, Wish, asking, limit_of, must_be_possible, quoted, taken_from, terms_of

LARGEST_EVIDENCE_BYTES = 10 * 2**20

MOST_PIECES = 20
"""Of evidence for one withdrawal, those that took another's place too: none is ever thrown away."""

MOST_ASKED = 50
"""Withdrawals of one member that wait for an answer at a time."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: the withdrawal as it stands now, what is held for it and not sent, and the chain's place."""

    withdrawal: Withdrawal
    standing: Standing
    leaving: int
    place: int | None

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON carries it."""
        return self.withdrawal.as_dict(self.standing, self.leaving) | {"place": self.place}


def ask(
    connection: psycopg.Connection[Any], wish: Wish, to: Destination, clock: Clock, key: str | None = None
) -> tuple[Taken, Quote]:
    """Ask for a withdrawal, for what it is quoted at now. With a `key` that was used before, nothing new is asked. Commits.
    LifepotError where it cannot be: nothing is asked then.
    """
    standing, store = locked(connection, np.array([wish.member]))
    known = connection.execute("select withdrawal from personal.withdrawal where key = %s", [key]).fetchone()
    if known is not None:
        before = read_withdrawal(connection, known[0])
        again = quoted(store, standing, wish, clock)
        if (before.member, before.details["quote"]["amount_minor"]) != (wish.member, again.amount):
            raise Misuse("This key was used for another withdrawal.", remedy="Give each withdrawal a key of its own.")
        connection.rollback()
        return stands(connection, before.number, None), again
    waiting = read_withdrawals(connection, numbers_of(connection, wish.member))
    if sum(one.state == "asked" for one in waiting) >= MOST_ASKED:
        raise LifepotError(
            f"{MOST_ASKED} withdrawals of member {wish.member} wait for an answer.", remedy="Cancel some, or wait."
        )
    connection.execute("savepoint before_the_quote")
    found = quoted(store, standing, wish, clock)
    connection.execute("rollback to savepoint before_the_quote")
    must_be_possible(standing, found)
    to.must_be_allowed(terms_of(standing, found.purpose or wish.purpose), found.purpose or wish.purpose)
    must_be_possible_account(connection, to.sort_code, to.account_number)
    facts = blank_facts(1)
    facts["kind"], facts["member"], facts["effective_on"], facts["root"] = Event.ASKED, wish.member, clock.as_of, NONE
    facts["amount"] = found.amount
    purposes = list(standing.program.rulebook.purposes)
    facts["value"] = NONE if wish.purpose is None else purposes.index(wish.purpose)
    batch = store.begin_batch()
    number = batch << BATCH_BITS
    connection.execute(
        "insert into personal.withdrawal (withdrawal, member, payee, course, payee_name, sort_code, account_number, "
        "reference, said, quote, key) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [number, wish.member, to.payee, to.course, to.name, to.sort_code, to.account_number,
         to.reference or f"LIFEPOT {batch}", Jsonb(wish.said), Jsonb(found.as_dict()), key],
    )  # fmt: skip
    return _written(connection, store, standing, batch, facts, clock, "withdraw ask", number), found


def must_be_askable(connection: psycopg.Connection[Any], wish: Wish, clock: Clock) -> None:
    """Raises where `ask` would refuse a wish, wherever it goes. Nothing is kept."""
    standing, store = locked(connection, np.array([wish.member]))
    try:
        must_be_possible(standing, quoted(store, standing, wish, clock))
    finally:
        connection.rollback()


def prove(
    connection: psycopg.Connection[Any], number: int, piece: int, name: str, content: bytes, clock: Clock
) -> Taken:
    """Add a piece of evidence (`piece` counts from 0 as the purpose names them): a photo or a paper. Commits."""
    standing, store, chain = _locked(connection, number)
    _must_go_on(chain, "asked")
    wanted = evidence_wanted(standing, chain)
    if not 0 <= piece < len(wanted):
        raise Misuse(
            f"This purpose asks for {len(wanted)} pieces of evidence.",
            remedy="; ".join(f"{nth + 1}: {text}" for nth, text in enumerate(wanted)) or "None is needed.",
        )
    if not 0 < len(content) <= LARGEST_EVIDENCE_BYTES:
        raise Misuse("A piece of evidence is a file of at most 10 MiB.", remedy="Give a smaller photo or paper.")
    if len(chain.of(Event.PROVED)) >= MOST_PIECES:
        raise LifepotError(
            f"{MOST_PIECES} pieces of evidence were added to this withdrawal already.",
            remedy="Wait for an answer to it.",
        )
    fact = _step(chain, Event.PROVED, clock)
    fact["value"] = piece
    batch = store.begin_batch()
    connection.execute(
        "insert into personal.evidence (fact, withdrawal, name, sha256, content) values (%s, %s, %s, %s, %s)",
        [batch << BATCH_BITS, number, name, hashlib.sha256(content).digest(), content],
    )
    return _written(connection, store, standing, batch, fact, clock, "withdraw prove", number)


def approve(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Taken:
    """Approve it: from now on the money is held for it and out of the pots. Commits. Above the rulebook's limit whoever
    approves is not who asked; what was quoted must still hold.
    """
    standing, store, chain = _locked(connection, number)
    _must_go_on(chain, "asked")
    wanted = evidence_wanted(standing, chain)
    missing = [text for nth, text in enumerate(wanted) if nth not in chain.proved]
    purpose = _purpose(standing, chain)
    where = f"purposes.{purpose}" if purpose else "any_other_withdrawal"
    if missing:
        raise LifepotError(
            f"Evidence is missing ({where}.evidence): {'; '.join(missing)}.",
            remedy=f"Add it with `lifepot withdraw prove {number}`.",
        )
    terms = terms_of(standing, purpose)
    limit = limit_of(standing, terms.approve_above if terms is not None else None, clock.as_of)
    if clock.is_by(chain.asked.who) and (limit is None or chain.asked.amount > limit):
        above = "" if limit is None else f" above {format_minor(limit, standing.currency)}"
        raise LifepotError(
            f"{clock.who} asked for it, and whoever asked does not approve{above} ({where}.approve_above).",
            remedy="Somebody else approves it.",
        )
    if theirs := chain.details["quote"].get("loan_of"):
        # Another's student loan: their yes may have been taken back since it was asked for.
        consent_of(connection, chain.member, str(theirs["member"]))
    said = {name: str(text) for name, text in chain.details["said"].items()}
    wish = Wish(chain.member, purpose, chain.asked.amount, arrives=False, said=said)
    connection.execute("savepoint before_the_quote")
    found = quoted(store, standing, wish, clock)
    connection.execute("rollback to savepoint before_the_quote")
    must_be_possible(standing, found)
    quoted_before = chain.details["quote"]["arrives_minor"]
    if found.arrives < quoted_before:
        raise LifepotError(
            f"{format_minor(found.arrives, standing.currency)} would arrive now, and "
            f"{format_minor(quoted_before, standing.currency)} was said before it was agreed to.",
            remedy="Decline it, and ask anew for what is quoted now.",
        )
    batch = store.begin_batch()
    on = replace(clock, as_of=max(standing.as_of, clock.as_of))
    facts = asking(standing, wish, chain.asked.amount, on, batch, number)
    approved = _step(chain, Event.APPROVED, clock)
    facts = np.concatenate([facts, approved])
    if not (isinstance(terms, Purpose) and terms.stages):
        released = _step(chain, Event.RELEASED, clock)
        released["amount"] = found.arrives
        facts = np.concatenate([facts, released])
    made = settle(store, standing, batch, np.array([chain.member]), facts, on.as_of)
    taken, charged = taken_from(standing, made, made.facts)
    assert sum(taken.values()) - sum(charged.values()) == found.arrives, "what was quoted under the same lock is there"
    return _finished(connection, store, made, clock, "withdraw approve", number)


def arrived(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Taken:
    """Say that what was sent has arrived, where no bank's statement shows it. Commits."""
    standing, store, chain = _locked(connection, number)
    _must_go_on(chain, "sent")
    out = chain.total(Event.SENT) - chain.total(Event.CAME_BACK) - chain.total(Event.ARRIVED)
    fact = _step(chain, Event.ARRIVED, clock)
    fact["amount"] = out
    batch = store.begin_batch()
    return _written(connection, store, standing, batch, fact, clock, "withdraw settle", number)


def release(connection: psycopg.Connection[Any], number: int, stage: str, clock: Clock) -> Taken:
    """Let a stage of it be sent: stages follow one another, and the last is what is left. Commits."""
    standing, store, chain = _locked(connection, number)
    _must_go_on(chain, "approved", "sent", "back")
    terms = terms_of(standing, _purpose(standing, chain))
    stages = list(terms.stages) if isinstance(terms, Purpose) else []
    if stage not in stages:
        raise Misuse(
            f"There is no stage {stage!r}.", remedy=f"Stages: {', '.join(stages) or 'none, all is sent at once'}."
        )
    done = [step.value for step in chain.of(Event.RELEASED)]
    place = stages.index(stage)
    if place in done:
        return stands(connection, number, None)
    if place != len(done):
        raise LifepotError(f"{stage} comes after {stages[len(done)]}.", remedy=f"Release {stages[len(done)]} first.")
    assert isinstance(terms, Purpose)
    whole = leaving_of(store, [chain])[number] + chain.total(Event.SENT) - chain.total(Event.CAME_BACK)
    figure = standing.program.figure(terms.stages[stage], "rate")
    at = int(np.searchsorted(figure.days, clock.as_of, side="right")) - 1
    last = place == len(stages) - 1
    before = chain.total(Event.RELEASED)
    fact = _step(chain, Event.RELEASED, clock)
    # The last stage is what is left, so that shares that do not divide leave no penny behind.
    fact["amount"] = whole - before if last else whole * int(figure.num[at]) // figure.den
    fact["value"] = place
    batch = store.begin_batch()
    return _written(connection, store, standing, batch, fact, clock, "withdraw release", number)


def decline(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Taken:
    """Refuse it; nothing was held for it yet. Commits."""
    standing, store, chain = _locked(connection, number)
    _must_go_on(chain, "asked")
    batch = store.begin_batch()
    fact = _step(chain, Event.DECLINED, clock)
    return _written(connection, store, standing, batch, fact, clock, "withdraw decline", number)


def cancel(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Taken:
    """Nobody wants it any more: what is held goes back to the pots, as if it had never been taken. Commits. What is on its
    way or arrived cannot be cancelled: it must come back first.
    """
    standing, store, chain = _locked(connection, number)
    _must_go_on(chain, "asked", "approved", "back")
    facts = [_step(chain, Event.CANCELLED, clock)]
    if chain.held is not None:
        facts.append(_put_back(chain, chain.held.amount, clock, standing, kept=None))
    batch = store.begin_batch()
    made = settle(
        store, standing, batch, np.array([chain.member]), np.concatenate(facts), max(standing.as_of, clock.as_of)
    )
    return _finished(connection, store, made, clock, "withdraw cancel", number)


def extend(connection: psycopg.Connection[Any], number: int, clock: Clock) -> Taken:
    """Give it more time to be completed, as often and as long as the rulebook says. Commits."""
    standing, store, chain = _locked(connection, number)
    _must_go_on(chain, "approved", "sent", "arrived")
    purpose = _purpose(standing, chain)
    days = complete_by(standing, purpose, chain.held.on if chain.held is not None else chain.asked.on)
    times = len(chain.of(Event.EXTENDED))
    if times + 1 >= len(days):
        raise LifepotError(
            f"It cannot be extended more than {max(len(days) - 1, 0)} times (purposes.{purpose}.completes.extensions).",
            remedy="It is completed by then, or the money comes back.",
        )
    last = parse_day(days[times])
    if clock.as_of > last:
        raise LifepotError(
            f"The day to complete on was {format_day(last)}, and an extension is asked for before.",
            remedy="Record what came back with `lifepot withdraw return`.",
        )
    fact = _step(chain, Event.EXTENDED, clock)
    fact["value"] = parse_day(days[times + 1])
    batch = store.begin_batch()
    return _written(connection, store, standing, batch, fact, clock, "withdraw extend", number)


def complete_by(standing: Standing, purpose: str | None, on: int) -> list[str]:
    """The last day to complete on, without and with each extension (ISO); none where nothing need be completed."""
    terms = terms_of(standing, purpose)
    if not isinstance(terms, Purpose) or terms.completes is None:
        return []
    completes = terms.completes

    def days(text: str) -> int:
        figure = standing.program.figure(text, "number")
        at = int(np.searchsorted(figure.days, on, side="right")) - 1
        return 0 if at < 0 or figure.num[at] == NONE else int(figure.num[at]) // figure.den

    within, more = days(completes.within_days), days(completes.extension_days)
    return [format_day(on + within + nth * more) for nth in range(days(completes.extensions) + 1)]


def put_back(
    connection: psycopg.Connection[Any], number: int, amount: int, clock: Clock, *, arrived: bool = False
) -> Taken:
    """Money of it is back and is not to be sent again: the pots, the match and the charge become what they would be had
    so much less left. What is not back counts as the rulebook says (`completes.kept`). Commits.

    amount   minor units that are back; with a purpose that must complete, the rest is kept for something else from now on
    arrived  the bank has shown it already, and it waits in what is leaving
    """
    standing, store, chain = _locked(connection, number)
    _must_go_on(chain, "sent", "back", "arrived", "approved")
    waiting = leaving_of(store, [chain])[number]
    out = chain.total(Event.SENT) - chain.total(Event.CAME_BACK)
    more = 0 if arrived else amount - waiting
    if amount < 0 or more > out or (arrived and amount > waiting):
        most = waiting if arrived else waiting + out
        raise LifepotError(
            f"Only {format_minor(most, standing.currency)} of it can be back.",
            remedy="Say what the bank shows.",
        )
    facts: list[Rows] = []
    if more > 0:
        back = _step(chain, Event.CAME_BACK, clock)
        back["amount"] = more
        facts.append(back)
    purpose = _purpose(standing, chain)
    terms = terms_of(standing, purpose)
    kept = terms.completes.kept if isinstance(terms, Purpose) and terms.completes is not None else None
    if chain.held is None:
        raise LifepotError("Nothing of it is held any more.", remedy="`lifepot withdraw show` tells its steps.")
    if amount or kept is not None:
        facts.append(_put_back(chain, amount, clock, standing, kept=kept))
    if not facts:
        return stands(connection, number, None)
    batch = store.begin_batch()
    made = settle(
        store, standing, batch, np.array([chain.member]), np.concatenate(facts), max(standing.as_of, clock.as_of)
    )
    return _finished(connection, store, made, clock, "withdraw return", number)


def _put_back(chain: Withdrawal, amount: int, clock: Clock, standing: Standing, kept: str | None) -> Rows:
    """The withdrawal again, smaller by what is back; what of it is kept is for another purpose, or none."""
    held = chain.held
    assert held is not None
    fact = _step(chain, Event.REMOVED, clock)
    fact["replaces"], fact["effective_on"] = held.fact, held.on
    if amount >= held.amount:
        return fact
    fact["kind"], fact["amount"], fact["value"] = Kind.WITHDRAWN, held.amount - amount, held.value
    if kept is not None:
        fact["value"] = list(standing.program.rulebook.purposes).index(kept)
    return fact


def _step(chain: Withdrawal, kind: int, clock: Clock) -> Rows:
    fact = blank_facts(1)
    fact["kind"], fact["member"], fact["root"], fact["effective_on"] = kind, chain.member, chain.number, clock.as_of
    return fact


def _locked(connection: psycopg.Connection[Any], number: int) -> tuple[Standing, Store, Withdrawal]:
    """The chain as it stands once its member is locked."""
    member = read_withdrawal(connection, number).member
    standing, store = locked(connection, np.array([member]))
    return standing, store, read_withdrawal(connection, number)


def _must_go_on(chain: Withdrawal, *states: str) -> None:
    if chain.state in states:
        return
    done = next((step for step in reversed(chain.steps) if step.word == chain.state), chain.steps[-1])
    raise LifepotError(
        f"This withdrawal is {chain.state}, since {done.known_at:%Y-%m-%d %H:%M} by {done.who}.",
        remedy=f"This step is for one that is {' or '.join(states)}.",
    )


def _purpose(standing: Standing, chain: Withdrawal) -> str | None:
    value = chain.asked.value
    return list(standing.program.rulebook.purposes)[value] if value != NONE and value >= 0 else None


def evidence_wanted(standing: Standing, chain: Withdrawal) -> list[str]:
    """The pieces of evidence that a withdrawal needs, in words."""
    terms = terms_of(standing, _purpose(standing, chain))
    return terms.evidence if isinstance(terms, Purpose) else []


def _written(
    connection: psycopg.Connection[Any], store: Store, standing: Standing, batch: int, facts: Rows, clock: Clock, kind: str,
    number: int,
) -> Taken:  # fmt: skip
    made = settle(
        store, standing, batch, np.unique(facts["member"]).astype(np.int64), facts, max(standing.as_of, clock.as_of)
    )
    return _finished(connection, store, made, clock, kind, number)


def _finished(
    connection: psycopg.Connection[Any], store: Store, made: Settled, clock: Clock, kind: str, number: int
) -> Taken:
    made.write(store)
    batch = int(made.closings["batch"][0])
    finished = store.finish_batch(
        kind=kind, who=clock.who, known_at=clock.known_at, as_of_day=max(clock.as_of, day_of_batch(made, clock)),
        key=f"{kind}:{batch}", summary={"withdrawal": number},
    )  # fmt: skip
    connection.commit()
    return stands(connection, number, finished.place)


def day_of_batch(made: Settled, clock: Clock) -> int:
    """The day a batch is settled as of: never before what is in it."""
    days = made.facts["effective_on"]
    return max(clock.as_of, int(days.max()) if len(days) else clock.as_of)


def stands(connection: psycopg.Connection[Any], number: int, place: int | None) -> Taken:
    """A withdrawal as it stands. Misuse if there is none."""
    standing = read_standing(connection)
    chain = read_withdrawal(connection, number)
    leaving = leaving_of(standing.store(connection), [chain])[number]
    connection.rollback()
    return Taken(chain, standing, leaving, place)
