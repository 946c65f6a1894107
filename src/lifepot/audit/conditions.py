"""Whether a condition holds for a fact. What was never said fails, unless the test lets it pass; so does a gap."""

from collections.abc import Callable

from lifepot.audit.calendar import aged_on, period_of, whole_months
from lifepot.audit.figures import Exact, Gap
from lifepot.audit.life import Life
from lifepot.audit.told import Told
from lifepot.periods import day_of
from lifepot.rulebook.terms import All, AnyOf, Condition, Not, Test

HUNDREDTHS_PER_HOUR = 100

Standing = Callable[[str], Exact]
"""Where an amount or rule of that name stands at the fact."""


def no_amounts(name: str) -> Exact:
    """For conditions that are asked before there are amounts: who may join, and what opens the account."""
    raise AssertionError(f"{name} is tested before the account is open")


def holds(life: Life, condition: Condition | None, fact: Told, standing: Standing = no_amounts) -> bool:
    """Whether the fact meets the condition (no condition: always). Amounts are worked out only once a test asks."""
    match condition:
        case None:
            return True
        case str():
            return holds(life, life.rulebook.conditions[condition], fact, standing)
        case All(all=inner):
            return all(holds(life, one, fact, standing) for one in inner)
        case AnyOf(any=inner):
            return any(holds(life, one, fact, standing) for one in inner)
        case Not(not_=one):
            return not holds(life, one, fact, standing)
        case Test():
            return _passes(life, condition, fact, standing)


def purpose_of(life: Life, withdrawal: Told, standing: Standing) -> str:
    """The purpose a withdrawal is for: its word's, else one that takes any word; "" for no purpose."""
    purposes = life.rulebook.purposes
    own = [withdrawal.value] if withdrawal.value in purposes else []
    names = own + [name for name, term in purposes.items() if term.any_word]
    return next((name for name in names if holds(life, purposes[name].when, withdrawal, standing)), "")


def _passes(life: Life, test: Test, fact: Told, standing: Standing) -> bool:
    unit, found = _found(life, test, fact, standing)
    if found is None:
        return test.unknown == "passes"
    try:
        return all(_compares(life, comparison, unit, found, fact) for comparison in comparisons(test))
    except Gap as gap:
        life.figures.note(gap, fact)
        return False


def comparisons(test: Test) -> list[tuple[str, str]]:
    """The comparisons a test makes: its word and the figure's text."""
    words = {
        "above": test.above,
        "at_least": test.at_least,
        "below": test.below,
        "at_most": test.at_most,
        "is": test.is_,
    }
    return [(word, text) for word, text in words.items() if text is not None]


def _compares(life: Life, comparison: tuple[str, str], unit: str, found: Exact | str, fact: Told) -> bool:
    word, text = comparison
    if isinstance(found, str):
        return found == text
    if unit == "amount":
        limit = life.figures.amount(text, fact)
    else:
        limit = life.figures.of(text, "number" if unit == "hours" else unit, fact)
    if unit == "age" and limit % 12 == 0:
        # Ages are whole years, unless the figure itself counts months: at 16 and a half nobody is above 16.
        found, limit = found // 12, limit // 12
    if unit == "hours":
        limit *= HUNDREDTHS_PER_HOUR
    match word:
        case "above":
            return found > limit
        case "at_least":
            return found >= limit
        case "below":
            return found < limit
        case "at_most":
            return found <= limit
        case _:
            return found == limit


def _found(life: Life, test: Test, fact: Told, standing: Standing) -> tuple[str, Exact | str | None]:
    """The unit of what is tested and what it is; None where it is not known."""
    head, _, tail = test.what.partition(".")
    match head:
        case "attribute":
            return life.rulebook.attributes[tail].kind, life.attribute_at(tail, fact)
        case "amount":
            return "amount", standing(tail)
        case "date":
            return "day", day_of(fact.on)
        case "age":
            return "age", whole_months(life.born, aged_on(fact)) if life.born else None
        case "age_at_joining":
            return "age", whole_months(life.born, life.opened_on) if life.born and life.opened_on else None
        case "age_at_first_payment":
            return "age", whole_months(life.born, life.first_payment) if life.born and life.first_payment else None
        case "months_since_joining":
            return "number", whole_months(life.opened_on, fact.on) if life.opened_on else None
        case "months_since_first_payment":
            return "number", whole_months(life.first_payment, fact.on) if life.first_payment else None
    if tail == "earnings":
        return "money", _earnings_of_all_jobs(life, fact) if test.together else fact.earnings
    if tail == "hours":
        return "hours", fact.hours
    return "money", fact.worker if tail == "worker" else fact.employer


def _earnings_of_all_jobs(life: Life, pay: Told) -> int | None:
    """Earnings of all the member's pays whose period ends in this pay's period, whoever pays and exempt or not.

    None, where no pay says them.
    """
    if pay.kind != "pay":
        return None
    first, last = period_of(pay)
    within = [fact for fact in life.facts if fact.kind == "pay" and first <= period_of(fact)[1] <= last]
    said = [fact.earnings for fact in within if fact.earnings is not None]
    return sum(said) if said else None


def looked_at(life: Life, test: Test, fact: Told, standing: Standing) -> tuple[str, Exact | str | None]:
    """What a test looks at, for whoever explains it: the unit, and what was found (None where it is not known)."""
    return _found(life, test, fact, standing)


def compares(life: Life, comparison: tuple[str, str], unit: str, found: Exact | str, fact: Told) -> bool:
    """Whether one comparison of a test holds, for whoever explains it. Raises `Gap` where no figure is in force."""
    return _compares(life, comparison, unit, found, fact)
