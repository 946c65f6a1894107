"""Why a withdrawal is for no purpose, and what would open one: the tests that fail, and the first day on which the same
withdrawal would be for a purpose, found by trying the days on which a test can change by the passing of time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE
from lifepot.kernel.figures import Figure
from lifepot.kernel.program import Program
from lifepot.kernel.run import Run
from lifepot.periods import FAR_FUTURE, add_months_to
from lifepot.quote.sayings import COMPARISONS, found_of, in_time, needed_of, unit_of
from lifepot.quote.trial import Lives, Trial, Try
from lifepot.rulebook.checks import uses
from lifepot.rulebook.terms import All, Amount, AnyOf, Not, Test, Total, TotalStep
from lifepot.rulebook.words import condition_in_words

Int = NDArray[np.int64]

LONGEST_DAYS = 120 * 366
"""Nobody waits longer for a day."""


@dataclass(slots=True)
class Failing:
    """A test that stands in the way of a purpose. Of those with the same number in `one_of` one is enough. `opens_on`:
    the first day after on which it passes by itself.
    """

    purpose: int
    test: object
    negated: bool
    one_of: int | None
    found: str | None
    needed: str
    opens_on: int | None = None

    @property
    def in_words(self) -> str:
        """The test, as one line."""
        words = condition_in_words(self.test)
        return f"not ({words})" if self.negated else words


@dataclass(slots=True)
class Opening:
    """What stands in the way of a try, and when it would be for a purpose: the day, which, and because of what."""

    failing: list[Failing]
    on: int | None = None
    purpose: int | None = None
    because: str | None = None


def openings(lives: Lives, trial: Trial) -> dict[int, Opening]:
    """For each try that is for no purpose and could be for one, by its place."""
    shut = {one: _purposes(lives.program, trial, one) for one in range(len(trial.tries)) if trial.purpose(one) < 0}
    found = {one: Opening(_all_failing(trial, one, purposes)) for one, purposes in shut.items() if purposes}
    days = {one: sorted({day for number in shut[one] for day in _days(trial, one, number)}) for one in found}
    tries = [(one, day) for one, those in days.items() for day in those]
    if not tries:
        return found
    later = lives.run([Try(trial.tries[one].ask, trial.tries[one].ask.amount, day) for one, day in tries])
    for place, (one, day) in enumerate(tries):
        opening = found[one]
        for failing in opening.failing:
            if failing.opens_on is None and later.holds(place, failing.test) != failing.negated:
                failing.opens_on = day
        if opening.on is None and later.purpose(place) >= 0:
            opening.on, opening.purpose = day, later.purpose(place)
            opening.because = _because(opening, trial, one)
    return found


def _because(opening: Opening, trial: Trial, one: int) -> str | None:
    """What happens on the day on which a purpose opens: the last of its tests begins to pass."""
    mine = [failing for failing in opening.failing if failing.purpose == opening.purpose]
    last = [failing for failing in mine if failing.opens_on == opening.on] or mine
    return in_time(trial, one, last[0].test) if last else None


def _purposes(program: Program, trial: Trial, one: int) -> list[int]:
    """The purposes a try could be for: its word's, and those that ask for no word."""
    asked = trial.tries[one].ask.purpose
    others = [
        number for number, purpose in enumerate(program.rulebook.purposes.values())
        if purpose.any_word and number != asked
    ]  # fmt: skip
    return [asked, *others] if asked >= 0 else others


def _all_failing(trial: Trial, one: int, purposes: list[int]) -> list[Failing]:
    found: list[Failing] = []
    terms = list(trial.run.program.rulebook.purposes.values())
    for number in purposes:
        choices = iter(range(len(found) + 1, 10**6))
        for test, negated, one_of in _failing(trial, one, terms[number].when, choices, None):
            needed = needed_of(trial, one, test)
            needed = f"not ({needed})" if negated else needed
            found.append(Failing(number, test, negated, one_of, found_of(trial, one, test), needed))
    return found


def _failing(
    trial: Trial, one: int, condition: object, choices: Iterator[int], one_of: int | None
) -> Iterator[tuple[object, bool, int | None]]:
    """The tests by which a condition fails at a try, whether each must not hold, and its choice."""
    if condition is None or trial.holds(one, condition):
        return
    match condition:
        case str():
            yield from _failing(trial, one, trial.run.program.rulebook.conditions[condition], choices, one_of)
        case All(all=inner):
            for part in inner:
                yield from _failing(trial, one, part, choices, one_of)
        case AnyOf(any=inner):
            choice = next(choices) if len(inner) > 1 and one_of is None else one_of
            for part in inner:
                yield from _failing(trial, one, part, choices, choice)
        case Not(not_=part):
            yield part, True, one_of
        case _:
            yield condition, False, one_of


def _tests(program: Program, condition: object) -> Iterator[Test]:
    """Every test of a condition."""
    match condition:
        case str():
            yield from _tests(program, program.rulebook.conditions[condition])
        case All(all=inner) | AnyOf(any=inner):
            for part in inner:
                yield from _tests(program, part)
        case Not(not_=part):
            yield from _tests(program, part)
        case Test():
            yield condition


def _days(trial: Trial, one: int, purpose: int) -> set[int]:
    """Days after a try's on which some test of a purpose may begin to pass, or cease to."""
    program = trial.run.program
    when = list(program.rulebook.purposes.values())[purpose].when
    found: set[int] = set()
    for test in _tests(program, when) if when is not None else ():
        for key in COMPARISONS:
            text = getattr(test, key)
            if text is not None and unit_of(program, test) is not None:
                figure = program.figure(text, unit_of(program, test) or "")
                found.update(figure.days.tolist())
                found.update(_days_of(trial, one, test, figure))
        if test.what.startswith("amount."):
            found.update(_windows_end(trial.run, int(trial.row[one]), test.what.removeprefix("amount.")))
    on = trial.tries[one].on
    return {day for day in found if on < day <= on + LONGEST_DAYS}


def _days_of(trial: Trial, one: int, test: Test, figure: Figure) -> set[int]:
    """Days on which a test of time comes to a figure, and passes it."""
    run, row = trial.run, int(trial.row[one])
    member = int(run.sheet.facts.member[row])
    if figure.by is None:
        amounts = [int(num) for num in figure.num.tolist() if num != NONE]
    else:
        here = trial.figure(one, figure.name, "")
        amounts = [] if here is None else [int(here)]
    if test.what == "date":
        return {day for amount in amounts for day in (amount, amount + 1)}
    if test.what == "age":
        since, more = int(run.sheet.people.born[member]), 12
    elif test.what == "months_since_joining":
        since, more = int(run.sheet.opened_on[member]), 1
    elif test.what == "months_since_first_payment":
        since, more = int(run.sheet.first_payment_on[member]), 1
    else:
        return set()
    if since == NONE or since >= FAR_FUTURE:
        return set()
    return {add_months_to(since, months) for amount in amounts for months in (amount, amount + more)}


def _windows_end(run: Run, row: int, name: str) -> set[int]:
    """The first day of the next window of every total that an amount is made of."""
    book = run.program.rulebook
    terms: dict[str, Amount] = {**book.amounts, **book.rules}
    waiting, seen, windows = [name], set[str](), set[str]()
    while waiting:
        if (other := waiting.pop()) in terms and other not in seen:
            seen.add(other)
            waiting += uses(book, terms[other])
            totals = [step.total for step in terms[other].steps if isinstance(step, TotalStep)]
            windows |= {total.over if isinstance(total, Total) else total for total in totals}
    return {int(run.sheet.window(window)[1][row]) + 1 for window in windows - {"account"}}
