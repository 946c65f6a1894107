"""Why a condition holds for a fact or does not: the very tests that decided it, what they found, and the figure in force."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from lifepot.audit.calendar import aged_on
from lifepot.audit.conditions import Standing, compares, comparisons, looked_at, no_amounts
from lifepot.audit.figures import COUNTED, Exact, Gap, InForce
from lifepot.audit.life import Life
from lifepot.audit.quantities import counts_things
from lifepot.audit.told import Ref, Told
from lifepot.audit.words import UNSAID, clause, decimals, listing, shown, spelled
from lifepot.rulebook.terms import All, AnyOf, Condition, Not, Test

Named = Callable[[Ref], str]
"""What a fact is called: "pay of 2026-05-08 from ACME, line 3 of may.csv"."""

HOLDS = {
    "above": "is above", "at_least": "is at least", "below": "is below", "at_most": "is at most", "is": "is",
}  # fmt: skip
FAILS = {
    "above": "is not above", "at_least": "is below", "below": "is not below", "at_most": "is above", "is": "is not",
}  # fmt: skip
ON_DAYS = {
    "is above": "is after", "is at least": "is not before", "is below": "is before", "is at most": "is not after",
    "is not above": "is not after", "is not below": "is not before",
}  # fmt: skip
"""How comparisons are said of days."""


class Verdict(NamedTuple):
    """Whether a condition holds, in words that are true of the fact, with the figures it was held against.

    `subject` is what the words begin with where they compare one thing, so that two comparisons of it are said in one.
    """

    holds: bool
    text: str
    figures: tuple[InForce, ...] = ()
    gap: Gap | None = None
    subject: str = ""


def verdict(
    life: Life, condition: Condition | None, fact: Told, named: Named, standing: Standing = no_amounts
) -> Verdict:
    """Why a condition holds or does not. Agrees with `conditions.holds`, which it asks test by test."""
    match condition:
        case None:
            return Verdict(holds=True, text="nothing is asked")
        case str():
            return verdict(life, life.rulebook.conditions[condition], fact, named, standing)
        case All(all=inner):
            found = [verdict(life, one, fact, named, standing) for one in inner]
            failed = [one for one in found if not one.holds]
            return _together(not failed, failed or found)
        case AnyOf(any=inner):
            found = [verdict(life, one, fact, named, standing) for one in inner]
            held = [one for one in found if one.holds]
            return _together(bool(held), held[:1] or found)
        case Not(not_=one):
            inner_verdict = verdict(life, one, fact, named, standing)
            return inner_verdict._replace(holds=not inner_verdict.holds)
        case Test():
            return _tested(life, condition, fact, named, standing)


def _together(holds: bool, found: list[Verdict]) -> Verdict:  # noqa: FBT001
    figures = tuple(figure for one in found for figure in one.figures)
    gap = next((one.gap for one in found if one.gap), None)
    said: list[str] = []
    before = ""
    for one in found:
        if one.subject and one.subject == before:
            said[-1] += f" and{one.text.removeprefix(one.subject)}"
        else:
            said.append(one.text)
        before = one.subject
    return Verdict(holds, listing(said), figures, gap)


def _tested(life: Life, test: Test, fact: Told, named: Named, standing: Standing) -> Verdict:
    unit, found = looked_at(life, test, fact, standing)
    if found is None:
        passes = test.unknown == "passes"
        text = _not_known(life, test, fact)
        return Verdict(passes, f"{text} (which passes)" if passes else text)
    outer = life.figures.used
    limits: list[InForce] = []
    phrases: dict[bool, list[str]] = {True: [], False: []}
    try:
        for comparison in comparisons(test):
            life.figures.used = []
            holds = compares(life, comparison, unit, found, fact)
            limits += life.figures.used
            phrases[holds].append(_compared(life, test, comparison, unit, holds=holds))
    except Gap as gap:
        return Verdict(holds=False, text=f"{gap.name} has no figure in force on {gap.day.isoformat()}", gap=gap)
    finally:
        life.figures.used = outer
    in_months = any(limit.unit == "age" and limit.figure % 12 for limit in limits)
    compared = listing(phrases[False] or phrases[True])
    subject = _subject(life, test, unit, found, fact, in_months=in_months)
    said = subject + compared + _since(life, test, fact, named)
    return Verdict(not phrases[False], said, tuple(limits), None, "" if test.what.startswith("attribute.") else subject)


def _compared(life: Life, test: Test, comparison: tuple[str, str], unit: str, *, holds: bool) -> str:
    word, text = comparison
    used = life.figures.used
    if unit in {"yes_no", "choice"}:
        return "" if holds else f", not {text}"
    phrase = (HOLDS if holds else FAILS)[word]
    if unit == "day":
        phrase = ON_DAYS.get(phrase, phrase)
    if used and not used[-1].name and _counts(life, test, unit):
        return f" {phrase} {decimals(Fraction(used[-1].figure) / COUNTED)}"
    return f" {phrase} {clause(used[-1], life.rulebook) if used else text}"


def _counts(life: Life, test: Test, unit: str) -> bool:
    """Whether a test is of an amount that counts things."""
    return unit == "amount" and counts_things(life.rulebook, test.what.partition(".")[2])


def _subject(life: Life, test: Test, unit: str, found: Exact | str, fact: Told, *, in_months: bool) -> str:
    """What is tested and what it is, as a sentence's subject."""
    if isinstance(found, str):
        figure = found
    elif _counts(life, test, unit):
        figure = decimals(Fraction(found) / COUNTED)
    else:
        figure = shown(found if unit != "age" or in_months else found // 12 * 12, unit, life.rulebook.currency)
    head, _, tail = test.what.partition(".")
    match test.what:
        case "age":
            return f"your age of {figure} on {aged_on(fact).isoformat()}"
        case "age_at_joining":
            return f"your age of {figure}{_day(life.opened_on)}, the day of joining,"
        case "age_at_first_payment":
            return f"your age of {figure}{_day(life.first_payment)}, the day of the first payment,"
        case "date":
            return f"the day {figure}"
        case "pay.earnings":
            return f"your pay of {figure} in {'all jobs together' if test.together else 'this job'}"
        case "pay.hours":
            return f"the number of hours, {figure},"
        case "pay.worker" | "pay.employer":
            return f"the {figure} that the payer's file states for {'you' if tail == 'worker' else 'the payer'}"
        case "months_since_joining":
            return f"the number of whole months since joining{_day(life.opened_on)}, {figure},"
        case "months_since_first_payment":
            return f"the number of whole months since the first payment{_day(life.first_payment)}, {figure},"
    name = spelled(tail or head)
    return f"{name} is {figure}" if unit in {"yes_no", "choice"} else f"{name}, {figure},"


def _day(on: object) -> str:
    return f" on {on}" if on else ""


def _since(life: Life, test: Test, fact: Told, named: Named) -> str:
    """Who said an attribute: the last word of it that held on the fact's day."""
    head, _, tail = test.what.partition(".")
    if head != "attribute":
        return ""
    said = [one for one in life.statuses(tail, fact.payer) if one.on <= fact.on]
    if said:
        return f" (the {named(said[-1].ref)})"
    term = life.rulebook.attributes[tail]
    if life.own.get(tail) is not None:
        return " (as told from the outset)"
    return " (for nobody said otherwise)" if term.default is not None else ""


def _not_known(life: Life, test: Test, fact: Told) -> str:
    head, _, tail = test.what.partition(".")
    match head:
        case "attribute":
            return f"nobody said what {spelled(tail)} is"
        case "age" | "age_at_joining" | "age_at_first_payment" if life.born is None:
            return "your birth day is not known"
        case "age_at_first_payment" | "months_since_first_payment":
            return "you have paid in nothing yet"
        case "age_at_joining" | "months_since_joining":
            return "you have not joined"
        case "pay" if fact.kind == "pay":
            return UNSAID[tail]
        case "pay":
            return "this is no pay"
        case _:
            return f"{spelled(tail or head)} is not known"
