"""A scheme's page that stands alone: no script, nothing fetched, the same every time it is made of the same rulebook."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.resources import files

from jinja2 import Environment, select_autoescape

from lifepot.brochure.clauses import Clauses, clauses_of
from lifepot.brochure.figures import panels_of
from lifepot.brochure.tries import Scheme, nearest_day
from lifepot.brochure.views import View, rules_drawn, views_of
from lifepot.rulebook.figures_in_words import CERTAINTY_IN_WORDS, CURRENCY_IN_WORDS, one_major, plain_day, plain_name
from lifepot.rulebook.terms import Rulebook

QUOTED = re.compile("“([^”]+)”")


def scheme_page(book: Rulebook, on: int, links: Sequence[tuple[str, str]] = ()) -> str:
    """The page of a scheme, HTML in UTF-8, drawn with the figures of a day; where the rulebook has none yet, with its first. `links`:
    addresses and words of what it leads to, where it is served with others.
    """
    day = nearest_day(book, on)
    scheme = Scheme(book, day)
    views = views_of(scheme)
    clauses = clauses_of(book, day)
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True), trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["pieces"] = _linking(clauses)
    template = environment.from_string(files("lifepot.pages").joinpath("scheme.html").read_text("utf-8"))
    return (
        template.render(
            book=book,
            links=links,
            clauses=clauses,
            views=[(view, panels_of(view, book.currency)) for view in views],
            one=one_major(book.currency),
            currency=CURRENCY_IN_WORDS[book.currency],
            on=plain_day(day),
            is_other_day=day != on,
            year=(plain_day(scheme.first), plain_day(scheme.last)),
            certainty=certainty_of(book),
            not_drawn=[plain_name(name) for name in _not_drawn(scheme, views)],
        )
        + "\n"
    )


def certainty_of(book: Rulebook) -> list[str]:
    """How many figures carry each mark of certainty, a sentence each; first, how many are not verified."""
    counts: Counter[str] = Counter(value.certainty for value in book.values.values())
    total, doubtful = counts.total(), counts.total() - counts["verified"]
    if not doubtful:
        return [f"All {total} figures are verified." if total else "There are no figures."]
    said = [f"{doubtful} of {total} figures {'is' if doubtful == 1 else 'are'} not verified."]
    return said + [f"{counts[mark]} {mark}: {meaning}." for mark, meaning in CERTAINTY_IN_WORDS.items() if counts[mark]]


def _not_drawn(scheme: Scheme, views: list[View]) -> list[str]:
    """Rules that give something and are about no view that is drawn."""
    drawn = {name for view in views for name in rules_drawn(scheme, view.varied)}
    return [name for name, rule in scheme.book.rules.items() if name not in drawn and rule.direction == "gives"]


def _linking(clauses: Clauses) -> Callable[[str], list[tuple[str, str]]]:
    """A filter that cuts a sentence at names in quotation marks: pieces of text, each with the anchor it leads to, or none."""
    named = {
        one.title.casefold(): one.anchor
        for one in [
            *clauses.time, *clauses.accounts, *clauses.purposes, *clauses.values, *clauses.rules, *clauses.amounts
        ]
    }  # fmt: skip

    def pieces(text: str) -> list[tuple[str, str]]:
        found = []
        for place, piece in enumerate(QUOTED.split(text)):
            anchor = named.get(piece.casefold(), "") if place % 2 else ""
            found.append((f"“{piece}”" if place % 2 and not anchor else piece, anchor))
        return found

    return pieces
