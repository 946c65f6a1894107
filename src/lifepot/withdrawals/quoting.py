"""What a withdrawal would come to, found by making it and keeping nothing: whose money goes, the charge, what arrives, what
is lost beside, and, where its purpose is not met, why and when it would be.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import NONE, PARTIES, Kind
from lifepot.ledger.chart import OWNER_BITS, Account, kind_of
from lifepot.money import format_minor
from lifepot.periods import format_day
from lifepot.quote.amounts import Price, price_of, withdrawals
from lifepot.quote.asked import Ask
from lifepot.quote.openings import Opening, openings
from lifepot.quote.trial import Lives, Trial, Try
from lifepot.rulebook.terms import AnyOtherWithdrawal, Purpose
from lifepot.scheme.lives import read_lives, read_rows
from lifepot.scheme.opening import Clock
from lifepot.scheme.settle import Settled, settle
from lifepot.scheme.standing import Standing, locked
from lifepot.storage.rows import BATCH_BITS, Event, Rows, blank_facts
from lifepot.storage.store import Store

Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to take out. `purpose` is the rulebook's word, None for anything else; `arrives`: the amount
    (minor units) is what is to arrive, not what is to leave; `price`: it is a price, to be paid as far as the pots go; `said`:
    attributes that come with it, such as the price of a home.
    """

    member: int
    purpose: str | None
    amount: int
    arrives: bool
    said: dict[str, str]
    price: bool = False
    beside: dict[str, Any] = field(default_factory=dict)
    """What else whoever asks was told, kept with the quote: what it does to a student loan."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What it would come to, minor units."""

    wish: Wish
    on: int
    amount: int
    """What must leave the pots."""
    purpose: str | None
    """The purpose that is met; None for none."""
    from_: dict[str, int]
    not_there: int
    charges: dict[str, int]
    """By rule, what is taken out of what is taken out."""
    beside: dict[str, int]
    """By rule, what is charged for it and taken from the pot beside it."""
    arrives: int
    lost: dict[str, int]
    """What rules that gave take back because of it, by rule."""
    left: dict[str, int]
    failed: list[dict[str, Any]]
    opens_on: str | None
    price: Price | None = None
    """Of a price: what somebody else pays first, and what the member pays in any case."""

    @property
    def member_pays(self) -> int | None:
        """What of a price is the member's own to pay, beside the account."""
        return None if self.price is None else self.price.net - self.amount

    @property
    def met(self) -> bool:
        """Whether it is for the purpose it is asked for; for anything else there is nothing to meet."""
        return self.wish.purpose is None or self.purpose is not None

    def as_dict(self) -> dict[str, Any]:
        """The quote as JSON carries it."""
        return {
            "member": self.wish.member, "on": format_day(self.on), "asked_for": self.wish.purpose, "met": self.met,
            "purpose": self.purpose, "amount_minor": self.amount,
            "from": {f"{party}_minor": amount for party, amount in self.from_.items()}, "not_there_minor": self.not_there,
            "charges": [
                {"rule": rule, "amount_minor": amount, "out_of": where}
                for where, those in (("withdrawal", self.charges), ("pot", self.beside))
                for rule, amount in those.items()
            ],
            "arrives_minor": self.arrives,
            "lost": [{"rule": rule, "amount_minor": amount} for rule, amount in self.lost.items()],
            "left": {f"{party}_minor": amount for party, amount in self.left.items()},
            "failed": self.failed, "opens_on": self.opens_on,
            "price_minor": None if self.price is None else self.price.price,
            "subsidy_minor": None if self.price is None else self.price.subsidy, "member_pays_minor": self.member_pays,
        } | self.wish.beside  # fmt: skip


def quote(connection: psycopg.Connection[Any], wish: Wish, clock: Clock) -> Quote:
    """What it would come to today. Nothing is kept. Misuse where the wish cannot mean anything in this scheme."""
    standing, store = locked(connection, np.array([wish.member]))
    try:
        return quoted(store, standing, wish, clock)
    finally:
        connection.rollback()


def quoted(store: Store, standing: Standing, wish: Wish, clock: Clock) -> Quote:
    """The same for a member who is locked; the caller rolls back."""
    # What was approved before was approved first, whatever day is given now: it cannot be taken out from behind it.
    clock = replace(clock, as_of=max(standing.as_of, clock.as_of))
    as_of = clock.as_of
    trial, opening, amount = _by_kernel(store, standing, wish, clock)
    batch = store.begin_batch()
    members = np.array([wish.member])
    facts = asking(standing, wish, amount, clock, batch)
    made = settle(store, standing, batch, members, facts, as_of)
    without = settle(store, standing, batch, members, blank_facts(0), as_of)
    took, owes = _by_rule(standing, made), _by_rule(standing, without)
    changed = {rule: took.get(rule, 0) - owes.get(rule, 0) for rule in took.keys() | owes.keys()}
    from_, charges = taken_from(standing, made, facts)
    not_there = _overdrawn(made) - _overdrawn(without)
    usable = made.closings[-1]["balances"].reshape(-1, 7).sum(axis=0)[:3]
    purposes = list(standing.program.rulebook.purposes)
    met = trial.purpose(0)
    taken = {rule: -minor for rule, minor in sorted(changed.items()) if minor < 0}
    rules = standing.program.rulebook.rules
    beside = {rule: minor for rule, minor in taken.items() if rule in rules and rules[rule].direction == "takes_back"}
    return Quote(
        wish, clock.as_of, amount, purposes[met] if met >= 0 else None, from_, not_there, charges, beside,
        amount - not_there - sum(charges.values()), {rule: minor for rule, minor in taken.items() if rule not in beside},
        dict(zip(PARTIES, usable.tolist(), strict=True)), [_failed(purposes, one) for one in opening.failing],
        None if opening.on is None else format_day(opening.on), price_of(trial, 0) if wish.price else None,
    )  # fmt: skip


def _by_kernel(store: Store, standing: Standing, wish: Wish, clock: Clock) -> tuple[Trial, Opening, int]:
    """What the rules say of it: whether its purpose is met, why not, and how much must leave."""
    members = np.array([wish.member])
    member, rows = read_rows(store, members, blank_facts(0))
    lives = read_lives(members, member, rows)
    facts = lives.facts(standing, standing.latest)
    if not len(facts):
        raise Misuse(f"Member {wish.member} has nothing in this scheme.", remedy="Give a member with an account.")
    kernel = Lives(standing.program, lives.people, facts)
    word, way = wish.purpose or "", "price" if wish.price else "arrives" if wish.arrives else "leaves"
    if wish.price and wish.purpose is None:
        raise Misuse(
            "A price is paid for a purpose.", remedy=f"Name one of {', '.join(standing.program.rulebook.purposes)}."
        )
    said = tuple((standing.program.attributes.index(name), value) for name, value in said_of(standing, wish).items())
    ask = Ask("", 0, 0, clock.as_of, word, _purpose_number(standing, wish), wish.amount, way, said)
    amount = wish.amount if way == "leaves" else withdrawals(kernel, [ask])[0]
    if amount is None:
        raise LifepotError("Nothing would arrive, however much was taken out.", remedy="The charge takes all of it.")
    trial = kernel.run([Try(ask, amount, ask.on)])
    if way == "leaves" and _charged_beside(trial):
        # What is charged beside it leaves the pot with it: so much less is taken out that the two are what was asked for.
        low, high = 0, amount
        while low < high:
            amount = (low + high + 1) // 2
            trial = kernel.run([Try(ask, amount, ask.on)])
            low, high = (amount, high) if amount + _charged_beside(trial) <= wish.amount else (low, amount - 1)
        amount = low
        trial = kernel.run([Try(ask, amount, ask.on)])
    found = openings(kernel, trial).get(0) or Opening([])
    return trial, found, amount


def _charged_beside(trial: Trial) -> int:
    """What charges take from the pot beside the one withdrawal of a trial."""
    rules = list(trial.run.program.rulebook.rules.values())
    return sum(one.amount for one in trial.charges[0] if not one.within and rules[one.rule].direction == "takes_back")


def _purpose_number(standing: Standing, wish: Wish) -> int:
    if wish.purpose is None:
        return -1
    found = standing.program.purpose_named(wish.purpose)
    if found is None:
        words = ", ".join(standing.program.rulebook.purposes) or "none"
        raise Misuse(f"There is no purpose {wish.purpose!r}.", remedy=f"This scheme has {words}.")
    return found


def said_of(standing: Standing, wish: Wish) -> dict[str, int]:
    """What is said with a wish, by the rulebook's attributes. Misuse for one there is not."""
    found = {}
    for word, text in wish.said.items():
        name = standing.program.attribute_named(word)
        if name is None:
            words = ", ".join(standing.program.attributes) or "none"
            raise Misuse(f"There is no attribute {word!r}.", remedy=f"This scheme's are {words}.")
        try:
            found[name] = standing.program.encode(name, text)
        except ValueError as fault:
            raise Misuse(f"{word}: {fault}.", remedy="Say it as a file would.") from None
    return found


def asking(standing: Standing, wish: Wish, amount: int, clock: Clock, batch: int, chain: int | None = None) -> Rows:
    """The facts with which a withdrawal is taken from the pots: what is said with it, and the withdrawal, under the number of
    its chain; and with no chain yet, that it is asked for.
    """
    said = said_of(standing, wish)
    first = 0 if chain is not None else 1
    facts = blank_facts(first + len(said) + 1)
    facts["member"], facts["effective_on"], facts["root"] = wish.member, clock.as_of, NONE
    if chain is None:
        facts["kind"][0] = Event.ASKED
        chain = batch << BATCH_BITS
    for at, (name, value) in enumerate(said.items(), first):
        facts["kind"][at], facts["attribute"][at], facts["value"][at] = (
            Kind.STATUS, standing.attributes.index(name), value,
        )  # fmt: skip
    facts["kind"][-1], facts["amount"][-1], facts["root"][-1] = Kind.WITHDRAWN, amount, chain
    facts["value"][-1] = _purpose_number(standing, wish)
    return facts


def _overdrawn(made: Settled) -> int:
    """By how much a settle leaves the member overdrawn, whoever's withdrawal it is that finds nothing any more."""
    return -int(made.closings[-1]["balances"].reshape(-1, 7)[:, -1].sum())


def taken_from(standing: Standing, made: Settled, facts: Rows) -> tuple[dict[str, int], dict[str, int]]:
    """Of a withdrawal that was settled: what each party's share paid, and the charges on it by rule."""
    withdrawn = facts["id"][facts["kind"] == Kind.WITHDRAWN]
    mine = made.transfers[np.isin(made.transfers["fact"], withdrawn)]
    from_ = dict.fromkeys(PARTIES, 0)
    charges: dict[str, int] = {}
    columns = ("debit", "amount", "rule")
    for debit, amount, rule in zip(*(mine[name].tolist() for name in columns), strict=True):
        kind = int(kind_of(debit))
        if kind == Account.LEAVING and rule:
            name = standing.rule_names[rule]
            charges[name] = charges.get(name, 0) + amount
        elif kind in (Account.WORKER, Account.EMPLOYER, Account.GOVERNMENT) and not rule:
            from_[PARTIES[kind - 1]] += amount
    return from_, charges


def _by_rule(standing: Standing, made: Settled) -> dict[str, int]:
    """What a settle brings to the member's accounts, by rule."""
    found: dict[str, int] = {}
    transfers = made.transfers[made.transfers["rule"] > 0]
    for column, sign in (("credit", 1), ("debit", -1)):
        mine = transfers[transfers[column] >> OWNER_BITS < Account.IN_TRANSIT]
        for rule, amount in zip(mine["rule"].tolist(), mine["amount"].tolist(), strict=True):
            name = standing.rule_names[rule]
            found[name] = found.get(name, 0) + sign * amount
    return found


def _failed(purposes: list[str], failing: Any) -> dict[str, Any]:
    return {
        "purpose": purposes[failing.purpose], "test": failing.in_words, "found": failing.found, "needed": failing.needed,
        "one_of": failing.one_of, "opens_on": None if failing.opens_on is None else format_day(failing.opens_on),
    }  # fmt: skip


def terms_of(standing: Standing, purpose: str | None) -> Purpose | AnyOtherWithdrawal | None:
    """What the rulebook says of a withdrawal for this purpose, or for none."""
    book = standing.program.rulebook
    return book.any_other_withdrawal if purpose is None else book.purposes[purpose]


def limit_of(standing: Standing, figure: str | None, on: int) -> int | None:
    """A limit of money as it is in force on a day; None if there is none."""
    if figure is None:
        return None
    found = standing.program.amount_figure(figure)
    place = int(np.searchsorted(found.days, on, side="right")) - 1
    if place < 0 or found.num[place] == NONE:
        raise LifepotError(
            f"The rulebook has no figure for {figure} on {format_day(on)}.", remedy="Adopt a version that has one."
        )
    return int(found.num[place]) // found.den


def must_be_possible(standing: Standing, found: Quote) -> None:
    """Raises LifepotError where a quote says that it cannot be: the rule is named, and what would make it pass."""
    money = standing.currency
    terms = terms_of(standing, found.purpose if found.purpose is not None else found.wish.purpose)
    if not found.met:
        tests = "; ".join(
            f"{one['test']} (found {one['found'] or 'nothing'}, needed {one['needed']})" for one in found.failed
        )
        opens = f" It opens on {found.opens_on}." if found.opens_on else ""
        raise LifepotError(
            f"This is not for {found.wish.purpose} by the rulebook's purposes.{found.wish.purpose}: {tests or 'its condition does not hold'}.",
            remedy=f"Say or prove what is needed, or take it out for anything else.{opens}",
        )
    if isinstance(terms, AnyOtherWithdrawal) and terms.draws_on == "nobody":
        raise LifepotError(
            "Money can be taken out for the scheme's purposes only (any_other_withdrawal: nobody).",
            remedy=f"Name one of {', '.join(standing.program.rulebook.purposes)}.",
        )
    if isinstance(terms, Purpose):
        most = limit_of(standing, terms.at_most, found.on)
        if most is not None and found.amount > most:
            raise LifepotError(
                f"{format_minor(found.amount, money)} is more than one withdrawal for {found.purpose} may be "
                f"(purposes.{found.purpose}.at_most: {format_minor(most, money)}).",
                remedy=f"Ask for {format_minor(most, money)} or less.",
            )
    if found.not_there:
        there = found.amount - found.not_there
        others = "" if found.wish.purpose else "; what others gave can go for the scheme's purposes only"
        raise LifepotError(
            f"Only {format_minor(there, money)} is there to be taken out{others}.",
            remedy=f"Ask for {format_minor(there, money)} or less.",
        )
    if found.arrives <= 0:
        raise LifepotError("Nothing of it would arrive.", remedy="Ask for more than the charge takes.")
