"""What each step does to one figure, exactly."""

from collections.abc import Callable
from fractions import Fraction

from lifepot.audit.figures import MILLION, Exact
from lifepot.audit.life import Life
from lifepot.audit.told import Told
from lifepot.rulebook.scalars import parse_rounding
from lifepot.rulebook.terms import (
    AtLeastStep,
    GiveStep,
    LessStep,
    RateBy,
    RateStep,
    RoundStep,
    Step,
    Taper,
    TaperStep,
    Tier,
    TiersStep,
    UpTo,
    UpToStep,
)

Operand = Callable[[str], Exact]
"""What a figure's text comes to at the fact in hand: a literal, a value in force, or another amount as it stands."""


def rounded(figure: Exact, how: str, unit: int) -> int:
    """A figure rounded to a unit of minor units. Halves and ups go away from nothing, `down` towards it."""
    size = abs(figure) / Fraction(unit)
    whole, rest = divmod(size, 1)
    if how == "half_up":
        more = rest >= Fraction(1, 2)
    elif how == "half_even":
        more = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1)
    else:
        more = how == "up" and rest > 0
    return (int(whole) + more) * unit * (-1 if figure < 0 else 1)


def cap_text(step: UpToStep) -> str:
    """The figure of a cap, however it is written."""
    return step.up_to.value if isinstance(step.up_to, UpTo) else step.up_to


def applied(life: Life, step: Step, figure: Exact, at: Told, operand: Operand) -> Exact:
    """The figure after the step, with what is in force at the fact `at`. Raises `Gap`.

    Nothing stays nothing, whatever the step, and asks for no figure.
    """
    if figure == 0:
        return 0
    match step:
        case UpToStep():
            return min(figure, operand(cap_text(step)))
        case LessStep(less=text):
            return max(0, figure - operand(text))
        case AtLeastStep(at_least=text):
            return max(figure, operand(text))
        case GiveStep(give=text):
            return operand(text) if figure > 0 else 0
        case RateStep():
            return figure * rate_of(life, step, at)
        case TiersStep(tiers=tiers):
            return _tiered(life, tiers, figure, at, operand)
        case TaperStep(taper=taper):
            return figure * _left_by(taper, operand)
        case RoundStep(round=text):
            return rounded(figure, *parse_rounding(text))
        case _:
            raise AssertionError(f"{step!r} is no step on one figure")


def rate_of(life: Life, step: RateStep, at: Told) -> Exact:
    """The rate at a fact: as somebody set it, else the value's. Raises `Gap`."""
    if not isinstance(step.rate, RateBy):
        return life.figures.of(step.rate, "rate", at)
    chosen = life.attribute(step.rate.attribute, at.on, at.payer)
    if isinstance(chosen, int):
        return Fraction(chosen, MILLION)
    return life.figures.of(step.rate.otherwise, "rate", at)


def _tiered(life: Life, tiers: list[Tier], figure: Exact, at: Told, operand: Operand) -> Exact:
    total: Exact = 0
    below: Exact = 0
    for tier in tiers:
        end = figure if tier.up_to is None else min(figure, operand(tier.up_to))
        if end > below:
            total += (end - below) * life.figures.of(tier.rate, "rate", at)
            below = end
    return total


def _left_by(taper: Taper, operand: Operand) -> Fraction:
    """The share that a taper leaves: 1 up to its beginning, 0 from its end on."""
    over, first, last = operand(taper.on), operand(taper.from_), operand(taper.to)
    return min(Fraction(1), max(Fraction(0), Fraction(last - over) / Fraction(last - first)))
