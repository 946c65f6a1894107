"""The views of a scheme that its page draws: what a person's own payments bring, and what each party adds over pay.

A view is drawn only if some rule is about it, and shows the kinds of people whom the rules treat differently.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lifepot.brochure.asked import Asked, asked, terms_in
from lifepot.brochure.curves import FARTHEST, Curve, figures_of, last_bend, round_up, spread_out, traced
from lifepot.brochure.kinds import Kinds, kinds_of
from lifepot.brochure.traits import Age, traits_of
from lifepot.brochure.tries import MONTHS, Person, Scheme, Varied
from lifepot.drawing.chart import ticks
from lifepot.kernel.columns import PARTIES
from lifepot.rulebook.scalars import MINOR_PER_MAJOR, parse_rounding
from lifepot.rulebook.terms import RoundStep, Rule

Int = NDArray[np.int64]

WORKER = PARTIES.index("worker")

MOST_LINES, MOST_PANELS = 6, 4
"""How many kinds of people are drawn: as lines of one chart, and as charts of their own."""

Answers = Callable[[list[Person], Int], Int]

USUAL_UPTO = {"paid": 5_000 * MINOR_PER_MAJOR, "pay": 60_000 * MINOR_PER_MAJOR}
"""How far a view goes where nothing bends, minor units."""


@dataclass(slots=True)
class View:
    """One view: its kinds of people, and the curve of each that is drawn.

    In the view over own payments (`paid`) the curves say what the payments bring: what would be added without them is
    taken off. `parties` are the positions in `PARTIES` of those who add anything.
    """

    varied: Varied
    upto: int
    parties: list[int]
    kinds: Kinds
    curves: list[Curve]
    is_by_age: bool
    """Whether ages were tried, for the rules ask them."""

    @property
    def others(self) -> list[int]:
        """The parties but for the worker."""
        return [one for one in self.parties if one != WORKER]

    @property
    def is_refused(self) -> bool:
        """Whether some of the worker's payments are not taken."""
        return self.varied == "paid" and any((curve.added[:, WORKER] != curve.at).any() for curve in self.curves)


def views_of(scheme: Scheme) -> list[View]:
    """The views that some rule is about and in which somebody adds something, own payments first."""
    return [view for varied in ("paid", "pay") if (view := _view(scheme, varied)) is not None]


def rules_drawn(scheme: Scheme, varied: Varied) -> list[str]:
    """The rules that depend on the view's yearly amount."""
    return [name for name, rule in scheme.book.rules.items() if _is_about(scheme, rule, varied)]


def _is_about(scheme: Scheme, rule: Rule, varied: Varied) -> bool:
    words = asked(scheme.book, [rule]).words
    return "paid.worker" in words if varied == "paid" else "pay.earnings" in words


def _view(scheme: Scheme, varied: Varied) -> View | None:
    names = rules_drawn(scheme, varied)
    counted = [party for party in range(len(PARTIES)) if varied == "pay" or party != WORKER]
    if not any(PARTIES.index(scheme.book.rules[name].party) in counted for name in names):
        return None
    everything = _asked_in(scheme, names)
    hints = figures_of(scheme.book, everything.terms)
    at = spread_out(hints)

    def answers(persons: list[Person], amounts: Int = at) -> Int:
        added = scheme.added(persons, amounts, varied)
        return added - scheme.added(persons, np.zeros(1, dtype=np.int64), varied) if varied == "paid" else added

    traits = traits_of(scheme.book, everything, varied, scheme.years_before)
    kinds = kinds_of(traits, answers, counted, scheme.years_before)
    if not kinds.drawn:
        return None
    persons = [kind.person for kind in kinds.drawn]
    screened = answers(persons)
    shown = [party for party in counted if screened[:, :, party].any()]
    kinds.keep(MOST_LINES if len(shown) == 1 else MOST_PANELS)
    persons = [kind.person for kind in kinds.drawn]
    upto = _drawn_upto(answers, persons, at, varied)
    marks = [int(one) for one in ticks(Fraction(0), Fraction(upto))]
    curves = [
        traced(lambda amounts, person=person: answers([person], amounts)[0], upto, hints, marks, _rounding(everything))  # type: ignore[misc]
        for person in persons
    ]
    parties = [party for party in range(len(PARTIES)) if any(curve.added[:, party].any() for curve in curves)]
    return View(varied, upto, parties, kinds, curves, any(isinstance(trait, Age) for trait in traits))


def _drawn_upto(answers: Answers, persons: list[Person], at: Int, varied: Varied) -> int:
    """How far to draw: a little beyond the last bend; twice as far, if most of what there is comes only after it."""
    bends = [
        (bend, person)
        for person, one in zip(persons, answers(persons, at), strict=True)
        if (bend := last_bend(at, one))
    ]
    if not bends:
        return USUAL_UPTO[varied]
    last, person = max(bends, key=lambda one: one[0])
    there, beyond = answers([person], np.array([last, 2 * last], dtype=np.int64))[0].sum(axis=1).tolist()
    return min(round_up(2 * last if beyond > 4 * there else last * 6 // 5), FARTHEST)


def _rounding(everything: Asked) -> int:
    """How far the roundings of twelve months may shift what is added in a year, minor units."""
    steps = [inner for term in everything.terms for inner in terms_in(term) if isinstance(inner, RoundStep)]
    # The difference of two that were rounded may be off by both.
    return 2 * MONTHS * max((parse_rounding(step.round)[1] for step in steps), default=1)


def _asked_in(scheme: Scheme, names: list[str]) -> Asked:
    """What the rules of a view and the way into the scheme ask."""
    membership = scheme.book.membership
    rules = [scheme.book.rules[name] for name in names]
    return asked(scheme.book, [*rules, membership.may_join, membership.automatic, membership.opt_in])
