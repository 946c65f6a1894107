"""Tests in words with their figures: what was found, what is needed, and when time alone will bring it."""

from fractions import Fraction

from lifepot.kernel.columns import NONE
from lifepot.kernel.program import Program
from lifepot.money import format_minor
from lifepot.periods import FAR_FUTURE, add_months_to, format_day
from lifepot.quote.trial import Trial
from lifepot.rulebook.terms import Attribute, Test
from lifepot.rulebook.words import condition_in_words

COMPARISONS = {
    "above": "above", "at_least": "at least", "below": "below", "at_most": "at most", "is_": "exactly",
}  # fmt: skip
IN_TIME = {
    "months_since_first_payment": "{} months after the first payment",
    "months_since_joining": "{} months after joining",
    "age": "age {}",
}
"""What passes by itself, where it is to be at least so much."""

MONTHS_A_YEAR = 12


def unit_of(program: Program, test: Test) -> str | None:
    """What a test's figures are in; None where they are words."""
    if test.what.startswith("attribute."):
        kind = program.rulebook.attributes[test.what.removeprefix("attribute.")].kind
        return None if kind in {"yes_no", "choice"} else kind
    if test.what.startswith("age"):
        return "age"
    if test.what == "date":
        return "day"
    return "number" if test.what == "pay.hours" or test.what.startswith("months") else "money"


def found_of(trial: Trial, one: int, test: object) -> str | None:
    """What a test finds at a try, as people write it; None where it is not known, or the test is several."""
    if not isinstance(test, Test):
        return None
    run, row = trial.run, int(trial.row[one])
    member, on = int(run.sheet.facts.member[row]), int(run.sheet.facts.on[row])
    if test.what.startswith("attribute."):
        name = test.what.removeprefix("attribute.")
        return written(run.program.rulebook.attributes[name], int(run.sheet.attribute(name)[row]))
    if test.what == "date":
        return format_day(on)
    if test.what.startswith("amount."):
        return format_minor(int(run.result(test.what.removeprefix("amount.")).level[row]))
    born, opened = int(run.sheet.people.born[member]), int(run.sheet.opened_on[member])
    paid = int(run.sheet.first_payment_on[member])
    spans = {
        "age": (born, on),
        "age_at_joining": (born, on if opened == NONE else opened),
        "age_at_first_payment": (born, paid),
        "months_since_joining": (opened, on),
        "months_since_first_payment": (paid, on),
    }
    since, until = spans.get(test.what, (NONE, NONE))
    if NONE in {since, until} or FAR_FUTURE in {since, until}:
        return None
    months = _whole_months(since, until)
    return str(months) if test.what.startswith("months") else _age(months)


def needed_of(trial: Trial, one: int, test: object) -> str:
    """What would pass at a try: each comparison with its figure on that day, and the value's name beside it."""
    if not isinstance(test, Test):
        return condition_in_words(test)
    program, unit = trial.run.program, unit_of(trial.run.program, test)
    said = []
    for key, words in COMPARISONS.items():
        text = getattr(test, key)
        if text is None:
            continue
        if unit is None:
            said.append(text)
            continue
        figure = trial.figure(one, text, unit)
        if figure is not None and unit == "percent" and text in program.figures:
            figure *= 10**6  # a percentage is said in millionths, a rate among the values as it is
        shown = "no figure on this day" if figure is None else _figure(figure, unit)
        name = f" ({text})" if text in program.figures else ""
        said.append(f"{words} {shown}{name}")
    return " and ".join(said)


def in_time(trial: Trial, one: int, test: object) -> str:
    """What it is that time brings: "12 months after the first payment"."""
    if isinstance(test, Test) and test.what in IN_TIME and test.at_least is not None:
        return IN_TIME[test.what].format(needed_of(trial, one, test).split("at least ")[1].split(" (")[0])
    return condition_in_words(test)


def written(attribute: Attribute, value: int) -> str | None:
    """An attribute's value as files write it; None where it is not known."""
    if value == NONE:
        return None
    match attribute.kind:
        case "yes_no":
            return ("no", "yes")[value]
        case "choice":
            assert attribute.choices is not None
            return attribute.choices[value]
        case kind:
            return _figure(Fraction(value), kind)


def _figure(figure: Fraction, unit: str) -> str:
    match unit:
        case "money":
            return format_minor(int(figure))
        case "age":
            return _age(int(figure))
        case "day":
            return format_day(int(figure))
        case "percent":
            return rate_in_words(figure / 10**6)
        case _:
            return str(figure)


def rate_in_words(rate: Fraction) -> str:
    """A rate as a percentage, if it is one of few decimals; else as a fraction."""
    millionths = rate * 10**6
    if millionths.denominator != 1:
        return str(rate)
    whole, rest = divmod(int(millionths), 10**4)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + "%"


def _age(months: int) -> str:
    years, rest = divmod(months, MONTHS_A_YEAR)
    return f"{years}y {rest}m" if rest else str(years)


def _whole_months(since: int, until: int) -> int:
    """Months that have passed; 0 before."""
    months = max(0, (until - since) // 31)
    while add_months_to(since, months + 1) <= until:
        months += 1
    return months
