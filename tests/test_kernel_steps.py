"""Steps of the kernel by figures worked by hand, where shipped rulebooks seldom go; the audit says the same."""

from tests.agreement import agree
from tests.generate import Happened, Life

from lifepot.kernel.columns import Kind
from lifepot.kernel.program import compile_program
from lifepot.periods import format_day, parse_day
from lifepot.rulebook.reader import parse_rulebook

BOOK = """\
name: steps
title: Steps
description: One rule.
currency: GBP
windows:
  tax_year: {description: The tax year., every: year, starts: 04-06}
membership: {description: Everybody., everybody: true, source: Ours.}
rules:
  government.gift:
    description: What is tried.
    party: government
    without_bound: A trial.
    of: paid.worker
    source: Ours.
    steps: [STEPS]
"""

PAID = {"2024-05-10": 500, "2024-05-20": 1, "2024-06-10": 700}


def given(steps: str, *, paid: dict[str, int] = PAID) -> dict[str, int]:
    """What comes of payments, in pence by day, with a pay of another sort on the 15th of each month."""
    rulebook, faults = parse_rulebook(BOOK.replace("STEPS", steps), "steps.yaml")
    assert rulebook is not None, faults
    facts = [(day, Happened(0, 0, parse_day(day), Kind.PAID, amount=amount)) for day, amount in paid.items()]
    months = sorted({day[:7] for day in paid})
    facts += [
        (f"{month}-15", Happened(0, 0, parse_day(f"{month}-15"), Kind.PAY, payer=1, earnings=9)) for month in months
    ]
    told = [fact for _, fact in sorted(facts, key=lambda one: one[0])]
    numbered = tuple(Happened(**{**vars(one), "number": n, "root": n}) for n, one in enumerate(told))
    said = agree(compile_program(rulebook), [Life(born=parse_day("1990-01-01"), joined=None, facts=numbered)])
    return {format_day(key.effective_on): amount for key, amount in said.owed.items()}


def test_the_last_that_was_said_stays() -> None:
    """A fact that says nothing of a source leaves what was said last as it is; one that says a penny changes it."""
    assert given("latest: month") == {"2024-05-10": 500, "2024-05-20": -499, "2024-06-10": 700}
    assert given("latest: tax_year") == {"2024-05-10": 500, "2024-05-20": -499, "2024-06-10": 699}


def test_caps_and_floors_of_a_total() -> None:
    """A floor lifts a total from the first penny on and not before; a cap holds it, and frees nothing later."""
    assert given('total: tax_year, at_least: "6"') == {"2024-05-10": 600, "2024-06-10": 601}
    assert given('total: tax_year, up_to: "5.01"') == {"2024-05-10": 500, "2024-05-20": 1}
    assert given('total: tax_year, less: "5"') == {"2024-05-20": 1, "2024-06-10": 700}
    assert given('total: month, up_to: "5.01"') == {"2024-05-10": 500, "2024-05-20": 1, "2024-06-10": 501}
    assert given('total: {over: tax_year, not_above: "5"}') == {"2024-05-10": 500}
