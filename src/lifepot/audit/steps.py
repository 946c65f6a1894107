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

Operand = Callable[[str, int], Exact]
"""What a figure's text comes to at the fact in a position: a literal, a value in force, another amount. Raises `Gap`."""

Action = Callable[[Exact, int], Exact]
"""What a step makes of a figure, with what is in force at the fact in a position. Raises `Gap`."""


def rounded(figure: Exact, how: str, unit: int) -> int:
    """A figure rounded to a unit of minor units. Halves and ups go away from nothing, `down` towards it."""
    if figure.denominator == 1 and unit == 1:
        return figure.numerator
    # As whole numbers: figure / unit is `whole` and `rest` of `parts`.
    parts = figure.denominator * unit
    whole, rest = divmod(abs(figure.numerator), parts)
    if how == "half_up":
        more = 2 * rest >= parts
    elif how == "half_even":
        more = 2 * rest > parts or (2 * rest == parts and whole % 2 == 1)
    else:
        more = how == "up" and rest > 0
    return (whole + more) * unit * (-1 if figure < 0 else 1)


def cap_text(step: UpToStep) -> str:
    """The figure of a cap, however it is written."""
    return step.up_to.value if isinstance(step.up_to, UpTo) else step.up_to


def action(life: Life, step: Step, operand: Operand) -> Action:
    """What a step makes of a figure. Nothing stays nothing, whatever the step, and asks for no figure."""
    act = _action(life, step, operand)
    return lambda figure, at: act(figure, at) if figure else 0


def _action(life: Life, step: Step, operand: Operand) -> Action:
    match step:
        case UpToStep():
            cap = cap_text(step)
            return lambda figure, at: min(figure, operand(cap, at))
        case LessStep(less=text):
            return lambda figure, at: max(0, figure - operand(text, at))
        case AtLeastStep(at_least=text):
            return lambda figure, at: max(figure, operand(text, at))
        case GiveStep(give=text):
            return lambda figure, at: operand(text, at) if figure > 0 else 0
        case RateStep():
            return lambda figure, at: figure * rate_of(life, step, life.facts[at])
        case TiersStep(tiers=tiers):
            return lambda figure, at: _tiered(life, tiers, figure, at, operand)
        case TaperStep(taper=taper):
            return lambda figure, at: figure * _left_by(taper, at, operand)
        case RoundStep(round=text):
            how, unit = parse_rounding(text)
            return lambda figure, _: rounded(figure, how, unit)
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


def _tiered(life: Life, tiers: list[Tier], figure: Exact, at: int, operand: Operand) -> Exact:
    total: Exact = 0
    below: Exact = 0
    for tier in tiers:
        end = figure if tier.up_to is None else min(figure, operand(tier.up_to, at))
        if end > below:
            total += (end - below) * life.figures.of(tier.rate, "rate", life.facts[at])
            below = end
    return total


def _left_by(taper: Taper, at: int, operand: Operand) -> Exact:
    """The share that a taper leaves: 1 up to its beginning, 0 from its end on."""
    over, first, last = operand(taper.on, at), operand(taper.from_, at), operand(taper.to, at)
    if over <= first:
        return 1
    return Fraction(max(0, last - over)) / (last - first)
