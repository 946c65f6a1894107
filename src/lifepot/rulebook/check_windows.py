"""Checks of windows beside windows: what would count twice, or be held against something of another stretch of time.

A total begins anew with each window. What acts on it must see the same stretch, or a longer one that holds it whole: a
*highest* that begins anew while its total runs on would bring the whole figure again each time. A figure for one pay
says nothing of the total of a year.
"""

from dataclasses import dataclass
from math import inf

from lifepot.rulebook.findings import Findings, Path
from lifepot.rulebook.scalars import parse_month_day, parse_months, parse_number
from lifepot.rulebook.terms import (
    Amount,
    AtLeastStep,
    AverageStep,
    Due,
    EarlierDue,
    EarlierStep,
    GiveStep,
    HighestStep,
    LatestStep,
    LessStep,
    PartStep,
    ProRata,
    ProRataStep,
    RateBy,
    RateStep,
    RiseStep,
    Rule,
    Rulebook,
    Taper,
    TaperStep,
    Test,
    Tier,
    TiersStep,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
)  # fmt: skip
from lifepot.rulebook.walking import amounts_and_rules, listed


@dataclass(frozen=True, slots=True)
class Cut:
    """How a window cuts time. `kind`: account, month (begins on day `at`), year (on day `at` of the year), or terms of
    `length` months from joining, `times` of them (None: without end).
    """

    kind: str
    at: tuple[int, int] = (1, 1)
    length: int = 0
    times: int | None = None

    @property
    def never_begins_anew(self) -> bool:
        """Whether there is only one such window in a member's life."""
        return self.kind == "account" or self.times == 1

    @property
    def months(self) -> float:
        """How long such a window is."""
        return {"account": inf, "year": 12, "month": 1}.get(self.kind, self.length)

    def lies_within(self, other: "Cut") -> bool:
        """Whether each of these windows lies in one of the others, whole."""
        if self == other or other.kind == "account":
            return True
        if self.kind == "month":
            # Terms begin with the month of joining.
            return self.at[1] == (1 if other.kind == "terms" else other.at[1]) if other.kind != "month" else False
        return self.kind == other.kind == "terms" and other.length % self.length == 0


def cut_of(book: Rulebook, name: str) -> Cut | None:
    """How a window cuts time; None for one that is not there, or cannot be read."""
    if name in {"account", "month"}:
        return Cut(name)
    window = book.windows.get(name)
    try:
        if window is None or (window.every is None) == (window.months is None):
            return None
        if window.every == "year":
            return Cut("year", parse_month_day(window.starts or ""))
        if window.every == "month":
            return Cut("month", (1, parse_number(window.starts or "1")))
        times = None if window.times is None else parse_months(window.times)
        length = parse_months(window.months or "")
        return Cut("terms", length=length, times=times) if length else None
    except ValueError:
        return None


def check_windows(findings: Findings) -> None:
    """Every amount, rule and test."""
    book = findings.book
    for path, _, amount in amounts_and_rules(book):
        chain = _Chain(findings, rows_of(book, amount, taken=True) == {"pay"})
        for index, step in enumerate(amount.steps):
            chain.take((*path, "steps", index), step)
        if isinstance(amount, Rule) and amount.due is not None:
            _due(findings, (*path, "due"), amount.due)
    for path, term in findings.everything:
        if isinstance(term, Test) and not term.what.startswith("pay."):
            _test(findings, path, term)


def _due(findings: Findings, path: Path, due: Due | EarlierDue) -> None:
    """What is due at a window's end needs a window that ends."""
    if due.at_end_of == "account":
        found = "the account, of which no last day is known"
        findings.add((*path, "at_end_of"), "period", found, "a window that ends")
    if isinstance(due, Due) and due.earlier is not None:
        _due(findings, (*path, "earlier"), due.earlier)


def _test(findings: Findings, path: Path, test: Test) -> None:
    """A figure for one pay tells nothing of anything else."""
    for word in ("above", "at_least", "below", "at_most", "is"):
        figure = getattr(test, "is_" if word == "is" else word)
        if figure is not None and _for_one_pay(findings.book, figure):
            found = f"{figure}, a figure for one pay, beside {test.what}"
            findings.add((*path, word), "period", found, "a figure that does not depend on how often pay comes")


def _for_one_pay(book: Rulebook, figure: str) -> bool:
    """Whether a value is a pay period's: a table by frequency, or a share."""
    value = book.values.get(figure)
    return value is not None and (value.by == "frequency" or value.share_of is not None)


def rows_of(book: Rulebook, amount: Amount, above: tuple[str, ...] = (), *, taken: bool = False) -> set[str]:
    """What sorts of facts an amount has parts at: pay, paid and so on. `taken`: also those at which some is taken off."""
    found: set[str] = set()
    for source in listed(amount.of) + (listed(amount.minus) if taken else []):
        other = book.amounts.get(source) or book.rules.get(source)
        if other is None:
            found.add("pay" if source == "count.pay" else source.partition(".")[0])
        elif source not in above:
            found |= rows_of(book, other, (*above, source), taken=taken)
    return found


def window_of(amount: Amount) -> str | None:
    """The window of the total in which an amount stands at its end; None if it is a part at each fact."""
    window: str | None = None
    for step in amount.steps:
        match step:
            case TotalStep(total=Total(over=name)) | TotalStep(total=str(name)):
                window = name
            case LatestStep(latest=name) | HighestStep(highest=name) | RiseStep(rise_over=name):
                window = name
            case PartStep():
                window = None
            case _:
                pass
    return None if isinstance(amount, Rule) and amount.stated else window


@dataclass
class _Chain:
    """The steps of one amount, walked in their order."""

    findings: Findings
    only_pay: bool
    """Whether all its facts are pays."""
    over: str | None = None
    """The window in which the column runs here; None: parts."""

    def take(self, here: Path, step: object) -> None:
        """One step further."""
        match step:
            case TotalStep(total=Total() as total):
                self.over = total.over
                if total.not_above is not None:
                    self._figure((*here, "total", "not_above"), total.not_above)
            case TotalStep(total=str(name)) | LatestStep(latest=name):
                self.over = name
            case PartStep():
                self.over = None
            case HighestStep(highest=name):
                self._highest((*here, "highest"), name)
            case RiseStep(rise_over=name):
                self._rise((*here, "rise_over"), name)
            case EarlierStep(earlier=earlier):
                if earlier.window == "account":
                    found = "an account before the account"
                    self.findings.add((*here, "earlier", "window"), "period", found, "a window that comes again")
                self._some((*here, "earlier", "by"), earlier.by, "windows before: this one has not ended yet")
            case AverageStep(average=average):
                self._some((*here, "average", "months"), average.months, "months, which have no days")
            case _:
                self._figures(here, step)

    def _some(self, path: Path, figure: str, what: str) -> None:
        """A look back that goes back at all."""
        if not figure.strip("0"):
            self.findings.add(path, "period", f"{figure} {what}", "1 or more")

    def _highest(self, path: Path, name: str) -> None:
        outer, inner = cut_of(self.findings.book, name), self.over and cut_of(self.findings.book, self.over)
        if outer and inner and not inner.lies_within(outer):
            how = "shorter than" if outer.lies_within(inner) else "cut otherwise than"
            found = f"the highest of each {name}, {how} {self.over}, over which the total runs: what stands would count again"
            self.findings.add(path, "period", found, f"{self.over}, or a window that holds it whole, such as account")
        self.over = name

    def _rise(self, path: Path, name: str) -> None:
        inner = self.over and cut_of(self.findings.book, self.over)
        if inner and not inner.never_begins_anew:
            found = f"a rise over each {name} of a figure that begins anew with each {self.over}"
            self.findings.add(path, "period", found, "a total over the account, or its highest over the account")
        self.over = name

    def _figures(self, here: Path, step: object) -> None:
        """The figures of a step, each beside the column as it stands."""
        match step:
            case UpToStep(up_to=UpTo(value=figure)):
                self._figure((*here, "up_to", "value"), figure)
            case UpToStep(up_to=str(figure)):
                self._figure((*here, "up_to"), figure)
            case LessStep(less=figure):
                self._figure((*here, "less"), figure)
            case AtLeastStep(at_least=figure):
                self._figure((*here, "at_least"), figure)
            case GiveStep(give=figure):
                self._figure((*here, "give"), figure)
            case ProRataStep(pro_rata=ProRata(amount=figure, of=whole)):
                self._figure((*here, "pro_rata", "amount"), figure)
                self._figure((*here, "pro_rata", "of"), whole)
            case TaperStep(taper=Taper() as taper):
                self._figure((*here, "taper", "on"), taper.on)
                for key, end in (("from", taper.from_), ("to", taper.to)):
                    self._figure((*here, "taper", key), end)
            case TiersStep(tiers=tiers):
                for index, tier in enumerate(tiers):
                    self._tier((*here, "tiers", index), tier)
            case RateStep(rate=rate):
                by = isinstance(rate, RateBy)
                self._of_pay((*here, "rate", "otherwise") if by else (*here, "rate"), rate.otherwise if by else rate)  # type: ignore[union-attr, arg-type]

    def _tier(self, path: Path, tier: Tier) -> None:
        if tier.up_to is not None:
            self._figure((*path, "up_to"), tier.up_to)
        self._figure((*path, "rate"), tier.rate)

    def _figure(self, path: Path, figure: str) -> None:
        """A figure must be of the stretch of time of what it is held against."""
        book = self.findings.book
        amount = book.amounts.get(figure) or book.rules.get(figure)
        if self.over is None or self.over == "pay_period":
            self._of_pay(path, figure)
        elif _for_one_pay(book, figure):
            found = f"{figure}, a figure for one pay, beside a total over {self.over}"
            self.findings.add(path, "period", found, f"a figure for each {self.over}, or this step before the total")
        elif amount is not None:
            theirs = window_of(amount)
            cut, own = theirs and cut_of(book, theirs), cut_of(book, self.over)
            if theirs is None:
                found = f"{figure}, which stands at one fact alone, beside a total over {self.over}"
                self.findings.add(
                    path, "period", found, f"`total: {self.over}` in {figure}, or this step before the total"
                )
            elif cut and own and cut.months < own.months:
                found = f"{figure}, which begins anew with each {theirs}, beside a total over {self.over}"
                self.findings.add(path, "period", found, f"an amount over {self.over}, or over more")

    def _of_pay(self, path: Path, figure: str) -> None:
        """A table by frequency needs facts that have one."""
        if not self.only_pay and _for_one_pay(self.findings.book, figure):
            found = f"{figure}, a figure for one pay, beside money that is not of a pay"
            self.findings.add(path, "period", found, "a figure that does not depend on how often pay comes")
