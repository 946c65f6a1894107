"""What each step does to one figure, exactly."""

from collections.abc import Callable
from fractions import Fraction

from lifepot.audit.figures import MILLION, Exact, rounded
from lifepot.audit.life import Life
from lifepot.audit.told import Told
from lifepot.rulebook.scalars import parse_rounding
from lifepot.rulebook.terms import (
    AtLeastStep,
    Condition,
    GiveStep,
    LessStep,
    ProRataStep,
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
    WhereStep,
)

Operand = Callable[[str, int], Exact | None]
"""What a figure's text comes to at the fact in a position: a literal, a value in force, another amount, an attribute.

None where that attribute is not known. Raises `Gap`.
"""

Asked = Callable[[Condition, int], bool]
"""Whether a condition holds at the fact in a position."""

Action = Callable[[Exact, int], Exact]
"""What a step makes of a figure, with what is in force at the fact in a position. Raises `Gap`."""


def cap_text(step: UpToStep) -> str:
    """The figure of a cap, however it is written."""
    return step.up_to.value if isinstance(step.up_to, UpTo) else step.up_to


def action(life: Life, step: Step, operand: Operand, asked: Asked) -> Action:
    """What a step makes of a figure. Nothing stays nothing, whatever the step, and asks for no figure."""
    act = _action(life, step, operand, asked)
    return lambda figure, at: act(figure, at) if figure else 0


def _action(life: Life, step: Step, operand: Operand, asked: Asked) -> Action:
    match step:
        case UpToStep():
            cap = cap_text(step)
            return lambda figure, at: _either(_capped, figure, operand(cap, at))
        case LessStep(less=text):
            return lambda figure, at: _either(_less, figure, operand(text, at))
        case AtLeastStep(at_least=text):
            return lambda figure, at: _either(max, figure, operand(text, at)) if figure > 0 else figure
        case GiveStep(give=text):
            return lambda figure, at: (operand(text, at) or 0) if figure > 0 else 0
        case WhereStep(where=condition):
            return lambda figure, at: figure if asked(condition, at) else 0
        case ProRataStep(pro_rata=term):
            return lambda figure, at: _share(figure, operand(term.amount, at), operand(term.of, at))
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


def _either(bound: Callable[[Exact, Exact], Exact], figure: Exact, limit: Exact | None) -> Exact:
    """The figure as the limit bounds it; as it is, where the limit is not known."""
    return figure if limit is None else bound(figure, limit)


def _capped(figure: Exact, cap: Exact) -> Exact:
    """A cap below nothing is a cap of nothing."""
    return min(figure, max(0, cap))


def _less(figure: Exact, off: Exact) -> Exact:
    """Less than nothing takes nothing off."""
    return max(0, figure - max(0, off))


def _share(figure: Exact, amount: Exact | None, of: Exact | None) -> Exact:
    """The figure's share of an amount; nothing, where what would be the whole is not above nothing, or not known."""
    return Fraction(figure * amount) / of if amount is not None and of is not None and of > 0 else 0


def rate_of(life: Life, step: RateStep, at: Told) -> Exact:
    """The rate at a fact: as somebody set it, else the value's. Raises `Gap`."""
    if not isinstance(step.rate, RateBy):
        return life.figures.of(step.rate, "rate", at)
    chosen = life.attribute_at(step.rate.attribute, at)
    if isinstance(chosen, int):
        return Fraction(chosen, MILLION)
    return life.figures.of(step.rate.otherwise, "rate", at)


def _tiered(life: Life, tiers: list[Tier], figure: Exact, at: int, operand: Operand) -> Exact:
    total: Exact = 0
    below: Exact = 0
    for tier in tiers:
        if figure <= below:
            break
        end = figure if tier.up_to is None else _either(min, figure, operand(tier.up_to, at))
        if end > below:
            total += (end - below) * life.figures.of(tier.rate, "rate", life.facts[at])
            below = end
    return total


def _left_by(taper: Taper, at: int, operand: Operand) -> Exact:
    """The share that a taper leaves: 1 up to its beginning (or where what decides is not known), 0 from its end on."""
    over = operand(taper.on, at)
    first, last = operand(taper.from_, at), operand(taper.to, at)
    if over is None or first is None or last is None or over <= first:
        return 1
    if over >= last:
        return 0
    return Fraction(last - over) / (last - first)
