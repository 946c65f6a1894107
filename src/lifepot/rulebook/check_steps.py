"""Checks of amounts and rules: where they begin, and whether their steps can follow each other."""

from dataclasses import dataclass

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.check_accounts import check_net
from lifepot.rulebook.check_conditions import asked_by, check_condition
from lifepot.rulebook.findings import Findings, Path, circles
from lifepot.rulebook.terms import (
    Amount,
    AtLeastStep,
    AverageStep,
    Due,
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
    RoundStep,
    Rule,
    Rulebook,
    TaperStep,
    Tier,
    TiersStep,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
    WhereStep,
)  # fmt: skip

FIXED_SOURCES = {
    "pay.earnings", "pay.worker", "pay.employer", "pay.hours", "paid.worker", "paid.employer", "withdrawn",
    "withdrawn.purpose", "withdrawn.no_purpose", "count.pay", "count.paid", "count.withdrawn",
}  # fmt: skip


def check_amounts(findings: Findings) -> None:
    """Every amount and rule."""
    book = findings.book
    named_twice = [("amounts", name) for name in book.amounts if name in book.values or name in book.rules]
    for section, name in named_twice + [("rules", name) for name in book.rules if name in book.values]:
        findings.add((section, name), "twice", f"{name}, which is also a value or a rule", "a name of its own")
    terms: dict[str, Amount] = {**book.amounts, **book.rules}
    for section, own in (("amounts", book.amounts), ("rules", book.rules)):
        for name, amount in own.items():
            _amount(findings, (section, name), amount)
    for names in circles({name: uses(book, amount) for name, amount in terms.items()}):
        section = "amounts" if names[0] in book.amounts else "rules"
        findings.add((section, names[0]), "cycle", " is made of ".join(names), "amounts that end in facts")


def uses(book: Rulebook, amount: Amount) -> list[str]:
    """Names of sources, amounts and rules that an amount is made of or asks for, its steps and conditions included."""
    names = _list(amount.of) + _list(amount.minus) + asked_by(book, amount.when)
    if {"withdrawn.purpose", "withdrawn.no_purpose"} & set(names) or _undoes_withdrawals(amount):
        for purpose in book.purposes.values():
            names += asked_by(book, purpose.when)
    for step in amount.steps:
        match step:
            case (
                UpToStep(up_to=UpTo(value=figure))
                | UpToStep(up_to=str(figure))
                | LessStep(less=figure)
                | AtLeastStep(at_least=figure)
                | GiveStep(give=figure)
                | TotalStep(total=Total(not_above=str(figure)))
            ):
                names.append(figure)
            case ProRataStep(pro_rata=ProRata(amount=figure, of=whole)):
                names += [figure, whole]
            case TaperStep(taper=taper):
                names.append(taper.on)
            case WhereStep(where=condition):
                names += asked_by(book, condition)
            case _:
                pass
    return names


def _undoes_withdrawals(amount: Amount) -> bool:
    """Whether a total of it takes out what was withdrawn for no purpose."""
    totals = [step.total for step in amount.steps if isinstance(step, TotalStep)]
    return any(isinstance(total, Total) and total.taken_out is not None for total in totals)


def _list(sources: str | list[str]) -> list[str]:
    return [sources] if isinstance(sources, str) else list(sources)


def _amount(findings: Findings, path: Path, amount: Amount) -> None:
    for key in ("of", "minus"):
        sources = getattr(amount, key)
        for index, source in enumerate(_list(sources)):
            _source(findings, (*path, key) if isinstance(sources, str) else (*path, key, index), source)
    if amount.when is not None:
        check_condition(findings, (*path, "when"), amount.when)
    _Chain(findings, (*path, "steps"), amount).check()
    if isinstance(amount, Rule):
        findings.one_of((*path, "account"), amount.account, findings.book.accounts, "accounts")
        if amount.due is not None:
            _due(findings, (*path, "due"), amount.due)
        if amount.net is not None:
            check_net(findings, (*path, "net"), amount)
        if amount.stated and amount.stated.removeprefix("pay.") != amount.party:
            findings.add((*path, "stated"), "rule", f"{amount.stated} for the {amount.party}", f"pay.{amount.party}")


def _due(findings: Findings, path: Path, due: Due) -> None:
    findings.window((*path, "at_end_of"), due.at_end_of)
    if due.earlier is not None:
        findings.window((*path, "earlier", "at_end_of"), due.earlier.at_end_of)
        findings.reads((*path, "earlier", "until"), due.earlier.until, parse_day)


def _source(findings: Findings, path: Path, source: str) -> None:
    book = findings.book
    head, _, tail = source.partition(".")
    if source in FIXED_SOURCES or source in book.amounts or source in book.rules:
        return
    if head == "withdrawn":
        findings.one_of(path, tail, book.purposes, "purposes")
    elif head == "day":
        findings.one_of(path, tail, book.days, "days")
        if book.membership.per == "job":
            findings.add(path, "rule", "a named day where each job is kept alone", "`per: member` in membership")
    elif head == "present":
        findings.attribute(path, tail, "yes_no")
    elif head == "attribute":
        findings.attribute(path, tail, "money", "number")
    else:
        findings.add(path, "unknown", source, "a source such as pay.earnings, or one of the amounts and rules")


@dataclass
class _Chain:
    """The steps of one amount, walked in their order."""

    findings: Findings
    path: Path
    amount: Amount
    running: bool = False
    """Whether the column is a running total here."""

    begun: bool = False
    """Whether there was a total before."""

    exact: bool = False
    """Whether it may hold fractions of a penny here."""

    shares: bool = False
    """Whether those fractions are of another size at each fact: after a taper or a share."""

    apart: str = ""
    """Why the totals here do not stand one after the other, if they do not."""

    def check(self) -> None:
        here = self.path
        for index, step in enumerate(self.amount.steps):
            here = (*self.path, index)
            self._step(here, step)
            if isinstance(step, EarlierStep | AverageStep) and index + 1 < len(self.amount.steps):
                word = "average" if isinstance(step, AverageStep) else "earlier"
                self.findings.add(here, "step", f"a step after `{word}`", f"`{word}` last, and an amount that uses it")
        if self.exact:
            self.findings.add(here, "step", "fractions of a penny at the end", "`round` as the last step")
        if (
            isinstance(self.amount, Rule)
            and self.amount.stated
            and any(isinstance(step, TotalStep | LatestStep) for step in self.amount.steps)
        ):
            self.findings.add(
                (*self.path[:-1], "stated"), "step", "`stated` of a running total", "steps on each pay alone"
            )

    def _step(self, here: Path, step: object) -> None:
        findings = self.findings
        match step:
            case TotalStep(total=str(window)):
                self._total(here, (*here, "total"), Total(over=window))
            case TotalStep(total=Total() as total):
                self._total(here, (*here, "total", "over"), total)
            case LatestStep(latest=window):
                findings.window((*here, "latest"), window)
                if self.begun:
                    findings.add(here, "step", "`latest` of a total", "`latest` of what each fact says")
                self._whole_pennies(here, "the last said")
                self.running, self.begun, self.apart = True, True, ""
            case PartStep():
                self._after_total(here, "part")
                self._whole_pennies(here, "parts")
                self.running = False
            case HighestStep(highest=window):
                findings.window((*here, "highest"), window)
                self._after_total(here, "highest")
                self._whole_pennies(here, "the highest")
            case RiseStep(rise_over=window):
                findings.window((*here, "rise_over"), window)
                self._after_total(here, "rise_over")
                self._whole_pennies(here, "a rise")
            case EarlierStep(earlier=earlier):
                findings.window((*here, "earlier", "window"), earlier.window)
                findings.reads((*here, "earlier", "by"), earlier.by, scalars.parse_back)
                self._after_total(here, "earlier")
            case AverageStep(average=average):
                findings.reads((*here, "average", "months"), average.months, scalars.parse_months_averaged)
                self._after_total(here, "average")
                self._whole_pennies(here, "an average")
            case WhereStep(where=condition):
                check_condition(findings, (*here, "where"), condition)
            case RateStep() | TiersStep() | TaperStep() | ProRataStep():
                self._multiplied(here, step)
            case RoundStep(round=text):
                findings.reads((*here, "round"), text, scalars.parse_rounding)
                self.exact = self.shares = False
            case _:
                self._bounded(here, step)

    def _total(self, here: Path, window: Path, total: Total) -> None:
        findings = self.findings
        findings.window(window, total.over, of_facts=True)
        if total.over == "pay_period" and total.per != "job":
            findings.add(window, "step", "a pay period of all jobs", "`per: job`")
        if self.running:
            findings.add(here, "step", "a total of a total", "`part: each` between the two")
        self._whole_pennies(here, "a total")
        if total.not_above is not None:
            findings.step_figure((*here, "total", "not_above"), total.not_above)
        elif total.beyond == "refused":
            findings.add((*here, "total", "beyond"), "step", "`beyond` without a cap", "`not_above`")
        if total.taken_out is not None and (total.per == "job" or total.not_below or total.not_above):
            expected = "`taken_out` of a plain total of all jobs: it takes no more than there is"
            findings.add(
                (*here, "total", "taken_out"), "step", "`taken_out` of a total that is held or split", expected
            )
        self.apart = "a total for each job" if total.per == "job" else ""
        if total.taken_out is not None:
            self.apart = "a total that what is taken out undoes in earlier windows"
        self.running = self.begun = True

    def _bounded(self, here: Path, step: object) -> None:
        """A cap, a floor, a deduction or a fixed gift."""
        findings = self.findings
        match step:
            case UpToStep(up_to=cap):
                if isinstance(cap, UpTo) and cap.beyond == "refused":
                    self._whole_pennies(here, "a refusal")
                if isinstance(cap, UpTo):
                    findings.step_figure((*here, "up_to", "value"), cap.value)
                else:
                    findings.step_figure((*here, "up_to"), cap)
            case AtLeastStep(at_least=figure):
                findings.step_figure((*here, "at_least"), figure)
            case LessStep(less=figure):
                findings.step_figure((*here, "less"), figure)
            case GiveStep(give=figure):
                findings.step_figure((*here, "give"), figure)
                self.exact = self.shares = False

    def _multiplied(self, here: Path, step: RateStep | TiersStep | TaperStep | ProRataStep) -> None:
        """A rate, tiers or a taper, after which there may be fractions of a penny."""
        findings = self.findings
        self.exact = True
        if isinstance(step, RateStep) and self.running and self.shares:
            expected = "the rate first, or `round` before it"
            findings.add(here, "step", "a rate, part by part, of a total that tapers or is shared out", expected)
        self.shares |= isinstance(step, TaperStep | ProRataStep)
        match step:
            case RateStep(rate=RateBy(attribute=name, otherwise=otherwise)):
                findings.attribute((*here, "rate", "attribute"), name, "percent")
                findings.operand((*here, "rate", "otherwise"), otherwise, "rate")
            case RateStep(rate=str(rate)):
                findings.operand((*here, "rate"), rate, "rate")
            case TiersStep(tiers=tiers):
                self._tiers((*here, "tiers"), tiers)
            case ProRataStep(pro_rata=share):
                findings.step_figure((*here, "pro_rata", "amount"), share.amount)
                findings.step_figure((*here, "pro_rata", "of"), share.of)
            case TaperStep(taper=taper):
                if taper.on.startswith("attribute."):
                    findings.attribute((*here, "taper", "on"), taper.on.removeprefix("attribute."), "money")
                else:
                    findings.one_of((*here, "taper", "on"), taper.on, findings.book.amounts, "amounts")
                findings.money((*here, "taper", "from"), taper.from_)
                findings.money((*here, "taper", "to"), taper.to)

    def _tiers(self, path: Path, tiers: list[Tier]) -> None:
        for index, tier in enumerate(tiers):
            last = index == len(tiers) - 1
            self.findings.operand((*path, index, "rate"), tier.rate, "rate")
            if tier.up_to is None and not last:
                found = "a tier without end before another"
                self.findings.add((*path, index), "order", found, "`up_to` on all tiers but the last")
            elif tier.up_to is not None:
                self.findings.money((*path, index, "up_to"), tier.up_to)
                if last:
                    right = "no `up_to` there (rate 0% if nothing is given beyond)"
                    self.findings.add((*path, index, "up_to"), "order", "an end of the last tier", right)

    def _after_total(self, here: Path, word: str) -> None:
        if not self.running:
            self.findings.add(here, "step", f"`{word}` without a total before it", "`total` first")
        elif self.apart and (word != "part" or "job" not in self.apart):
            expected = "one total over all jobs, from which nothing is taken out"
            self.findings.add(here, "step", f"`{word}` of {self.apart}", expected)

    def _whole_pennies(self, here: Path, what: str) -> None:
        if self.exact:
            self.findings.add(here, "step", f"{what} of fractions of a penny", "`round` before it")
