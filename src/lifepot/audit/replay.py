"""A member's facts told again from the beginning, and what each party owes for them.

The same page of semantics as the kernel's (docs/decisions/0002), in other words and other code: if either is changed
so that an amount differs, the two no longer agree.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from lifepot.audit.amounts import Amounts, Trace
from lifepot.audit.calendar import Span
from lifepot.audit.life import Life, Place, place
from lifepot.audit.lines import Line
from lifepot.audit.membership import Membership, Notice
from lifepot.audit.told import Owed, Person, Ref, Replay, Told, behind
from lifepot.rulebook.terms import Due, Refund, Rule, Rulebook


def replay(
    rulebook: Rulebook,
    person: Person,
    facts: Sequence[Told],
    *,
    as_of: date | None = None,
    accrue_until: date | None = None,
) -> Replay:
    """What one member's facts bring under one rulebook.

    `as_of` sees no later fact and gives nothing that is due later; without it, every window has run to its end.
    Named days, and months in which an attribute counts, run to `as_of`, else `accrue_until`, else the member's last fact.
    Raises ValueError where a status's value is not of its attribute's kind.
    """
    return replay_versions([(date.min, rulebook)], person, facts, as_of=as_of, accrue_until=accrue_until)


def replay_versions(
    versions: Sequence[tuple[date, Rulebook]],
    person: Person,
    facts: Sequence[Told],
    *,
    as_of: date | None = None,
    accrue_until: date | None = None,
) -> Replay:
    """As `replay`, under versions of a rulebook, each with its first day in force, in rising order.

    Every version hears all the facts, so its running totals go on across the change; its word counts for what is
    caused by the facts of its days. The account stands as the last version has it.
    """
    if versions[-1][1].membership.per == "job":
        return _job_by_job(versions, person, facts, as_of, accrue_until)
    return _replayed(versions, person, facts, as_of, accrue_until)


def _job_by_job(
    versions: Sequence[tuple[date, Rulebook]],
    person: Person,
    facts: Sequence[Told],
    as_of: date | None,
    accrue_until: date | None,
) -> Replay:
    """Each job told as a life of its own."""
    until = accrue_until or max((fact.on for fact in facts), default=None)
    told = [_replayed(versions, person, heard, as_of, until) for heard in jobs_of(facts)]
    opened = [one.opened_on for one in told if one.opened_on]
    return Replay(
        owed=sorted((owed for one in told for owed in one.owed), key=lambda owed: owed.effective_on),
        gaps=[gap for one in told for gap in one.gaps],
        refused=[refused for one in told for refused in one.refused],
        opened_on=min(opened, default=None),
    )


def jobs_of(facts: Sequence[Told]) -> list[list[Told]]:
    """What each job of a member hears: what names no payer is heard by all, money without one by the first alone."""
    payers = sorted({fact.payer for fact in facts if fact.kind == "pay"}, key=str) or [""]
    found = []
    for payer in payers:
        first = payer == payers[0]
        heard = []
        for fact in facts:
            everybodys = not fact.payer and fact.kind in {"status", "closed", "died"}
            unheard_of = first and fact.payer not in payers and not everybodys
            if everybodys or fact.payer == payer or unheard_of:
                heard.append(replace(fact, payer="") if fact.kind == "status" else fact)
        found.append(heard)
    return found


def _replayed(
    versions: Sequence[tuple[date, Rulebook]],
    person: Person,
    facts: Sequence[Told],
    as_of: date | None,
    accrue_until: date | None,
) -> Replay:
    """A whole life told again, by each version."""
    readings = readings_of(versions, person, facts, as_of=as_of, accrue_until=accrue_until)
    owed = [gift for gift in gifts_of(readings) if as_of is None or gift.effective_on <= as_of]
    return Replay(
        owed=[gift.as_owed() for gift in owed],
        gaps=[gap for reading in readings for gap in reading.life.figures.gaps if reading.speaks_on(gap.day)],
        refused=[one for reading in readings for one in reading.amounts.refused if reading.speaks_for(one.ref)],
        opened_on=readings[-1].life.opened_on if readings else None,
    )


def readings_of(
    versions: Sequence[tuple[date, Rulebook]],
    person: Person,
    facts: Sequence[Told],
    *,
    as_of: date | None = None,
    accrue_until: date | None = None,
    traced: bool = False,
) -> list["Reading"]:
    """The whole life as each version reads it. `traced`: every step is kept, for an explanation."""
    heard = [fact for fact in facts if as_of is None or fact.on <= as_of]
    until = as_of or accrue_until or max((fact.on for fact in heard), default=date.min)
    ends = [first for first, _ in versions[1:]] + [date.max]
    return [
        Reading(rulebook, person, heard, until=until, speaks=(first, over), trace=[] if traced else None)
        for (first, rulebook), over in zip(versions, ends, strict=True)
    ]


def gifts_of(readings: Sequence["Reading"]) -> list["Gift"]:
    """Everything these readings of one life bring, whenever it falls due, in the order of the days it is effective on."""
    gifts = _merged([gift for reading in readings for gift in reading.gifts()])
    refunds = [
        refund for reading in readings for notice in reading.notices() for refund in _back(reading, notice, gifts)
    ]
    owed = [gift for gift in gifts + refunds if gift.amount_minor]
    owed.sort(key=lambda gift: (gift.effective_on, gift.order, gift.cause, gift.window[0] or date.min))
    return owed


@dataclass(slots=True)
class Gift:
    """An entitlement in the making. `lines` are the places of the facts that it is the differences of.

    `parts` are the facts behind it, each with the reading it stands in, its position there and what it brings. `notice` and
    `refund` are set where it is money given back: the status that gave notice, and the term by which it goes back.
    """

    rule: str
    term: Rule
    order: int
    effective_on: date
    window: Span
    amount_minor: int
    refs: dict[Ref, None]
    cause_ref: Ref | None
    cause: Place
    payer: int | str
    due: bool = False
    lines: list[tuple[Place, Place]] = field(default_factory=list)
    given_back: int = 0
    parts: list[tuple["Reading", int, int]] = field(default_factory=list)
    notice: Ref | None = None
    refund: Refund | None = None

    def as_owed(self) -> Owed:
        """The entitlement as the replay answers it."""
        return Owed(
            rule=self.rule,
            party=self.term.party,
            account=self.term.account,
            effective_on=self.effective_on,
            window_start=self.window[0],
            window_end=self.window[1],
            amount_minor=self.amount_minor,
            refs=tuple(self.refs),
            cause=self.cause_ref,
        )


class Reading:
    """One version of a rulebook with all the facts, and the days for which its word counts."""

    def __init__(
        self,
        rulebook: Rulebook,
        person: Person,
        facts: Sequence[Told],
        *,
        until: date,
        speaks: tuple[date, date],
        trace: list[Trace] | None = None,
    ) -> None:
        self.rulebook = rulebook
        self.life = Life(rulebook, person, facts, until=until)
        self.membership = Membership(self.life)
        self.amounts = Amounts(self.life, self.membership, trace)
        self._again: Callable[[date], Life] = lambda day: Life(rulebook, person, facts, until=until, values_on=day)
        self._speaks = speaks
        self._on = {fact.ref: fact.on for fact in facts}

    def speaks_for(self, ref: Ref) -> bool:
        """Whether this version's word counts for a fact."""
        return self.speaks_on(self._on[ref])

    def notices(self) -> list[Notice]:
        """Notices with refunds, given in this version's days."""
        return [notice for notice in self.membership.notices() if self.speaks_on(notice.on)]

    def gifts(self) -> list[Gift]:
        """What the facts of this version's days bring, line by line; what falls due together is not yet together."""
        gifts = [gift for gift in self._gifts(self.amounts) if self.speaks_on(gift.cause[0])]
        self.amounts.work_out()
        return gifts

    def with_values_of(self, day: date) -> dict[tuple[str, Place, Place], int]:
        """What the same facts would have brought with the values of one day, membership being as it was."""
        life = self._again(day)
        life.open(self.life.opened_on)
        gifts = self._gifts(Amounts(life, self.membership))
        return {(gift.rule, *gift.lines[0]): gift.amount_minor for gift in gifts}

    def speaks_on(self, on: date) -> bool:
        """Whether this version's word counts for the facts of a day."""
        return self._speaks[0] <= on < self._speaks[1]

    def _gifts(self, amounts: Amounts) -> Iterator[Gift]:
        for order, (name, rule) in enumerate(self.rulebook.rules.items()):
            given = (self._gift(amounts, name, rule, order, line) for line in amounts.column(name).lines if line.figure)
            yield from (gift for gift in given if gift is not None)

    def _gift(self, amounts: Amounts, name: str, rule: Rule, order: int, line: Line) -> Gift | None:
        """One line of a rule as an entitlement; None where closing the account has lost it, or it never falls due."""
        fact, at = amounts.life.facts[line.cause], amounts.life.facts[line.at]
        assert line.figure.denominator == 1, name
        amount = int(line.figure) * (-1 if rule.direction == "takes_back" else 1)
        ref = behind(fact)
        refs = {} if ref is None else {ref: None}
        window, effective_on = amounts.window_of(name, line), fact.on
        if rule.due:
            span = self._due_window(rule.due, fact)
            ends = [day for day in (span[1], self.membership.died_on) if day] if span else []
            if not ends:
                return None
            effective_on = max(fact.on, min(ends))
            closed_on = self.membership.closed_on
            if rule.due.if_closed == "nothing" and closed_on and closed_on < effective_on:
                return None
            rise = amounts.column(name).rise
            window = (self.life.span(rise, at.on) if rise else None) or window
        return Gift(
            rule=name,
            term=rule,
            order=order,
            effective_on=effective_on,
            window=window,
            amount_minor=amount,
            refs=refs,
            cause_ref=ref,
            cause=place(fact),
            payer=fact.payer or "",
            due=rule.due is not None,
            lines=[(place(fact), place(at))],
            parts=[(self, line.cause, amount)],
        )

    def _due_window(self, due: Due, fact: Told) -> Span | None:
        """The window at whose end a fact falls due; None where it is in none, and never does."""
        return self.life.span(self.due_window(due, fact), fact.on)

    def due_window(self, due: Due, fact: Told) -> str:
        """The window at whose end what a fact brings falls due."""
        earlier = due.earlier is not None and fact.on <= date.fromisoformat(due.earlier.until)
        return due.earlier.at_end_of if due.earlier is not None and earlier else due.at_end_of


def _merged(gifts: list[Gift]) -> list[Gift]:
    """What falls due together is one entitlement, caused by the last of its facts."""
    together: dict[tuple[str, str, str, date, Span], Gift] = {}
    found = []
    for gift in gifts:
        key = (gift.rule, gift.term.party, gift.term.account, gift.effective_on, gift.window)
        if not gift.due:
            found.append(gift)
        elif key not in together:
            together[key] = gift
            found.append(gift)
        else:
            one = together[key]
            one.amount_minor += gift.amount_minor
            one.refs |= gift.refs
            one.lines += gift.lines
            one.parts += gift.parts
            one.cause, one.cause_ref, one.payer = gift.cause, gift.cause_ref, gift.payer
    return found


def _back(reading: Reading, notice: Notice, gifts: list[Gift]) -> Iterator[Gift]:
    """What a notice gives back: on its day, for each entitlement that had given, as much the other way.

    Nothing is given back twice, so a member who comes back and leaves again gets what came in since.
    """
    for refund in notice.refunds:
        would_be = reading.with_values_of(date.fromisoformat(refund.above_rate_on)) if refund.above_rate_on else {}
        for gift in gifts:
            if _is_refunded(refund, notice, gift):
                kept = sum(would_be.get((gift.rule, *line), 0) for line in gift.lines)
                back = _limited(gift.amount_minor - kept, gift.amount_minor - gift.given_back)
                gift.given_back += back
                refs = {**gift.refs, notice.ref: None}
                one = replace(gift, effective_on=notice.on, amount_minor=-back, refs=refs)
                one.notice, one.refund = notice.ref, refund
                yield one


def _is_refunded(refund: Refund, notice: Notice, gift: Gift) -> bool:
    since = date.fromisoformat(refund.since) if refund.since else date.min
    return (
        gift.term.party == refund.party
        and gift.term.direction == "gives"
        and since <= gift.effective_on <= notice.on
        and notice.payer in ("", gift.payer)
    )


def _limited(asked: int, left: int) -> int:
    """As much of what is asked as is left, both on the same side of nothing."""
    return max(left, min(0, asked)) if left < 0 else min(left, max(0, asked))
