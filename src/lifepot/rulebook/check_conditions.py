"""Checks of conditions, and of membership, which asks them."""

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.findings import Findings, Path, circles
from lifepot.rulebook.terms import (
    All,
    AnyOf,
    Attribute,
    LeavingWindow,
    Not,
    Refund,
    Rulebook,
    Test,
    Within,
)

COMPARISONS = ("above", "at_least", "below", "at_most", "is_")


def check_conditions(findings: Findings) -> None:
    """Every named condition, and membership."""
    book = findings.book
    for name, condition in book.conditions.items():
        check_condition(findings, ("conditions", name), condition)
    for names in circles({name: sorted(_names(condition)) for name, condition in book.conditions.items()}):
        findings.add(("conditions", names[0]), "cycle", " asks for ".join(names), "conditions that end in tests")
    _membership(findings)


def check_condition(findings: Findings, path: Path, condition: object) -> None:
    """A condition wherever it stands, down to its tests."""
    match condition:
        case str():
            findings.one_of(path, condition, findings.book.conditions, "conditions")
        case All(all=inner) | AnyOf(any=inner):
            key = "all" if isinstance(condition, All) else "any"
            for index, one in enumerate(inner):
                check_condition(findings, (*path, key, index), one)
        case Not(not_=inner):
            check_condition(findings, (*path, "not"), inner)
        case Test():
            _test(findings, path, condition)


def _names(condition: object) -> set[str]:
    """Names of conditions that a condition asks for at once."""
    match condition:
        case str():
            return {condition}
        case All(all=inner) | AnyOf(any=inner):
            return set().union(*(_names(one) for one in inner))
        case Not(not_=inner):
            return _names(inner)
        case _:
            return set()


def asked_by(book: Rulebook, condition: object, above: tuple[str, ...] = ()) -> list[str]:
    """Names of amounts that a condition tests, through the conditions it names."""
    match condition:
        case str() if condition in book.conditions and condition not in above:
            return asked_by(book, book.conditions[condition], (*above, condition))
        case All(all=inner) | AnyOf(any=inner):
            return [name for one in inner for name in asked_by(book, one, above)]
        case Not(not_=one):
            return asked_by(book, one, above)
        case Test() if condition.what.startswith("amount."):
            return [condition.what.removeprefix("amount.")]
        case _:
            return []


def _test(findings: Findings, path: Path, test: Test) -> None:
    operands = [(key, str(getattr(test, key))) for key in COMPARISONS if getattr(test, key) is not None]
    if not operands:
        findings.add(path, "test", "no comparison", "above, at_least, below, at_most or is")
    if test.together and test.what != "pay.earnings":
        findings.add((*path, "together"), "test", f"`together` of {test.what}", "`together` with pay.earnings")
    attribute = None
    if test.what.startswith("amount."):
        name = test.what.removeprefix("amount.")
        findings.one_of((*path, "what"), name, [*findings.book.amounts, *findings.book.rules], "amounts and rules")
    if test.what.startswith("attribute."):
        name = test.what.removeprefix("attribute.")
        if not findings.one_of((*path, "what"), name, findings.book.attributes, "attributes"):
            return
        attribute = findings.book.attributes[name]
    unit = unit_of(test.what, attribute)
    for key, text in operands:
        where = (*path, key.rstrip("_"))
        if unit in {"yes_no", "choice"} and key != "is_":
            findings.add(where, "test", f"{key} of a {unit}", "`is`")
        elif unit == "choice":
            findings.one_of(where, text, (attribute and attribute.choices) or [], "choices")
        elif unit == "yes_no":
            findings.reads(where, text, scalars.parse_yes_no)
        elif test.what.startswith("amount."):
            named = findings.book.values.get(text)
            findings.operand(where, text, "number" if named is not None and named.unit == "number" else unit)
        else:
            findings.operand(where, text, unit)


def unit_of(what: str, attribute: Attribute | None) -> str:
    """The unit of what is tested, or the kind of the attribute that is."""
    if attribute is not None:
        return attribute.kind
    if what.startswith("age"):
        return "age"
    if what.startswith("amount.") or (what.startswith("pay.") and what != "pay.hours"):
        return "money"
    return "day" if what == "date" else "number"


def _membership(findings: Findings) -> None:
    membership = findings.book.membership
    path: Path = ("membership",)
    for key in ("may_join", "automatic"):
        condition = getattr(membership, key)
        if condition is not None:
            check_condition(findings, (*path, key), condition)
            if asked := asked_by(findings.book, condition):
                found = f"a test of {asked[0]}, which counts only once the account is open"
                findings.add((*path, key), "test", found, "tests of the person and the pay")
    if membership.opt_in is not None:
        findings.attribute((*path, "opt_in"), membership.opt_in, "yes_no")
    for i, leaving in enumerate(membership.leaving):
        findings.attribute((*path, "leaving", i, "attribute"), leaving.attribute, "yes_no")
        for j, window in enumerate(leaving.windows):
            _leaving_window(findings, (*path, "leaving", i, "windows", j), window)
    for i, pause in enumerate(membership.pauses):
        here = (*path, "pauses", i)
        findings.attribute((*here, "attribute"), pause.attribute, "yes_no")
        findings.reads((*here, "not_before_months"), pause.not_before_months, scalars.parse_months)
        findings.reads((*here, "at_least_months"), pause.at_least_months, scalars.parse_months)
        if pause.at_most_months is not None:
            findings.reads((*here, "at_most_months"), pause.at_most_months, scalars.parse_months)


def _leaving_window(findings: Findings, path: Path, window: LeavingWindow) -> None:
    if window.within is not None:
        _within(findings, (*path, "within"), window.within)
    for index, refund in enumerate(window.refunds):
        _refund(findings, (*path, "refunds", index), refund)


def _within(findings: Findings, path: Path, within: Within) -> None:
    months = findings.reads((*path, "months"), within.months, scalars.parse_months)
    after = findings.reads((*path, "after_months"), within.after_months, scalars.parse_months)
    if isinstance(months, int) and isinstance(after, int) and months <= after:
        found = f"a window from {after} to {months} months"
        findings.add((*path, "months"), "order", found, "an end after the beginning")
    for index, origin in enumerate(within.from_):
        if origin.startswith("attribute."):
            findings.attribute((*path, "from", index), origin.removeprefix("attribute."), "day")
        elif origin != "joining":
            findings.reads((*path, "from", index), origin, parse_day)


def _refund(findings: Findings, path: Path, refund: Refund) -> None:
    for key in ("since", "above_rate_on"):
        if getattr(refund, key) is not None:
            findings.reads((*path, key), getattr(refund, key), parse_day)
