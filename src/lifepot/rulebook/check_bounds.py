"""Checks that nobody owes without bound because of what somebody else chooses.

What a member pays in, says of themselves or has the payer deduct is theirs to choose, and so is how often. A rule by
which another party gives more and more the more is chosen must meet a bound on its way: a cap on a total, a last tier of
nothing, a taper on the same money, a fixed gift for a window. Pay is no choice in this sense: a share of it is bounded by
it. A rule that means to go without a bound says why, in `without_bound`.

What an amount can grow with is a set of *drivers*: each a set of sources that must be pushed together, as it is where one
amount is the cap of another.
"""

from dataclasses import dataclass, field
from itertools import product

from lifepot.rulebook.check_windows import cut_of, window_of
from lifepot.rulebook.findings import Findings, Path
from lifepot.rulebook.levels import breach, levels
from lifepot.rulebook.terms import (
    Amount,
    AtLeastStep,
    GiveStep,
    LatestStep,
    PartStep,
    RateStep,
    Rule,
    Rulebook,
    TaperStep,
    TiersStep,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
)  # fmt: skip
from lifepot.rulebook.walking import listed, source_path

Drivers = frozenset[frozenset[str]]
"""Each a set of sources; pushed together, they push the amount without end. Empty: it is bounded."""

BOUNDED: Drivers = frozenset()

NOBODYS_CHOICE = {"pay.earnings", "pay.hours", "count.pay"}
BY_THE_EMPLOYER = {"pay.employer", "paid.employer"}
COUNTED = {"count", "day", "present"}

MOST_DRIVERS = 100
"""Sets that are followed; amounts capped by amounts capped by amounts could make more, and are then not looked at."""


def check_bounds(findings: Findings) -> None:
    """Every rule."""
    grows = _Growth(findings.book)
    for name, rule in findings.book.rules.items():
        path: Path = ("rules", name)
        if rule.direction == "takes_back":
            found: Drivers = BOUNDED  # what is taken back was there
        else:
            found = _of_others(grows.of(name), rule.party)
            _share_of_pay(findings, path, rule)
        if not found and rule.without_bound is not None:
            said = "a reason to have no bound, of a rule that has one"
            findings.add((*path, "without_bound"), "no_effect", said, "the rule without it")
        elif found and rule.without_bound is None:
            _unbounded(findings, path, rule, found, grows)


def _unbounded(findings: Findings, path: Path, rule: Rule, found: Drivers, grows: "_Growth") -> None:
    sources = listed(rule.of)
    least: frozenset[str] = min(found, key=lambda one: (len(one), *sorted(one)))
    chosen = " and ".join(sorted(least))
    places = [index for index, source in enumerate(sources) if _of_others(grows.of(source), rule.party)]
    at = source_path(path, "of", rule.of, places[0]) if places else (*path, "of")
    said = f"{chosen}, the {_chooser(chosen)}'s to choose, for which the {rule.party} would owe without bound"
    expected = "a bound on the way (`up_to` after a `total`, a last tier of 0%), or `without_bound` and the reason"
    findings.add(at, "unbounded", said, expected)


def _share_of_pay(findings: Findings, path: Path, rule: Rule) -> None:
    """More than the whole of a pay is nobody's share of it."""
    if rule.of != "pay.earnings":
        return
    for index, step in enumerate(rule.steps):
        if isinstance(step, UpToStep | TiersStep):
            return
        if isinstance(step, RateStep) and isinstance(step.rate, str):
            where = breach(findings.book, step.rate, "100%", lambda one, whole: one > whole, "rate")
            if where is not None:
                at = (*path, "steps", index, "rate")
                findings.add(at, "absurd", f"{step.rate}{where}: more than the whole pay", "a share of at most 100%")


def _chooser(source: str) -> str:
    return "employer" if source in BY_THE_EMPLOYER else "worker"


def _of_others(drivers: Drivers, party: str) -> Drivers:
    """The drivers that do not need anything of the party's own choice."""
    return frozenset(one for one in drivers if all(_chooser(source) != party for source in one))


@dataclass
class _Growth:
    """What each amount grows with, worked out once."""

    book: Rulebook
    _found: dict[str, "_Column"] = field(default_factory=dict)

    def of(self, source: str) -> Drivers:
        """The drivers of a source, an amount or a rule."""
        return self.column(source).drivers

    def column(self, source: str) -> "_Column":
        """A source, amount or rule, at its end."""
        if source not in self._found:
            amount = self.book.amounts.get(source) or self.book.rules.get(source)
            if amount is None:
                self._found[source] = _of_facts(source)
            else:
                self._found[source] = _Column(BOUNDED, BOUNDED)  # for amounts in a circle, which are their own fault
                self._found[source] = self._worked_out(amount)
        return self._found[source]

    def _worked_out(self, amount: Amount) -> "_Column":
        parts = [self.column(source) for source in listed(amount.of)]
        drivers, counts = (frozenset().union(*(getattr(one, key) for one in parts)) for key in ("drivers", "counts"))
        column = _Column(drivers, counts, in_ones=all(one.in_ones for one in parts))
        for step in amount.steps:
            self._take(column, step)
        if isinstance(amount, Rule) and amount.stated is not None:
            column.drivers |= {frozenset({amount.stated})}
        return column

    def _take(self, column: "_Column", step: object) -> None:
        match step:
            case TotalStep(total=total):
                column.over = total.over if isinstance(total, Total) else total
                if isinstance(total, Total) and total.not_above is not None:
                    self._cap(column, total.not_above)
            case LatestStep(latest=window):
                column.over = window
            case PartStep():
                column.over = None
                if column.in_ones and column.drivers == BOUNDED:
                    column.counts = BOUNDED  # a bounded number of ones
            case UpToStep(up_to=UpTo(value=figure)) | UpToStep(up_to=str(figure)):
                self._cap(column, figure)
            case GiveStep(give=figure):
                self._give(column, figure)
            case AtLeastStep() if column.over is None:
                column.drivers |= column.counts
            case TiersStep(tiers=tiers) if self._is_nothing(tiers[-1].rate):
                column.drivers = BOUNDED if column.over else column.counts
            case TaperStep(taper=taper):
                self._taper(column, taper.on)
            case _:
                pass

    def _cap(self, column: "_Column", figure: str) -> None:
        """No more than a figure: of a running total, or of each part, whose number may be chosen."""
        cap = self._figure(figure)
        alone = figure in self.book.amounts or figure in self.book.rules
        if column.over is None and (cap.over or not alone):
            cap = _Column(cap.drivers | column.counts, BOUNDED)
        column.drivers = _together(column.drivers, cap.drivers)

    def _give(self, column: "_Column", figure: str) -> None:
        """A gift: once a window, or for each part."""
        given = self._figure(figure).drivers
        column.drivers = given if column.over else given | column.counts

    def _taper(self, column: "_Column", on: str) -> None:
        """Nothing is left of what pushes the taper itself past its end."""
        level = self._figure(on)
        theirs = cut_of(self.book, level.over) if level.over else None
        own = cut_of(self.book, column.over) if column.over else None
        if level.over and (own is None or (theirs is not None and own.lies_within(theirs))):
            pushed = {source for one in level.drivers if len(one) == 1 for source in one}
            column.drivers = frozenset(one for one in column.drivers if not one & pushed)

    def _figure(self, figure: str) -> "_Column":
        """A literal, a value, another amount as it stands, or an attribute."""
        if figure.startswith("attribute."):
            return _Column(frozenset({frozenset({figure})}), BOUNDED, over="account")
        if figure in self.book.amounts or figure in self.book.rules:
            amount = self.book.amounts.get(figure) or self.book.rules[figure]
            column = self.column(figure)
            return _Column(column.drivers, column.counts, window_of(amount))
        return _Column(BOUNDED, BOUNDED)

    def _is_nothing(self, rate: str) -> bool:
        found = levels(self.book, rate, "rate")
        return found is not None and all(not figure for row in found.rows.values() for figure in row.values())


@dataclass
class _Column:
    """A column where it stands: what it grows with, whose number of facts is chosen, and the window in which it runs."""

    drivers: Drivers
    counts: Drivers
    over: str | None = None
    in_ones: bool = False
    """Whether each part is 1.00: something that is counted."""


def _of_facts(source: str) -> _Column:
    head = source.partition(".")[0]
    if source in NOBODYS_CHOICE or head == "day":
        return _Column(BOUNDED, BOUNDED, in_ones=head in COUNTED)
    own: Drivers = frozenset({frozenset({source})})
    return _Column(own, BOUNDED if head == "pay" else own, in_ones=head in COUNTED)


def _together(one: Drivers, other: Drivers) -> Drivers:
    """What the lower of two grows with: only what pushes both."""
    both = {left | right for left, right in product(one, other)}
    least = [each for each in both if not any(less < each for less in both)] if len(both) <= MOST_DRIVERS else []
    return frozenset(least)
