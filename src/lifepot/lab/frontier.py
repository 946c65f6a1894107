"""The frontier of a search as a page that stands alone: a picture of all designs tried, and the table under it."""

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, select_autoescape

from lifepot.drawing.points import Point, lay
from lifepot.lab.outcomes import POUNDS
from lifepot.lab.search import Design
from lifepot.lab.varying import Varied
from lifepot.lab.wanted import Wanted
from lifepot.lab.words import interval_told, tick, told
from lifepot.rulebook.terms import Rulebook


def frontier_page(
    book: Rulebook, ranges: Sequence[Varied], wanted: Wanted, budget: float, found: Sequence[Design]
) -> str:
    """The page, HTML in UTF-8."""
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True), trim_blocks=True, lstrip_blocks=True
    )
    points = [
        Point(one.cost, one.gives, f"{told(one.cost, POUNDS)} a year: {told(one.gives, wanted.unit)}, {_figures(one, ranges)}", one.on_frontier)
        for one in found
    ]  # fmt: skip
    best = [one for one in found if one.on_frontier]
    template = environment.from_string(files("lifepot.pages").joinpath("frontier.html").read_text("utf-8"))
    return (
        template.render(
            book=book,
            wanted=wanted.words,
            budget=told(budget, POUNDS),
            tried=len(found),
            drawn=lay(points, lambda pounds: tick(pounds, POUNDS), lambda number: tick(number, wanted.unit)),
            heads=["cost to government a year", wanted.words, *(one.name for one in ranges)],
            rows=[
                [
                    (told(one.cost, POUNDS), ""),
                    (told(one.gives, wanted.unit), interval_told(one.low, one.high, wanted.unit)),
                    *((its.told(one.figures[its.name]), "") for its in ranges),
                ]
                for one in best
            ],
        )
        + "\n"
    )


def _figures(one: Design, ranges: Sequence[Varied]) -> str:
    return ", ".join(f"{its.name} {its.told(one.figures[its.name])}" for its in ranges)
