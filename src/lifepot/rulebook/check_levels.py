"""Checks of figures beside figures, on every day and in every column: caps and floors, tiers, tapers, ranges of tests."""

from collections.abc import Iterator
from itertools import pairwise

from lifepot.rulebook import scalars
from lifepot.rulebook.check_conditions import unit_of
from lifepot.rulebook.findings import Findings, Path
from lifepot.rulebook.levels import Exact
from lifepot.rulebook.terms import (
    AtLeastStep,
    GiveStep,
    HighestStep,
    LessStep,
    Pause,
    RateStep,
    RoundStep,
    Taper,
    TaperStep,
    Test,
    Tier,
    TiersStep,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
    WhereStep,
)  # fmt: skip
from lifepot.rulebook.walking import amounts_and_rules

LOWER, UPPER = ("above", "at_least", "is"), ("below", "at_most", "is")
INCLUDED = {"at_least", "at_most", "is"}


def check_levels(findings: Findings) -> None:
    """Every chain of steps, every test and every pause."""
    for path, _, amount in amounts_and_rules(findings.book):
        chain = _Bounds(findings)
        for index, step in enumerate(amount.steps):
            chain.take((*path, "steps", index), step)
    for path, term in findings.everything:
        if isinstance(term, Test):
            _range(findings, path, term)
        elif isinstance(term, Pause) and term.at_most_months is not None:
            where = findings.breach(term.at_most_months, term.at_least_months, _below, "number")
            if where is not None:
                found = f"at most {term.at_most_months} months and at least {term.at_least_months}"
                findings.add((*path, "at_most_months"), "order", found, "a longest rest not below the shortest")


def _below(one: Exact, other: Exact) -> bool:
    return one < other


def _not_above(one: Exact, other: Exact) -> bool:
    return one <= other


class _Bounds:
    """The caps and floors that hold for a column where it stands, on the way through its steps."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.caps: list[str] = []
        self.floors: list[str] = []

    def take(self, here: Path, step: object) -> None:
        """One step further."""
        match step:
            case UpToStep(up_to=UpTo(value=figure)):
                self._cap((*here, "up_to", "value"), figure)
            case UpToStep(up_to=str(figure)):
                self._cap((*here, "up_to"), figure)
            case AtLeastStep(at_least=figure):
                self._floor((*here, "at_least"), figure)
            case RoundStep() | WhereStep() | HighestStep():
                pass
            case _:
                self._begin_anew(here, step)

    def _begin_anew(self, here: Path, step: object) -> None:
        """A step after which the caps and floors before it no longer hold as they were."""
        match step:
            case LessStep(less=figure):
                self._less((*here, "less"), figure)
            case RateStep(rate=str(figure)):
                self._something((*here, "rate"), figure, "rate")
            case GiveStep(give=figure):
                self._something((*here, "give"), figure, "money")
            case TiersStep(tiers=tiers):
                self._tiers((*here, "tiers"), tiers)
            case TaperStep(taper=taper):
                self._taper((*here, "taper"), taper)
            case _:
                pass
        self.caps, self.floors = [], []
        if isinstance(step, TotalStep) and isinstance(step.total, Total) and step.total.not_above is not None:
            self._cap((*here, "total", "not_above"), step.total.not_above)

    def _cap(self, path: Path, figure: str) -> None:
        self._something(path, figure, "money")
        for floor in self.floors:
            where = self.findings.breach(figure, floor, _below)
            if where is not None:
                expected = f"a cap not below the floor of {floor}"
                self.findings.add(path, "cap_below_floor", f"a cap of {figure}{where}", expected)
        self.caps.append(figure)

    def _floor(self, path: Path, figure: str) -> None:
        for cap in self.caps:
            where = self.findings.breach(cap, figure, _below)
            if where is not None:
                expected = f"a floor not above the cap of {cap}"
                self.findings.add(path, "cap_below_floor", f"a floor of {figure}{where}", expected)
        self.floors.append(figure)

    def _less(self, path: Path, figure: str) -> None:
        for cap in self.caps:
            where = self.findings.breach(cap, figure, _not_above)
            if where is not None:
                found = f"{figure} off what is at most {cap}{where}"
                self.findings.add(path, "nothing_left", found, "less than the cap, or nothing is ever left")

    def _something(self, path: Path, figure: str, unit: str) -> None:
        """A literal that leaves nothing. A value may be nothing on a day, and in a reform on all of them."""
        if figure not in self.findings.book.values and self.findings.breach(figure, "0", _not_above, unit) is not None:
            self.findings.add(path, "nothing_left", f"{figure}, which leaves nothing", "more than nothing")

    def _tiers(self, path: Path, tiers: list[Tier]) -> None:
        ends = [(index, tier.up_to) for index, tier in enumerate(tiers) if tier.up_to is not None]
        for (_, before), (index, end) in pairwise(ends):
            where = self.findings.breach(end, before, _not_above)
            if where is not None:
                found = f"a tier up to {end}{where}"
                self.findings.add((*path, index, "up_to"), "order", found, f"an end above the tier before, {before}")
        if ends and self.findings.breach(ends[0][1], "0", _not_above) is not None:
            self.findings.add((*path, ends[0][0], "up_to"), "order", f"a tier up to {ends[0][1]}", "an end above 0")
        literal = [tier.rate not in self.findings.book.values for tier in tiers]
        if all(literal) and all(self._is_zero(tier.rate) for tier in tiers):
            self.findings.add((*path, 0, "rate"), "nothing_left", "no tier that gives anything", "a rate above 0%")

    def _is_zero(self, rate: str) -> bool:
        return self.findings.breach(rate, "0", _not_above, "rate") is not None

    def _taper(self, path: Path, taper: Taper) -> None:
        where = self.findings.breach(taper.to, taper.from_, _not_above)
        if where is not None:
            found = f"from {taper.from_} to {taper.to}{where}"
            self.findings.add((*path, "to"), "order", found, "an end above the beginning")


def _range(findings: Findings, path: Path, test: Test) -> None:
    """A test that nothing can meet."""
    name = test.what.removeprefix("attribute.")
    attribute = findings.book.attributes.get(name) if test.what.startswith("attribute.") else None
    unit = unit_of(test.what, attribute)
    if unit not in scalars.PARSER_BY_UNIT:
        return
    for lower, low, upper, high in _ends(test):
        open_ = not {lower, upper} <= INCLUDED
        where = findings.breach(high, low, _not_above if open_ else _below, unit)
        if where is not None:
            found = f"{upper} {high} and {lower} {low}{where}, which nothing is"
            findings.add((*path, upper), "order", found, "an end above the beginning")


def _ends(test: Test) -> Iterator[tuple[str, str, str, str]]:
    """Each lower end of a test with each upper end of it."""
    said = {word: getattr(test, "is_" if word == "is" else word) for word in {*LOWER, *UPPER}}
    for lower in LOWER:
        for upper in UPPER:
            if lower != upper and said[lower] is not None and said[upper] is not None:
                yield lower, said[lower], upper, said[upper]
