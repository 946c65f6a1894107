"""A costing as one page that stands alone: no script, nothing fetched; and its figures as CSV and Parquet beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from lifepot.errors import LifepotError
from lifepot.lab import pictures
from lifepot.lab.checked import Checked, misses_first
from lifepot.lab.outcomes import Answers
from lifepot.lab.tornado import Tornado
from lifepot.lab.typical import Kind, Typical
from lifepot.lab.words import in_two_sentences, told
from lifepot.rulebook.terms import Rulebook

GAINS = ("gains_by_decile", "gains_by_pay_fifth", "gains_by_age", "gains_by_job", "gains_by_sex", "gains_by_cohort")


@dataclass(frozen=True, slots=True)
class Costing:
    """All that a page tells: the rulebook, what it is compared with (None: no scheme), the answers, and how they came about.

    `assumptions` are rows of name, value, range, words, source; `scenarios` the levers pulled, in words.
    """

    book: Rulebook
    against: Rulebook | None
    answers: Answers
    people: int
    seed: int
    tornadoes: Sequence[Tornado] = ()
    lives: Sequence[Typical | Kind] = ()
    checked: Sequence[Checked] = ()
    assumptions: Sequence[tuple[str, str, str, str, str]] = ()
    scenarios: Sequence[str] = ()
    files: list[str] = field(default_factory=list)


def costing_page(costing: Costing) -> str:
    """The page, HTML in UTF-8, the same for the same costing."""
    environment = Environment(
        loader=FileSystemLoader(str(files("lifepot.pages"))), autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found, ground = costing.answers, costing.answers.ground
    rows = misses_first(list(costing.checked))
    lives = [
        pictures.life(number, one, ground) if isinstance(one, Typical) else one
        for number, one in enumerate(costing.lives, 1)
    ]
    template = environment.get_template("costing.html")
    return (
        template.render(
            costing=costing,
            book=costing.book,
            against=costing.against.title if costing.against else "no scheme",
            sentences=in_two_sentences(found, costing.against.title if costing.against else ""),
            cost=pictures.cost(found),
            gains=[pictures.gains(found, name) for name in GAINS],
            wealth=pictures.wealth(found),
            buffers=pictures.buffers(found),
            homes=pictures.homes(found),
            lives=lives,
            tornadoes=[pictures.what_matters(one) for one in costing.tornadoes],
            misses=[_row(one) for one in rows if one.hit is False],
            hits=[_row(one) for one in rows if one.hit],
            silent=[one for one in rows if one.hit is None],
            years=f"{ground.labels[0]} to {ground.labels[-1]}",
        )
        + "\n"
    )


def _row(one: Checked) -> list[str]:
    """A published figure and the model's, as a table's row."""

    def number(value: float | None) -> str:
        if value is None:
            return "\N{EN DASH}"
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.4g}"

    held = "held back" if one.held_back else "fitted"
    words = f"{one.description}: {one.row}" if one.row else one.description
    return [
        words,
        held,
        number(one.published),
        number(one.model),
        one.tolerance,
        number(one.last),
        number(one.independent),
        one.unit,
    ]


def write_costing(costing: Costing, page: Path) -> list[Path]:
    """Writes the page and its figures beside it: `NAME.csv`, `NAME.parquet`. Raises `LifepotError` where they cannot be written."""
    import polars as pl  # noqa: PLC0415 - half a second that most commands need not wait for

    beside = [page.with_suffix(".csv"), page.with_suffix(".parquet")]
    costing.files[:] = [one.name for one in beside]
    figures = pl.DataFrame(costing.answers.long())
    try:
        page.write_text(costing_page(costing), "utf-8")
        figures.write_csv(beside[0])
        figures.write_parquet(beside[1])
    except OSError as error:
        raise LifepotError(
            f"{page} cannot be written ({error.strerror or error}).",
            remedy="Give a file in a directory that can be, with room on its disk.",
        ) from None
    return [page, *beside]


def summary(found: Answers, against: Rulebook | None = None) -> list[str]:
    """The answer for a terminal: the two sentences, and the first years' cost."""
    rows = found.rows("cost_by_year")[:5]
    lines = [f"{row}: government {told(found.cell('cost_by_year', row, 'government')[0], 'pounds')}" for row in rows]
    return [*in_two_sentences(found, "" if against is None else against.title), *lines]
